"""Encoded images of a split, checked and held in memory."""

import concurrent.futures
import hashlib

from fgkeras.data.images import image
from fgkeras.data.images.screened import read_normalized
from fgkeras.data.sources.problems import Problems


def read_checked(
    source,
    image_id,
    max_pixels=64_000_000,
    decoder=image.DECODER_VERSION,
):
    """Returns the bytes of one image, as every decoder here shows them alike.

    The header is checked before anything is decoded, a cut file is found,
    unusual encodings become PNG; see `fgkeras.data.images.image.normalize`.

    Args:
        source: A `Source`.
        image_id: String, one of its ids.
        max_pixels: Int, the largest image accepted. Defaults to 64 million.
        decoder: Int, that of today (default) or of an earlier run.

    Returns:
        Bytes.

    Raises:
        ValueError: Naming the source, the file and the reason.
    """
    try:
        return read_normalized(
            source, image_id, max_pixels=max_pixels, decoder=decoder
        )[0]
    except image.BadImage as error:
        raise ValueError(
            f"Every image must decode. Received: {image_id!r} of "
            f"{source.spec}: {error}. Replace or remove the file, or run "
            "again with skip_bad (--skip-bad) to leave out such files."
        ) from error


def load_encoded(
    source,
    split,
    *,
    skip_bad=False,
    progress=None,
    decoder=image.DECODER_VERSION,
):
    """Reads all images of a split into memory, still encoded.

    Args:
        source: A `Source`.
        split: String, one of its splits.
        skip_bad: Bool. Whether undecodable images are left out and listed
            instead of raising. Defaults to `False`.
        progress: `None`, or a callable of `(done, total)`.
        decoder: Int, as `read_checked`.

    Returns:
        Tuple `(encoded, kept, refused)`: list of bytes, the `Split` of the
        images kept, and a list of `(id, reason)`.

    Raises:
        ValueError: If images are bad and `skip_bad` is off: all of them.

    Example:

    >>> import fgkeras.data
    >>> source = fgkeras.data.open("flora:species=2,images=3,size=32")
    >>> encoded, kept, refused = load_encoded(source, "train")
    >>> len(encoded), kept.labels.tolist(), refused
    (4, [0, 0, 0, 1], [])
    """
    wanted = source.split(split)
    encoded, kept, refused = [], [], Problems()
    first = None

    def attempt(image_id):
        try:
            return read_checked(source, image_id, decoder=decoder), None
        except ValueError as error:
            return None, error

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = pool.map(attempt, wanted.ids)
        for i, (data, error) in enumerate(results):
            if error is None:
                encoded.append(data)
                kept.append(i)
            else:
                first = first or error
                refused.append((wanted.ids[i], str(error.__cause__ or error)))
            if first and not skip_bad:
                encoded.clear()  # The others are only looked at.
            if progress and (i % 64 == 0 or i + 1 == len(wanted)):
                progress(i + 1, len(wanted))
    if len(refused) == 1 and not skip_bad:
        raise first
    if not skip_bad:
        refused.refuse(f"Every image of {source.spec} must decode.")
    if len(kept) < len(wanted):
        wanted = wanted.take(kept)
    return encoded, wanted, refused


def content_hash(encoded):
    """Returns the SHA-256 of a list of byte strings, as hex."""
    digest = hashlib.sha256()
    for data in encoded:
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()
