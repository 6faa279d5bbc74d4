"""Exports a run, in one of several formats."""

import pathlib
import warnings

from fgkeras.data.sources.file_names import ending
from fgkeras.registries import EXPORTS
from fgkeras.registries.exports import EARLIER
from fgkeras.runs.evaluate import measured
from fgkeras.runs.kept.parity_pictures import kept_pictures
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.run_data import RunData

# Endings of what no operation of TensorFlow decodes.
UNSERVED = frozenset((".webp", ".tif", ".tiff"))


def export(
    run,
    out=None,
    *,
    format="saved_model",
    top_k=None,
    overwrite=False,
    views=None,
    input=None,
    tolerance=None,
):
    """Writes a run for those who serve it, such as `saved_model/1/`.

    Before it is there under its name, it is compared with the run's model on
    the pictures that the run keeps for it, in batches of one and of four: the
    largest difference of probabilities and of vectors of length 1 stands in
    its `model-metadata.json`, and above `tolerance` nothing is written.

    What is served is what was measured: the mean over the run's views, its
    logits adjusted as it keeps it; of a run tested on unseen classes its
    embedder, without classes.

    Args:
        run: Path of the run folder.
        out: Path of the folder to write into; `None` means the run folder.
        format: String, one of `fgkeras.registries.EXPORTS`: `"saved_model"`
            for TF Serving and `predict`, `"litert"` for phones and boards,
            `"onnx"` for ONNX Runtime. Defaults to `"saved_model"`;
            `"savedmodel"`, as it was called before, is the same.
        top_k: Int at least 1, classes that a SavedModel returns per image,
            reduced to those there are; `None` (default) means 5.
        overwrite: Bool, whether to write the next version number beside an
            existing export. Defaults to `False`.
        views: String, one of `fgkeras.registries.VIEWS`, instead of the run's;
            `None` (default) means the run's. With several, a batch takes as
            many times the memory where it is served.
        input: String, `"float"` or `"uint8"`, the type of pixels that LiteRT
            and ONNX files take; `None` (default) means float. A SavedModel
            takes both, and files as they are.
        tolerance: Float of at least 0, how far its answers may be from the
            model's; `None` (default) means 1e-5.

    Returns:
        Path of the version folder.

    Raises:
        ValueError: If the run has not finished, an export is there, the
            format is unknown or does not take an option, or the export would
            not answer as the run.

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
    format = EARLIER.get(format, format)
    asked = {"top_k": top_k, "input": input, "tolerance": tolerance}
    options = {name: v for name, v in asked.items() if v is not None}
    _check_options(format, options)
    predictor = Predictor(run, views=views)
    if top_k is not None and not predictor.class_names:
        raise ValueError(
            "`top_k` is of runs that know classes. Received: "
            f"top_k={top_k}, a run of 0 known classes. Leave it out."
        )
    _warn_of_formats(predictor.folder)
    return EXPORTS.load(format)(
        _served(predictor),
        pathlib.Path(out or predictor.folder.path),
        overwrite=overwrite,
        **options,
    )


def _check_options(format, options):
    """Refuses what a format does not take, before anything is loaded."""
    known = EXPORTS[format].options
    for name, value in options.items():
        if name not in known:
            raise ValueError(
                f"`{name}` is of exports as "
                f"{' or '.join(EXPORTS.taking(name))}. Received: "
                f"{name}={value!r}, format={format!r}. Leave it out."
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
        "pictures": kept_pictures(predictor.folder),
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
