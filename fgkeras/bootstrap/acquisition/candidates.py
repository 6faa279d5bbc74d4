"""What a model says of a pool, ready to choose from."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Candidates:
    """The scores of a pool of pictures that a choice is made by.

    A strategy is a function of `Candidates`, and options of its own, that
    returns positions in the order in which they are offered:

        def least_likely(candidates):
            return np.argsort(candidates.scores)

    Attributes:
        scores: `float64 (num_images,)`, of the class that is predicted.
        rivals: `float64 (num_images,)`, of the one that comes second.
        classes: `int64 (num_images,)`, the class that is predicted.
        entropies: `None` where only these are known, or `float64
            (num_images,)`, of all classes, in nats.

    Raises:
        ValueError: With row numbers, for scores that are no probabilities.

    Example:

    >>> pool = Candidates.of([[0.7, 0.2, 0.1], [0.1, 0.4, 0.5]])
    >>> pool.scores.tolist(), pool.rivals.tolist(), pool.classes.tolist()
    ([0.7, 0.5], [0.2, 0.4], [0, 2])
    """

    scores: np.ndarray
    rivals: np.ndarray
    classes: np.ndarray
    entropies: np.ndarray | None = None

    def __post_init__(self):
        scores = checked_scores("scores", self.scores)
        rivals = checked_scores("rivals", self.rivals)
        classes = np.asarray(self.classes)
        if not scores.shape == rivals.shape == classes.shape:
            raise ValueError(
                "There must be a score, a rival and a class for each picture. "
                f"Received: scores.shape={scores.shape}, rivals.shape="
                f"{rivals.shape}, classes.shape={classes.shape}."
                " Give one of each."
            )
        if classes.size and (
            classes.dtype.kind not in "iu" or classes.min() < 0
        ):
            raise ValueError(
                "classes must be whole numbers from 0 on. Received: "
                f"classes={classes}. Give indices, not names."
            )
        (wrong,) = np.nonzero(rivals > scores)
        if len(wrong):
            raise ValueError(
                "A rival scores no more than what is predicted. Received: "
                f"{len(wrong)} that do, in rows {wrong[:10].tolist()}. Swap "
                "scores and rivals."
            )
        for name, value in (
            ("scores", scores),
            ("rivals", rivals),
            ("classes", classes.astype(np.int64)),
        ):
            object.__setattr__(self, name, value)

    def __len__(self):
        return len(self.scores)

    @classmethod
    def of(cls, scores):
        """Returns the candidates of scores of all classes.

        Args:
            scores: Float array of shape `(num_images, num_classes)`, from 0 to
                1, of softmax or sigmoid. Of equal ones the first class is
                predicted.
        """
        scores = np.asarray(scores)
        if scores.ndim != 2 or scores.shape[1] < 2:
            raise ValueError(
                "scores must be a row for each picture and a column for each "
                f"of at least 2 classes. Received: scores.shape={scores.shape}."
                " Candidates takes the best and the second alone."
            )
        scores = checked_scores("scores", scores)
        classes = scores.argmax(axis=1)
        rivals = np.partition(scores, -2, axis=1)[:, -2]
        total = np.maximum(scores.sum(axis=1, keepdims=True), 1e-300)
        shares = scores / total
        logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
        entropies = -(shares * logs).sum(axis=1)
        return cls(scores.max(axis=1, initial=0), rivals, classes, entropies)


def checked_scores(name, scores):
    """Returns scores as float64, or says in which rows they are none.

    Args:
        name: String, what they are called.
        scores: Float array, one row per picture.

    Raises:
        ValueError: With row numbers, for NaN, infinity, or beyond 0 to 1.

    Example:

    >>> checked_scores("scores", [0.25, 1]).tolist()
    [0.25, 1.0]
    """
    scores = np.asarray(scores, np.float64)
    fits = (scores >= 0) & (scores <= 1)
    (rows,) = np.nonzero(~fits.all(axis=tuple(range(1, fits.ndim))))
    if len(rows):
        raise ValueError(
            f"{name} must be probabilities from 0 to 1. Received: {len(rows)} "
            f"rows with others, NaN or infinity among them: rows "
            f"{rows[:10].tolist()}. Look at these pictures, or give softmax "
            "outputs, not logits."
        )
    return scores
