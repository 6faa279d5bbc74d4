"""A source whose reads note what they read."""

import hashlib


def noting(source, sha256):
    """Returns a source that notes the contents of what is read of it.

    Args:
        source: `Source`.
        sha256: Dict that it fills, of id to the first 16 hexadecimal digits of
            the SHA-256 of the bytes.

    Returns:
        `Source`.

    Example:

    >>> from fgkeras.data.open import open
    >>> digests = {}
    >>> flowers = noting(open("flora:species=2,images=3,size=16"), digests)
    >>> _ = flowers.read(flowers.split("train").ids[0])
    >>> len(digests)
    1
    """
    twin = source.with_splits(source.splits)
    for image_id, (digest, _) in source.sound.items():
        sha256[image_id] = digest.hex()[:16]

    def read(image_id):
        data = source.read(image_id)
        if image_id not in sha256:
            sha256[image_id] = hashlib.sha256(data).hexdigest()[:16]
        return data

    twin.read = read
    return twin
