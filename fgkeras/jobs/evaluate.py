"""Evaluates a run: numbers, predictions and the report."""

import csv
import pathlib
import re

import numpy as np

from fgkeras.evaluation import classification_report
from fgkeras.jobs.chance import chance_notes
from fgkeras.jobs.chosen_images import chosen_images
from fgkeras.jobs.network import prediction_model
from fgkeras.jobs.old_run import RESULTS
from fgkeras.jobs.old_run import is_evaluation
from fgkeras.jobs.pooling import kernel_notes
from fgkeras.jobs.run_folder import RunFolder
from fgkeras.jobs.run_folder import write_arrays
from fgkeras.models import load_model
from fgkeras.report import run_report
from fgkeras.storage import write_json
from fgkeras.training.batch_statistics import statistics_notes


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
        config: Its `Config`.
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
        num_bootstrap=config.evaluation.resamples,
        seed=config.seed,
        activation="softmax" if config.loss.name == "softmax" else "sigmoid",
    )
    metrics = {**metrics, **(extra or {})}
    write_arrays(
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
        logits=logits,
        activation="softmax" if config.loss.name == "softmax" else "sigmoid",
        thumbnail=images.thumbnail,
        sample_sheet=sample_sheet,
        comparison=comparison,
        notes=[
            *kernel_notes(metrics.get("kernel")),
            *statistics_notes(metrics.get("batch_statistics")),
            *chance_notes(metrics.get("at_chance")),
        ],
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
    """Evaluates a finished run on its own images or on others.

    Its own are those that it recorded, however the source has grown since. On
    all others, images that it was trained on are left out and counted. The
    results stand beside those of the training, which stay as they were.

    Args:
        run: Path of the run folder.
        data: Source spec such as `"folder:photos"`; `None` means the run's
            own. A classifier's class names must be among the run's, in any
            order.
        split: Split of that source; `None` means the run's test split, or
            the only one there is.
        out: Path for the results, a new or empty folder or one of an earlier
            evaluation; `None` means a folder in `RUN/evaluations` that is
            named after the data.
        quiet: Bool, no progress. Defaults to `False`.
        sample_sheet: `PIL.Image` for the report, or `None`.
        comparison: Rows of a table for the report, or `None`.

    Returns:
        Tuple `(metrics, path)`: a JSON-ready dict, and where it was written.

    Raises:
        ValueError: If the run's own images are missing or changed, the source
            has classes that the run has not, or `out` holds something else.
    """
    folder = RunFolder.open(run)
    config = folder.config()
    chosen = chosen_images(folder, config, data, split, quiet)
    target = place_of(folder, chosen, out)
    job = evaluate_classifier
    if config.method.name != "softmax":
        from fgkeras.jobs.metric_evaluate import evaluate_metric_run as job
    own = chosen.role == "test"
    metrics = job(
        folder,
        config,
        chosen,
        target,
        history=read_history(folder) if own else [],
        extra=training_facts(folder) if own else {},
        sample_sheet=sample_sheet,
        comparison=comparison,
    )
    return metrics, target


def evaluate_classifier(
    folder, config, chosen, target, *, history, extra, **report
):
    """Evaluates a classifier, as `fgkeras.jobs.evaluate` has it.

    Args:
        folder: The `RunFolder`.
        config: Its `Config`.
        chosen: `ChosenImages`.
        target: Path of the folder to write into.
        history: List of dicts, one per epoch.
        extra: Dict put into the metrics.
        **report: `sample_sheet` and `comparison`.

    Returns:
        The metrics.
    """
    classes = folder.read_json("classes.json")
    model = load_model(folder / "model.keras")
    logits = prediction_model(model, config).predict(
        chosen.images.evaluation(), verbose=0
    )
    chosen, logits = chosen.settled(np.asarray(logits, "float32"))
    return evaluate_logits(
        folder,
        config,
        chosen.images,
        logits,
        class_names=classes["class_names"],
        train_counts=np.asarray(classes["train_counts"]),
        history=history,
        extra={**extra, **chosen.noted},
        directory=target,
        **report,
    )


def place_of(folder, chosen, out):
    """Makes and returns the folder of an evaluation's results.

    Args:
        folder: The `RunFolder`.
        chosen: `ChosenImages`.
        out: Path, or `None` for a folder of the run, of a name that no other
            images have.

    Raises:
        ValueError: If `out` holds something else than an evaluation.
    """
    if out is None:
        readable = re.sub(r"[^A-Za-z0-9]+", "_", chosen.title).strip("_")
        name = f"{readable[-40:].strip('_')}-{chosen.digest}"
        target = folder / "evaluations" / name
    else:
        target = pathlib.Path(out)
        check_place(target)
    target.mkdir(parents=True, exist_ok=True)
    return target


def check_place(path):
    """Checks that the results of an evaluation may go into a folder.

    Args:
        path: `pathlib.Path`.

    Raises:
        ValueError: If it is a file, or holds something else of these names.
    """
    there = [n for n in RESULTS if (path / n).exists()]
    links = [n for n in RESULTS if (path / n).is_symlink()]
    if path.exists() and not path.is_dir():
        found = "which is a file"
    elif links:
        found = f"whose {links[0]} is a link"
    elif there and not is_evaluation(path):
        found = f"whose {there[0]} is something else"
    else:
        return
    raise ValueError(
        "An evaluation goes into a new or empty folder, or replaces an "
        f"evaluation. Received: out={path}, {found}. Choose another folder "
        "(--out)."
    )


def training_facts(folder):
    """What the training itself noted in the metrics."""
    if not folder.finished:
        return {}
    known = folder.read_json("metrics.json")
    names = ("seconds", "refused", "monitored_split", "kernel")
    names += ("batch_statistics", "at_chance")
    return {name: known[name] for name in names if name in known}


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
