"""Screening: a source without its unreadable images."""

import collections
import concurrent.futures
import functools
import hashlib

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.data.images.image import MAX_PIXELS
from fgkeras.data.images.image import BadImage
from fgkeras.data.images.image import normalize
from fgkeras.data.sources.problems import Problems

KEEP_BYTES = 2**30


def screened(
    source, *, max_pixels=MAX_PIXELS, num_threads=4, keep_bytes=KEEP_BYTES
):
    """Reads every image and leaves out those that cannot be decoded.

    Use it only on request: what is left out is listed, never dropped silently.
    Takes about a second for some thousand photographs; converting to records
    once is cheaper than screening at each start.

    What was read is kept for the next reader (`read_normalized`), which takes
    it away, so that no image is read and decoded twice. Beyond `keep_bytes`
    images are read again, but decoded only if their bytes have changed.

    Args:
        source: `Source`.
        max_pixels: Integer, largest allowed size. Defaults to 64 million.
        num_threads: Integer at least 1. Defaults to 4.
        keep_bytes: Integer, most bytes of images that are kept. Defaults to
            1 GiB.

    Returns:
        `Source` whose `refused` also lists the images left out, with reasons.

    Raises:
        ValueError: if a split would be left without images.
    """
    splits, refused, sound = {}, Problems(source.refused), {}

    def look(image_id):
        depth = functools.partial(source.used_bits.__setitem__, image_id)
        try:
            data = source.read(image_id)
            found = normalize(data, max_pixels=max_pixels, depth=depth)
        except BadImage as error:
            return error.reason, None, None
        return None, hashlib.sha256(data).digest(), found

    with concurrent.futures.ThreadPoolExecutor(num_threads) as pool:
        for name, split in source.splits.items():
            good = []
            for index, (reason, digest, data) in enumerate(
                map_in_order(pool, look, split.ids, 4 * num_threads)
            ):
                if reason is None:
                    good.append(index)
                    keep_bytes -= len(data)
                    kept = data if keep_bytes >= 0 else None
                    sound[split.ids[index]] = (digest, kept)
                else:
                    refused.append((split.ids[index], reason))
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
    twin.sound = sound
    return twin


def screened_split(source, split):
    """Leaves out of one split what cannot be read, if it is not known yet.

    Args:
        source: `Source`.
        split: String, one of its splits.

    Returns:
        Tuple of the `Source`, and a list of `(id, reason)`.
    """
    if all(i in source.sound for i in source.split(split).ids):
        return source, []
    part = source.with_splits({split: source.split(split)})
    found = screened(part, keep_bytes=0)
    refused = found.refused[len(source.refused) :]
    return found.with_splits({**source.splits, **found.splits}), refused


def read_normalized(
    source,
    image_id,
    *,
    max_pixels=MAX_PIXELS,
    digest=False,
    upright=False,
    decoder=DECODER_VERSION,
):
    """Returns one image as `normalize` does, run through once in all.

    Args:
        source: A `Source`, screened or not.
        image_id: String, one of its ids.
        max_pixels: Integer, largest allowed size. Defaults to 64 million.
        digest: Boolean, whether the SHA-256 of the source's bytes is asked
            for. Defaults to `False`.
        upright: Boolean, as `normalize`. Defaults to `False`.
        decoder: Integer, as `normalize`. Defaults to that of today.

    Returns:
        Tuple of the bytes, and of the SHA-256 or `None`.

    Raises:
        BadImage: as `normalize`.
    """
    known, kept = source.sound.pop(image_id, (None, None))
    more = {"max_pixels": max_pixels, "upright": upright, "decoder": decoder}
    more["depth"] = functools.partial(source.used_bits.__setitem__, image_id)
    if kept is not None and decoder == DECODER_VERSION:
        return normalize(kept, check=False, **more), known
    data = source.read(image_id)
    found = None
    if digest or known is not None:
        found = hashlib.sha256(data).digest()
    check = known is None or found != known
    return normalize(data, check=check, **more), found


def forget_bytes(source):
    """Lets go of images that were kept for the next reader, and not read.

    What was found out of them stays known.

    Args:
        source: `Source`.
    """
    for image_id, (digest, _) in list(source.sound.items()):
        source.sound[image_id] = (digest, None)


def map_in_order(pool, function, values, window):
    """Maps by a pool in order, at most `window` results ahead.

    The pool's own `map` holds all of them.
    """
    pending = collections.deque()
    for value in values:
        pending.append(pool.submit(function, value))
        if len(pending) >= window:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
