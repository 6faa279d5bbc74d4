"""All numbers of a classifier on a test set, ready to be written as JSON."""

import numpy as np

from fgkeras.evaluation.accuracy import macro_f1
from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.accuracy import per_class_accuracy
from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.evaluation.confusion import confused_pairs
from fgkeras.evaluation.frequency_group import AUTO
from fgkeras.evaluation.frequency_group import frequency_groups
from fgkeras.evaluation.frequency_group import group_limits as limits_of
from fgkeras.evaluation.frequency_group import group_ranges
from fgkeras.evaluation.scored import score_images
from fgkeras.evaluation.uncertainty.calibration import (
    expected_calibration_error,
)
from fgkeras.evaluation.uncertainty.calibration import reliability_table
from fgkeras.evaluation.wilson_interval import wilson_interval

_LEVEL = 0.95
_DEFINITIONS = {
    "top1": "Share of the test images whose class has the largest logit. Ties "
    "count as wrong.",
    "top5": "Share of the test images whose class is among the five largest "
    "logits; null with five classes or fewer, where it says nothing.",
    "mean_per_class": "Mean of the classes' accuracies over the classes that "
    "have test images.",
    "macro_f1": "Mean over the classes that have test images of F1 = 2 TP / "
    "(2 TP + FP + FN).",
    "intervals": "low and high: 95 % percentile bootstrap over the test "
    "images (within each class for class means; classes of a single image "
    "are drawn among each other, so that with one image a class it is the "
    "interval over images). Where all images are right or all wrong: the 95 % "
    "Wilson score interval. They do not include the spread between training "
    "runs.",
    "per_class": "accuracy: share of the class's test images that are right, "
    "its recall; low and high: 95 % Wilson score interval of that share. Null "
    "without test images.",
    "confused_pairs": "count: test images of class `true` answered with class "
    "`predicted`; rate: count / n, n the test images of `true`.",
}
_GROUPS = (
    "The headline of a group is class_mean, the mean of its classes' "
    "accuracies, as in the long-tail literature; image_mean is the share of "
    "its images that are right. Null where a group has no test images."
)
_NO_GROUPS = (
    "None: the classes have about as many training images as each other, or "
    "nobody says how many."
)
_CALIBRATION = {
    "softmax": "ece: expected calibration error of the largest softmax "
    "probability in 15 bins of equal width; nll: mean negative "
    "log-probability of the true class, in nats.",
    "sigmoid": "ece: expected calibration error of the largest sigmoid "
    "probability in 15 bins of equal width; nll: mean over the images of the "
    "binary cross-entropies of all classes added up, in nats.",
}


def classification_report(
    labels,
    logits,
    *,
    train_counts,
    class_names,
    num_bootstrap=1000,
    seed=0,
    top_confused=20,
    activation="softmax",
    group_limits=AUTO,
):
    """Evaluates a classifier: accuracy with intervals, groups, confusion.

    Use it at the end of a run; `fgkeras.report.run_report` turns the result
    into a page. What each number means is in the result's `definitions`.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`, finite.
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class, or `None` where they are not known: then `groups` is
            `None`.
        class_names: Sequence of `num_classes` strings.
        num_bootstrap: Int at least 0, resamples; with 0 `low` and `high` are
            `None`. Defaults to `1000`.
        seed: Int, of the resamples. Defaults to `0`.
        top_confused: Int at least 0, the number of confused pairs. Defaults to
            `20`.
        activation: `"softmax"` or `"sigmoid"`, what turns the logits into
            probabilities: it matters to `calibration` alone. Defaults to
            `"softmax"`.
        group_limits: Sequence of one or two rising whole numbers, as
            `frequency_groups` takes them, or `"auto"`: those of
            `fgkeras.evaluation.frequency_group.group_limits`, perhaps none,
            which makes no groups. Defaults to `"auto"`.

    Returns:
        Dict of plain Python values:
        `num_images`, `num_classes`, `num_classes_evaluated` (with images);
        `top1`, `top5`, `mean_per_class`: `{"value", "low", "high"}`, or None
        for top5 with at most five classes; `macro_f1`: `{"value"}`;
        `group_limits`: list, empty without groups; `groups`: None or, for
        each group, `{"range", "num_classes", "num_classes_evaluated",
        "num_images", "class_mean", "image_mean"}`, the last two as above, or
        None without images;
        `confused_pairs`: see `confused_pairs`, with `true_name` and
        `predicted_name`;
        `calibration`: `{"ece", "nll": {"value", "low", "high"}, "bins"}`;
        `per_class`: list of `{"index", "name", "train_count", "n", "correct",
        "accuracy", "low", "high"}`, the last three None without images;
        `bootstrap`: `{"num_resamples", "level", "seed"}`;
        `definitions`: dict of sentences.

    Raises:
        ValueError: for NaN or infinite logits, labels outside the classes, and
            names or counts whose number is not that of the classes.

    Example:

    >>> report = classification_report(
    ...     [0, 1], [[2.0, 1.0], [3.0, 1.0]],
    ...     train_counts=[200, 5], class_names=["oak", "elm"])
    >>> report["top1"]["value"], report["groups"]["head"]["class_mean"]["value"]
    (0.5, 1.0)
    """
    scored = score_images(labels, logits, activation=activation)
    num_classes = scored.num_classes
    names = [str(name) for name in class_names]
    _check_length("class_names", names, num_classes)
    if train_counts is not None:
        train_counts = np.asarray(train_counts)
        _check_length("train_counts", train_counts, num_classes)
    if num_bootstrap < 0:
        raise ValueError(
            "num_bootstrap must be at least 0. Received: "
            f"num_bootstrap={num_bootstrap}. Use 0 for no intervals."
        )
    correct = scored.correct

    def interval(values, classes=None):
        return with_interval(
            values, classes, num_bootstrap=num_bootstrap, seed=seed
        )

    limits = []
    if train_counts is not None:
        limits = limits_of(train_counts, group_limits)
    ranges = group_ranges(limits) if limits else {}
    groups = None
    if limits:
        groups = {
            name: _group(ranges[name], mask, scored, interval)
            for name, mask in frequency_groups(train_counts, limits).items()
        }
    accuracy, count = per_class_accuracy(scored.labels, correct, num_classes)
    right = np.bincount(scored.labels[correct], minlength=num_classes)
    low, high = wilson_interval(right, count, level=_LEVEL)
    pairs = confused_pairs(
        scored.labels,
        scored.predicted,
        num_classes=num_classes,
        top=top_confused,
        confidence=_margins(logits, scored),
    )
    for pair in pairs:
        pair["true_name"] = names[pair["true"]]
        pair["predicted_name"] = names[pair["predicted"]]
    said = ", ".join(
        f"{name} {text.removesuffix(' training images')}"
        for name, text in ranges.items()
    )
    return {
        "num_images": len(correct),
        "num_classes": num_classes,
        "num_classes_evaluated": int((count > 0).sum()),
        "top1": interval(correct),
        "top5": interval(scored.rank < 5) if num_classes > 5 else None,
        "mean_per_class": interval(correct, scored.labels),
        "macro_f1": {
            "value": macro_f1(scored.labels, scored.predicted, num_classes)
        },
        "group_limits": limits,
        "groups": groups,
        "confused_pairs": pairs,
        "calibration": {
            "ece": expected_calibration_error(correct, scored.confidence),
            "nll": interval(scored.nll),
            "bins": reliability_table(correct, scored.confidence),
        },
        "per_class": [
            {
                "index": index,
                "name": name,
                "train_count": (
                    None if train_counts is None else int(train_counts[index])
                ),
                "n": int(count[index]),
                "correct": int(right[index]),
                **{
                    key: float(values[index]) if count[index] else None
                    for key, values in (
                        ("accuracy", accuracy),
                        ("low", low),
                        ("high", high),
                    )
                },
            }
            for index, name in enumerate(names)
        ],
        "bootstrap": {
            "num_resamples": num_bootstrap,
            "level": _LEVEL,
            "seed": seed,
        },
        "definitions": {
            **_DEFINITIONS,
            "groups": f"Classes by training images: {said}. {_GROUPS}"
            if limits
            else _NO_GROUPS,
            "calibration": _CALIBRATION[activation],
        },
    }


def _margins(logits, scored):
    """How far the logit of the answer is above that of the true class."""
    z, rows = np.asarray(logits, np.float64), np.arange(len(scored.labels))
    return z[rows, scored.predicted] - z[rows, scored.labels]


def with_interval(values, classes=None, *, num_bootstrap, seed):
    """Returns a mean over images or classes, with its interval.

    Args:
        values: Float array of shape `(num_images,)`.
        classes: Integer array of shape `(num_images,)` for a mean over
            classes, or `None`. Defaults to `None`.
        num_bootstrap: Int, resamples; 0 for no interval.
        seed: Int, of the resamples.

    Returns:
        Dict ready for JSON of `value`, `low` and `high`.

    Example:

    >>> with_interval([1, 1, 1, 0], [0, 0, 0, 1], num_bootstrap=0, seed=0)
    {'value': 0.5, 'low': None, 'high': None}
    """
    if classes is None:
        value = float(np.mean(values))
    else:
        most = int(np.max(classes)) + 1
        value = mean_per_class_accuracy(classes, values, most)
    low = high = None
    if num_bootstrap:
        low, high = bootstrap_interval(
            values,
            classes=classes,
            num_resamples=num_bootstrap,
            level=_LEVEL,
            seed=seed,
        )
        if low == high:
            low, high = without_width(values, classes)
    return {"value": value, "low": low, "high": high}


def without_width(values, classes=None):
    """Returns the interval of values that do not differ within a class.

    Args:
        values: Float array of shape `(num_images,)`, of one value, or of one
            in each class.
        classes: Integer array of shape `(num_images,)` for a mean over
            classes, or `None`. Defaults to `None`.

    Returns:
        `(low, high)`, Wilson's score interval where they are 0 and 1; else a
        pair of `None`, since nothing tells their spread.

    Example:

    >>> low, high = without_width([1.0] * 34)
    >>> round(low, 3), high
    (0.898, 1.0)
    """
    values = np.asarray(values, "float64")
    if not np.isin(values, (0.0, 1.0)).all():
        return None, None
    right, count = values.sum(), len(values)
    if classes is not None:
        # As many images as make the variance of the mean over classes.
        places, sizes = np.unique(
            classes, return_inverse=True, return_counts=True
        )[1:]
        count = len(sizes) ** 2 / (1 / sizes).sum()
        shares = np.bincount(places, values) / sizes
        right = shares.mean() * count
    low, high = wilson_interval(min(right, count), count, level=_LEVEL)
    return float(low), float(high)


def _group(text, mask, scored, interval):
    inside = mask[scored.labels]
    labels = scored.labels[inside]
    correct = scored.correct[inside]
    return {
        "range": text,
        "num_classes": int(mask.sum()),
        "num_classes_evaluated": len(np.unique(labels)),
        "num_images": len(labels),
        "class_mean": interval(correct, labels) if len(labels) else None,
        "image_mean": interval(correct) if len(labels) else None,
    }


def _check_length(name, values, num_classes):
    if len(values) != num_classes:
        raise ValueError(
            f"{name} must have one entry per class. Received: "
            f"len({name})={len(values)} for {num_classes} classes. Check that "
            "the model and the data have the same classes."
        )
