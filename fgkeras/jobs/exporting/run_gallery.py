"""The gallery that an export is given."""

import numpy as np

from fgkeras.export.gallery import Gallery
from fgkeras.jobs.exporting.gallery_images import GalleryImages
from fgkeras.training.reporter import CONSOLE

OWN, NONE = "train", "none"


def run_gallery(predictor, asked=None, reporter=CONSOLE):
    """Returns vectors, classes and names of what is looked up in a server.

    Args:
        predictor: `Predictor`.
        asked: `"train"` for the run's training images, `"none"`, or a source
            spec such as `"folder:photos"`. `None` (default) means the training
            images of a run whose classes are not those it was tested on, which
            is there to find likes, and none of a classifier.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        `fgkeras.export.gallery.Gallery`, or `None`.

    Raises:
        ValueError: If the images are missing or changed.
    """
    if asked == NONE or (asked is None and predictor.class_names):
        return None
    spec = None if asked in (None, OWN) else asked
    try:
        images = GalleryImages.open(
            predictor, predictor.config, spec, reporter=reporter
        )
    except ValueError as error:
        if asked is not None:
            raise
        reporter.say(
            "The export has no gallery, since the training images are not "
            f"there as they were: {error}"
        )
        return None
    vectors = images.vectors()
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    is_one = length[:, 0] > 0
    return Gallery(
        (vectors / np.maximum(length, 1e-12))[is_one],
        np.asarray(images.images.labels)[is_one],
        images.source.class_names,
        [i for i, good in zip(images.images.ids, is_one, strict=True) if good],
    )
