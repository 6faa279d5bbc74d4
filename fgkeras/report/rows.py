"""What the page's cards and tables say, as text."""

import json

import numpy as np

from fgkeras.evaluation import frequency_groups
from fgkeras.evaluation.frequency_group import LIMITS
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent


def headline_cards(metrics):
    """The numbers at the top: dicts of `name, value, interval, text`."""
    entries = [("Accuracy", metrics["top1"], "of all test images")]
    if metrics["top5"]:
        entries.append(("Top 5", metrics["top5"], "among five answers"))
    entries.append(
        ("Mean per class", metrics["mean_per_class"], "each class the same")
    )
    if metrics.get("macro_f1"):
        entries.append(("Macro F1", metrics["macro_f1"], "mean of classes"))
    for name, group in (metrics["groups"] or {}).items():
        entries.append((name.capitalize(), group["class_mean"], group["range"]))
    return [
        {
            "name": name,
            "value": percent(entry and entry["value"]),
            "interval": interval(entry),
            "text": text if entry else f"{text}: no test images",
        }
        for name, entry, text in entries
    ]


def classes_tested(group):
    """How many classes of a group were tested, of how many if not all.

    >>> classes_tested({"num_classes": 525, "num_classes_evaluated": 34})
    '34 of 525'
    """
    every = group["num_classes"]
    tested = group.get("num_classes_evaluated", every)
    if tested == every:
        return number(every)
    return f"{number(tested)} of {number(every)}"


def group_rows(metrics):
    """A row for each group of classes; none without counts."""
    return [
        [
            f"{name.capitalize()}: {group['range']}",
            classes_tested(group),
            number(group["num_images"]),
            _with_interval(group["class_mean"]),
            _with_interval(group["image_mean"]),
        ]
        for name, group in (metrics["groups"] or {}).items()
    ]


def _with_interval(entry):
    text = percent(entry and entry["value"])
    bounds = interval(entry)
    return f"{text} ({bounds})" if bounds else text


def answer_lines(metrics):
    """Sentences on how the answers came about, and what they add."""
    lines = [] if _head_loses(metrics) else _class_means_lines(metrics)
    if metrics.get("views", "center") != "center":
        lines.append(
            "Each answer is the mean over several views of an image: "
            f"{metrics['views']}."
        )
    kept = metrics.get("adjustment")
    if kept:
        text = f"Logits were adjusted: {kept['kind']}, tau {kept['tau']:g}"
        chosen = kept.get("chosen_on")
        if chosen:
            before, after = (
                percent(chosen[name])
                for name in ("class_mean_before", "class_mean")
            )
            lines.append(
                f"{text}, chosen on {number(chosen['num_images'])} validation "
                f"images, where it brings the mean per class from {before} to "
                f"{after}. No test image took part in the choice."
            )
        else:
            lines.append(f"{text}, as it was typed.")
    return lines


def fold_lines(metrics):
    """Sentences on a run that was tested by folds of its own images."""
    folds = metrics.get("folds")
    if not folds:
        return []
    lines = [
        f"Tested by {folds['count']} folds: each image once, by a head that "
        "was trained without its fold. The model of the run was trained on "
        "all images."
    ]
    alone = folds["num_not_tested"]
    if alone:
        lines.append(
            f"{number(alone)} images are the only ones of their class: they "
            "are trained on and not tested."
        )
    return lines


def first_lines(metrics):
    """Sentences to be said first: that training gives less than none.

    >>> first_lines({})
    []
    """
    return _class_means_lines(metrics) if _head_loses(metrics) else []


def _head_loses(metrics):
    found = metrics.get("class_means")
    return bool(found) and found["gain"]["top1"]["value"] < 0


def _class_means_lines(metrics):
    found = metrics.get("class_means")
    if not found:
        return []
    gain = found["gain"]["top1"]
    value = round(100 * gain["value"], 1)
    words = f"{abs(value):.1f} points {'below' if value < 0 else 'above'}"
    if not value:
        words = "no better and no worse"
    if gain["low"] is not None:
        words += f" ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
    return [
        "The nearest class mean of the same features, without training, has "
        f"{percent(found['top1']['value'])}: the head is {words}."
    ]


def fold_rows(metrics):
    """A row for each fold, and one of their mean; none without folds."""
    folds = metrics.get("folds")
    if not folds:
        return []
    names = ("top1", "mean_per_class")
    rows = [
        [
            f"Fold {row['fold']}",
            number(row["num_images"]),
            *(percent(row[name]) for name in names),
        ]
        for row in folds["each"]
    ]
    means = [percent(folds["mean"][name]) for name in names]
    return [*rows, ["Mean of the folds", DASH, *means]]


def stage_table(metrics):
    """Columns and rows of what each stage was worth; None if there is one."""
    stages = metrics.get("stages") or ()
    if not stages:
        return None
    # With five classes or fewer there is no top-5.
    kinds = ["top1"] + ["top5"] * (stages[0]["top5"] is not None)
    groups = list(stages[0]["groups"])
    columns = ["Stage", "Top-1", "Top-5"][: 1 + len(kinds)]
    columns.append("Mean per class")
    for name in groups:
        columns += [name.capitalize(), f"{name.capitalize()}, top-5"][
            : len(kinds)
        ]
    rows = [
        [
            stage["stage"],
            *(percent(stage[kind]) for kind in (*kinds, "mean_per_class")),
            *(
                percent(stage["groups"][name][kind])
                for name in groups
                for kind in kinds
            ),
        ]
        for stage in stages
    ]
    return {"columns": columns, "rows": rows}


def tried_rows(metrics):
    """A row for each adjustment that was tried on validation images."""
    chosen = (metrics.get("adjustment") or {}).get("chosen_on") or {}
    return [[name, percent(m)] for name, m in chosen.get("tried", {}).items()]


def class_rows(per_class, train_counts, count, limits=LIMITS):
    """Rows of the class table, at most `count`.

    Args:
        per_class: list of dicts of a classification report.
        train_counts: int array `(num_classes,)` or None.
        count: int; where there are more classes, those with the most mistakes
            are kept, in the order of the classes.
        limits: of the groups, as `frequency_groups` takes them; may be empty.

    Returns:
        dict of `rows` and `total`, the number of all classes.
    """
    group = [DASH] * len(per_class)
    if train_counts is not None and len(limits):
        for name, mask in frequency_groups(train_counts, limits).items():
            for index in np.flatnonzero(mask):
                group[index] = name
    kept = range(len(per_class))
    if len(per_class) > count:
        # Those that cost most: the classes with the most mistakes.
        order = sorted(
            kept, key=lambda i: per_class[i]["correct"] - per_class[i]["n"]
        )
        kept = sorted(order[:count])
    rows = [
        [
            per_class[i]["name"],
            group[i],
            number(per_class[i]["train_count"]),
            number(per_class[i]["n"]),
            number(per_class[i]["correct"]),
            percent(per_class[i]["accuracy"]),
            interval(per_class[i]) or DASH,
        ]
        for i in kept
    ]
    return {"rows": rows, "total": len(per_class)}


def comparison_table(rows):
    """Columns and text rows of a list of dicts; None if there are none."""
    if not rows:
        return None
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return {
        "columns": [str(c).replace("_", " ").capitalize() for c in columns],
        "rows": [[_cell(row.get(c)) for c in columns] for row in rows],
    }


def _cell(value):
    if value is None:
        return DASH
    if isinstance(value, float | np.floating):
        return f"{value:.1f}"
    return str(value)


def flat_options(node, prefix=""):
    """Yields `(dotted name, text)` of a nested dict.

    >>> list(flat_options({"loss": {"beta": 0.9, "name": "focal"}, "x": None}))
    [('loss.beta', '0.9'), ('loss.name', 'focal'), ('x', 'null')]
    """
    for key, value in node.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from flat_options(value, f"{name}.")
        elif isinstance(value, str):
            yield name, value
        else:
            yield name, json.dumps(value, default=str, ensure_ascii=False)
