"""Which labels are wrong, as confident learning counts them."""

import numpy as np

from fgkeras.suspects.confident_joint import confident_classes
from fgkeras.suspects.confident_joint import confident_joint
from fgkeras.suspects.label_quality import checked_probabilities

METHODS = (
    "prune_by_noise_rate", "prune_by_class", "both", "confident_learning",
)  # fmt: skip
# By so much another class has to be likelier.
_EQUAL = 1e-6


def confident_label_errors(
    labels, probabilities, *, method="prune_by_noise_rate"
):
    """Returns which labels are errors, by probabilities told by the others.

    With `Q` the confident joint, `Q_ij` the images of label i and class j:

        prune_by_noise_rate: the Q_ij images of label i of largest
            p(j) - p(i), for each pair i, j
        prune_by_class: the sum over j != i of Q_ij images of label i of
            smallest p(i), for each i
        both: what both of these find
        confident_learning: all that are confidently of another class

    Of these, what the model says is of its label stays out. Every class keeps
    an image at least, and one of a single image has no errors. It finds a
    number of errors, not a list that ends where one likes: for that, order all
    images by `normalized_margin`.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself
            (`out_of_fold_probabilities`).
        method: String, one of those above. Defaults to
            `"prune_by_noise_rate"`.

    Returns:
        `bool` array of shape `(num_images,)`.

    Raises:
        ValueError: For arrays that do not fit, or another method.

    Example:

    >>> p = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.9, 0.1]]
    >>> confident_label_errors([0, 0, 1, 1, 1], p).tolist()
    [False, False, False, False, True]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, section 3; the rules for few images are
        those of cleanlab 2.9.0.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    if method not in METHODS:
        raise ValueError(
            f"method must be one of {', '.join(METHODS)}. Received: "
            f"method={method!r}."
        )
    if method == "confident_learning":
        guesses = confident_classes(labels, probabilities)
        found = (guesses >= 0) & (guesses != labels)
    else:
        found = np.ones(len(labels), bool)
        errors = _errors_kept_possible(confident_joint(labels, probabilities))
        if method in ("prune_by_noise_rate", "both"):
            found &= _by_noise_rate(labels, probabilities, errors)
        if method in ("prune_by_class", "both"):
            found &= _by_class(labels, probabilities, errors)
    favoured = probabilities.copy()
    favoured[np.arange(len(labels)), labels] += _EQUAL
    return found & (favoured.argmax(axis=1) != labels)


def _errors_kept_possible(joint):
    """The joint with 1 at least on the diagonal, taken evenly from the rest."""
    own = np.maximum(joint.diagonal(), 1)
    given = own - joint.diagonal()
    sources = np.maximum((joint != 0).sum(axis=1) - 1, 1)
    errors = np.maximum(joint - (given / sources)[:, None], 0).astype(np.int64)
    np.fill_diagonal(errors, own)
    return errors


def _by_noise_rate(labels, probabilities, errors):
    found = np.zeros(len(labels), bool)
    for i in np.unique(labels):
        (members,) = np.nonzero(labels == i)
        if len(members) < 2:
            continue
        for j in np.flatnonzero(errors[i]):
            if j == i:
                continue
            behind = probabilities[members, i] - probabilities[members, j]
            order = np.argsort(behind, kind="stable")
            found[members[order[: errors[i, j]]]] = True
    return found


def _by_class(labels, probabilities, errors):
    found = np.zeros(len(labels), bool)
    for i in np.unique(labels):
        (members,) = np.nonzero(labels == i)
        count = len(members) - errors[i, i]
        if len(members) > 1 and count > 0:
            order = np.argsort(probabilities[members, i], kind="stable")
            found[members[order[:count]]] = True
    return found
