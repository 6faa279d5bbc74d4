"""Trains what a config describes and leaves a run folder."""

import pathlib
import re
import time
from typing import NamedTuple

import keras

from fgkeras.config import when
from fgkeras.config.amounts import check_anchors
from fgkeras.config.amounts import check_betas
from fgkeras.config.amounts import check_memory
from fgkeras.config.earlier import continuing
from fgkeras.runs.evaluation_sources import source_of
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.parity_pictures import keep_pictures
from fgkeras.runs.kept.spent import FILE as SPENT
from fgkeras.runs.kept.spent import counted_time
from fgkeras.runs.roles import Roles
from fgkeras.runs.run_data import NOT_COMPARED
from fgkeras.runs.run_data import RunData
from fgkeras.runs.start_checks import check_start
from fgkeras.runs.start_checks import devices_of
from fgkeras.runs.tasks import task_of
from fgkeras.runs.views import bad_images_named
from fgkeras.storage import remove_stale_lock
from fgkeras.training import save_model
from fgkeras.training import strategy_scope
from fgkeras.training.freed_graphs import freed_graphs
from fgkeras.training.reporter import CONSOLE


class Result(NamedTuple):
    """What `train` returns.

    Args:
        folder: The `RunFolder`.
        metrics: Dict, as in `metrics.json`; `None` of a training that was
            stopped by `until`.
    """

    folder: RunFolder
    metrics: dict | None


def default_folder(config):
    """Returns `runs/DATA-BACKBONE-LOSS-MODE` for a config."""
    config = config.resolved()
    data = pathlib.PurePath(config.data.source.split("?")[0]).name
    data = re.sub(r"[^A-Za-z0-9]+", "_", data).strip("_") or "data"
    title = task_of(config).title(config)
    loss = ("cb_" if when.weights_classes(config) else "") + title
    body = config.model.backbone.replace(":", ".")
    name = f"{data[:40]}-{body}-{loss}-{config.train.mode}"
    return pathlib.Path("runs") / name


def train(
    config,
    out=None,
    *,
    restart=False,
    until=None,
    reporter=CONSOLE,
    sample_sheet=None,
):
    """Trains, evaluates and reports; goes on with a run that was killed.

    Use it from Python as the command line does. The same config and folder
    give the same final weights, whether the training ran through or was
    killed and called again.

    Args:
        config: A `Config`.
        out: Path of the run folder. Defaults to `default_folder(config)`.
        restart: Bool, whether a run in `out` is replaced. Defaults to `False`.
        until: Tuple of the name of a stage (`"head"`, `"all"`,
            `"embedding"`) and an epoch of it, from 1, after which the training
            stops. The next call goes on there, and ends as if it had never
            stopped. Defaults to `None`, the end.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        sample_sheet: `PIL.Image` for the report, or `None`.

    Returns:
        `Result`, a tuple `(folder, metrics)`.

    Raises:
        ValueError: If the config, the data or the folder can't be used.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> folder, metrics = train(config, "runs/flowers")
    >>> metrics["num_images"], 0 <= metrics["top1"]["value"] <= 1
    (6, True)
    >>> (folder / "report.html").exists()
    True
    """
    # Without it every training adds 12 MB to its process.
    with freed_graphs():
        return _train(config, out, restart, until, reporter, sample_sheet)


def _train(config, out, restart, until, reporter, sample_sheet):
    started = time.monotonic()
    config = config.resolved()
    folder = RunFolder(out or default_folder(config))
    scope = strategy_scope(*devices_of(config))
    check_start(config, folder.path)
    _check_until(config, until)
    # All of the data's faults are found before a run in the folder is replaced.
    there = folder.check(config, restart)
    if there:
        config = continuing(folder.config(), config)
    kept = RunData.read(folder) if there else None
    roles = Roles.opened(config, kept).continuing(folder, kept)
    counts = roles.train.counts(config.data.train_split)
    check_anchors(config, counts)
    for stage in config.stages():
        check_memory(stage, int(sum(counts)))
    check_betas(config, roles.train.num_classes)
    if there and folder.finished:
        remove_stale_lock(folder.path)
        metrics = folder.metrics()
        if kept is None or not kept.recorded:
            metrics["notes"] = [*metrics.get("notes", ()), NOT_COMPARED]
        return Result(folder, metrics)
    images = roles.read(config, reporter)
    said = roles.notes
    for text in said:
        reporter.say(text)
    before = 0.0 if restart else folder.spent(config)
    before += time.monotonic() - started
    with folder.taken(), counted_time(folder / SPENT, before) as seconds:
        folder.start(config, restart)
        roles.note(folder, kept, images)
        task, outputs = _trained(
            config, folder, roles, images, until, scope, reporter
        )
        for text in roles.notes:
            if text not in said:
                reporter.say(text)  # Of images that stay on the disk.
        if outputs is None:
            return Result(folder, None)
        extra = {
            "seconds": round(seconds(), 1),
            "parameters": int(task.classifier.count_params()),
            "refused": task.train.refused + task.test.refused,
            **_notes_of(task.test, roles),
            **task.noted,
            "data": source_of(roles.data, "test")["typed"],
            "split": config.data.test_split,
        }
        metrics = task.write(
            outputs, extra=extra, sample_sheet=sample_sheet, trained=task.train
        )
        folder.note("finished")
    # Told by the metrics from now on.
    (folder / SPENT).unlink(missing_ok=True)
    return Result(folder, metrics)


def _trained(config, folder, roles, images, until, scope, reporter):
    """Returns the task after its training and what it answers, or `None`."""
    policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(config.seed)
    keras.config.set_dtype_policy(config.train.precision)
    try:
        with bad_images_named(*images.values()), scope:
            task = task_of(config)(config, folder, roles, images, reporter)
            outputs = task.fit(until)
            # Images that stay on the disk are read by now.
            roles.note(folder, RunData.read(folder), images)
            if outputs is not None:
                save_model(task.classifier, folder / "model.keras")
                keep_pictures(folder, task.test, task.val, task.train)
    finally:
        keras.config.set_dtype_policy(policy)
    return task, outputs


def _check_until(config, until):
    if until is None:
        return
    stages = {stage.name: stage.train.epochs for stage in config.stages()}
    name, epoch = until
    if name not in stages or not 1 <= epoch <= stages[name]:
        ways = ", ".join(f"{n} of {e} epochs" for n, e in stages.items())
        raise ValueError(
            "A training stops after an epoch of one of its stages: "
            f"{ways}. Received: until={until!r}."
        )


def _notes_of(images, roles):
    """What the metrics say of the data, and of images that were left out."""
    facts, notes = {}, roles.notes
    if images.left_out:
        facts["trained_on_left_out"] = images.left_out
        notes.append(
            f"{images.left_out} images of the test source are copies of "
            "training images and were left out."
        )
    return {**facts, "notes": notes} if notes else facts
