"""What the trials of a sweep are compared by, on validation images."""

# Name -> its column of a run's history, and what it is.
OBJECTIVES = {
    "top-1": ("val_accuracy", "share of the validation images that are right"),
    "class-mean": (
        "val_mean_per_class",
        "mean of the classes' accuracies on validation",
    ),
    "tail": (
        None,
        "mean of the accuracies of the classes with fewer than {} training "
        "images, on validation",
    ),
}
SEARCHES = ("grid", "random", "hyperband", "bayesian")


def meaning_of(objective, limits):
    """Returns what an objective is, in words.

    Args:
        objective: String, one of `OBJECTIVES`.
        limits: Sequence of whole numbers, or `"auto"`, `evaluation.groups`.

    Example:

    >>> meaning_of("tail", [20, 100])
    'mean of the accuracies of the classes with fewer than 20 training images, \
on validation'
    """
    if limits == "auto":
        # Of each trial, by the sizes that its classes have.
        text = OBJECTIVES[objective][1]
        return text.replace("with fewer than {} training", "with few training")
    return OBJECTIVES[objective][1].format(limits[0])


def entries_of(val):
    """Returns all objectives of the validation numbers of a run.

    Args:
        val: Dict, `val` of the run's `metrics.json`.

    Returns:
        Dict of name to `{"value", "low", "high"}`, or to `None` where no
        class has images.

    Example:

    >>> entries_of({"top1": {"value": 0.5}, "mean_per_class": {"value": 0.2}})
    {'top-1': {'value': 0.5}, 'class-mean': {'value': 0.2}, 'tail': None}
    """
    tail = (val.get("groups") or {}).get("tail") or {}
    return {
        "top-1": val["top1"],
        "class-mean": val["mean_per_class"],
        "tail": tail.get("class_mean"),
    }


def entries_at(row):
    """Returns the objectives that a line of a run's history has.

    Args:
        row: Dict, the line of one epoch.

    Returns:
        As `entries_of`, without intervals.
    """
    found = {name: row.get(column) for name, (column, _) in OBJECTIVES.items()}
    return {n: None if v is None else {"value": v} for n, v in found.items()}
