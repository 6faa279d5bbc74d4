"""Boxes around what a picture shows: which are sound, and their pixels."""

import numpy as np

from fgkeras.data.sources.problems import Problems

# Single precision of what is divided by a side of 10,000 pixels.
_SLACK, _PIXEL_SLACK = 1e-6, 1e-3


def boxed(source, *, skip_bad=False, way="leave data.crop_to_box out"):
    """Returns a source whose images all have a box that lies within them.

    Use it where pictures are to be cropped to their boxes: an image without
    one, or whose box is empty or reaches beyond it, is a bad image.

    Args:
        source: `Source`; its images are not read.
        skip_bad: Bool, whether bad images are left out and listed in
            `refused`. Defaults to `False`: they stop with an error.
        way: String, the last way out where no image has a box. Defaults to
            that of whoever begins a training.

    Returns:
        `Source`.

    Raises:
        ValueError: If no image has a box, some are bad, or a split is left
            without images.

    Example:

    >>> from fgkeras.data.open import open
    >>> boxed(open("flora:species=2,images=3,size=16"))
    Traceback (most recent call last):
    ...
    ValueError: Pictures are cropped to boxes where the source has them. ...
    """
    if not source.has_boxes:
        raise ValueError(
            "Pictures are cropped to boxes where the source has them. "
            f"Received: data.crop_to_box=True with {source.spec}, which has "
            "none. List them in the columns ymin,xmin,ymax,xmax of a csv: "
            f"source, convert a set that has them (tfrecords/), or {way}."
        )
    splits, bad = {}, {}
    for name, part in source.splits.items():
        boxes = part.boxes
        if boxes is None:
            boxes = np.full((len(part), 4), np.nan, "float32")
        faults = [_fault(box) for box in boxes]
        good = [i for i, fault in enumerate(faults) if fault is None]
        for image_id, fault in zip(part.ids, faults, strict=True):
            if fault is not None:
                bad[image_id] = fault
        if skip_bad and len(part) and not good:
            raise ValueError(
                "Each split needs an image with a box. Received: "
                f"{name} of {source.spec}, where none of {len(part)} has one; "
                f"the first: {part.ids[0]!r}: {faults[0]}."
            )
        splits[name] = part if len(good) == len(part) else part.take(good)
    if not skip_bad:
        Problems(bad.items()).refuse(
            f"Every image of {source.spec} must have a box that lies within it."
        )
    if not bad:
        return source
    twin = source.with_splits(splits)
    twin.refused = Problems([*source.refused, *bad.items()])
    return twin


def _fault(box):
    """Why a box cannot be cut out, or `None`."""
    if not np.isfinite(box).all():
        return "it has no box"
    if box.min() < -_SLACK or box.max() > 1 + _SLACK:
        return "its box reaches beyond the picture"
    if box[2] <= box[0] or box[3] <= box[1]:
        return "its box is empty"
    return None


def widened(boxes, margin):
    """Returns boxes with a margin on each side, as far as there is picture.

    Args:
        boxes: Float array of shape `(num_images, 4)`: `ymin, xmin, ymax,
            xmax`, each relative to the image.
        margin: Float at least 0, share of the box's height above and below,
            and of its width at left and right.

    Returns:
        `float64` array of the same shape.

    Example:

    >>> widened([[0.25, 0.5, 0.75, 1.0]], 0.5).tolist()
    [[0.0, 0.25, 1.0, 1.0]]
    """
    boxes = np.asarray(boxes, "float64")
    sides = boxes[:, 2:] - boxes[:, :2]
    more = margin * np.concatenate([-sides, sides], axis=1)
    return np.clip(boxes + more, 0.0, 1.0)


def box_windows(boxes, heights, widths):
    """Returns the pixels that boxes touch, as windows.

    Args:
        boxes: Float array of shape `(num_images, 4)`, as `widened` takes it.
        heights: Integers of shape `(num_images,)`, of the pictures as shown.
        widths: The same.

    Returns:
        `int32` array `[y, x, height, width]` of shape `(num_images, 4)`, each
        within its picture and of a pixel at least.

    Example:

    >>> box_windows([[0.25, 0.5, 0.75, 1.0]], [8], [10]).tolist()
    [[2, 5, 4, 5]]
    """
    boxes = np.asarray(boxes, "float64")
    sides = np.stack([heights, widths], axis=1)
    low = np.floor(boxes[:, :2] * sides + _PIXEL_SLACK)
    low = np.clip(low, 0, sides - 1)
    high = np.ceil(boxes[:, 2:] * sides - _PIXEL_SLACK)
    high = np.clip(high, low + 1, sides)
    return np.concatenate([low, high - low], axis=1).astype("int32")


def shown_box(box, orientation):
    """Returns a box of a picture as stored, for the picture as shown.

    Boxes here belong to the picture as it is shown, its Exif orientation
    applied, as its pixels do. Lists of others count the pixels of the file.

    Args:
        box: Sequence `ymin, xmin, ymax, xmax`, relative to the picture.
        orientation: Int in [1, 8], the Exif orientation.

    Returns:
        Tuple of four floats.

    Example:

    >>> shown_box((0.0, 0.25, 0.5, 1.0), 6)
    (0.25, 0.5, 1.0, 1.0)
    """
    ymin, xmin, ymax, xmax = box
    if orientation >= 5:
        ymin, xmin, ymax, xmax = xmin, ymin, xmax, ymax
    if orientation in (2, 3, 6, 7):
        xmin, xmax = 1 - xmax, 1 - xmin
    if orientation in (3, 4, 7, 8):
        ymin, ymax = 1 - ymax, 1 - ymin
    return ymin, xmin, ymax, xmax
