"""Loads an exported classifier and predicts with it."""

import pathlib

import numpy as np
import tensorflow as tf

from fgkeras.export.facts import AGAIN
from fgkeras.export.facts import read_facts
from fgkeras.export.folder import check_checksums
from fgkeras.export.folder import refuse_others
from fgkeras.export.folder import versions
from fgkeras.storage import damaged_file

_FILES = (
    "saved_model.pb, variables/variables.index or "
    "variables/variables.data-00000-of-00001"
)


def version_folder(path):
    """Returns the folder of the newest version under `path`.

    Args:
        path: Path of what `export_classifier` was given, of its folder
            `saved_model`, or of one version in it.

    Raises:
        ValueError: There is no export.
    """
    path = pathlib.Path(path)
    refuse_others(path)
    if (path / "saved_model.pb").is_file():
        return path
    for base in (path / "saved_model", path):
        found = versions(base)
        if found:
            return base / str(found[-1])
    raise ValueError(
        "`path` must hold an exported model, such as `saved_model/1`. Make one "
        "with `fgkeras export RUN` or `export_classifier`. Received: "
        f"path={str(path)!r}"
    )


class ExportedClassifier:
    """A SavedModel that takes image bytes; made by `load_exported`.

    Attributes:
        path: `pathlib.Path` of the version that was loaded.
        class_names: Tuple of strings, in label order.
        metadata: Dict, the content of `model-metadata.json`.

    Example:

    >>> flowers = load_exported("runs/flowers")  # doctest: +SKIP
    >>> photo = pathlib.Path("flower.jpg").read_bytes()  # doctest: +SKIP
    >>> rows = flowers.predict([photo, b"no image"])  # doctest: +SKIP
    >>> rows[0]["classes"][0], rows[1]["valid"]  # doctest: +SKIP
    ('Myrandra glabra', False)
    >>> flowers.run("embed", [photo])["embedding"].shape  # doctest: +SKIP
    (1, 192)
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.class_names, self.metadata = read_facts(self.path)
        self._session, self._signatures = _loaded(self.path)

    def run(self, signature, images, batch_size=32):
        """Runs one signature over any number of images, in batches.

        Args:
            signature: String: `"serving_default"`, `"probabilities"` or
                `"embed"` for a list of bytes; `"serve_tensor"` for a float
                array of shape `(batch, size, size, 3)`, values 0 to 255.
            images: The list or the array.
            batch_size: Positive int. Default 32.

        Returns:
            Dict of output name to a NumPy array, one row per image.

        Raises:
            ValueError: There is no such signature, `batch_size` is not
                positive, or `images` is a single image's bytes.
        """
        if signature not in self._signatures:
            raise ValueError(
                f"`signature` must be one of {sorted(self._signatures)}. "
                f"Received: signature={signature!r}"
            )
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(
                "`batch_size` must be a positive int. "
                f"Received: batch_size={batch_size!r}"
            )
        if isinstance(images, (bytes, str)):
            raise ValueError(
                "`images` must be a list, also for one image. Received: "
                f"images of type {type(images).__name__}"
            )
        known = self._signatures[signature]
        (asked,) = known.inputs.values()
        names = {key: found.name for key, found in known.outputs.items()}
        count = len(images)
        if count == 0:
            # One row gives the shapes; graphs are not made for empty batches.
            one = [
                1 if d is None else d
                for d in tf.TensorShape(asked.tensor_shape)
            ]
            images = tf.zeros(one, asked.dtype).numpy()
        parts = [
            self._session.run(
                names, {asked.name: images[start : start + batch_size]}
            )
            for start in range(0, len(images), batch_size)
        ]
        return {
            k: np.concatenate([p[k] for p in parts])[:count] for k in parts[0]
        }

    def predict(self, images, batch_size=32, top_k=None):
        """Names the likeliest classes of encoded images.

        Args:
            images: List of bytes, each the content of an image file.
            batch_size: Positive int. Default 32.
            top_k: Int at least 1, classes that are named, or `None` (default)
                for as many as the export names.

        Returns:
            List of dicts, one per image: `valid` (bool), `classes` (list of
            strings, likeliest first), `scores` (list of floats) and
            `embedding` (NumPy float32 array of length 1). Where `valid` is
            false, the lists are empty and the embedding is zero. Else there
            are, where the export has them, `probabilities` (array, of all
            classes), `set` (classes of the prediction set, likeliest first),
            `known` (bool) and `known_score` (float).
        """
        has_all = "probabilities" in self._signatures and (
            "logits" in self._signatures["probabilities"].outputs
        )
        if not has_all:
            return self._named_by_graph(images, batch_size, top_k)
        found = self.run("probabilities", images, batch_size)
        most = top_k or self.metadata["output"]["top_k"]
        return [
            self._row({key: values[i] for key, values in found.items()}, most)
            for i in range(len(found["valid"]))
        ]

    def _row(self, row, top_k):
        valid = bool(row["valid"])
        out = {"valid": valid, "classes": [], "scores": []}
        out["embedding"] = row["embedding"]
        if not valid:
            return out
        # Ranked by logits, since scores near 1 round to the same number.
        order = np.argsort(-row["logits"], kind="stable")
        best = order[:top_k]
        out["classes"] = [self.class_names[c] for c in best]
        out["scores"] = [float(s) for s in row["probabilities"][best]]
        out["probabilities"] = row["probabilities"]
        if "in_set" in row:
            members = order[row["in_set"][order]]
            out["set"] = [self.class_names[c] for c in members]
        if "known" in row:
            out["known"] = bool(row["known"])
            out["known_score"] = float(row["known_score"])
        return out

    def _named_by_graph(self, images, batch_size, top_k):
        """Of an embedder, which knows no classes, or an earlier version."""
        rows = self.run("serving_default", images, batch_size)
        none = np.empty((len(rows["valid"]), 0))
        return [
            {
                "valid": bool(valid),
                "classes": [c.decode() for c in classes[:top_k]]
                if valid
                else [],
                "scores": [float(s) for s in scores[:top_k]] if valid else [],
                "embedding": embedding,
            }
            for valid, classes, scores, embedding in zip(
                rows["valid"],
                rows.get("classes", none),
                rows.get("scores", none),
                rows["embedding"],
                strict=True,
            )
        ]


def _loaded(path):
    """Loads the graph and its variables, or says that they are damaged.

    A session is what it is served by, and is gone with all that it holds. The
    functions of `tf.saved_model.load` stay in a process, some ten times their
    file, from their first call on.

    Returns:
        Tuple of a `tf.compat.v1.Session` and the signatures by name.
    """
    # What the process has set of its devices is set before a session is.
    tf.config.list_logical_devices()
    v1 = tf.compat.v1
    session = v1.Session(
        graph=tf.Graph(), config=v1.ConfigProto(allow_soft_placement=True)
    )
    logger = tf.get_logger()
    level = logger.level
    # It calls itself out of date.
    logger.setLevel("ERROR")
    try:
        with session.graph.as_default():
            found = v1.saved_model.load(session, ["serve"], str(path))
    except MemoryError:
        raise
    # TensorFlow raises errors of many kinds for what it cannot read.
    except Exception as error:
        why = " ".join(str(error).split())[:300]
        why = f"{_FILES}: {type(error).__name__} {why}"
        raise ValueError(damaged_file(path, why, AGAIN)) from error
    finally:
        logger.setLevel(level)
    return session, {
        name: signature
        for name, signature in found.signature_def.items()
        if not name.startswith("__")
    }


def load_exported(path, trust=False):
    """Loads what `export_classifier` wrote, its newest version.

    A SavedModel is a program that runs with your rights. Unless you say
    `trust=True`, it is loaded only when every file is what `SHA256SUMS` beside
    it says. That finds damage and careless edits; whoever can replace both is
    not kept out.

    Args:
        path: Path given to `export_classifier`, or of one version.
        trust: Bool, whether to load without checking. Default `False`.

    Returns:
        `ExportedClassifier`.

    Raises:
        ValueError: There is no export, or a file was changed.

    Example:

    >>> flowers = load_exported("runs/flowers")  # doctest: +SKIP
    >>> flowers.class_names  # doctest: +SKIP
    ('Myrandra glabra', 'Myrandra minor', 'Myrandra amoena')
    >>> flowers.path.as_posix()  # doctest: +SKIP
    'runs/flowers/saved_model/1'
    """
    folder = version_folder(path)
    if not trust:
        check_checksums(folder)
    return ExportedClassifier(folder)
