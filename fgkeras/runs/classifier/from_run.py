"""A run that knows the classes of another and more, without training."""

from fgkeras.config import AUTO
from fgkeras.config import when
from fgkeras.config.auto import FOLDS
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import absolute_spec
from fgkeras.runs.evaluation_sources import data_of
from fgkeras.runs.folder import RunFolder

_SECTIONS = ("model.", "pooling.")
_DATA = (
    "data.label_column",
    "data.train_split",
    "data.test_split",
    "data.holdout",
    "data.size",
    "data.resize",
    "data.crop_to_box",
    "data.box_margin",
    "data.input",
)
# What is of a trained head, and what the run itself takes the place of.
_NOT = (
    "model.weights",
    "model.head",
    "model.head_start",
    "model.dropout",
    "model.freeze_batch_norm",
)


def changes_from(run, changes):
    """Returns the options of a run that joins images to those of another.

    Use it to add classes to a run without training: its body stays, and the
    head is made of its images and of the new ones (`--method ncm` or `knn`).

    Args:
        run: Path of the folder of a finished classifier.
        changes: Dict of dotted name to value, with `data.source`, the images
            that come in addition; what else it sets is kept.

    Returns:
        Dict of dotted name to value.

    Raises:
        ValueError: If the run is none to start from, or more was asked for
            than a head without training.
    """
    folder = RunFolder.open(run)
    config = folder.config()
    method = changes.get("method.name", "ncm")
    if method not in ("ncm", "knn") or not when.CLASSIFIER(config):
        kind = config.method.name
        raise ValueError(
            "Classes are added to a classifier without training: by nearest "
            "class means or neighbours (--method ncm or knn). Received: "
            f"--method {method} --from {run}, a run of {kind!r}. To train, "
            "start from its body (--weights RUN) on all the images (--data "
            "A+B)."
        )
    learned = config.model.embedding.isdigit() or when.learns_pooling(config)
    if learned or config.pooling.projection != "none":
        raise ValueError(
            "The body of a run is what another starts from. Received: "
            f"--from {run}, which has learned weights between body and head "
            f"(model.embedding={config.model.embedding}, model.pooling="
            f"{config.model.pooling}). Take a run without them."
        )
    if config.data.classes:
        raise ValueError(
            "A run of all classes of its images is joined by others. Received: "
            f"--from {run}, a run of some (--classes {config.data.classes}). "
            "Train --method ncm on all the images (--data A+B) and name the "
            "classes of both (--classes)."
        )
    kept = data_of(folder)
    spec = kept.sources["source"]
    place = spec["absolute"] or spec["typed"]
    splits = open_source(place, ignore=config.data.ignore).splits
    held_back = kept.parts["train"].split not in splits
    if held_back and when.FINETUNED(config):
        raise ValueError(
            "Images that the body was trained on are not tested on. Received: "
            f"--from {run}, which held its test images back itself; among "
            "more images others would be. Lay its images out as train/CLASS "
            "and test/CLASS, and train it on them."
        )
    found = {
        name: config[name]
        for name in config.used()
        if name.startswith(_SECTIONS) or name in _DATA
    }
    out = {
        n: v
        for n, v in found.items()
        if n not in _NOT and v not in (AUTO, FOLDS)
    }
    out.update(
        {
            "method.name": method,
            "model.weights": str(run),
            "data.source": f"{place}+{absolute_spec(changes['data.source'])}",
        }
    )
    others = {n: v for n, v in changes.items() if n != "data.source"}
    return {**out, **others}
