"""Images of a source that look wrong: labels, copies, blank and outlying."""

import dataclasses
import pathlib
import time

import numpy as np

from fgkeras.data.images.gray_thumbnail import gray_thumbnails
from fgkeras.data.open import open as open_source
from fgkeras.data.spec import absolute_spec
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.page_folder import check_place
from fgkeras.jobs.page_folder import folder_name
from fgkeras.jobs.page_folder import other_source
from fgkeras.jobs.page_folder import picture_of
from fgkeras.models.body_weights import find_weights
from fgkeras.report.suspects_page import KINDS
from fgkeras.report.suspects_page import suspects_page
from fgkeras.runs.folder import environment
from fgkeras.storage import write_json
from fgkeras.suspects import PAST_LIMIT
from fgkeras.suspects import blankness
from fgkeras.suspects import check_detector
from fgkeras.suspects import near_copies
from fgkeras.suspects import outlyingness
from fgkeras.suspects import wrong_labels
from fgkeras.training.reporter import CONSOLE

_MAX_COPIES = 10_000


def suspects(
    source,
    *,
    weights="imagenet",
    backbone="mobilenet_v2",
    split=None,
    size=160,
    max_images=0,
    least=PAST_LIMIT,
    detector="features",
    out=None,
    skip_bad=False,
    ignore=(),
    seed=0,
    reporter=CONSOLE,
):
    """Looks for errors in a set of images, and writes a page of them.

    Use it before training, and before a test is believed: wrong labels, copies
    (saved again, resized, mirrored) under another label, in another split or
    twice in one, blank and outlying pictures. How much it finds of errors that
    were planted is measured in `experiments/suspects`.

    Args:
        source: String that opens a source.
        weights: `"imagenet"` or the path of a weights file; `None` looks for
            copies and blank pictures alone, which need no network. Defaults
            to `"imagenet"`.
        backbone: String. Defaults to `"mobilenet_v2"`.
        split: String, the split to look at; `None` takes all, together.
        size: Int, pixels. Defaults to `160`.
        max_images: Int, at most so many of each split are seen by the network,
            drawn within all classes; 0 for all. Defaults to `0`.
        least: Float above 0, the lowest score that is listed; below 1 there
            are more, and fewer of them are wrong. Copies and blank pictures
            are listed from 1 on, or from a higher `least`. Defaults to `1.0`.
        detector: String, who judges labels: `"features"`, `"out-of-fold"`
            (a logistic regression fitted to the other images, five times) or
            `"both"`, the mean of their scores. Defaults to `"features"`.
        out: Path of the folder; `None` means `suspects/NAME`.
        skip_bad: Bool, whether unusable files are listed instead of stopping.
            Defaults to `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        seed: Int. Defaults to `0`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple `(found, path)`: a JSON-ready dict, and the folder that holds
        `suspects.html` and `suspects.json`. `counts` has the number of each
        kind; `rows`, the surest first, have `kind`, `file`, `split`, `class`,
        `score` (1 at the limit of its kind), and `other`, `other_split`,
        `other_class`: the picture that speaks against it, or `None`; wrong
        labels also `found_by`, a list of detectors.

    Raises:
        ValueError: If the source cannot be opened, images do not decode,
            `least` is 0 and less, there is no such detector, or one is asked
            for without weights.

    Example:

    >>> from fgkeras.training.reporter import SILENT
    >>> found, folder = suspects(
    ...     "flora:species=3,images=6,size=32", weights=None, reporter=SILENT
    ... )
    >>> found["counts"]["copy_with_other_label"], folder.name
    (0, 'species_3_images_6_size_32')
    """
    start = time.time()
    if not least > 0:
        raise ValueError(
            f"least must be above 0. Received: least={least}. Usual is 1."
        )
    check_detector(detector)
    if detector != "features" and not weights:
        raise ValueError(
            "A detector of wrong labels needs features. Received: "
            f"detector={detector!r}, weights={weights!r}. Give weights, such "
            "as imagenet, or leave the detector out."
        )
    spec = str(source)
    source = open_source(
        source, needs=("images",), skip_bad=skip_bad, ignore=ignore
    )
    out = pathlib.Path(out or f"suspects/{folder_name(spec)}")
    held = other_source(spec, "looked_at")
    check_place(out, "suspects", "A page of suspects", held)
    if weights and weights != "imagenet":
        find_weights(weights)  # Before all that takes long.
    names = [n for n in source.splits if len(source.split(n))]
    if split is not None:
        source.split(split)
        names = [split]
    looked = look_at(source, names, reporter=reporter)
    if looked.unread and not skip_bad:
        raise ValueError(f"{looked.unread[0][1]}")
    ids, features = [], None
    if weights:
        parts = []
        for name in names:
            sample = ImageSample(
                source, name, max_images=max_images, skip_bad=skip_bad,
                seed=seed, reporter=reporter,
            )  # fmt: skip
            ids += sample.ids
            parts.append(sample.features(backbone, weights, size))
        features = np.concatenate(parts)
    found = suspects_among(
        looked, ids, features, least, detector=detector, seed=seed,
        reporter=reporter,
    )  # fmt: skip
    found = {
        "source": spec,
        "source_absolute": absolute_spec(spec),
        "splits": names,
        "weights": str(weights) if weights else None,
        "backbone": backbone,
        "size": size,
        "least": least,
        "detector": detector,
        **found,
        "unread": [{"file": i, "reason": why} for i, why in looked.unread],
        "environment": environment(),
        "seconds": round(time.time() - start, 1),
    }
    out.mkdir(parents=True, exist_ok=True)
    suspects_page(
        out / "suspects.html", found, title=folder_name(spec),
        read_picture=lambda image_id: picture_of(source, image_id),
    )  # fmt: skip
    write_json(out / "suspects.json", found)
    return found, out


@dataclasses.dataclass(frozen=True, eq=False)
class Looked:
    """The images of a source, each once, as a few gray levels.

    Attributes:
        ids: Tuple of strings.
        splits: List of strings, the first split that holds each.
        labels: `int64 (num_images,)`, -1 where there is none.
        class_names: Sequence of strings.
        thumbnails: `uint8 (num_images, 16, 16)`.
        unread: List of `(id, reason)` of those that cannot be read, which are
            left out of the others.
    """

    ids: tuple
    splits: list
    labels: np.ndarray
    class_names: tuple
    thumbnails: np.ndarray
    unread: list


def look_at(source, splits=None, *, reporter=CONSOLE):
    """Returns `Looked` of some splits of a source, of all by default.

    Args:
        source: `Source`.
        splits: Sequence of strings, or `None` for all.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
    """
    places = {}
    for name in source.splits if splits is None else splits:
        part = source.split(name)
        for image_id, label in zip(part.ids, part.labels, strict=True):
            # Splits may share an image by design: it is no copy of itself.
            places.setdefault(image_id, (name, int(label)))
    ids = tuple(places)
    with reporter.bar("looking for copies") as bar:
        thumbnails, unread = gray_thumbnails(source, ids, progress=bar)
    bad = {image_id for image_id, _ in unread}
    kept = [i for i, image_id in enumerate(ids) if image_id not in bad]
    ids = tuple(ids[i] for i in kept)
    return Looked(
        ids,
        [places[i][0] for i in ids],
        np.array([places[i][1] for i in ids], np.int64),
        tuple(source.class_names),
        thumbnails[kept],
        unread,
    )


def suspects_among(
    looked,
    ids=(),
    features=None,
    least=PAST_LIMIT,
    *,
    detector="features",
    seed=0,
    reporter=CONSOLE,
):
    """Returns what is suspect among images, of every kind.

    Args:
        looked: `Looked`.
        ids: Sequence of strings, the images that there are features of.
        features: Float array `(len(ids), dim)`, or `None`: labels and outlying
            pictures are not judged then.
        least: Float above 0, the lowest score of labels and outlying pictures
            that counts. Defaults to `1.0`.
        detector: String, see `suspects`. Defaults to `"features"`.
        seed: Int, of the folds of `"out-of-fold"`. Defaults to `0`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        JSON-ready dict of `looked_at` (how many images, by what), `counts` and
        `rows`; see `suspects`.
    """
    blank = blankness(looked.thumbnails)
    doubts = np.full(len(looked.ids), np.nan)
    rows = [
        _row("blank", looked, i, blank[i])
        for i in np.flatnonzero(blank >= max(least, PAST_LIMIT))
    ]
    seen, judged, errors = 0, 0, None
    if features is not None:
        position = {image_id: i for i, image_id in enumerate(looked.ids)}
        first: dict = {}
        for row, image_id in enumerate(ids):
            if image_id in position and blank[position[image_id]] < PAST_LIMIT:
                first.setdefault(position[image_id], row)
        places = np.array([*first], np.int64)
        features = features[[*first.values()]]
        seen = len(places)
        if seen > 1:
            with reporter.bar("looking for outlying pictures") as bar:
                outside = outlyingness(features, progress=bar)
            rows += [
                _row("outlying", looked, places[i], outside[i])
                for i in np.flatnonzero(outside >= least)
            ]
        known = np.flatnonzero(looked.labels[places] >= 0)
        places, features = places[known], features[known]
        labels = looked.labels[places]
        if len(np.unique(labels)) > 1:
            with reporter.bar("looking for wrong labels") as bar:
                found = wrong_labels(
                    features, labels, detector=detector, seed=seed,
                    progress=bar,
                )  # fmt: skip
            errors = found.errors
            judged = int((~np.isnan(found.scores)).sum())
            doubts[places] = found.scores
            rows += [
                _row("wrong_label", looked, places[i], found.scores[i],
                     places[found.nearest[i]])
                | {"found_by": found.found_by(i, least)}
                for i in np.flatnonzero(found.scores >= least)
            ]  # fmt: skip
    with reporter.bar("comparing pictures") as bar:
        copies = near_copies(
            looked.thumbnails, max_pairs=_MAX_COPIES, progress=bar
        )
    certain = copies.scores >= max(least, PAST_LIMIT)
    rows += [
        _copy(looked, pair, copies.scores[i], copies.mirrored[i], doubts)
        for i, pair in enumerate(copies.pairs)
        if certain[i]
    ]
    rows.sort(key=lambda row: -row["score"])
    return {
        "looked_at": {
            "images": len(looked.ids),
            "by_the_network": seen,
            "labels": judged,
            "counted_wrong": errors,
            "copies_cut": len(copies) == _MAX_COPIES,
        },
        "counts": {
            kind: sum(row["kind"] == kind for row in rows) for kind in KINDS
        },
        "rows": rows,
    }


def copies_apart(found, duplicates):
    """Returns suspects without the copies that are the same byte for byte.

    Args:
        found: Dict of `suspects_among`.
        duplicates: Dict of lists of groups, as `describe` finds them.
    """
    same = {
        member["id"]: group[0]["id"]
        for groups in duplicates.values()
        for group in groups
        for member in group
    }
    rows = [
        row
        for row in found["rows"]
        if not row["kind"].startswith("copy")
        or row["file"] not in same
        or same[row["file"]] != same.get(row["other"])
    ]
    counts = {kind: sum(r["kind"] == kind for r in rows) for kind in KINDS}
    return {**found, "counts": counts, "rows": rows}


def suspect_problems(found):
    """Returns what is to be said of suspects, a sentence each.

    Args:
        found: Dict of `suspects_among`.

    Example:

    >>> suspect_problems({"counts": {"wrong_label": 1, "blank": 0}})
    ['1 label looks wrong: see Suspects.']
    """
    said = {
        "copy_with_other_label": (
            "near copy under another label", "near copies under other labels",
        ),
        "copy_across_splits": (
            "near copy in another split", "near copies in other splits",
        ),
        "copy_within_split": (
            "near copy within a split", "near copies within a split",
        ),
        "wrong_label": ("label looks wrong", "labels look wrong"),
        "blank": ("blank picture", "blank pictures"),
        "outlying": (
            "picture is like no other", "pictures are like no other",
        ),
    }  # fmt: skip
    return [
        f"{found['counts'][kind]} {words[found['counts'][kind] > 1]}: see "
        "Suspects."
        for kind, words in said.items()
        if found["counts"].get(kind)
    ]


def _row(kind, looked, i, score, other=None, mirrored=None):
    row = {"kind": kind, "score": round(float(score), 4)}
    for prefix, place in (("", i), ("other", other)):
        key = f"{prefix}_" if prefix else ""
        name, label = None, -1
        if place is not None:
            name, label = looked.ids[place], looked.labels[place]
        row[prefix or "file"] = name
        row[f"{key}split"] = looked.splits[place] if name is not None else None
        row[f"{key}class"] = looked.class_names[label] if label >= 0 else None
    if mirrored is not None:
        row["mirrored"] = bool(mirrored)
    return row


def _copy(looked, pair, score, mirrored, doubts):
    """The row of a pair of copies, the more doubtful one first."""
    i, j = (int(place) for place in pair)
    if looked.labels[i] != looked.labels[j]:
        kind = "copy_with_other_label"
    elif looked.splits[i] != looked.splits[j]:
        kind = "copy_across_splits"
    else:
        kind = "copy_within_split"
    # The second, unless the features speak against the first.
    if not doubts[i] > np.nan_to_num(doubts[j], nan=-np.inf):
        i, j = j, i
    return _row(kind, looked, i, score, j, mirrored)
