"""Screening: a source without its unreadable images."""

import concurrent.futures

from fgkeras.data.image import MAX_PIXELS
from fgkeras.data.image import BadImage
from fgkeras.data.image import verify


def screened(source, *, max_pixels=MAX_PIXELS, num_threads=4):
    """Reads every image and leaves out those that cannot be decoded.

    Use it only on request: what is left out is listed, never dropped silently.
    Takes about a second for some thousand photographs; converting to records
    once is cheaper than screening at each start.

    Args:
        source: `Source`.
        max_pixels: Integer, largest allowed size. Defaults to 64 million.
        num_threads: Integer at least 1. Defaults to 4.

    Returns:
        `Source` whose `refused` also lists the images left out, with reasons.

    Raises:
        ValueError: if a split would be left without images.
    """
    splits, refused = {}, list(source.refused)

    def reason(image_id):
        try:
            verify(source.read(image_id), max_pixels=max_pixels)
        except BadImage as error:
            return error.reason
        return None

    with concurrent.futures.ThreadPoolExecutor(num_threads) as pool:
        for name, split in source.splits.items():
            good = []
            reasons = pool.map(reason, split.ids)
            for index, found in enumerate(reasons):
                if found is None:
                    good.append(index)
                else:
                    refused.append((split.ids[index], found))
            if not good and len(split):
                raise ValueError(
                    "Each split needs an image that can be read. Received: "
                    f"{name} of {source.spec}, where none of {len(split)} "
                    f"can; the first: {refused[-len(split)]}."
                )
            whole = len(good) == len(split)
            splits[name] = split if whole else split.take(good)
    twin = source.with_splits(splits)
    twin.refused = refused
    return twin
