"""Predicts the classes of image files, with a run or with an export."""

import itertools
import pathlib

from fgkeras.data.images import image
from fgkeras.jobs.picture_files import picture_files
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.predictor import bad_row
from fgkeras.runs.predictor import no_classes

_BATCH = 64


def predict(model, images, *, top_k=5, trust=False):
    """Predicts the classes of image files.

    For many, `predictions` gives a row at a time.

    Args:
        model: Path of a run folder or of an exported SavedModel.
        images: List of paths of files or folders.
        top_k: Int at least 1. Defaults to `5`.
        trust: Bool, whether a SavedModel without checksums is loaded: it is
            a program. Defaults to `False`.

    Returns:
        List of dicts `{"image", "valid", "classes", "scores"}`; an image
        that can't be decoded has `valid` False, no classes and a `reason`.

    Raises:
        ValueError: If `top_k` is below 1, there is no such model or image, or
            the model is an embedder, which names no class.
    """
    return list(predictions(model, images, top_k=top_k, trust=trust))


def predictions(model, images, *, top_k=5, trust=False):
    """Predicts the classes of any number of image files, as they are read.

    Args:
        model: As `predict`.
        images: As `predict`.
        top_k: As `predict`.
        trust: As `predict`.

    Returns:
        Iterator of the rows of `predict`; what is wrong is raised at once.

    Raises:
        ValueError: As `predict`.
    """
    if top_k < 1:
        raise ValueError(
            f"`top_k` must be at least 1. Received: top_k={top_k}."
        )
    files = picture_files(images)
    root = pathlib.Path(model)
    if (root / "config.json").exists():
        predictor = Predictor(root)
        if not predictor.class_names:
            raise ValueError(no_classes(root))
        rows = predictor.stream((f.read_bytes for f in files), top_k=top_k)
    else:
        from fgkeras.export import load_exported

        exported = load_exported(root, trust=trust)
        if not exported.class_names:
            raise ValueError(no_classes(root))
        rows = _rows_of_export(exported, files, top_k)
    return (
        {"image": str(path), **row}
        for path, row in zip(files, rows, strict=True)
    )


def _rows_of_export(exported, files, top_k):
    for start in range(0, len(files), _BATCH):
        data = [f.read_bytes() for f in files[start : start + _BATCH]]
        for encoded, row in zip(data, exported.predict(data), strict=True):
            if not row["valid"]:
                yield bad_row(_why(encoded))
                continue
            best = itertools.islice(
                zip(row["classes"], row["scores"], strict=True), top_k
            )
            classes, scores = zip(*best, strict=True)
            yield {
                "valid": True,
                "classes": list(classes),
                "scores": list(scores),
            }


def _why(encoded):
    try:
        image.decode(encoded)
    except image.BadImage as error:
        return str(error)
    return "the model's decoder refused it"
