"""Trains a classifier from a config and leaves a run folder."""

import pathlib
import re
import time

import keras

from fgkeras.jobs.classifier_run import ClassifierRun
from fgkeras.jobs.evaluate import evaluate_logits
from fgkeras.jobs.metric_evaluate import evaluate_embeddings
from fgkeras.jobs.metric_run import MetricRun
from fgkeras.jobs.run_data import NOT_COMPARED
from fgkeras.jobs.run_data import RunData
from fgkeras.jobs.run_folder import RunFolder
from fgkeras.jobs.run_sources import RunSources
from fgkeras.jobs.start_checks import check_start
from fgkeras.training import strategy_scope


def default_folder(config):
    """Returns `runs/DATA-BACKBONE-LOSS-MODE` for a config."""
    config = config.resolved()
    data = pathlib.PurePath(config.data.source.split("?")[0]).name
    data = re.sub(r"[^A-Za-z0-9]+", "_", data).strip("_") or "data"
    loss = config.method.name
    if loss == "softmax":
        loss = config.loss.name
    loss = ("cb_" if config.loss.beta else "") + loss
    name = f"{data[:40]}-{config.model.backbone}-{loss}-{config.train.mode}"
    return pathlib.Path("runs") / name


def train(config, out=None, *, restart=False, quiet=False, sample_sheet=None):
    """Trains, evaluates and reports; goes on with a run that was killed.

    Use it from Python as the command line does. The same config and folder
    give the same final weights, whether the training ran through or was
    killed and called again.

    Args:
        config: A `Config`.
        out: Path of the run folder. Defaults to `default_folder(config)`.
        restart: Bool, whether a run in `out` is replaced. Defaults to `False`.
        quiet: Bool, nothing is printed. Defaults to `False`.
        sample_sheet: `PIL.Image` for the report, or `None`.

    Returns:
        Tuple `(RunFolder, metrics)`, metrics as in `metrics.json`.

    Raises:
        ValueError: If the config, the data or the folder can't be used.
    """
    started = time.monotonic()
    config = config.resolved()
    folder = RunFolder(out or default_folder(config))
    scope = strategy_scope(config.train.strategy, config.train.replicas)
    check_start(config, folder.path)
    metric = config.method.name != "softmax"
    # All of the data's faults are found before a run in the folder is replaced.
    there = folder.check(config, restart)
    kept = RunData.read(folder) if there else None
    sources = RunSources.opened(config, kept).continuing(folder, kept)
    if there and folder.finished:
        metrics = folder.read_json("metrics.json")
        if kept is None or not kept.recorded:
            metrics["notes"] = [*metrics.get("notes", ()), NOT_COMPARED]
        return folder, metrics
    images = sources.read(config, quiet)
    folder.start(config, restart)
    sources.note(folder, kept, images)
    policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy(config.train.precision)
    try:
        with scope:
            if metric:
                run = MetricRun(config, folder, sources, quiet, images)
            else:
                run = ClassifierRun(
                    config, folder, sources.train, quiet, images
                )
            outputs = run.fit()
            # Images that stay on the disk are read by now.
            sources.note(folder, RunData.read(folder), images)
            run.classifier.save(folder / "model.keras")
    finally:
        keras.config.set_dtype_policy(policy)
    facts = {
        "train_counts": run.counts,
        "history": run.history,
        "extra": {
            "seconds": round(time.monotonic() - started, 1),
            "refused": run.train.refused + run.test.refused,
            **notes_of(run.test),
            **run.noted,
            # Metric runs never look at the test images while they train.
            **({} if metric else {"monitored_split": config.data.test_split}),
            "data": config.data.test_source or config.data.source,
            "split": config.data.test_split,
        },
        "sample_sheet": sample_sheet,
    }
    if metric:
        return folder, evaluate_embeddings(
            folder,
            config,
            run.test,
            outputs,
            classifier=run.classifier,
            closed=run.closed,
            class_names=run.class_names,
            test_names=run.test_names,
            **facts,
        )
    return folder, evaluate_logits(
        folder,
        config,
        run.test,
        outputs,
        class_names=sources.train.class_names,
        **facts,
    )


def notes_of(images):
    """What the metrics say of test images that were left out."""
    if not images.left_out:
        return {}
    return {
        "trained_on_left_out": images.left_out,
        "notes": [
            f"{images.left_out} images of the test source are copies of "
            "training images and were left out."
        ],
    }
