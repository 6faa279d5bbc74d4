"""Predicts the classes of image files, with a run or with an export."""

import functools
import pathlib

from fgkeras.export.preprocessing import box_note
from fgkeras.jobs.exporting.export_predictor import ExportPredictor
from fgkeras.jobs.picture_files import picture_files
from fgkeras.jobs.picture_files import read_picture
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring.answer_row import no_classes
from fgkeras.runs.scoring.parents import parents_of
from fgkeras.training.freed_graphs import freed_graphs


def predict(model, images, *, top_k=5, trust=False, views=None):
    """Predicts the classes of image files.

    For many, `predictions` gives a row at a time.

    Args:
        model: Path of a run folder or of an exported SavedModel.
        images: List of paths of files or folders.
        top_k: Int at least 1. Defaults to `5`.
        trust: Bool, whether a SavedModel without checksums is loaded: it is
            a program. Defaults to `False`.
        views: String, one of `fgkeras.registries.VIEWS`, what the answers of
            a run are the mean over instead of its own views; `None` (default)
            means those.

    Returns:
        List of dicts `{"image", "valid", "classes", "scores"}`; an image
        that can't be read or decoded has `valid` False, no classes and a
        `reason`. Of a model with calibration images each has also `set`, the
        classes of its prediction set, `known` and `known_score`.

    Raises:
        ValueError: If `top_k` is below 1, there is no such model, a folder has
            no image, or the model is an embedder, which names no class.

    Example:

    >>> import fgkeras.data
    >>> from fgkeras.jobs import Config
    >>> from fgkeras.jobs import train
    >>> spec = "flora:species=3,images=8,test=2,size=32"
    >>> config = Config.read(changes={
    ...     "data.source": spec, "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> source = fgkeras.data.open(spec)
    >>> photo = source.read(source.split("test").ids[0])
    >>> _ = pathlib.Path("flower.jpg").write_bytes(photo)
    >>> rows = predict("runs/flowers", ["flower.jpg"], top_k=2)
    >>> rows[0]["image"], rows[0]["valid"], len(rows[0]["classes"])
    ('flower.jpg', True, 2)
    """
    # A model and its graphs hold each other.
    with freed_graphs():
        return list(
            predictions(model, images, top_k=top_k, trust=trust, views=views)
        )


def predictions(
    model,
    images,
    *,
    top_k=5,
    trust=False,
    views=None,
    depth=None,
    bound=None,
    levels=None,
    accuracy=None,
    notes=None,
):
    """Predicts the classes of any number of image files, as they are read.

    Args:
        model: As `predict`.
        images: As `predict`.
        top_k: As `predict`.
        trust: As `predict`.
        views: As `predict`.
        depth: Callable that is told, of a picture of 16 bits, how many it
            uses, so that `fgkeras.data.images.depth.depth_notes` says where
            they are few; or `None` (default).
        bound: Float from 0 to 1 for an `answer` of each picture, the finest
            name whose probability reaches it; `None` (default) for none. It
            needs parents of the classes and calibrated scores.
        levels: Sequence of the levels of parents that are used; `None`
            (default) for all.
        accuracy: Float in (0, 1), for the bound of a run by which this share
            of the answers is right; `None` (default) for `bound`.
        notes: List that sentences on the pictures are added to, or `None`
            (default): that they are seen whole by a model that was trained on
            pictures cropped to boxes.

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
    predictor = predictor_of(model, trust=trust, views=views)
    if not predictor.class_names:
        raise ValueError(no_classes(model))
    if notes is not None and predictor.box_margin is not None:
        notes.append(box_note(predictor.box_margin))
    read = (functools.partial(read_picture, path, depth) for path in files)
    more = {}
    if bound is not None or accuracy is not None:
        more["parents"] = parents_of(predictor, bound or 0, levels, accuracy)
    rows = predictor.stream(read, top_k=top_k, **more)
    return (
        {"image": str(path), **row}
        for path, row in zip(files, rows, strict=True)
    )


def predictor_of(path, *, trust=False, views=None):
    """Opens what answers of pictures: a run, or an export.

    Args:
        path: Path of a run folder or of an exported SavedModel.
        trust: Bool, whether a SavedModel without checksums is loaded.
            Defaults to `False`.
        views: String for a run, as `predict` takes it, or `None`.

    Returns:
        `Predictor` or `ExportPredictor`, which are asked alike.

    Raises:
        ValueError: If there is neither, or views are asked of an export.
    """
    path = pathlib.Path(path)
    if any((path / name).exists() for name in ("config.json", "model.keras")):
        return Predictor(path, views=views)
    if views is not None:
        raise ValueError(
            "Views are chosen when a model is exported. Received: --views "
            f"{views}, {path}. Leave it out, or `fgkeras export RUN --views "
            f"{views} --overwrite`."
        )
    return ExportPredictor(path, trust=trust)
