"""Triplets for the next steps, drawn from the features of a whole set."""

import numpy as np

from fgkeras.mining.nearest_positives import BLOCK
from fgkeras.mining.nearest_positives import FRACTION
from fgkeras.mining.nearest_positives import nearest_positives
from fgkeras.mining.rejected_negatives import rejected_negatives
from fgkeras.mining.violating_negatives import MARGIN
from fgkeras.mining.violating_negatives import WHICH
from fgkeras.mining.violating_negatives import violating_negatives
from fgkeras.mining.whole_set import whole_set
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import whole_labels

NEGATIVES = ("random", "violating", "semi-hard", "hardest")
REJECTED = ("violating", "any")


def quasi_online_triplets(
    labels,
    features,
    num_triplets,
    *,
    negatives="violating",
    margin=0.2,
    nearest=1.0,
    rejected="violating",
    rejected_features=None,
    rejected_labels=None,
    block=4096,
    seed=0,
):
    """Draws triplets of image numbers, to be trained on until the next draw.

    Quasi-online sampling: between sampling once before training (easy soon)
    and inside of each batch (few classes meet), the features of the whole set
    are taken every some hundred steps and triplets drawn from them:

    - the anchor among all images whose class has another image;
    - the positive among the anchor's nearest images of its class;
    - the negative among all images of other classes which violate the margin,
      `|a - p|^2 - |a - n|^2 + margin > 0`: any of them, not the hardest.

    The named methods are `negatives="random"` (Triplet-Naive), `"violating"`
    (Triplet-HN) and `"violating", nearest=0.6` (Triplet-M). To compare with,
    `"semi-hard"` takes those violations that are farther than the positive,
    and `"hardest"` the nearest one. An anchor without such a negative is passed
    over; another one is drawn.

    Images that people rejected as members of a class are hard negatives of
    that class and of no other. Where the anchor's class has some that violate
    the margin for this anchor and positive, each triplet has a twin with one
    of them: as many as were drawn by distance.

    Args:
        labels: Integer array of shape `(num_images,)`.
        features: Float array of shape `(num_images, dim)`, as the loss sees
            them (of length 1 if it does).
        num_triplets: Int at least 1.
        negatives: `"violating"`, `"semi-hard"`, `"hardest"` or `"random"`.
            Defaults to `"violating"`.
        margin: Float, in squared distance. Defaults to `0.2`.
        nearest: Float in (0, 1], the share of the class, nearest first, that
            positives are drawn from; at least one. Defaults to `1.0`, all.
        rejected: `"violating"` takes only rejected images that violate the
            margin, `"any"` all of the class, of which most teach nothing.
            Defaults to `"violating"`.
        rejected_features: `None`, or float array `(num_rejected, dim)`.
        rejected_labels: `None`, or integer array `(num_rejected,)`: the class
            that each rejected image does not belong to.
        block: Int at least 1, images compared at once; memory is `block^2`
            floats. Defaults to `4096`.
        seed: Int or sequence of ints. The same arguments give the same list.
            Defaults to `0`.

    Returns:
        `int64` array of shape `(n, 3)`: anchor, positive, negative. Numbers
        from `num_images` on mean rejected images. `n` is `num_triplets`, or
        less where 20 draws of as many anchors found no more violations: `0`
        if no class violates any more.

    Raises:
        ValueError: If an argument is out of range, a label is no whole number
            of at least 0, no class has two images, or there is only one class.

    Example:
    >>> features = np.array([[0.0], [1.0], [0.5], [9.0]])
    >>> quasi_online_triplets([0, 0, 1, 1], features, 2, seed=1).shape
    (2, 3)

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), sections 3.2, 3.3;
      of rejected images section 2.4.3 of Cui's thesis, Cornell 2019.
    """
    num_triplets = Number(least=1, whole=True).checked(
        "num_triplets", num_triplets
    )
    negatives = Choice(NEGATIVES).checked("negatives", negatives)
    rejected = Choice(REJECTED).checked("rejected", rejected)
    margin = MARGIN.checked("margin", margin)
    nearest = FRACTION.checked("nearest", nearest)
    block = BLOCK.checked("block", block)
    labels = whole_labels(labels)
    features = whole_set(labels, features)
    _check_finite(features)
    rng = np.random.default_rng(seed)
    classes, rows, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    able = np.flatnonzero(counts[rows] > 1)
    if not len(able) or len(classes) < 2:
        raise ValueError(
            "Triplets need two classes, one of them with two images. "
            f"Received: labels of {len(classes)} classes with at most "
            f"{counts.max()} images."
        )
    found, total = [], 0
    for _ in range(20):
        anchors = _anchors(able, num_triplets - total, rng)
        positives = nearest_positives(
            labels, features, anchors, fraction=nearest, block=block, rng=rng
        )
        others = violating_negatives(
            labels,
            features,
            anchors,
            positives,
            margin=np.inf if negatives == "random" else margin,
            which=negatives if negatives in WHICH.words else "any",
            block=block,
            rng=rng,
        )
        triplets = np.stack([anchors, positives, others], axis=1)
        triplets = triplets[others >= 0]
        twins = triplets.copy()
        twins[:, 2] = rejected_negatives(
            labels,
            features,
            *triplets[:, :2].T,
            rejected_features=rejected_features,
            rejected_labels=rejected_labels,
            margin=np.inf if rejected == "any" else margin,
            block=block,
            rng=rng,
        )
        # Behind a triplet the same pair with a rejected image, if any.
        triplets = np.stack([triplets, twins], axis=1).reshape(-1, 3)
        triplets = triplets[triplets[:, 2] >= 0]
        found.append(triplets[: num_triplets - total])
        total += len(found[-1])
        if total == num_triplets:
            break
    return rng.permutation(np.concatenate(found))


def _anchors(able, count, rng):
    """Draws anchors, every image once before any image twice."""
    rounds = -(-count // len(able))
    return np.concatenate([rng.permutation(able) for _ in range(rounds)])[
        :count
    ]


def _check_finite(features):
    if not np.isfinite(features).all():
        raise ValueError(
            "`features` must be finite. Received: NaN or infinity. A training "
            "that diverged gives them: lower the learning rate."
        )
