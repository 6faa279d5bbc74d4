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
        "mean of the accuracies of the classes with fewer than 20 training "
        "images, on validation",
    ),
}
SEARCHES = ("grid", "random", "hyperband", "bayesian")


def values_of(val):
    """Returns all objectives of the validation numbers of a run.

    Args:
        val: Dict, `val` of the run's `metrics.json`.

    Returns:
        Dict of name to float, or to `None` where no class has images.

    Example:

    >>> values_of({"top1": {"value": 0.5}, "mean_per_class": {"value": 0.25}})
    {'top-1': 0.5, 'class-mean': 0.25, 'tail': None}
    """
    tail = ((val.get("groups") or {}).get("tail") or {}).get("class_mean")
    return {
        "top-1": val["top1"]["value"],
        "class-mean": val["mean_per_class"]["value"],
        "tail": tail and tail["value"],
    }


def values_at(row):
    """Returns the objectives that a line of a run's history has.

    Args:
        row: Dict, the line of one epoch.

    Returns:
        As `values_of`.
    """
    return {
        name: None if column is None else row.get(column)
        for name, (column, _) in OBJECTIVES.items()
    }
