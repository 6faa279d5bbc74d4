"""Which formats are left once images were made ready to be decoded."""

import dataclasses

TURNED = "turned jpeg"
# What `fgkeras.data.images.image.normalize` leaves.
READY = frozenset({TURNED, "png"})


def ready_format(info):
    """Returns the format of an image that a small graph decodes, or `None`.

    Args:
        info: `fgkeras.data.images.image.ImageInfo`.

    Returns:
        `"jpeg"` or `"png"` of an upright, opaque picture of 8 bits, `TURNED`
        of such a JPEG that its decoder turns; `None` of all others.
    """
    if info.plain:
        return info.format
    upright = dataclasses.replace(info, orientation=1)
    return TURNED if info.format == "jpeg" and upright.plain else None
