"""The gallery that an export is given."""

import io

import numpy as np

from fgkeras.export.gallery import Gallery
from fgkeras.jobs.exporting.gallery_images import GalleryImages
from fgkeras.ops.distances import unit_normalize
from fgkeras.training.reporter import CONSOLE

OWN, NONE = "train", "none"
# Of some 3 kB each.
_THUMBNAILS = 20_000


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
    shown = images.images
    # Of a vector of zeros nothing is near.
    places = np.flatnonzero(vectors.any(axis=1))
    return Gallery(
        np.asarray(unit_normalize(vectors[places])),
        np.asarray(shown.labels)[places],
        images.source.class_names,
        [shown.ids[i] for i in places],
        [_small(shown.thumbnail(i)) for i in places[:_THUMBNAILS]],
    )


def _small(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
