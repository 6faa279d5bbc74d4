"""Which classes of a source to take: nearest to targets, hardest, easiest."""

import json
import pathlib
import shlex
import time

import numpy as np

from fgkeras.data.cuts.class_list import save_class_list
from fgkeras.granularity import class_pairs
from fgkeras.granularity import drawn_granularity
from fgkeras.granularity import rankm
from fgkeras.jobs.granularity import granularity_numbers
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.page_folder import check_place
from fgkeras.jobs.page_folder import folder_name
from fgkeras.jobs.page_folder import other_source
from fgkeras.jobs.similarity import check_places
from fgkeras.jobs.similarity import domain_of
from fgkeras.jobs.similarity import large_enough
from fgkeras.jobs.similarity import sample_domain
from fgkeras.models.body_weights import find_weights
from fgkeras.report.measures.subset_page import SHOWN
from fgkeras.report.measures.subset_page import subset_page
from fgkeras.runs.folder import environment
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE
from fgkeras.transfer import select_source_classes

FILE = "classes.txt"


def subset(
    source,
    *,
    nearest=(),
    count=(),
    hardest=None,
    easiest=None,
    weights="imagenet",
    backbone="mobilenet_v2",
    split=None,
    size=160,
    min_images=1,
    max_images=0,
    out=None,
    skip_bad=False,
    ignore=(),
    seed=0,
    reporter=CONSOLE,
):
    """Chooses classes of a source, and writes a list and a page of them.

    Use it to cut a large set, or several joined ones, to the part worth
    pre-training on for some targets (thesis, 4.3: classes are taken one at a
    time by their own similarity to each target, and the union is kept), or to
    the classes that are the hardest or the easiest to tell apart (chapter 6:
    "bitter" and "sweet"), for a test of how fine a method sees.

    Args:
        source: String that opens a source; `A+B` joins sources.
        nearest: Sequence of targets: strings that open sources, or `.npz`
            files of `Domain.save`. Defaults to none.
        count: Sequence of ints at least 1: classes for each target, one number
            for all or one for each.
        hardest: Int at least 2: so many classes that are fine-grained among
            themselves. Defaults to `None`.
        easiest: Int at least 2: so many that are coarse-grained among
            themselves. Defaults to `None`.
        weights: `"imagenet"` or the path of a weights file. Defaults to
            `"imagenet"`.
        backbone: String. Defaults to `"mobilenet_v2"`.
        split: String; `None` takes `train`, else the first split.
        size: Int, pixels. Defaults to `160`.
        min_images: Int, source classes of fewer images are left out; of fewer
            than two in any case, where hardest or easiest are asked. Defaults
            to `1`.
        max_images: Int, at most so many of each set, drawn evenly within all
            classes; 0 for all. Defaults to `0`.
        out: Path of the folder; `None` means `subset/NAME`.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        seed: Int. Defaults to `0`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple `(found, path)`: a JSON-ready dict, and the folder that holds
        `classes.txt` (for `--classes @FILE`), `subset.json` and `subset.html`.
        `classes` are the names, in the order of the source; `targets` has for
        each target its `name` and its `classes`, nearest first, of `name`,
        `distance` and `images`; `granularity` has RankM of the chosen classes,
        of as many at random and of all, where hardest or easiest were asked.

    Raises:
        ValueError: If not exactly one rule is asked, a number is out of range,
            or images do not decode.

    Example:

    >>> import fgkeras.models
    >>> from fgkeras.training.reporter import SILENT
    >>> body = fgkeras.models.backbone("small_cnn", (32, 32, 3))
    >>> body.save_weights("body.weights.h5")
    >>> found, folder = subset(
    ...     "flora:species=5,images=6,size=32", hardest=2, size=32,
    ...     weights="body.weights.h5", backbone="small_cnn", reporter=SILENT,
    ... )
    >>> names = (folder / "classes.txt").read_text().splitlines()
    >>> len(names), names == found["classes"]
    (2, True)
    """
    start = time.time()
    rule = _rule(nearest, count, hardest, easiest)
    spec = str(source)
    out = pathlib.Path(out or f"subset/{folder_name(spec)}")
    held = other_source(spec, "rule")
    check_place(out, "subset", "A choice of classes", held)
    _check_list(out)
    if weights != "imagenet":
        find_weights(weights)  # Before all that takes long.
    options = {
        "split": split,
        "max_images": max_images,
        "skip_bad": skip_bad,
        "ignore": ignore,
        "seed": seed,
        "reporter": reporter,
    }
    check_places(nearest, skip_bad=skip_bad, ignore=ignore)
    sample = ImageSample(spec, **options)
    sizes = sample.class_sizes
    # RankM of a single image is 0, whatever lies about it.
    least = min_images if rule == "nearest" else max(min_images, 2)
    kept = large_enough(sizes, least, spec)
    # Of some, images cannot be used.
    seen = np.bincount(sample.labels, minlength=len(sizes))
    kept = kept[seen[kept] >= (1 if rule == "nearest" else 2)]
    most = hardest or easiest or max(count, default=0)
    if most > len(kept):
        raise ValueError(
            "No more classes can be chosen than the source has. Received: "
            f"{most} classes of {spec}, which has {len(kept)} with {least} "
            "images or more. Ask for fewer, or join more sources (A+B)."
        )
    features = sample.features(backbone, weights, size)
    names = sample.source.class_names
    place = {name: i for i, name in enumerate(names)}
    targets, numbers = [], None
    if rule == "nearest":
        domain = sample_domain(sample, features, kept, backbone, weights, size)
        domains = {
            name: domain_of(name, weights, backbone, size, **options)
            for name in nearest
        }
        per_target = dict(zip(nearest, _for_each(count, nearest), strict=True))
        chosen = select_source_classes(domain, domains, per_target)
        targets = [
            {
                "name": name,
                "title": folder_name(name).removesuffix(".npz"),
                "num_classes": len(domains[name]),
                "classes": [
                    {
                        "name": domain.class_names[i],
                        "distance": float(chosen.distances[name][i]),
                        "images": int(sizes[place[domain.class_names[i]]]),
                    }
                    for i in chosen.per_target[name]
                ],
            }
            for name in nearest
        ]
        picked = [domain.class_names[i] for i in chosen.classes]
    else:
        sample.check_directions(features)
        part = np.isin(sample.labels, kept)
        labels = sample.names[part]
        numbers, picked = _by_granularity(
            features[part], labels, rule, most, seed, reporter
        )
    classes = sorted(picked, key=place.get)
    found = {
        "source": spec,
        "rule": rule,
        "split": sample.split,
        "weights": weights,
        "backbone": backbone,
        "size": size,
        "drawn": sample.drawn,
        "min_images": least,
        "classes": classes,
        "of_classes": len(kept),
        "left_out": int((sizes > 0).sum()) - len(kept),
        "images": int(sum(sizes[place[name]] for name in classes)),
        "of_images": int(sizes[kept].sum()),
        "targets": targets,
        "granularity": numbers,
        "order": picked,
        "command": _command(spec, out / FILE, skip_bad, ignore),
        "seconds": round(time.time() - start, 1),
        "environment": environment(),
    }
    out.mkdir(parents=True, exist_ok=True)
    save_class_list(out / FILE, classes)
    write_json(out / "subset.json", found)
    shown = {c["name"] for t in targets for c in t["classes"][:SHOWN]}
    shown = shown or set(picked)
    typical = {
        name: _most_typical(features, sample.labels, place[name])
        for name in shown
    }
    subset_page(
        out / "subset.html",
        found,
        title=folder_name(spec),
        read_picture=lambda name: sample.thumbnail(typical[name]),
    )
    return found, out


def _check_list(out):
    """Refuses to write over a list that is none of ours, or was edited."""
    path, about = out / FILE, out / "subset.json"
    if not path.exists() and not path.is_symlink():
        return
    known = None
    if about.exists() and not path.is_symlink():
        known = json.loads(about.read_text("utf-8"))["classes"]
    if known is None or path.read_text("utf-8").splitlines() != known:
        raise ValueError(
            "A list of classes is written over where it is as it was written. "
            f"Received: {path}, which is "
            f"{'another file' if known is None else 'edited since'}. Choose "
            "another folder (--out), or move it away."
        )


def _rule(nearest, count, hardest, easiest):
    """Which of the three is asked for; refuses what does not fit together."""
    asked = {"nearest": nearest, "hardest": hardest, "easiest": easiest}
    given = [name for name, value in asked.items() if value not in (None, ())]
    given = [name for name in given if name != "nearest" or len(nearest)]
    if len(given) != 1:
        raise ValueError(
            "Classes are chosen by one rule: nearest targets (--nearest "
            "TARGET... --count K), hardest or easiest (--hardest K, --easiest "
            f"K). Received: {' and '.join(given) or 'none'}."
        )
    rule = given[0]
    if rule != "nearest":
        if count:
            raise ValueError(
                "count says how many classes are nearest. Received: "
                f"count={list(count)} with {rule}, which has a number itself. "
                "Leave it out."
            )
        if asked[rule] < 2:
            raise ValueError(
                f"{rule} must be at least 2, for one class is not hard or easy "
                f"to tell apart. Received: {rule}={asked[rule]}."
            )
        return rule
    if len(set(nearest)) < len(nearest):
        raise ValueError(
            f"Each target counts once. Received: nearest={list(nearest)}."
        )
    if len(count) not in (1, len(nearest)) or min(count) < 1:
        raise ValueError(
            "count is the number of classes for each target, at least 1: one "
            "number for all, or one for each (--count). Received: count="
            f"{list(count)} for nearest={list(nearest)}."
        )
    return rule


def _for_each(count, nearest):
    return list(count) * (len(nearest) if len(count) == 1 else 1)


def _command(spec, path, skip_bad, ignore):
    words = ["fgkeras", "train", "--data", spec, "--classes", f"@{path}"]
    words += ["--skip-bad"] * bool(skip_bad)
    if ignore:
        words += ["--ignore", ",".join(ignore)]
    return shlex.join(words)


def _by_granularity(features, labels, rule, count, seed, reporter):
    """RankM of the chosen, of as many at random and of all; and the chosen."""
    pairs = class_pairs(features, labels)
    picked = pairs.bitter(count) if rule == "hardest" else pairs.sweet(count)
    part = np.isin(labels, picked)
    numbers = {}
    for name, index in (("chosen", part), ("all", slice(None))):
        numbers[name] = granularity_numbers(
            features[index], labels[index], ("rankm",), "unit_euclidean", seed
        )["rankm"]
    with reporter.bar("drawing classes") as bar:
        numbers["random"] = drawn_granularity(
            rankm, features, labels, count, seed=seed, progress=bar
        ).summary
    return numbers, [str(name) for name in picked]


def _most_typical(features, labels, label):
    """The image whose features are nearest to the mean of its class."""
    rows = np.flatnonzero(labels == label)
    away = features[rows] - features[rows].mean(axis=0)
    return int(rows[np.linalg.norm(away, axis=1).argmin()])
