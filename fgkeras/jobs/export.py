"""Exports a run, in one of several formats."""

import pathlib
import warnings

from fgkeras.data.sources.file_names import ending
from fgkeras.registries import EXPORTS
from fgkeras.runs.evaluate import measured
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.run_data import RunData

# Endings of what no operation of TensorFlow decodes.
UNSERVED = frozenset((".webp", ".tif", ".tiff"))


def export(
    run,
    out=None,
    *,
    format="savedmodel",
    top_k=None,
    overwrite=False,
    views=None,
):
    """Writes a run for those who serve it, such as `saved_model/1/`.

    What is served is what was measured: the mean over the run's views, its
    logits adjusted as it keeps it; of a run tested on unseen classes its
    embedder, without classes.

    Args:
        run: Path of the run folder.
        out: Path of the folder to write into; `None` means the run folder.
        format: String, one of `fgkeras.registries.EXPORTS`: `"savedmodel"`
            for TF Serving and `predict`, `"litert"` for phones and boards.
            Defaults to `"savedmodel"`.
        top_k: Int at least 1, classes that a SavedModel returns per image,
            reduced to those there are; `None` (default) means 5.
        overwrite: Bool, whether to write the next version number beside an
            existing export. Defaults to `False`.
        views: String, one of `fgkeras.registries.VIEWS`, instead of the run's;
            `None` (default) means the run's. With several, a batch takes as
            many times the memory where it is served.

    Returns:
        Path of the version folder.

    Raises:
        ValueError: If the run has not finished, an export is there, the
            format is unknown, or it does not take `top_k`.

    Example:

    >>> from fgkeras.jobs import Config
    >>> from fgkeras.jobs import train
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> export("runs/flowers", format="litert").as_posix()
    'runs/flowers/litert/1'
    >>> export("runs/flowers").as_posix()  # doctest: +SKIP
    'runs/flowers/saved_model/1'
    """
    known = EXPORTS[format].options
    predictor = Predictor(run, views=views)
    names = predictor.class_names
    options = {}
    if top_k is not None:
        if "top_k" not in known or not names:
            raise ValueError(
                "`top_k` is of models with classes as "
                f"{' or '.join(EXPORTS.taking('top_k'))}. Received: "
                f"top_k={top_k}, format={format!r}, a run of {len(names)} "
                "known classes. Leave it out."
            )
        options["top_k"] = top_k
    _warn_of_formats(predictor.folder)
    return EXPORTS.load(format)(
        _served(predictor),
        pathlib.Path(out or predictor.folder.path),
        overwrite=overwrite,
        **options,
    )


def _warn_of_formats(folder):
    """Warns where a graph cannot read what the run was trained on."""
    kept = RunData.read(folder)
    ids = [i for part in kept.parts.values() for i in part.ids] if kept else ()
    found = sorted({ending(i) for i in ids} & UNSERVED)
    if found:
        warnings.warn(
            f"The run knows pictures of {' and '.join(found)}. A served model "
            "reads JPEG, PNG, GIF and BMP alone and answers others with "
            "valid=false: convert them, or ask `fgkeras predict`, which reads "
            "all.",
            UserWarning,
            stacklevel=3,
        )


def _served(predictor):
    from fgkeras.export.served import Served

    config = predictor.config
    about = {"data": config.data.source, "backbone": config.model.backbone}
    shared = {
        "image_size": predictor.size,
        "resize": predictor.resize,
        "decoder": predictor.view.decoder,
    }
    if not predictor.class_names:
        return Served(predictor.graph(), (), metadata=about, **shared)
    metrics = measured(predictor)
    return Served(
        predictor.graph(),
        predictor.class_names,
        activation=predictor.activation,
        metadata={
            **about,
            "loss": config.loss.name,
            **_answers_of(predictor),
            "metrics": {
                k: metrics[k] for k in ("top1", "groups") if k in metrics
            },
        },
        **shared,
    )


def _answers_of(predictor):
    """What the card says of views and adjustment: not all that was tried."""
    facts = predictor.facts()
    if predictor.adjustment is not None:
        chosen = dict(predictor.adjustment.chosen_on or {})
        chosen.pop("tried", None)
        facts["adjustment"]["chosen_on"] = chosen or "typed"
    return facts
