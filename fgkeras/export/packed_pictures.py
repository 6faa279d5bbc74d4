"""Encoded pictures in two arrays, as an `.npz` file takes them."""

import numpy as np


def packed(pictures):
    """Returns encoded pictures as arrays.

    Args:
        pictures: Sequence of bytes.

    Returns:
        Dict of `content`, uint8, all bytes, and `lengths`, int64.

    Example:

    >>> arrays = packed([b"ab", b"c"])
    >>> unpacked(arrays["content"], arrays["lengths"])
    (b'ab', b'c')
    """
    return {
        "content": np.frombuffer(b"".join(pictures), np.uint8),
        "lengths": np.array([len(data) for data in pictures], np.int64),
    }


def unpacked(content, lengths):
    """Returns the pictures that `packed` took.

    Args:
        content: Uint8 array of shape `(num_bytes,)`.
        lengths: Integer array of shape `(num_pictures,)`.

    Returns:
        Tuple of bytes.

    Raises:
        ValueError: If the lengths are not those of the content.
    """
    good = (
        content.dtype == np.uint8
        and lengths.ndim == 1
        and lengths.dtype.kind == "i"
        and (lengths > 0).all()
        and lengths.sum() == content.size
    )
    if not good:
        raise ValueError("`lengths` must be those of its pictures")
    ends = np.cumsum(lengths)
    return tuple(
        content[end - length : end].tobytes()
        for end, length in zip(ends, lengths, strict=True)
    )
