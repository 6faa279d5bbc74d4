"""Pictures that show nothing: one colour, as far as can be seen."""

import numpy as np

# Gray levels of 255. The flattest photograph of five public sets has 8.
_LIMIT = 4.0


def blankness(thumbnails):
    """Scores how empty pictures are: 4 over the deviation of their gray levels.

    Use it for what a scanner, a camera with its lid on or a failed download
    leaves behind. From 1 on a picture is blank; one without any difference in
    its pixels has 100.

    Args:
        thumbnails: Array of shape `(num_images, height, width)`, gray levels
            from 0 to 255.

    Returns:
        `float64` array of shape `(num_images,)`, from above 0 to 100.

    Raises:
        ValueError: For another shape.

    Example:

    >>> pictures = np.zeros((2, 4, 4))
    >>> pictures[1, :2] = 80
    >>> blankness(pictures).tolist()
    [100.0, 0.1]
    """
    thumbnails = checked_thumbnails(thumbnails)
    spread = thumbnails.std(axis=(1, 2), dtype=np.float64)
    return _LIMIT / np.maximum(spread, _LIMIT / 100)


def checked_thumbnails(thumbnails):
    """Returns them as float32, or says what does not fit."""
    thumbnails = np.asarray(thumbnails, np.float32)
    if thumbnails.ndim != 3 or not np.isfinite(thumbnails).all():
        raise ValueError(
            "thumbnails must be gray pictures of one size, finite. Received: "
            f"thumbnails.shape={thumbnails.shape}. Give an array of shape "
            "(num_images, height, width)."
        )
    return thumbnails
