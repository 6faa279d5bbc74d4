"""Several runs as one: the mean of their scores."""

import pathlib

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation import classification_report
from fgkeras.evaluation import mean_scores
from fgkeras.runs.chosen_images import chosen_images
from fgkeras.runs.evaluate import check_place
from fgkeras.runs.evaluation_sources import reading
from fgkeras.runs.outcome import write_classification
from fgkeras.runs.predictor import Predictor
from fgkeras.training.reporter import CONSOLE


def evaluate_ensemble(
    runs,
    out,
    data=None,
    split=None,
    *,
    reporter=CONSOLE,
    skip_bad=False,
    ignore=(),
    views=None,
    groups=None,
):
    """Evaluates the mean of the scores of several finished runs.

    Each sees the images at its own size, under its own views and adjustment.
    The runs may differ in all but their classes, the images and the kind of
    their scores.

        p = mean_m p_m

    Args:
        runs: Paths of two or more run folders, each of a classifier.
        out: Path for the results, a new or empty folder or one of an earlier
            evaluation.
        data: As `fgkeras.runs.evaluate.evaluate` takes it.
        split: As there.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        skip_bad: As there.
        ignore: As there.
        views: As there, for every run.
        groups: As there.

    Returns:
        Tuple `(metrics, path)`; the metrics are those of one run, with
        `ensemble`, a list of each run's own accuracies.

    Raises:
        ValueError: If there are fewer than two runs or one twice, or they have
            other classes, other images or scores of another kind.

    Example:

    >>> from fgkeras.config import Config
    >>> from fgkeras.jobs import train
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> _ = train(config.with_options({"seed": 1}), "runs/others")
    >>> runs = ["runs/flowers", "runs/others"]
    >>> metrics, path = evaluate_ensemble(runs, "runs/both")
    >>> [row["run"] for row in metrics["ensemble"]] == runs
    True
    """
    folders = [pathlib.Path(run) for run in runs]
    places = {folder.resolve() for folder in folders}
    if len(folders) < 2 or len(places) < len(folders):
        raise ValueError(
            "An ensemble is of two or more runs, each named once. Received: "
            f"{', '.join(map(str, folders))}. Name others."
        )
    out = pathlib.Path(out)
    check_place(out)
    members: list[_Member] = []
    rows: list[dict] = []
    for folder in folders:
        # One after the other: one model is in memory.
        member = _Member(folder, data, split, views, groups, skip_bad, ignore)
        member.check_alike(members[:1])
        member.answer(reporter)
        member.check_images(members[:1])
        rows.append(member.row())
        if members:
            # Those of the first are shown.
            member.chosen = None
        members.append(member)
    first = members[0]
    logits = mean_scores([m.logits for m in members], first.activation)
    counts, notes = _counts_of(members)
    extra = dict(first.chosen.noted)
    if notes:
        extra["notes"] = [*extra.get("notes", ()), *notes]
    metrics = write_classification(
        first.predictor.folder,
        first.config,
        first.chosen.images,
        logits,
        class_names=first.class_names,
        train_counts=counts,
        extra={**extra, "ensemble": rows},
        directory=out,
        changes="mean of all",
        earlier={row["run"]: row for row in rows},
        title=f"Mean of {len(members)} runs",
        options={f"run {i + 1}": row["run"] for i, row in enumerate(rows)},
    )
    return metrics, out


class _Member:
    """One of the runs: what it answers, and of which images."""

    def __init__(self, folder, data, split, views, groups, skip_bad, ignore):
        self.path, self._asked = folder, (data, split)
        self.predictor = Predictor(folder, views=views)
        config = self.predictor.config
        self.config = reading(config, skip_bad, ignore, groups)
        self.activation = self.predictor.activation
        self.class_names = self.predictor.class_names
        if not when.CLASSIFIER(config):
            raise ValueError(
                "An ensemble is of classifiers, whose scores have a mean. "
                f"Received: {folder}, of --method {config.method.name}. Leave "
                "it out."
            )
        known = self.predictor.folder.classes()
        self.counts = np.asarray(known["train_counts"])

    def check_alike(self, others):
        """Refuses other classes, or scores of another kind."""
        for other in others:
            mine, theirs = self.class_names, other.class_names
            if mine != theirs:
                kind = "order" if set(mine) == set(theirs) else "classes"
                pairs = zip(theirs, mine, strict=False)
                found = next(
                    (f"{b!r} for {a!r}" for a, b in pairs if a != b),
                    f"{len(mine)} for {len(theirs)}",
                )
                raise ValueError(
                    "An ensemble is of runs of the same classes. Received: "
                    f"{self.path} with another {kind} than {other.path}: "
                    f"{found}. Leave it out."
                )
            if self.activation != other.activation:
                raise ValueError(
                    "Scores that sum to 1 and those of single decisions have "
                    f"no mean. Received: {self.activation} of {self.path}, "
                    f"{other.activation} of {other.path}. Leave it out."
                )

    def answer(self, reporter):
        """Reads the images and answers them."""
        folder = self.predictor.folder
        chosen = chosen_images(folder, self.config, *self._asked, reporter)
        logits = self.predictor.logits(chosen.images)
        self.chosen, self.logits = chosen.settled(logits)
        self.answered = self.predictor.facts()
        # What a model holds is given back before the next is loaded.
        del self.predictor.model

    def check_images(self, others):
        """Refuses other images than those of another run."""
        images = self.chosen.images
        mine = [images.sha256.get(i) for i in images.ids]
        for other in others:
            there = other.chosen.images
            theirs = [there.sha256.get(i) for i in there.ids]
            if tuple(images.ids) != tuple(there.ids):
                only = set(images.ids) ^ set(there.ids)
                found = f"{len(only)} images of one alone"
                if not only:
                    found = "the same in another order"
            elif mine != theirs or (images.labels != there.labels).any():
                found = "images of other contents or classes"
            else:
                continue
            raise ValueError(
                "An ensemble is tested on the same images. Received: "
                f"{self.path} and {other.path}, with {found}. Name them: "
                "--data SOURCE --split SPLIT."
            )

    def row(self):
        """Returns what the run does alone, for the metrics."""
        alone = classification_report(
            self.chosen.images.labels,
            self.logits,
            train_counts=self.counts,
            class_names=self.class_names,
            num_bootstrap=0,
            activation=self.activation,
            group_limits=self.config.evaluation.groups,
        )
        kept = ("top1", "top5", "mean_per_class", "groups", "group_limits")
        numbers = {name: alone[name] for name in kept}
        return {"run": str(self.path), **self.answered, **numbers}


def _counts_of(members):
    """Training images per class, and what to say where runs had others."""
    first = members[0].counts
    if all((member.counts == first).all() for member in members):
        return first, []
    return None, [
        "The runs had different numbers of training images: there are no "
        "groups of classes by it."
    ]
