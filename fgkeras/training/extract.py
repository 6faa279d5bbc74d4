"""The one bridge from images to feature arrays, with a cache by content."""

import hashlib
import inspect
import json
import time
import warnings

import keras
import numpy as np

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.storage import cache_folder
from fgkeras.storage import note_use
from fgkeras.storage import whole_file
from fgkeras.training.checkpoint import to_array
from fgkeras.training.model_structure import model_structure
from fgkeras.training.replica_batches import predict_batch

_said = set()


def weights_hash(model):
    """Returns the SHA-256 of a model's weights, in their order, as hex."""
    digest = hashlib.sha256()
    for v in model.weights:
        array = np.ascontiguousarray(to_array(v))
        digest.update(str((array.shape, str(array.dtype))).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def extract_features(
    model,
    make_batches,
    *,
    num_images,
    key=None,
    progress=None,
    save_seconds=30.0,
):
    """Runs images through a model once and keeps the result on disk.

    What takes long is kept in parts, so that an extraction that was killed
    goes on. A cache that is damaged, full or not to be written to costs its
    time, not the training: what is wrong is said once, as a warning.

    Args:
        model: A `keras.Model` from images to feature vectors.
        make_batches: Callable returning an iterable of `(images, labels)`
            batches in order; called only if needed. One that takes `start`, a
            number of images, begins behind so many; of any other the batches
            that were done are read again, and not run.
        num_images: Int, how many images it yields.
        key: `None` for no cache, or a JSON-ready dict that together with the
            model's weights and structure (`model_structure`) names the
            content: the hash of the encoded images, the crop. A model whose
            structure is not known is not cached.
        progress: `None`, or a callable of `(done, total)`.
        save_seconds: Float, time between parts, in seconds. Defaults to
            `30.0`.

    Returns:
        `float32` array of shape `(num_images, units)`.

    Raises:
        ValueError: If another number of images comes out.

    Example:

    >>> pool = keras.layers.GlobalAveragePooling2D()
    >>> model = keras.Sequential([keras.Input((8, 8, 3)), pool])
    >>> pixels = np.full((5, 8, 8, 3), 2.0)
    >>> def make_batches():
    ...     return [(pixels[:3], None), (pixels[3:], None)]
    >>> features = extract_features(model, make_batches, num_images=5)
    >>> features.shape, features[4].tolist()
    ((5, 3), [2.0, 2.0, 2.0])
    """
    path = None if key is None else _entry(model, key)
    shape = (num_images, *model.output_shape[1:])
    features = None if path is None else _read(path, shape)
    if features is not None:
        return features
    parts = _Parts(path, shape, save_seconds)
    for images in _remaining(make_batches, parts.count):
        parts.add(np.asarray(predict_batch(model, images), dtype="float32"))
        if progress:
            progress(parts.count, num_images)
    features = parts.joined()
    if len(features) != num_images:
        raise ValueError(
            "Every image must yield one feature vector. Received: "
            f"{len(features)} vectors for {num_images} images."
        )
    if path is not None:
        _write(path, features)
        parts.remove()
    return features


class _Parts:
    """Features so far, those of an extraction that was killed first."""

    def __init__(self, path, shape, seconds):
        self.path, self.seconds = path, seconds
        self.saved = time.monotonic()
        self.arrays, self.files, self.count, self.kept = [], [], 0, 0
        while path is not None and self.count < shape[0]:
            file = self._file()
            part = _read(file, (None, *shape[1:]))
            if part is None or self.count + len(part) > shape[0]:
                break
            self.files.append(file)
            self.arrays.append(part)
            self.count = self.kept = self.count + len(part)

    def _file(self):
        return self.path.with_suffix(f".from{self.kept}.npy")

    def add(self, features):
        """Takes the features of the next batch."""
        self.arrays.append(features)
        self.count += len(features)
        late = time.monotonic() - self.saved > self.seconds
        if self.path is not None and late:
            file = self._file()
            _write(file, self.joined()[self.kept :])
            self.files.append(file)
            self.kept, self.saved = self.count, time.monotonic()

    def joined(self):
        """Returns all of them, in order."""
        self.arrays = [np.concatenate(self.arrays)] if self.arrays else []
        return self.arrays[0] if self.arrays else np.zeros((0,), "float32")

    def remove(self):
        """Removes the files of the parts."""
        for file in self.files:
            file.unlink(missing_ok=True)


def _remaining(make_batches, done):
    """Yields the images of the batches behind the first `done` images."""
    if not done:
        for images, *_ in make_batches():
            yield images
        return
    if "start" in inspect.signature(make_batches).parameters:
        for images, *_ in make_batches(start=done):
            yield images
        return
    seen = 0
    for images, *_ in make_batches():
        seen += len(images)
        if seen > done:
            # A part ends with a batch; where batches are others now, the
            # rest of this one is still to be done.
            yield images[max(len(images) - (seen - done), 0) :]


def _entry(model, key):
    """Returns the path of a cache entry, or `None` without a structure."""
    try:
        structure = model_structure(model)
    except NotImplementedError:
        return None
    name = {
        **key,
        "weights": weights_hash(model),
        "structure": structure,
        "decoder": DECODER_VERSION,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    digest = hashlib.sha256(
        json.dumps(name, sort_keys=True).encode()
    ).hexdigest()
    return cache_folder("features") / f"{digest}.npy"


def _read(path, shape):
    """Returns the features of an entry, or `None`: not there, or damaged."""
    try:
        with open(path, "rb") as file:
            features = np.load(file, allow_pickle=False)
            checksum = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, EOFError, MemoryError) as error:
        _say(f"The cached features {path} are damaged ({error})")
        return None
    if not isinstance(features, np.ndarray) or checksum != _sha256(features):
        _say(f"The cached features {path} are damaged (SHA-256 differs)")
        return None
    same = features.ndim == len(shape) and all(
        wanted in (None, found)
        for wanted, found in zip(shape, features.shape, strict=True)
    )
    if not same or features.dtype != np.float32:
        _say(f"The cached features {path} are of shape {features.shape}")
        return None
    note_use(path)
    return features


def _write(path, features):
    """Keeps features, if the disk lets it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            np.save(file, features)
            # Readers of .npy stop at the end of the array.
            file.write(_sha256(features))
    except OSError as error:
        reason = error.strerror or error
        _say(f"Features cannot be kept in {path.parent} ({reason})")


def _sha256(features):
    return hashlib.sha256(np.ascontiguousarray(features)).digest()


def _say(fault):
    """Warns of a fault of the cache, once."""
    if fault not in _said:
        _said.add(fault)
        warnings.warn(
            f"{fault}: they are computed anew.", UserWarning, stacklevel=4
        )
