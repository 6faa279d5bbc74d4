"""The one bridge from images to feature arrays, with a cache by content."""

import hashlib
import json
import os
import pathlib
import tempfile

import keras
import numpy as np

from fgkeras.training.checkpoint import to_array


def cache_directory():
    """Returns the cache's place: `$FGKERAS_CACHE` or `~/.cache/fgkeras`."""
    default = pathlib.Path.home() / ".cache" / "fgkeras"
    return pathlib.Path(os.environ.get("FGKERAS_CACHE", default))


def weights_hash(model):
    """Returns the SHA-256 of a model's weights, in their order, as hex."""
    digest = hashlib.sha256()
    for v in model.weights:
        array = np.ascontiguousarray(to_array(v))
        digest.update(str((array.shape, str(array.dtype))).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def extract_features(
    model, make_batches, *, num_images, key=None, progress=None
):
    """Runs images through a model once and keeps the result on disk.

    Args:
        model: A `keras.Model` from images to feature vectors.
        make_batches: Callable without arguments, returning an iterable of
            `(images, labels)` batches in order; called only if needed.
        num_images: Int, how many images it yields.
        key: `None` for no cache, or a JSON-ready dict that together with the
            model's weights and structure names the content: the hash of the
            encoded images, the crop.
        progress: `None`, or a callable of `(done, total)`.

    Returns:
        `float32` array of shape `(num_images, units)`.

    Raises:
        ValueError: If another number of images comes out.
    """
    path = None
    if key is not None:
        name = {
            **key,
            "weights": weights_hash(model),
            "output": list(model.output_shape[1:]),
            "layers": [type(x).__name__ for x in model._flatten_layers()],
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
        }
        digest = hashlib.sha256(
            json.dumps(name, sort_keys=True).encode()
        ).hexdigest()
        path = cache_directory() / "features" / f"{digest}.npy"
        if path.exists():
            features = np.load(path, allow_pickle=False)
            if len(features) == num_images:
                return features
    parts, done = [], 0
    for images, *_ in make_batches():
        # A model built under a strategy computes the batch on every replica,
        # and `predict_on_batch` returns one copy after the other.
        vectors = model.predict_on_batch(images)[: len(images)]
        parts.append(np.asarray(vectors, dtype="float32"))
        done += len(parts[-1])
        if progress:
            progress(done, num_images)
    features = np.concatenate(parts)
    if len(features) != num_images:
        raise ValueError(
            "Every image must yield one feature vector. Received: "
            f"{len(features)} vectors for {num_images} images."
        )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.save(file, features)
        os.replace(temporary, path)
    return features
