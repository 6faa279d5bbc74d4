"""Makes what tells known pictures from unknown ones, once trained."""

import numpy as np

from fgkeras.evaluation.uncertainty.unknown_inputs import nearest_scores
from fgkeras.models import embedding_model
from fgkeras.models.parts import features_layer
from fgkeras.ops.distances import unit_normalize
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.known_vectors import FILE
from fgkeras.runs.kept.known_vectors import KnownVectors
from fgkeras.runs.kept.known_vectors import places_kept


def keep_known_vectors(task, images, places=None):
    """Writes `known_vectors.npz` of a run that was trained.

    Args:
        task: `ClassifierTask`, trained.
        images: `SplitImages` that it is calibrated by.
        places: Integer array, those of them that have a logit, where they are
            the training images themselves; `None` where they are others.

    Returns:
        The `KnownVectors`.
    """
    train = vectors_of(task, task.train, "training images")
    kept = places_kept(task.train.labels, train.shape[1], task.config.seed)
    vectors = np.asarray(unit_normalize(train[kept]))
    more = {}
    if places is None:
        asked = vectors_of(task, images, "calibration images")
    else:
        asked = train[places]
        more = {"ids": np.asarray(places), "vector_ids": kept}
    near = np.asarray(nearest_scores(asked, vectors, **more), "float32")
    write_arrays(task.folder / FILE, vectors=vectors, calibration=near)
    return KnownVectors(vectors, near)


def vectors_of(task, images, name):
    """Returns the vectors of images, float32.

    Where no stage trained the body they come from the features that were made
    for the head.

    Args:
        task: `ClassifierTask`, trained.
        images: `SplitImages`.
        name: String, what they are called on the progress bar.
    """
    model = task.classifier
    if any(stage.stage.tune == "all" for stage in task.config.stages()):
        return images.answers(embedding_model(model))
    features = task.extract(features_part(model), images, name)
    last = head_part(model, features_layer(model).name)
    found = last.predict(features, batch_size=256, verbose=0)
    return np.asarray(found, "float32")
