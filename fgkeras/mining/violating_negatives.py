"""Negatives that violate the margin, over a whole set."""

import numpy as np

from fgkeras.mining.nearest_positives import BLOCK
from fgkeras.mining.whole_set import whole_set
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import whole_labels

MARGIN = Number(infinite=True)
WHICH = Choice(("any", "semi-hard", "hardest"))


def violating_negatives(
    labels,
    features,
    anchors,
    positives,
    *,
    margin=0.2,
    which="any",
    block=4096,
    rng=0,
):
    """Draws for every pair one of all negatives that violate the margin.

    An image `n` of another class violates where its triplet has a loss:

        any:        |a - n|^2 < |a - p|^2 + margin
        semi-hard:  |a - p|^2 < |a - n|^2 < |a - p|^2 + margin
        hardest:    the violation of the least |a - n|^2

    All of `"any"` and `"semi-hard"` are equally likely. Use `"any"`: the
    hardest ones alone are mostly wrong labels. The set is gone through in
    blocks, twice: violations are counted, one is chosen, and found again.

    Args:
        labels: Integer array of shape `(num_images,)`.
        features: Float array of shape `(num_images, dim)`.
        anchors: Integer array of image numbers, shape `(n,)`.
        positives: Integer array of the same shape.
        margin: Float, in squared distance; infinite takes any image of
            another class. Defaults to `0.2`.
        which: `"any"`, `"semi-hard"` or `"hardest"`, of the violations.
            Defaults to `"any"`.
        block: Int at least 1; at most `block^2` distances are held at once.
            Defaults to `4096`.
        rng: NumPy generator, or its seed. Defaults to `0`.

    Returns:
        `int64` array of shape `(n,)`; `-1` where nothing violates.

    Raises:
        ValueError: If `margin`, `which` or `block` is out of range, a label is
            no whole number of at least 0, or there is not one row for each
            label.

    Example:
    >>> features = np.array([[0.0], [1.0], [1.05], [3.0]])
    >>> violating_negatives([0, 0, 1, 1], features, [0, 1], [1, 0]).tolist()
    [2, 2]

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), section 3.2: any;
      [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), section 3.2:
      semi-hard and hardest.
    """
    rng = np.random.default_rng(rng)
    margin = MARGIN.checked("margin", margin)
    which = WHICH.checked("which", which)
    block = BLOCK.checked("block", block)
    labels = whole_labels(labels)
    features = whole_set(labels, features)
    anchors = np.asarray(anchors, "int64")
    positives = np.asarray(positives, "int64")
    lots = rng.random(len(anchors))
    if np.isinf(margin) and which == "any":
        return _any_other_class(labels, anchors, lots)
    apart = features[anchors] - features[positives]
    nearest = np.square(apart).sum(axis=1)
    limits = nearest + margin
    if which != "semi-hard":
        nearest = np.full_like(nearest, -np.inf)
    norms = np.square(features).sum(axis=1)
    out = np.full(len(anchors), -1, "int64")
    starts = range(0, len(features), block)
    for i in range(0, len(anchors), block):
        rows = anchors[i : i + block]

        def distances(start, chosen, i=i, rows=rows):
            """Squared ones of a block, for some rows; infinite is out."""
            images = slice(start, start + block)
            x = features[rows[chosen]]
            squared = norms[rows[chosen]][:, None] + norms[images]
            squared -= 2.0 * (x @ features[images].T)
            there = labels[rows[chosen]][:, None] != labels[images]
            there &= squared < limits[i : i + block][chosen][:, None]
            there &= squared > nearest[i : i + block][chosen][:, None]
            return np.where(there, squared, np.inf)

        everyone = np.arange(len(rows))
        if which == "hardest":
            least = np.full(len(rows), np.inf)
            for start in starts:
                found = distances(start, everyone)
                first = found.argmin(axis=1)
                value = found[everyone, first]
                nearer = value < least
                out[i + everyone[nearer]] = start + first[nearer]
                least = np.minimum(least, value)
            continue

        def violations(start, chosen, distances=distances):
            return np.isfinite(distances(start, chosen))

        counts = np.stack(
            [violations(start, everyone).sum(axis=1) for start in starts]
        )
        totals = np.cumsum(counts, axis=0)
        rank = (lots[i : i + block] * totals[-1]).astype("int64")
        where = (totals <= rank).sum(axis=0)
        for number, start in enumerate(starts):
            chosen = np.flatnonzero((where == number) & (totals[-1] > 0))
            if not len(chosen):
                continue
            before = totals[number, chosen] - counts[number, chosen]
            seen = np.cumsum(violations(start, chosen), axis=1)
            # A product of another shape rounds differently: a violation on
            # the edge may be gone.
            nth = np.minimum(rank[chosen] - before + 1, seen[:, -1])
            first = np.argmax(seen == np.maximum(nth, 1)[:, None], axis=1)
            out[i + chosen] = np.where(nth > 0, start + first, -1)
    return out


def _any_other_class(labels, anchors, lots):
    """Uniform over the images of all other classes; -1 if there are none."""
    _, rows, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(rows, kind="stable")
    first = (np.cumsum(counts) - counts)[rows[anchors]]
    own = counts[rows[anchors]]
    rank = (lots * (len(labels) - own)).astype("int64")
    rank = np.where(rank < first, rank, rank + own)
    found = order[np.minimum(rank, len(labels) - 1)]
    return np.where(own < len(labels), found, -1)
