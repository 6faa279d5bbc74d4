"""What an export answers of a picture: the same in every format."""

import dataclasses

import numpy as np
from keras import ops

from fgkeras.ops.distances import unit_normalize

# Names of all that may be answered.
OUTPUTS = (
    "logits",
    "probabilities",
    "embedding",
    "in_set",
    "known_score",
    "known",
)


@dataclasses.dataclass(frozen=True)
class SetRule:
    """Which classes stand in the prediction set of a picture.

    Class c stands in it where its probability is at least `thresholds[c]`; see
    `fgkeras.evaluation.fit_prediction_sets`.

    Args:
        level: Float in (0, 1), the share of pictures whose set was to hold
            their class.
        score: String, `"plain"` or `"prevalence"`.
        thresholds: Float array of shape `(num_classes,)`.
    """

    level: float
    score: str
    thresholds: np.ndarray


@dataclasses.dataclass(frozen=True)
class KnownRule:
    """Whether a picture looks like what a model was trained on.

    It does where its score is at least `threshold`.

    Args:
        kind: String: `"energy"`, the log of the sum of the exponentials of the
            logits; or `"nearest"`, the cosine to the nearest of `vectors`.
        threshold: Float.
        vectors: Float array of shape `(num_vectors, dim)`, of length 1 each;
            `None` (default) for `"energy"`.
    """

    kind: str
    threshold: float
    vectors: np.ndarray | None = None


def answers(served, logits, embedding):
    """Returns all that is answered of pictures, from what the model gives.

    Use it in a graph of any format: it is made of products, comparisons and
    reductions alone, of an open batch.

    Args:
        served: `fgkeras.export.served.Served`.
        logits: Float tensor of shape `(batch, num_classes)`, or `None` of a
            model without classes.
        embedding: Float tensor of shape `(batch, dim)`.

    Returns:
        Dict of float32 tensors: `logits` and `probabilities`, where there are
        classes; `embedding`, of length 1; with `served.sets` the boolean
        `in_set`, of shape `(batch, num_classes)`; with `served.known`
        `known_score`, of shape `(batch,)`, and the boolean `known`.

    Example:

    >>> from fgkeras.export.served import Served
    >>> rule = SetRule(0.9, "plain", np.array([0.2, 0.2], "float32"))
    >>> served = Served(None, ("elm", "oak"), 8, sets=rule)
    >>> found = answers(served, np.array([[2.0, 0.0]]), np.array([[3.0, 4.0]]))
    >>> np.asarray(found["in_set"]).tolist()
    [[True, False]]
    >>> np.round(np.asarray(found["embedding"], "float64"), 4).tolist()
    [[0.6, 0.8]]
    """
    found = {}
    if logits is not None:
        logits = ops.cast(logits, "float32")
        found["logits"] = logits
        found["probabilities"] = probabilities_of(logits, served.activation)
    found["embedding"] = unit_normalize(ops.cast(embedding, "float32"))
    if served.sets is not None:
        least = _constant(served.sets.thresholds)[None, :]
        found["in_set"] = ops.greater_equal(found["probabilities"], least)
    if served.known is not None:
        score = known_score(served.known, logits, found["embedding"])
        found["known_score"] = score
        least = np.float32(served.known.threshold)
        found["known"] = ops.greater_equal(score, least)
    return found


def probabilities_of(logits, activation):
    """Returns what the logits mean, by `"softmax"` or `"sigmoid"`."""
    if activation == "softmax":
        return ops.softmax(logits, axis=-1)
    return ops.sigmoid(logits)


def known_score(rule, logits, embedding):
    """Returns the score of a `KnownRule`, of shape `(batch,)`.

    Args:
        rule: `KnownRule`.
        logits: Float tensor of shape `(batch, num_classes)`, or `None`.
        embedding: Float tensor of shape `(batch, dim)`, of length 1.
    """
    if rule.kind == "energy":
        most = ops.max(logits, axis=-1, keepdims=True)
        total = ops.sum(ops.exp(logits - most), axis=-1)
        return ops.log(total) + most[:, 0]
    near = ops.matmul(embedding, _constant(rule.vectors.T))
    return ops.max(near, axis=-1)


def _constant(values):
    return ops.convert_to_tensor(np.asarray(values, "float32"))
