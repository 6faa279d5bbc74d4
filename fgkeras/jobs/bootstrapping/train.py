"""Trains on S and H, as every run is trained."""

import pathlib

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.snapshot import REJECTED
from fgkeras.bootstrap.snapshot import TRAINING
from fgkeras.config import Config
from fgkeras.config import when
from fgkeras.jobs.bootstrapping.apply import sets_of
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.next_step import refuse_before
from fgkeras.models import backbone
from fgkeras.runs.train import train as train_run
from fgkeras.training.reporter import CONSOLE

_BODY = "mobilenet_v2"
_SCRATCH = {
    "model.backbone": "small_cnn",
    "train.mode": "finetune",
}


def train(path, changes=None, *, config=None, restart=False, reporter=CONSOLE):
    """Trains on the sets that were applied last, those of the seed at first.

    Without options it is the thesis' way: triplets with anchors, hard negatives
    and what people rejected, on a frozen body with ImageNet's weights. Where
    those cannot be had, a small network is trained from nothing, and that is
    said: a pretrained body (`model.weights`) does better. A training that was
    killed goes on when it is called again.

    Args:
        path: Path of the project.
        changes: Dict of dotted option to value, any of a run's but for where
            the images come from; `None` (default) for none.
        config: Path of a config file, or `None` (default).
        restart: Bool, whether a training on these sets begins anew. Defaults to
            `False`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple of the `RunFolder` and its metrics.

    Raises:
        ValueError: If the project or an option cannot be used.
    """
    project = Project(path)
    changes = dict(changes or {})
    ours = [n for n in ("data.source", "method.rejected") if n in changes]
    if ours:
        raise ValueError(
            "A project's training takes its own images. Received: "
            f"{ours[0]}={changes[ours[0]]!r}. Leave it out."
        )
    with project.working():
        store = project.store
        settles = store.setting("kind") == "settle"
        if settles or not store.setting("begun"):
            refuse_before(project, "train", next_step(project))
        number, facts = sets_of(project, reporter)
        folder = project.sets(number).resolve()
        known = store.setting("training") or {"config": None, "changes": {}}
        if not changes and config is None:
            # A later round is trained as the earlier ones.
            config, changes = known["config"], dict(known["changes"])
        if config is None:
            changes = {**_start(changes, reporter), **changes}
        else:
            config = str(pathlib.Path(config).resolve())
        whole = {**changes, "data.source": f"csv:{folder / TRAINING}"}
        read = Config.read(config, whole)
        check_whole(read)
        if facts["rejected"] and when.LISTED(read.resolved()):
            whole["method.rejected"] = f"csv:{folder / REJECTED}"
            read = Config.read(config, whole)
        elif facts["rejected"]:
            reporter.say(
                f"{facts['rejected']} rejected images are not used: "
                f"{read.resolved().method.name} takes none. Methods with "
                "triplets do, such as triplet-a."
            )
        read.resolved()  # What cannot be is said before it is remembered.
        store.set("training", {"config": config, "changes": changes})
        try:
            return train_run(
                read, project.run(number), restart=restart, reporter=reporter
            )
        except ValueError:
            store.set("training", known)
            raise


def _start(changes, reporter):
    """What is trained where nobody said."""
    out = starting_body(changes, reporter)
    if "method.name" not in changes and not any(
        name.startswith("loss.") for name in changes
    ):
        out["method.name"] = "triplet-a"
    return out


def check_whole(config):
    """Refuses to crop to boxes, which a project keeps none of.

    Args:
        config: `Config` of a training on a project's pictures.

    Raises:
        ValueError: If it is to see what lies in boxes.
    """
    if config.data.crop_to_box:
        raise ValueError(
            "A project sees its pictures whole, to train on them and to score "
            "them: it keeps no boxes. Received: data.crop_to_box=True. Leave "
            "it out, or begin a project on pictures that were cropped before."
        )


def starting_body(changes, reporter):
    """Returns the body to start from, as options, where none was named.

    Args:
        changes: Dict of dotted option to value, what was asked for.
        reporter: Who is told where no pretrained body can be had.

    Returns:
        Dict of dotted option to value.
    """
    if "model.weights" in changes or "model.backbone" in changes:
        return {}
    if _has_weights():
        reporter.say(f"The body is {_BODY} with ImageNet's weights, frozen.")
        return {
            "model.backbone": _BODY,
            "model.weights": "imagenet",
            "train.mode": "frozen",
        }
    reporter.say(
        "No pretrained body could be had: small_cnn is trained from nothing. "
        "A pretrained one does better: fgkeras bootstrap train PROJECT -- "
        f"--mode frozen --backbone {_BODY} --weights FILE"
    )
    return dict(_SCRATCH)


def _has_weights():
    """Whether ImageNet's weights are there, or can be fetched."""
    try:
        backbone(_BODY, (96, 96, 3), weights="imagenet")
    except Exception:  # Whatever the network says.
        return False
    return True
