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

    Of these, what the model says is of its label stays out. Where every image
    of a class is doubted (`Q_ii` is 0), `prune_by_noise_rate` finds none of
    them, and `prune_by_class` all but one. It finds a
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
        joint = confident_joint(labels, probabilities)
        if method in ("prune_by_noise_rate", "both"):
            found &= _by_noise_rate(labels, probabilities, joint)
        if method in ("prune_by_class", "both"):
            found &= _by_class(labels, probabilities, joint)
    favoured = probabilities.copy()
    favoured[np.arange(len(labels)), labels] += _EQUAL
    return found & (favoured.argmax(axis=1) != labels)


def _by_noise_rate(labels, probabilities, joint):
    found = np.zeros(len(labels), bool)
    # Where none of a class is right, which one belongs where is not known.
    for i in np.flatnonzero(joint.diagonal()):
        (members,) = np.nonzero(labels == i)
        for j in np.flatnonzero(joint[i]):
            if j != i:
                behind = probabilities[members, i] - probabilities[members, j]
                order = np.argsort(behind, kind="stable")
                found[members[order[: joint[i, j]]]] = True
    return found


def _by_class(labels, probabilities, joint):
    found = np.zeros(len(labels), bool)
    for i in np.unique(labels):
        (members,) = np.nonzero(labels == i)
        count = len(members) - max(joint[i, i], 1)
        order = np.argsort(probabilities[members, i], kind="stable")
        found[members[order[:count]]] = True
    return found
