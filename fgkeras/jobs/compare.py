"""Runs of one data set side by side, on the images that all were tested on."""

import hashlib
import pathlib
import re

import numpy as np

from fgkeras.evaluation import frequency_groups
from fgkeras.evaluation.frequency_group import AUTO
from fgkeras.evaluation.frequency_group import LIMITS
from fgkeras.evaluation.frequency_group import group_limits
from fgkeras.evaluation.frequency_group import group_ranges
from fgkeras.evaluation.paired.comparison import Measure
from fgkeras.evaluation.paired.comparison import comparison
from fgkeras.jobs.page_folder import check_place
from fgkeras.report.comparison.compare_page import compare_page
from fgkeras.runs.scoring.kept_answers import CLASSIFICATION
from fgkeras.runs.scoring.kept_answers import RETRIEVAL
from fgkeras.runs.scoring.kept_answers import KeptAnswers
from fgkeras.runs.scoring.kept_answers import classification_values
from fgkeras.runs.scoring.kept_answers import retrieval_values
from fgkeras.runs.scoring.shared_images import names_of
from fgkeras.runs.scoring.shared_images import shared_images
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE

FORMAT = "fgkeras comparison 1"
KIND = "compare"


def compare(
    runs, out=None, *, groups=AUTO, resamples=1000, seed=0, reporter=CONSOLE
):
    """Compares finished runs on the test images that they share.

    Nothing is trained and no image is opened: each run keeps what it answered.
    Classifiers are compared by accuracy, overall, over classes, and of head,
    medium and tail; embeddings by retrieval. Each difference is of the same
    images, with a paired bootstrap interval and McNemar's exact p.

    Args:
        runs: Paths of two or more run folders, or of evaluations such as
            `runs/birds/evaluations/NAME`. Others are compared to the first.
        out: Path of the folder for the page and the numbers, a new or empty
            one or that of an earlier comparison; `None` (default) means
            `comparisons/NAME`, named after the runs.
        groups: Limits of head and tail in training images of the first run,
            such as `[20, 100]`. Defaults to `"auto"`: those of the runs'
            own reports where they agree, else by the sizes of the classes.
        resamples: Int at least 0, behind each interval; with 0 there is none.
            Defaults to `1000`.
        seed: Int, of the resamples. Defaults to `0`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple of the comparison, a dict ready for JSON, and the
        `pathlib.Path` of the folder. The dict has `kind` (`"classification"`
        or `"retrieval"`), `measures` (name to what it is), `runs` (a dict
        each: `name`, `numbers` by measure with `value`, `low`, `high`, and
        `folder`, `seconds`, `parameters`, `options`), `pairs` (`first`,
        `second`, `differences`, `mcnemar`), `num_images`, `num_classes`,
        `group_limits`, and `notes`, sentences to say.

    Raises:
        ValueError: If there are fewer than two runs, one twice, classifiers
            and embeddings, no image that all were tested on, or images of one
            name that are not the same.

    Example:

    >>> found, folder = compare(["runs/a", "runs/b"])  # doctest: +SKIP
    >>> found["pairs"][0]["mcnemar"]["overall"]["p"]  # doctest: +SKIP
    0.021
    """
    members = _members(runs)
    out = _place(members) if out is None else pathlib.Path(out)
    check_comparison_place(out)
    kind = _kind(members)
    names = names_of([member.path for member in members])
    shared = shared_images(members, kind)
    values, notes = {}, list(shared.notes)
    with reporter.bar("reading answers", len(members)) as progress:
        of = classification_values
        if kind == RETRIEVAL:
            of = retrieval_values
        for done, (name, found, places) in enumerate(
            zip(names, shared.answers, shared.places, strict=True), 1
        ):
            values[name] = of(found, places)
            progress(done)
    labels, classes = shared.labels, shared.classes
    if kind == RETRIEVAL:
        values, labels = _answerable(values, labels, notes)
        measures, limits, meanings = _of_retrieval()
    else:
        measures, limits, meanings = _of_classification(
            members, values, labels, classes, groups, notes
        )
    with reporter.bar("comparing") as progress:
        rows, pairs = comparison(
            values,
            labels,
            measures,
            num_bootstrap=resamples,
            seed=seed,
            progress=progress,
        )
    found = {
        "format": FORMAT,
        "kind": kind,
        "num_images": len(labels),
        "num_classes": len(np.unique(labels)),
        "measures": meanings,
        "group_limits": limits,
        "bootstrap": {"num_resamples": resamples, "level": 0.95, "seed": seed},
        "runs": [
            {**row, **member.facts, "options": options}
            for row, member, options in zip(
                rows, members, _options(members), strict=True
            )
        ],
        "pairs": pairs,
        "notes": notes,
    }
    out.mkdir(parents=True, exist_ok=True)
    compare_page(out / f"{KIND}.html", found)
    write_json(out / f"{KIND}.json", found)
    return found, out


def _members(runs):
    folders = [pathlib.Path(run) for run in runs]
    if len({folder.resolve() for folder in folders}) < max(2, len(folders)):
        raise ValueError(
            "A comparison is of two or more runs, each named once. Received: "
            f"{', '.join(map(str, folders)) or 'none'}. Name others."
        )
    return [KeptAnswers.read(folder) for folder in folders]


def _kind(members):
    """What all of them can be measured by; embeddings by retrieval."""
    kinds = set.intersection(*(set(member.kinds) for member in members))
    every = all(member.embedding for member in members)
    if RETRIEVAL in kinds and (every or CLASSIFICATION not in kinds):
        return RETRIEVAL
    if CLASSIFICATION in kinds:
        return CLASSIFICATION
    others = {kind: [] for kind in (CLASSIFICATION, RETRIEVAL)}
    for member in members:
        others[member.kinds[0]].append(str(member.path))
    raise ValueError(
        "Classifiers are compared by accuracy, embeddings of unseen classes "
        f"by retrieval. Received: {', '.join(others[RETRIEVAL])} beside "
        f"{', '.join(others[CLASSIFICATION])}. Name runs of one kind."
    )


def _place(members):
    """Where a comparison goes that nobody named a folder for."""
    paths = [str(member.path.resolve()) for member in members]
    digest = hashlib.sha256("\n".join(paths).encode()).hexdigest()[:8]
    first = re.sub(r"[^A-Za-z0-9.]+", "_", members[0].path.resolve().name)
    return pathlib.Path("comparisons") / f"{first}-{digest}"


def check_comparison_place(out):
    """Checks that a comparison may go into a folder.

    Args:
        out: `pathlib.Path`.

    Raises:
        ValueError: If it is a file, or holds something else of these names.
    """
    check_place(
        out,
        KIND,
        "A comparison",
        lambda found: None if found["format"] == FORMAT else "another page",
    )


def _of_classification(members, values, labels, classes, groups, notes):
    measures = [
        Measure("overall", "right", exact=True),
        Measure("class mean", "right", of_classes=True),
    ]
    meanings = {
        "overall": "share of the images that are right",
        "class mean": "mean of the accuracies of the classes",
    }
    limits, counts = _groups(members, classes, groups, notes)
    if limits:
        ranges = group_ranges(limits)
        for name, mask in frequency_groups(counts, limits).items():
            inside = mask[labels]
            tested = len(np.unique(labels[inside]))
            measures.append(Measure(name, "right", inside, of_classes=True))
            meanings[name] = (
                f"mean of the accuracies of {tested:,} classes with "
                f"{ranges[name]}"
            )
    if all("among_five" in found for found in values.values()):
        measures.append(Measure("top 5", "among_five"))
        meanings["top 5"] = "share of the images whose class is among five"
    return measures, limits, meanings


def _groups(members, classes, groups, notes):
    """Limits of head and tail, and the first run's images of each class."""
    known = []
    for member in members:
        names, counts = member.classes()
        if counts is None:
            return [], None
        of = dict(zip(names, counts.tolist(), strict=True))
        known.append([of[name] for name in classes])
    if any(counts != known[0] for counts in known[1:]):
        notes.append(
            "The runs had different numbers of training images: head and tail "
            f"are by those of {names_of([m.path for m in members])[0]}."
        )
    if groups == AUTO:
        asked = [member.metrics.get("group_limits") for member in members]
        chosen = asked[0] not in (None, [], list(LIMITS))
        if chosen and all(other == asked[0] for other in asked):
            groups = asked[0]
    whole = members[0].classes()[1]
    return group_limits(whole, groups), np.array(known[0])


def _of_retrieval():
    measures = [
        Measure("recall at 1", "found", exact=True),
        Measure("class mean", "found", of_classes=True),
        Measure("R-precision", "precision"),
        Measure("MAP at R", "average"),
    ]
    meanings = {
        "recall at 1": "share of the images whose nearest is of their class",
        "class mean": "the same, a mean of the classes",
        "R-precision": "share of the class among the R nearest, R its images",
        "MAP at R": "mean average precision among the R nearest",
    }
    return measures, [], meanings


def _answerable(values, labels, notes):
    """Leaves out images whose class has no other to find."""
    kept = ~np.isnan(next(iter(values.values()))["found"])
    if not kept.any():
        raise ValueError(
            "Retrieval needs two images of a class. Received: runs that share "
            f"{len(kept)} test images of as many classes. Name others."
        )
    if not kept.all():
        notes.append(
            f"{(~kept).sum():,} images have no other of their class to find "
            "and are left out."
        )
    out = {
        name: {k: v[kept] for k, v in found.items()}
        for name, found in values.items()
    }
    return out, labels[kept]


def _options(members):
    """The options in which the runs differ, by run; empty if not known."""
    flat = [
        member.run.config().flat() if member.run is not None else None
        for member in members
    ]
    if any(values is None for values in flat):
        return [{} for _ in members]
    used = [set(member.run.config().used()) for member in members]
    differ = [
        name
        for name in flat[0]
        if any(
            (values[name] if name in of else None)
            != (flat[0][name] if name in used[0] else None)
            for values, of in zip(flat, used, strict=True)
        )
    ]
    return [
        {name: values[name] if name in of else None for name in differ}
        for values, of in zip(flat, used, strict=True)
    ]
