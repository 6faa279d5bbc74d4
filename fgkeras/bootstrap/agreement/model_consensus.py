"""People's answers and a model's scores, weighed against each other."""

import dataclasses

import numpy as np
from scipy.special import logsumexp

from fgkeras.bootstrap.agreement.checked_votes import checked_votes
from fgkeras.bootstrap.agreement.checked_votes import labeller_count
from fgkeras.bootstrap.agreement.dawid_skene import answer_counts
from fgkeras.bootstrap.agreement.dawid_skene import expected_counts
from fgkeras.bootstrap.agreement.dawid_skene import log_answers
from fgkeras.bootstrap.agreement.labeller_skill import checked_known
from fgkeras.bootstrap.agreement.score_calibration import ScoreCalibration
from fgkeras.bootstrap.agreement.score_calibration import log_of_scores

SKILLS = ("confusion", "accuracy")
TEACHERS = ("people", "posteriors")


@dataclasses.dataclass(frozen=True, eq=False)
class ModelConsensus:
    """What is known of items, labellers and the model.

    Attributes:
        posteriors: `float64 (num_items, num_classes)`, rows of sum 1.
        risks: `float64 (num_items,)`, expected error of taking the likeliest
            class: 1 - max of the posterior.
        priors: `float64 (num_items, num_classes)`, what the score alone says,
            calibrated.
        confusions: `float64 (num_labellers, num_classes, num_classes)`, how
            often a labeller gives the answer of a column where the row is true.
        calibration: `ScoreCalibration`, what the scores turned out to be worth.
        converged: Bool, whether the posteriors stood still at the end.

    Example:

    >>> found = model_consensus([[0, 0, 1], [1, 0, 0]], [0.5, 0.5])
    >>> found.posteriors.argmax(axis=1).tolist()
    [1, 0]
    """

    posteriors: np.ndarray
    risks: np.ndarray
    priors: np.ndarray
    confusions: np.ndarray
    calibration: ScoreCalibration
    converged: bool


def model_consensus(
    votes,
    scores,
    *,
    num_labellers=None,
    known=None,
    skills="confusion",
    accuracy=0.8,
    strength=10.0,
    doubt=0.05,
    taught_by="people",
    max_iterations=500,
    tolerance=1e-4,
):
    """Estimates the true answers from votes, with a model's score as prior.

        P(class k of i) ~ prior_ik prod_votes theta_j[k, answer]

    Prior, labellers' confusions `theta_j` and posteriors are estimated in turn,
    as EM does. Use it where an item has few votes: then the score tells which
    vote to doubt, and `risks` which items want another one.

    A model that is too sure of itself cannot overrule people. Its score counts
    for what it proved worth on the items with votes: slope and offsets of its
    logits (`ScoreCalibration`) are fitted, in each turn, to what people alone
    say of an item, by their confusions and the shares of the classes. So a
    score is never fitted to answers that it gave itself, and what people get
    wrong by chance makes it count for less than it might. `"posteriors"` fits
    it to the whole, and gets more out of a score that knows much where an item
    has one vote; but where the same pictures mislead the model and people it
    believes in itself. And with chance `doubt` the score is taken to know
    nothing: none outweighs two labellers who are right in 9 of 10 and agree.

    Labellers are taken to err each on their own. `experiments/bootstrapping`
    shows what is lost where they do not.

    The confusions of a labeller are drawn to those of all with a weight of
    `strength` votes for each true class, and those of all to `accuracy` with
    the same weight. So a new labeller is an average one. Where all overlook
    positives the pooled confusions learn it. From one vote an item nobody's
    accuracy can be told: give some `known` ones.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, rows of item, labeller
            and answer; one of a labeller on an item. May be empty.
        scores: Float array of shape `(num_items,)`, the model's probability of
            the answer 1, or `(num_items, num_classes)`, of each.
        num_labellers: `None` for those of the votes, or int.
        known: `None`, or integer array of shape `(num_items,)`, the class of
            gold items and what an expert decided, -1 for the others.
        skills: String, `"confusion"` for one of each labeller, or `"accuracy"`,
            one number each, wrong answers spread evenly: for many classes and
            few votes. Defaults to `"confusion"`.
        accuracy: Float in (0, 1), what labellers are expected to be right.
            Defaults to `0.8`.
        strength: Float above 0, in votes. Defaults to `10.0`.
        doubt: Float in [0, 1]. Defaults to `0.05`.
        taught_by: String, `"people"` or `"posteriors"`, what the calibration of
            the score is fitted to. Defaults to `"people"`.
        max_iterations: Int at least 1. Defaults to `500`.
        tolerance: Float at least 0, of the largest change of a posterior.
            Defaults to `1e-4`.

    Returns:
        `ModelConsensus`.

    Raises:
        ValueError: For votes that are no votes, scores that are no
            probabilities, or options out of range.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 2, 500)
    >>> scores = np.where(truth == 1, 0.8, 0.2)
    >>> scores[::10] = 1 - scores[::10]
    >>> said = np.where(rng.random(500) < 0.8, truth, 1 - truth)
    >>> votes = np.stack([np.arange(500), np.arange(500) % 5, said], axis=1)
    >>> found = model_consensus(votes, scores, taught_by="posteriors")
    >>> answers = found.posteriors.argmax(axis=1)
    >>> bool(np.mean(answers != truth) < np.mean(said != truth) - 0.05)
    True

    References:
        Branson, Van Horn, Perona, "Lean Crowdsourcing: Combining Humans and
        Machines in an Online System", CVPR 2017. Van Horn, Branson, Loarie,
        Belongie, Perona, "Lean Multiclass Crowdsourcing", CVPR 2018. There
        the detector is trained on the answers; here its scores are given.
    """
    log_scores = log_of_scores(scores)
    num_items, num_classes = log_scores.shape
    votes = checked_votes(votes, num_items=num_items, num_classes=num_classes)
    num_labellers = labeller_count(votes, num_labellers)
    _check_choices(skills, taught_by)
    _check_options(accuracy, strength, doubt, max_iterations, tolerance)
    known = checked_known(
        np.full(num_items, -1) if known is None else known, num_classes
    )
    if len(known) != num_items:
        raise ValueError(
            "known must have a class or -1 for each item. Received: "
            f"known.shape={known.shape} for {num_items} items. Leave it out "
            "where none is known."
        )
    given = answer_counts(votes, num_items, num_labellers, num_classes)
    told = (np.bincount(votes[:, 0], minlength=num_items) > 0) | (known >= 0)
    expected = _expected_confusion(accuracy, num_classes)
    confusions = np.repeat(expected[None], num_labellers, axis=0)
    # People alone, at first: the score has proved nothing yet.
    calibration = ScoreCalibration(0.0, np.zeros(num_classes), float(doubt))
    even = np.full(log_scores.shape, 1 / num_classes)
    posteriors = _posteriors(given, confusions, even, known)
    priors, converged = even, False
    for _ in range(max_iterations):
        before = posteriors
        counts = expected_counts(given, posteriors, num_labellers)
        confusions = _confusions(counts, expected, strength, skills)
        taught = posteriors
        if taught_by == "people":
            shares = _shares(posteriors[told], num_classes)
            taught = _posteriors(given, confusions, shares, known)
        calibration = calibration.refitted(log_scores[told], taught[told])
        priors = calibration.prior(log_scores)
        posteriors = _posteriors(given, confusions, priors, known)
        if np.abs(posteriors - before).max(initial=0.0) <= tolerance:
            converged = True
            break
    return ModelConsensus(
        posteriors,
        1 - posteriors.max(axis=1, initial=0.0),
        priors,
        confusions,
        calibration,
        converged,
    )


def _expected_confusion(accuracy, num_classes):
    """Accuracy on the diagonal, the rest spread evenly."""
    wrong = (1 - accuracy) / (num_classes - 1)
    return np.full((num_classes, num_classes), wrong) + (
        accuracy - wrong
    ) * np.eye(num_classes)


def _posteriors(given, confusions, priors, known):
    """Prior times likelihood; certain where the class is known."""
    with np.errstate(divide="ignore"):
        joint = log_answers(given, confusions) + np.log(priors)
    posteriors = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    (rows,) = np.nonzero(known >= 0)
    posteriors[rows] = np.eye(joint.shape[1])[known[rows]]
    return posteriors


def _shares(posteriors, num_classes):
    """How common each class is; even before anything is known."""
    total = posteriors.sum(axis=0, keepdims=True) + 1 / num_classes
    return total / total.sum()


def _confusions(counts, expected, strength, skills):
    """Those of each labeller, drawn to the pooled, those to the expected."""
    if skills == "accuracy":
        right = np.trace(counts, axis1=1, axis2=2)
        votes = counts.sum(axis=(1, 2))
        pooled = right.sum() + strength * expected[0, 0]
        pooled = pooled / (votes.sum() + strength)
        each = (right + strength * pooled) / (votes + strength)
        size = len(expected)
        found = [_expected_confusion(share, size) for share in each]
        return np.reshape(found, counts.shape)
    pooled = counts.sum(axis=0) + strength * expected
    pooled /= pooled.sum(axis=1, keepdims=True)
    each = counts + strength * pooled
    return each / each.sum(axis=2, keepdims=True)


def _check_choices(skills, taught_by):
    """Refuses what is none of the choices."""
    for name, value, choices in (
        ("skills", skills, SKILLS),
        ("taught_by", taught_by, TEACHERS),
    ):
        if value not in choices:
            raise ValueError(
                f"{name} must be one of {choices}. Received: {name}={value!r}. "
                "The first is the default."
            )


def _check_options(accuracy, strength, doubt, max_iterations, tolerance):
    """Refuses options out of range."""
    if not 0 < accuracy < 1 or not 0 < strength < np.inf:
        raise ValueError(
            "accuracy must lie between 0 and 1, strength above 0. Received: "
            f"accuracy={accuracy}, strength={strength}. Usual are 0.8 and 10."
        )
    if not 0 <= doubt <= 1:
        raise ValueError(
            f"doubt must be a share from 0 to 1. Received: doubt={doubt}. "
            "At 1 the scores are passed over."
        )
    if max_iterations < 1 or not 0 <= tolerance < np.inf:
        raise ValueError(
            "max_iterations must be at least 1, tolerance at least 0. "
            f"Received: max_iterations={max_iterations}, "
            f"tolerance={tolerance}. Usual are 500 and 1e-4."
        )
