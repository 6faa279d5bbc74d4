"""Evaluates a run: numbers, predictions and the report."""

import csv
import pathlib
import re

import numpy as np

from fgkeras.data.open import open as open_source
from fgkeras.data.relabel import relabel
from fgkeras.data.source import Split
from fgkeras.evaluation import classification_report
from fgkeras.jobs.config import RunConfig
from fgkeras.jobs.inputs import SplitImages
from fgkeras.jobs.network import prediction_model
from fgkeras.jobs.pooling import kernel_notes
from fgkeras.jobs.run_folder import RunFolder
from fgkeras.jobs.run_folder import write_json
from fgkeras.jobs.sources import training_source
from fgkeras.models import load_model
from fgkeras.report import run_report


def scores_of(logits, loss_name):
    """Returns probabilities: softmax, or one sigmoid per class."""
    logits = np.asarray(logits, "float64")
    if loss_name == "softmax":
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)
    return 0.5 * (1.0 + np.tanh(0.5 * logits))


def evaluate_logits(
    folder,
    config,
    images,
    logits,
    *,
    class_names,
    train_counts,
    history=(),
    extra=None,
    directory=None,
    sample_sheet=None,
    comparison=None,
    sections=None,
):
    """Writes predictions, metrics and report of one set of images.

    Args:
        folder: The `RunFolder`.
        config: Its `RunConfig`.
        images: `SplitImages` that the logits belong to.
        logits: Array of shape `(num_images, num_classes)`.
        class_names: Sequence of strings.
        train_counts: Integer array of shape `(num_classes,)`.
        history: List of dicts, one per epoch. Defaults to none.
        extra: Dict put into the metrics, or `None`.
        directory: Where to write; `None` means the run folder itself.
        sample_sheet: `PIL.Image` for the report, or `None`.
        comparison: Rows of a table for the report, or `None`.
        sections: Markup for the report, or `None`.

    Returns:
        The metrics, a JSON-ready dict.
    """
    directory = folder.path if directory is None else directory
    directory.mkdir(parents=True, exist_ok=True)
    metrics = classification_report(
        images.labels,
        logits,
        train_counts=train_counts,
        class_names=class_names,
        num_bootstrap=config.bootstrap,
        seed=config.seed,
        activation="softmax" if config.loss.name == "softmax" else "sigmoid",
    )
    metrics = {**metrics, **(extra or {})}
    np.savez(
        directory / "predictions.npz",
        labels=images.labels,
        logits=np.asarray(logits, "float32"),
        ids=np.asarray(images.ids),
    )
    run_report(
        directory / "report.html",
        title=folder.path.name,
        config=config.as_dict(),
        environment=folder.read_json("environment.json"),
        metrics=metrics,
        history=list(history),
        class_names=list(class_names),
        train_counts=train_counts,
        labels=images.labels,
        scores=scores_of(logits, config.loss.name),
        thumbnail=images.thumbnail,
        sample_sheet=sample_sheet,
        comparison=comparison,
        notes=kernel_notes(metrics.get("kernel")),
        sections=sections,
        seed=config.seed,
    )
    # Last of all, since its presence says that the run is complete.
    write_json(directory / "metrics.json", metrics)
    return metrics


def evaluate(
    run,
    data=None,
    split=None,
    *,
    out=None,
    quiet=False,
    sample_sheet=None,
    comparison=None,
):
    """Evaluates a finished run on its own test split or on other data.

    Args:
        run: Path of the run folder.
        data: Source spec such as `"folder:photos"`; `None` means the run's
            own. Its class names must be among the run's, in any order.
        split: Split of that source; `None` means the run's test split, or
            the only one there is.
        out: Path for the results; `None` means `RUN/evaluations/SPLIT` for
            other data, and the run folder for its own test split.
        quiet: Bool, no progress. Defaults to `False`.
        sample_sheet: `PIL.Image` for the report, or `None`.
        comparison: Rows of a table for the report, or `None`.

    Returns:
        Tuple `(metrics, path)`: a JSON-ready dict, and where it was written.

    Raises:
        ValueError: If the source has classes that the run has not.
    """
    folder = RunFolder.open(run)
    config = RunConfig.build(folder / "config.json")
    classes = folder.read_json("classes.json")
    own = data is None and split in (None, config.data.test_split)
    history = read_history(folder) if own else []
    if config.method.name != "softmax":
        from fgkeras.jobs.metric_evaluate import evaluate_metric_run

        return evaluate_metric_run(
            folder,
            config,
            data,
            split,
            out=out,
            quiet=quiet,
            sample_sheet=sample_sheet,
            comparison=comparison,
            history=history,
            extra=training_facts(folder) if own else {},
        )
    if data is None:
        source = training_source(config)
    else:
        source = _other_source(
            data, classes["class_names"], config.data.label_column
        )
    split = split or config.data.test_split
    if split not in source.splits and len(source.splits) == 1:
        split = next(iter(source.splits))
    images = SplitImages(source, split, config, quiet)
    model = load_model(folder / "model.keras")
    logits = prediction_model(model, config).predict(
        images.evaluation(), verbose=0
    )
    target = place_of(folder, data, split, out, own)
    metrics = evaluate_logits(
        folder,
        config,
        images,
        np.asarray(logits, "float32"),
        class_names=classes["class_names"],
        train_counts=np.asarray(classes["train_counts"]),
        history=history,
        extra={
            **(training_facts(folder) if own else {}),
            "data": data or config.data.source,
            "split": split,
        },
        directory=target,
        sample_sheet=sample_sheet,
        comparison=comparison,
    )
    return metrics, target


def place_of(folder, data, split, out, own):
    """Returns where the results of an evaluation are written."""
    if out is not None:
        return pathlib.Path(out)
    if own:
        return folder.path
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{data or ''}_{split}")
    return folder.path / "evaluations" / name.strip("_")


def training_facts(folder):
    """What the training itself noted in the metrics."""
    if not folder.finished:
        return {}
    known = folder.read_json("metrics.json")
    names = ("seconds", "refused", "monitored_split", "kernel")
    return {name: known[name] for name in names if name in known}


def _other_source(spec, class_names, label_column):
    """Opens a source and gives its labels the run's numbers."""
    source = open_source(spec)
    if label_column in source.hierarchy:
        source = relabel(source, label_column)
    number = {name: i for i, name in enumerate(class_names)}
    unknown = [n for n in source.class_names if n not in number]
    if unknown:
        raise ValueError(
            "The classes must be among those of the run. Received: "
            f"{len(unknown)} others in {spec}: {', '.join(unknown[:5])}. "
            f"The run knows {len(number)}, such as "
            f"{', '.join(class_names[:3])}."
        )
    table = np.array([number[n] for n in source.class_names], "int64")
    splits = {
        name: Split(part.ids, table[part.labels], part.boxes)
        for name, part in source.splits.items()
        if not len(part) or part.labels.min() >= 0
    }
    twin = source.with_splits(splits)
    twin.class_names = tuple(class_names)
    twin.hierarchy = {}
    return twin


def read_history(folder):
    """Returns the lines of `history.csv` as a list of dicts."""
    path = folder / "history.csv"
    if not path.exists():
        return []
    rows = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.append(
                {
                    k: v if k == "stage" else float(v)
                    for k, v in row.items()
                    if v != ""
                }
            )
    return rows
