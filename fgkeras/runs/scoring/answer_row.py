"""What is answered of one picture, a dict ready for JSON."""

import numpy as np


def answer_row(
    class_names,
    logits,
    scores,
    *,
    top_k,
    sets=None,
    known=None,
    vectors=None,
    parents=None,
):
    """Returns the answer to one picture.

    Args:
        class_names: Sequence of strings, in label order.
        logits: Float array of shape `(1, num_classes)`: classes are ranked by
            them, since scores near 1 round to the same number.
        scores: Float array of that shape.
        top_k: Int at least 1, classes that are named.
        sets: `PredictionSets` for its `set`, or `None` (default).
        known: `KnownThreshold` for `known`, or `None` (default).
        vectors: Float array of shape `(1, dim)`, where that needs one.
        parents: `Parents` for its `answer`, or `None` (default).

    Returns:
        Dict of `valid`, `classes` and `scores`, likeliest first, and of `set`,
        `known`, `known_score` and `answer`, where they were asked for.

    Example:

    >>> answer_row(
    ...     ["elm", "oak"], np.array([[0.0, 2.0]]), np.array([[0.2, 0.8]]),
    ...     top_k=1)
    {'valid': True, 'classes': ['oak'], 'scores': [0.8]}
    """
    order = np.argsort(-logits[0], kind="stable")
    best = order[:top_k]
    found = {
        "valid": True,
        "classes": [class_names[c] for c in best],
        "scores": [float(s) for s in scores[0, best]],
    }
    if sets is not None:
        inside = sets.in_set(scores)[0]
        found["set"] = [class_names[c] for c in order if inside[c]]
    if known is not None:
        score = float(known.scores(logits, vectors)[0])
        found["known"] = score >= known.threshold
        found["known_score"] = score
    if parents is not None:
        found["answer"] = parents.answer(scores[0])
    return found


def bad_row(reason):
    """Returns the row of a picture that cannot be decoded."""
    return {"valid": False, "classes": [], "scores": [], "reason": reason}


def no_classes(path):
    """Returns what there is to say of a model that names no class."""
    return (
        "A class is predicted by a model that knows it. Received: "
        f"{path}, an embedding for classes that it was not trained on. Look "
        "for like images with `fgkeras retrieve RUN IMAGES`."
    )
