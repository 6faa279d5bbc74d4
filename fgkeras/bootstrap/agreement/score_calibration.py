"""What a model's scores are worth, judged by posteriors of a consensus."""

import dataclasses

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

# A score of 0 or 1 says no more than one so far from it.
_LEAST_SCORE = 1e-6
# Widths of the normal priors of slope and offsets, around 1 and 0.
_SLOPE_WIDTH = 1.0
_OFFSET_WIDTH = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class ScoreCalibration:
    """Turns scores into a prior of the classes.

        prior_ik = (1 - doubt) softmax_k(slope log s_ik + offset_k) + doubt / K

    Attributes:
        slope: Float at least 0: 1 takes scores as they are, 0 passes them over.
        offsets: `float64 (num_classes,)`, for shares that differ from those the
            model was trained on.
        doubt: Float in [0, 1], the chance that a score says nothing.

    Example:

    >>> sure = ScoreCalibration(1.0, np.zeros(2), 0.1)
    >>> sure.prior(np.log([[0.2, 0.8]])).round(2).tolist()
    [[0.23, 0.77]]
    """

    slope: float
    offsets: np.ndarray
    doubt: float

    def prior(self, log_scores):
        """Returns the prior `(num_items, num_classes)`, rows of sum 1.

        Args:
            log_scores: Float array of that shape.
        """
        sure = np.exp(log_softmax(self.slope * log_scores + self.offsets, 1))
        return (1 - self.doubt) * sure + self.doubt / log_scores.shape[1]

    def refitted(self, log_scores, posteriors, max_iterations=100):
        """Returns a calibration under which the posteriors are likelier.

        Steps of L-BFGS towards a maximum of `sum_ik q_ik log prior_ik`, less
        weak normal priors of slope (around 1) and offsets (around 0).

        Args:
            log_scores: Float array of shape `(num_items, num_classes)`.
            posteriors: Float array of the same shape.
            max_iterations: Int at least 1. Defaults to `100`.
        """
        with np.errstate(divide="ignore"):
            believed = np.log1p(-self.doubt)
            nothing = np.log(self.doubt / log_scores.shape[1])

        def loss(x):
            sure = log_softmax(x[0] * log_scores + x[1:], axis=1)
            logs = np.logaddexp(believed + sure, nothing)
            # The share of each posterior that is owed to the score.
            owed = posteriors * np.exp(believed + sure - logs)
            wrong = owed.sum(axis=1, keepdims=True) * np.exp(sure) - owed
            slope_off = (x[0] - 1) / _SLOPE_WIDTH
            offsets = x[1:] / _OFFSET_WIDTH
            value = -(posteriors * logs).sum()
            value += (slope_off**2 + (offsets**2).sum()) / 2
            gradient = np.concatenate(
                [
                    [(wrong * log_scores).sum() + slope_off / _SLOPE_WIDTH],
                    wrong.sum(axis=0) + offsets / _OFFSET_WIDTH,
                ]
            )
            return value, gradient

        found = minimize(
            loss,
            np.concatenate([[self.slope], self.offsets]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] + [(None, None)] * len(self.offsets),
            options={"maxiter": max_iterations},
        )
        return ScoreCalibration(float(found.x[0]), found.x[1:], self.doubt)


def log_of_scores(scores):
    """Returns logs of scores, one row per item and one column per class.

    Args:
        scores: Float array of shape `(num_items,)`, probabilities that the
            answer is yes, or `(num_items, num_classes)`, of each class.

    Returns:
        `float64 (num_items, num_classes)`, no and yes for the first.

    Raises:
        ValueError: With row numbers, for scores that are no probabilities.

    Example:

    >>> np.exp(log_of_scores([0.75])).round(2).tolist()
    [[0.25, 0.75]]
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim == 1:
        scores = np.stack([1 - scores, scores], axis=1)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(
            "scores must be one probability of yes for each item, or a row of "
            f"at least 2 classes. Received: scores.shape={scores.shape}. "
            "Give softmax or sigmoid outputs."
        )
    fit = ((scores >= 0) & (scores <= 1)).all(axis=1)
    fit[fit] = np.abs(scores[fit].sum(axis=1) - 1) < 1e-3
    (wrong,) = np.nonzero(~fit)
    if len(wrong):
        raise ValueError(
            "Scores must be probabilities from 0 to 1, those of one item of "
            f"sum 1. Received: {len(wrong)} others, in rows "
            f"{wrong[:10].tolist()}. Give softmax outputs, not logits."
        )
    return np.log(np.maximum(scores, _LEAST_SCORE))
