"""`metrics.json` of a run, checked for what is shown of it."""

from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_names
from fgkeras.runs.kept.files import is_number
from fgkeras.runs.kept.files import is_share
from fgkeras.runs.kept.files import is_whole
from fgkeras.runs.kept.files import read_object


def read_metrics(path):
    """Returns the numbers of an evaluation.

    Args:
        path: `pathlib.Path` of a `metrics.json`.

    Returns:
        Dict; what is unknown of it is kept as it is.

    Raises:
        ValueError: If what is known of it has another shape.
    """
    value = read_object(path)
    for name, check in _KNOWN.items():
        if value.get(name) is not None and not check(value[name]):
            raise damaged(path, f"`{name}` is of another kind")
    if value.get("num_images") is None:
        raise damaged(path, "it does not say of how many images")
    if value.get("top1") is None and value.get("retrieval") is None:
        raise damaged(path, "it has neither top1 nor retrieval")
    return value


def _is_score(value):
    """A share, perhaps with the interval that it lies in."""
    return (
        isinstance(value, dict)
        and is_share(value.get("value"))
        and ("low" in value) == ("high" in value)
        and all(
            value.get(end) is None or is_share(value[end])
            for end in ("low", "high")
        )
    )


def _are_groups(value):
    return isinstance(value, dict) and all(
        isinstance(group, dict)
        and "class_mean" in group
        and is_whole(group.get("num_classes"))
        and is_whole(group.get("num_images"))
        and (group["class_mean"] is None or _is_score(group["class_mean"]))
        for group in value.values()
    )


def _is_retrieval(value):
    return (
        isinstance(value, dict)
        and isinstance(value.get("recall_at"), dict)
        and all(map(_is_score, value["recall_at"].values()))
        and _is_score(value.get("map_at_r"))
    )


def _is_clustering(value):
    return isinstance(value, dict) and all(
        is_number(value[name]) for name in ("nmi", "f1") if name in value
    )


def _has_numbers(*names):
    return lambda value: (
        isinstance(value, dict)
        and all(is_number(value.get(name)) for name in names)
    )


def _are_folds(value):
    """Folds of a run: how many, and what each was worth."""
    return (
        _has_numbers("count", "num_not_tested")(value)
        and _has_numbers("top1", "mean_per_class")(value.get("mean"))
        and isinstance(value.get("each"), list)
        and all(
            _has_numbers("fold", "num_images", "top1", "mean_per_class")(row)
            for row in value["each"]
        )
    )


def _is_list(value):
    return isinstance(value, list)


def _are_limits(value):
    return isinstance(value, list) and all(map(is_whole, value))


def _is_adjustment(value):
    return isinstance(value, dict) and isinstance(value.get("kind"), str)


def _is_text(value):
    return isinstance(value, str)


def _is_object(value):
    return isinstance(value, dict)


_KNOWN = {
    "num_images": is_whole,
    "top1": _is_score,
    "top5": _is_score,
    "mean_per_class": _is_score,
    "macro_f1": _is_score,
    "groups": _are_groups,
    "group_limits": _are_limits,
    "views": _is_text,
    "adjustment": _is_adjustment,
    "temperature": is_number,
    "ensemble": _is_list,
    "retrieval": _is_retrieval,
    "clustering": _is_clustering,
    "notes": is_names,
    "seconds": is_number,
    "parameters": is_whole,
    "refused": _is_list,
    "monitored_split": _is_text,
    "kernel": _is_object,
    "beta": _has_numbers("beta", "prototypes"),
    "val": _is_object,
    "kept": _is_list,
    "stages": _is_list,
    "batch_statistics": _has_numbers("steps"),
    "folds": _are_folds,
    "at_chance": _has_numbers("training", "test", "chance"),
}
