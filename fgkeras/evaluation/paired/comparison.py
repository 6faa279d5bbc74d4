"""Many models on the same images: each number, and each difference."""

import dataclasses
import itertools

import numpy as np

from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.bootstrap_interval import bootstrap_interval
from fgkeras.evaluation.classification_report import without_width
from fgkeras.evaluation.paired.mcnemar import mcnemar


@dataclasses.dataclass(frozen=True)
class Measure:
    """One number that models are compared by.

    Args:
        name: String, such as `"tail"`.
        values: String, which values of an image it is a mean of.
        inside: Bool array of shape `(num_images,)`, the images that count;
            `None` for all. Defaults to `None`.
        of_classes: Bool, whether it is the mean of the classes' means.
            Defaults to `False`.
        exact: Bool, whether it is a share of images that are right, so that
            McNemar's test applies. Defaults to `False`.
    """

    name: str
    values: str
    inside: np.ndarray | None = None
    of_classes: bool = False
    exact: bool = False


def comparison(
    values, labels, measures, *, num_bootstrap=1000, seed=0, progress=None
):
    """Compares models by what each made of the same images.

    Use it for runs that were tested on the same images: their own intervals
    overlap long after the difference is sure, since hard images are hard for
    both. The difference is taken image by image and then redrawn,

        d = mean_i (b_i - a_i)

    within the classes where it is of class means, see `bootstrap_interval`.
    Intervals are about the choice of test images, not about other trainings.

    Args:
        values: Dict of a model's name to a dict of name to float array of
            shape `(num_images,)`, such as 1 and 0 for right and wrong.
        labels: Integer array of shape `(num_images,)`.
        measures: Sequence of `Measure`.
        num_bootstrap: Int at least 0; with 0 there are no intervals. Defaults
            to `1000`.
        seed: Int. Defaults to `0`.
        progress: `None`, or a callable of `(done, total)`. Defaults to `None`.

    Returns:
        Tuple of two lists ready for JSON. One has a dict for each model:
        `name` and `numbers`, of each measure `{"value", "low", "high"}`, or
        `None` where no image counts. The other has one for each pair, in the
        order of the models: `first`, `second`, `differences` (the second less
        the first, as above; no interval where no image differs) and
        `mcnemar`, by the name of each measure that is `exact`.

    Raises:
        ValueError: If there are fewer than two models, or arrays of other
            sizes.

    Example:

    >>> rows, pairs = comparison(
    ...     {"a": {"right": [1, 0, 1, 0]}, "b": {"right": [1, 1, 1, 0]}},
    ...     [0, 0, 1, 1], [Measure("overall", "right", exact=True)])
    >>> rows[0]["numbers"]["overall"]["value"]
    0.5
    >>> pairs[0]["differences"]["overall"]["value"]
    0.25
    >>> pairs[0]["mcnemar"]["overall"]["p"]
    1.0
    """
    labels = np.asarray(labels)
    _check(values, labels, measures)
    done, pairs = 0, list(itertools.combinations(values, 2))
    total = len(values) + len(pairs)

    def ahead():
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    def of(measure, numbers, level=True):
        inside = slice(None) if measure.inside is None else measure.inside
        of_class = labels[inside] if measure.of_classes else None
        found = _mean(numbers[inside], of_class, num_bootstrap, seed)
        if found and level and found["low"] == found["high"] is not None:
            found["low"], found["high"] = without_width(
                numbers[inside], of_class
            )
        elif found and found["low"] == found["high"]:
            # Where none differs, nothing tells how many of others would.
            found["low"] = found["high"] = None
        return found

    known = {
        name: {k: np.asarray(v, np.float64) for k, v in found.items()}
        for name, found in values.items()
    }
    rows = []
    for name, found in known.items():
        numbers = {m.name: of(m, found[m.values]) for m in measures}
        rows.append({"name": name, "numbers": numbers})
        ahead()
    out = []
    for first, second in pairs:
        a, b = known[first], known[second]
        found = {
            "first": first,
            "second": second,
            "differences": {
                m.name: of(m, b[m.values] - a[m.values], level=False)
                for m in measures
            },
            "mcnemar": {
                m.name: mcnemar(a[m.values], b[m.values])
                for m in measures
                if m.exact
            },
        }
        out.append(found)
        ahead()
    return rows, out


def _mean(values, classes, num_bootstrap, seed):
    if not len(values):
        return None
    if classes is None:
        value = float(values.mean())
    else:
        value = mean_per_class_accuracy(classes, values, classes.max() + 1)
    low = high = None
    if num_bootstrap:
        low, high = bootstrap_interval(
            values, classes=classes, num_resamples=num_bootstrap, seed=seed
        )
    return {"value": value, "low": low, "high": high}


def _check(values, labels, measures):
    if len(values) < 2:
        raise ValueError(
            "A comparison is of two or more models. Received: "
            f"{', '.join(values) or 'none'}. Name another."
        )
    for name, found in values.items():
        for measure in measures:
            shape = np.shape(found.get(measure.values))
            if shape != labels.shape:
                raise ValueError(
                    f"values must have a number {measure.values!r} for each "
                    f"image. Received: {name!r} with shape {shape} for labels "
                    f"of shape {labels.shape}. Reduce all to the images they "
                    "share."
                )
