"""How many bits 16-bit pictures use: cameras write 10, 12 or 14."""

import numpy as np

# Of 14 bits a quarter of the 256 grey values is left, of 12 a sixteenth.
_SHALLOW = 14


def used_bits(image):
    """Returns the bits that the largest value of a 16-bit picture needs.

    Args:
        image: `PIL.Image`, loaded. Of colours Pillow keeps the upper 8 bits
            alone, so that fewer than 8 are not told apart.

    Returns:
        Int from 0 (all black) to 16, of colours from 8.

    Example:

    >>> from PIL import Image
    >>> used_bits(Image.fromarray(np.array([[4095, 7]], "uint16")))
    12
    """
    values = np.asarray(image)
    if image.mode.startswith("I"):
        return min(int(values.max()).bit_length(), 16)
    if image.mode in ("LA", "RGBA", "La", "RGBa"):
        values = values[..., :-1]
    return 8 + int(values.max()).bit_length()


def depth_notes(bits):
    """Says that pictures of 16 bits a channel use the lower ones alone.

    Decoders keep the upper 8 of 16 bits: of a camera's 12 bits 16 grey values
    are left. They are not stretched by themselves, since one picture that is
    predicted does not show whether it is dark or of fewer bits.

    Args:
        bits: Iterable of ints, what `used_bits` gave of each 16-bit picture.

    Returns:
        List of no or one sentence; none where most pictures use 15 bits or
        more.

    Example:

    >>> depth_notes([12, 11, 16])[0].partition(",")[0]
    '2 of 3 pictures of 16 bits use 12 of them at most (values to 4095)'
    >>> depth_notes([16, 16, 12])
    []
    """
    bits = list(bits)
    low = [count for count in bits if count <= _SHALLOW]
    if 2 * len(low) <= len(bits):
        return []
    most = max(low)
    left = 2 ** max(most - 8, 0)
    return [
        f"{len(low)} of {len(bits)} pictures of 16 bits use {most} of them at "
        f"most (values to {2**most - 1}), of which {left} grey "
        f"value{'s are' if left != 1 else ' is'} left: the upper 8 bits are "
        f"looked at. Multiply their values by {2 ** (16 - most)}, or save them "
        "with 8 bits, before training, and alike what is predicted."
    ]


def notes_of(source):
    """Returns what there is to say of a source, as far as it was read.

    Args:
        source: `Source`.

    Returns:
        List of sentences: its notes, and those of `depth_notes`.
    """
    return [*source.notes, *depth_notes(source.used_bits.values())]
