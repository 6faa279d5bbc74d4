"""Coverage and size of prediction sets, over images, classes and groups."""

import numpy as np
from scipy.special import betaln

from fgkeras.evaluation.accuracy import per_class_accuracy
from fgkeras.evaluation.classification_report import with_interval
from fgkeras.evaluation.frequency_group import AUTO
from fgkeras.evaluation.frequency_group import frequency_groups
from fgkeras.evaluation.frequency_group import group_limits as limits_of
from fgkeras.evaluation.frequency_group import group_ranges
from fgkeras.evaluation.scored import check_labels
from fgkeras.evaluation.wilson_interval import wilson_interval

_LEVEL = 0.95
_DEFINITIONS = {
    "coverage": "Share of the test images whose set holds the true class; low "
    "and high: 95 % Wilson score interval.",
    "macro_coverage": "Mean of the classes' coverages over the classes that "
    "have test images; low and high: 95 % percentile bootstrap within the "
    "classes.",
    "allowed": "Where the coverage lies in 95 of 100 draws of calibration "
    "images, Beta(k, n + 1 - k), if test and calibration images come from one "
    "source and nothing was trained on either.",
    "expected": "Where the share of these test images lies in 95 of 100 draws "
    "of both under the same conditions, beta-binomial; inside: whether it "
    "does.",
    "classes_under_half": "Share of the classes with test images whose "
    "coverage is below one half.",
    "size": "Classes in a set: mean, with a 95 % percentile bootstrap "
    "interval, median and largest; empty and single: shares of the sets with "
    "no class and with one.",
}
_GUARANTEED = (
    "The wanted coverage is guaranteed on average over images from the source "
    "of the calibration images, not for each class or group."
)
_MEASURED = (
    "Coverage is measured, not guaranteed: the calibration images had scores "
    "of other models than the one tested, or came from another source."
)


def prediction_set_report(
    labels,
    in_set,
    *,
    sets,
    train_counts,
    guaranteed,
    group_limits=AUTO,
    num_bootstrap=1000,
    seed=0,
):
    """Measures prediction sets on test images, ready to be written as JSON.

    Use it on images that the sets were not fitted to. The share that a test
    measures differs from the level for two reasons, the draw of the
    calibration images and that of the test images; `expected` says how far it
    may without anything being wrong:

        covered images ~ BetaBinomial(m, k, n + 1 - k)

    Args:
        labels: Integer array of shape `(num_images,)`.
        in_set: Boolean array of shape `(num_images, num_classes)`, as
            `PredictionSets.in_set` gives it.
        sets: The `PredictionSets`.
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class, or `None` where they are not known: then `groups` is
            `None`.
        guaranteed: Bool, whether the scores of the calibration images are of
            the model that is tested, which was not trained on them. Out of
            fold, they are those of other models, and coverage is measured
            only.
        group_limits: Sequence of one or two rising whole numbers, or `"auto"`,
            as `classification_report` takes them. Defaults to `"auto"`.
        num_bootstrap: Int at least 0, resamples; with 0 the bootstrap
            intervals are `None`. Defaults to `1000`.
        seed: Int, of the resamples. Defaults to `0`.

    Returns:
        Dict of plain Python values: `level`, `score`, `calibration_images`,
        `guaranteed`, `num_images`; `coverage` and `macro_coverage`:
        `{"value", "low", "high"}`; `allowed`: `{"low", "high"}`; `expected`:
        `{"low", "high", "inside"}`; `classes_under_half`; `size`: `{"mean":
        {"value", "low", "high"}, "median", "largest", "empty", "single"}`;
        `group_limits`; `groups`: `None` or, for each group, `{"range",
        "num_classes", "num_classes_evaluated", "num_images", "coverage",
        "macro_coverage", "mean_size"}`, the last three `None` without images;
        `definitions`: dict of sentences.

    Raises:
        ValueError: For shapes that do not fit, sets that are no booleans, and
            labels outside the classes.

    Example:

    >>> from fgkeras.evaluation import fit_prediction_sets
    >>> labels, p = [0, 1, 1], [[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]
    >>> sets = fit_prediction_sets(labels, p, level=0.5)
    >>> report = prediction_set_report(
    ...     labels, sets.in_set(p), sets=sets, train_counts=[9, 1],
    ...     guaranteed=True)
    >>> report["macro_coverage"]["value"], report["size"]["median"]
    (0.75, 1.0)

    Reference:
        Ding, Fermanian, Salmon, "Conformal Prediction for Long-Tailed
        Classification", arXiv 2507.06867 (macro coverage). Marques F.,
        "Universal Distribution of the Empirical Coverage in Split Conformal
        Prediction", 2023 (beta-binomial).
    """
    in_set = np.asarray(in_set)
    num_classes = len(sets.thresholds)
    wrong_shape = in_set.ndim != 2 or in_set.shape[1] != num_classes
    if in_set.dtype != bool or wrong_shape or not len(in_set):
        raise ValueError(
            "in_set must be true or false for each image and each class of the "
            f"sets. Received: in_set.shape={in_set.shape}, dtype="
            f"{in_set.dtype} for {num_classes} classes. Use "
            "PredictionSets.in_set of probabilities."
        )
    labels = check_labels(labels, len(in_set), num_classes)
    if train_counts is not None and len(train_counts) != num_classes:
        raise ValueError(
            "train_counts must have one entry per class. Received: "
            f"{len(train_counts)} for {num_classes} classes. Give None where "
            "they are not known."
        )
    covered = in_set[np.arange(len(labels)), labels]
    size = in_set.sum(axis=1)

    def over_classes(values, classes):
        return with_interval(
            values, classes, num_bootstrap=num_bootstrap, seed=seed
        )

    per_class, count = per_class_accuracy(labels, covered, num_classes)
    low, high = sets.coverage_interval(_LEVEL)
    first, last = covered_counts(len(labels), sets, _LEVEL)
    limits = []
    if train_counts is not None:
        limits = limits_of(train_counts, group_limits)
    ranges = group_ranges(limits) if limits else {}
    groups = None
    if limits:
        groups = {}
        for name, mask in frequency_groups(train_counts, limits).items():
            inside = mask[labels]
            some = inside.any()
            groups[name] = {
                "range": ranges[name],
                "num_classes": int(mask.sum()),
                "num_classes_evaluated": int((count[mask] > 0).sum()),
                "num_images": int(inside.sum()),
                "coverage": _share(covered[inside]) if some else None,
                "macro_coverage": over_classes(covered[inside], labels[inside])
                if some
                else None,
                "mean_size": float(size[inside].mean()) if some else None,
            }
    return {
        "level": sets.level,
        "score": sets.score,
        "calibration_images": sets.num_images,
        "guaranteed": bool(guaranteed),
        "num_images": len(labels),
        "coverage": _share(covered),
        "allowed": {"low": low, "high": high},
        "expected": {
            "low": first / len(labels),
            "high": last / len(labels),
            "inside": bool(first <= covered.sum() <= last),
        },
        "macro_coverage": over_classes(covered, labels),
        "classes_under_half": float((per_class[count > 0] < 0.5).mean()),
        "size": {
            "mean": over_classes(size, None),
            "median": float(np.median(size)),
            "largest": int(size.max()),
            "empty": float((size == 0).mean()),
            "single": float((size == 1).mean()),
        },
        "group_limits": limits,
        "groups": groups,
        "definitions": {
            **_DEFINITIONS,
            "guarantee": _GUARANTEED if guaranteed else _MEASURED,
        },
    }


def covered_counts(num_images, sets, share=0.95):
    """Returns how many of new images the sets are expected to cover.

    The ends are the quantiles of the beta-binomial distribution, so that at
    least `share` of it lies between them, both included.

    Args:
        num_images: Int at least 1, new images.
        sets: The `PredictionSets`.
        share: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `(low, high)`, ints.

    Example:

    >>> from fgkeras.evaluation import PredictionSets
    >>> covered_counts(100, PredictionSets(0.9, "plain", None, 999, 900))
    (83, 96)
    """
    a, b = sets.rank, sets.num_images + 1 - sets.rank
    j = np.arange(num_images + 1)
    log = betaln(j + a, num_images - j + b) - betaln(a, b)
    log -= np.log(num_images + 1) + betaln(num_images - j + 1, j + 1)
    below = np.cumsum(np.exp(log))
    low, high = np.searchsorted(below, [(1 - share) / 2, (1 + share) / 2])
    return int(low), int(min(high, num_images))


def _share(values):
    low, high = wilson_interval(values.sum(), len(values), level=_LEVEL)
    return {
        "value": float(values.mean()),
        "low": float(low),
        "high": float(high),
    }
