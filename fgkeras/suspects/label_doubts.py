"""Which labels are doubtful, by two judges that do not know them."""

import dataclasses

import numpy as np

from fgkeras.suspects.checked import standard_units
from fgkeras.suspects.leave_one_out import leave_one_out_margins
from fgkeras.suspects.neighbor_margins import neighbor_margins

# In usual deviations of the set.
_LIMIT = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class LabelDoubts:
    """How doubtful each label is, and what speaks against it.

    Attributes:
        scores: `float64 (num_images,)`, from 1 on the label is a suspect; NaN
            where the class has no other image.
        nearest: `int64 (num_images,)`, the nearest image of the class that it
            might belong to, -1 where that cannot be said.

    Example:

    >>> labels = np.repeat([0, 1], 50)
    >>> x = np.random.default_rng(0).normal(size=(100, 8))
    >>> x += 9 * np.eye(8)[labels]
    >>> labels[7] = 1
    >>> found = label_doubts(x, labels)
    >>> np.flatnonzero(found.scores >= 1).tolist()
    [7]
    >>> int(labels[found.nearest[7]])
    0
    """

    scores: np.ndarray
    nearest: np.ndarray


def label_doubts(features, labels, *, progress=None):
    """Scores how much the features of an image speak against its label.

        score = z(z(neighbours) + 2 z(linear)) / 3

    with the margins of `neighbor_margins` and of `leave_one_out_margins`, and
    `z` their distance from the median in usual deviations. Neighbours find
    labels that are far off, the linear classifier those that were mistaken for
    the nearest class; `experiments/suspects` measured both and their sum.

    Use it on features that were not trained on these labels. Images that show
    nothing should be left out, since they are one another's neighbours.

    Args:
        features: Float array of shape `(num_images, dim)`, finite.
        labels: Integer array of shape `(num_images,)`, at least 0.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `LabelDoubts`.

    Raises:
        ValueError: For arrays that do not fit, or fewer than two classes.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([0, 1], 50)
    >>> x = rng.normal(size=(100, 8)) + 3 * np.eye(8)[labels]
    >>> labels[7] = 1
    >>> found = label_doubts(x, labels)
    >>> int(found.scores.argmax()), bool(found.scores[7] > 1)
    (7, True)

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, rank by margins told by the others;
        ridge regression stands for their cross-validated classifier here.
    """
    near, nearest = neighbor_margins(features, labels, progress=progress)
    linear = leave_one_out_margins(features, labels)
    both = standard_units(near) + 2 * standard_units(linear)
    return LabelDoubts(standard_units(both) / _LIMIT, nearest)
