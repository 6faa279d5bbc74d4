"""What every granularity index returns: a number and what it is made of."""

import dataclasses

import numpy as np

from fgkeras.evaluation.bootstrap_interval import bootstrap_interval


@dataclasses.dataclass(frozen=True, eq=False)
class Granularity:
    """How fine-grained a labelled set is: near 0 coarse, larger finer.

    Attributes:
        index: `"RS"`, `"RSM"`, `"Rank"` or `"RankM"`.
        value: Float, the mean of `scores`.
        scores: `float64` array of shape `(num_images,)`, the share of each
            image.
        class_ids: `int64` array of shape `(num_images,)`, position of its
            class in `names`.
        class_names: `(num_classes,)`, the labels, sorted.
        rivals: `int64` array of shape `(num_images,)`, the other class that
            came nearest.
        medoids: `int64` array of shape `(num_classes,)`, one image per class,
            or `None` where the index uses none.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> x = [[0.0], [2.0], [1.0], [3.0]]
    >>> found = rankm(x, ["a", "a", "b", "b"], metric="euclidean")
    >>> found.value, found.medoids.tolist(), found.class_scores.tolist()
    (0.25, [0, 2], [0.5, 0.0])
    """

    index: str
    value: float
    scores: np.ndarray
    class_ids: np.ndarray
    class_names: np.ndarray
    rivals: np.ndarray
    medoids: np.ndarray | None = None

    def __float__(self):
        return self.value

    @property
    def class_counts(self):
        """Images per class, int64 `(num_classes,)`."""
        return np.bincount(self.class_ids, minlength=len(self.class_names))

    @property
    def class_scores(self):
        """Mean score of each class, float64 `(num_classes,)`.

        NaN for classes whose images `compared` left out.
        """
        totals = np.bincount(
            self.class_ids, self.scores, minlength=len(self.class_names)
        )
        counts = self.class_counts
        return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)

    def compared(self):
        """Returns the same over the images whose class has another image.

        Use it where some classes have one image: nothing says how alike the
        images of such a class are, and what an index gives it is no
        measurement. These classes stay as rivals of the others.

        Returns:
            `Granularity`, whose arrays hold these images alone, and whose
            `class_counts` are 0 for the classes left out.

        Raises:
            ValueError: no class has two images.
        """
        kept = self.class_counts[self.class_ids] > 1
        if kept.all():
            return self
        if not kept.any():
            raise ValueError(
                "Granularity compares the images of a class with one another. "
                f"Received: {len(kept)} images, one of each class."
            )
        return dataclasses.replace(
            self,
            value=float(self.scores[kept].mean()),
            scores=self.scores[kept],
            class_ids=self.class_ids[kept],
            rivals=self.rivals[kept],
        )

    def interval(self, *, num_resamples=1000, level=0.95, seed=0):
        """Bootstrap interval over the images, in no time.

        Images are redrawn, and what they are compared with (medoids, the
        other images) stays. For RankM that is nearly all of the spread; of
        RS, RSM and Rank it was about half on simulated sets, since there the
        others matter too: `resampled_interval` redraws everything.

        Args:
            num_resamples: Int at least 1. Defaults to `1000`.
            level: Float in [0, 1]. Defaults to `0.95`.
            seed: Int. Defaults to `0`.

        Returns:
            `(low, high)`, floats.
        """
        return bootstrap_interval(
            self.scores, num_resamples=num_resamples, level=level, seed=seed
        )

    def hardest_classes(self, count=10):
        """Returns up to `count` rows `(class, score, main rival)`, worst first.

        The main rival is the class that was nearest to most of its images.
        """
        scores = self.class_scores
        order = np.argsort(-scores, kind="stable")
        order = order[~np.isnan(scores[order])]
        rows = []
        for class_id in order[:count]:
            rivals = self.rivals[self.class_ids == class_id]
            rival = np.bincount(rivals).argmax()
            names = self.class_names
            rows.append(
                (
                    names[class_id].item(),
                    float(scores[class_id]),
                    names[rival].item(),
                )
            )
        return rows


def granularity_of(index, scores, classes, rivals, medoids=None):
    """Puts the parts together; the value is the mean of the scores."""
    return Granularity(
        index=index,
        value=float(scores.mean()),
        scores=scores,
        class_ids=classes.ids,
        class_names=classes.names,
        rivals=rivals,
        medoids=medoids,
    )
