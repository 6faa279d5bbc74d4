"""What a page says of prediction sets and of unknown pictures."""

from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent

_SCORES = {
    "plain": "the probability",
    "prevalence": "the probability divided by the class's share of the "
    "training images",
}
_KINDS = {
    "nearest": "their likeness to the nearest training image",
    "energy": "the energy of their logits",
}


def temperature_lines(metrics):
    """Sentences on the temperature of the scores, and what it changed.

    Args:
        metrics: Dict of a classification report, perhaps with `temperature`
            and `calibration_before`.

    Example:

    >>> temperature_lines({})
    []
    """
    if "temperature" not in metrics:
        return []
    images = number(metrics["calibration_images"])
    lines = [
        f"The logits were divided by {metrics['temperature']:.3g}, the "
        f"temperature that suits {images} calibration images."
    ]
    before = metrics.get("calibration_before")
    if before:
        lines.append(
            "Without it these test images have a calibration error of "
            f"{percent(before['ece'])} and a negative log-likelihood of "
            f"{before['nll']:.4f}."
        )
    return lines


def sets_lines(metrics):
    """Sentences on what the prediction sets are and what they held.

    Args:
        metrics: Dict of a classification report, perhaps with `sets`.
    """
    sets = metrics.get("sets")
    if not sets or "coverage" not in sets:
        return []
    size = sets["size"]
    expected = sets["expected"]
    inside = "lies there"
    if not expected["inside"]:
        inside = (
            "does not: the test images are not as those that the sets were "
            "fitted to"
        )
    return [
        "A set has the classes that a picture may be of, so that "
        f"{percent(sets['level'])} of the sets hold the true one. Classes are "
        f"taken in by {_SCORES[sets['score']]}, above a threshold that suits "
        f"{number(sets['calibration_images'])} calibration images.",
        f"Of {number(sets['num_images'])} test images "
        f"{_value(sets['coverage'])} have a set with the true class; with so "
        f"many images of both kinds {percent(expected['low'])} to "
        f"{percent(expected['high'])} is to be expected, and it {inside}. "
        + (
            "The level holds on average over pictures like the calibration "
            "images, not for each class."
            if sets["guaranteed"]
            else "It is measured, not guaranteed: the calibration images were "
            "seen by other heads than the one tested."
        ),
        f"The mean over the classes is {_value(sets['macro_coverage'])}. A set "
        f"has {size['mean']['value']:.2f} classes on average, "
        f"{size['median']:g} in the middle and {number(size['largest'])} at "
        f"most; {percent(size['single'])} have one class, "
        f"{percent(size['empty'])} none.",
    ]


def sets_table(metrics):
    """A row for each group of classes by frequency; none without.

    Args:
        metrics: Dict of a classification report, perhaps with `sets`.
    """
    groups = (metrics.get("sets") or {}).get("groups") or {}
    return [
        [
            f"{name.capitalize()}: {group['range']}",
            number(group["num_images"]),
            _value(group["coverage"]),
            _value(group["macro_coverage"]),
            f"{group['mean_size']:.2f}",
        ]
        for name, group in groups.items()
        if group["num_images"]
    ]


def known_lines(metrics):
    """Sentences on how pictures of none of the classes are told.

    Args:
        metrics: Dict of a classification report, perhaps with `known`.
    """
    known = metrics.get("known")
    if not isinstance(known, dict):
        return []
    lines = [
        f"Pictures are told from unknown ones by {_KINDS[known['kind']]}: "
        f"below {known['threshold']:.4g} one is called unlike the training's. "
        f"That keeps {percent(known['keep'])} of calibration images; how many "
        "pictures of other things it stops is not known from them."
    ]
    if known.get("test_kept"):
        lines.append(
            f"Of the test images {_value(known['test_kept'])} are kept."
        )
    return lines


def _value(entry):
    bounds = interval(entry)
    text = percent(entry["value"])
    return f"{text} ({bounds})" if bounds else text
