"""Exports a run, in one of several formats."""

import pathlib
import warnings

from fgkeras.data.sources.file_names import ending
from fgkeras.jobs.exporting.run_gallery import run_gallery
from fgkeras.jobs.exporting.served_run import read_about
from fgkeras.jobs.exporting.served_run import served_run
from fgkeras.registries import EXPORTS
from fgkeras.registries.exports import EARLIER
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.run_data import RunData
from fgkeras.training.reporter import CONSOLE

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
    gallery=None,
    about=None,
    reporter=CONSOLE,
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
        gallery: What a server looks pictures up in: `"train"` for the
            training images, `"none"`, or a source spec such as
            `"folder:photos"`. `None` (default) means the training images of a
            run tested on unseen classes, and none of others.
        about: Path of a JSON file with what the model card is to say: some of
            `name`, `purpose`, `limits`, `licence` and `contact`; or `None`
            (default).
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

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
    asked = {
        "top_k": top_k,
        "input": input,
        "tolerance": tolerance,
        "gallery": gallery,
    }
    options = {name: v for name, v in asked.items() if v is not None}
    _check_options(format, options)
    texts = {} if about is None else read_about(about)
    predictor = Predictor(run, views=views)
    if top_k is not None and not predictor.class_names:
        raise ValueError(
            "`top_k` is of runs that know classes. Received: "
            f"top_k={top_k}, a run of 0 known classes. Leave it out."
        )
    if "gallery" in EXPORTS[format].options:
        options["gallery"] = run_gallery(predictor, gallery, reporter)
    _warn_of_formats(predictor.folder)
    return EXPORTS.load(format)(
        served_run(predictor, texts),
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
