"""What features tell by class means, beside the head trained on them."""

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation.classification_report import with_interval
from fgkeras.ops import nearest_class_means

# What gives a stage other images, or another sight of them.
_IMAGES = {"data.cut", "data.resize", "data.size", "data.source"}


class ClassMeans:
    """What class means tell of a run's test images.

    It is known where heads are trained on features that never change, of the
    same images in each stage, and the test images are seen in one view: else
    the features are others.

    Args:
        config: `Config` of the run.
        tested: `SplitImages` that it is tested on.
    """

    def __init__(self, config, tested):
        self._config, self._tested = config, tested
        self._known = (
            when.TRAINED(config)
            and not any(_changes(stage.stage) for stage in config.stages())
            and config.evaluation.views == "center"
            and not when.tested_by_folds(config)
        )
        self._told = None

    def take(self, features, labels, looked_at):
        """Notes what the features of a stage tell, which are those of each.

        Args:
            features: Float array of shape `(num_images, channels)`, of the
                training images.
            labels: Integer array of shape `(num_images,)`.
            looked_at: Dict of split to the features of other images.
        """
        if self._known and self._told is None:
            tested = looked_at[self._tested.split]
            self._told = nearest_class_means(features, labels, tested)

    def metrics(self, logits):
        """Returns `{"class_means": ...}` for the metrics, or `{}`.

        Args:
            logits: Float array `(num_test_images, num_classes)` of the head.
        """
        if self._told is None:
            return {}
        found = class_means_report(
            self._told,
            self._tested.labels,
            logits,
            num_bootstrap=self._config.evaluation.resamples,
            seed=self._config.seed,
        )
        return {"class_means": found}


def _changes(stage):
    """Whether a stage has features or images of its own."""
    return stage.tune == "all" or not _IMAGES.isdisjoint(stage.own)


def class_means_report(told, labels, logits, *, num_bootstrap, seed):
    """Returns what class means tell, and what the head adds.

    Args:
        told: Integer array, the nearest class mean of each test image.
        labels: Integer array of the same shape.
        logits: Float array of shape `(num_test_images, num_classes)`.
        num_bootstrap: Int, resamples behind each interval.
        seed: Int, of the resamples.

    Returns:
        Dict ready for JSON of `top1`, `mean_per_class` and `gain`, which has
        both again: head less class means, on the same images.
    """
    means = (told == labels).astype("float64")
    head = (np.argmax(logits, axis=1) == labels).astype("float64")

    def numbers(values):
        return {
            name: with_interval(
                values, classes, num_bootstrap=num_bootstrap, seed=seed
            )
            for name, classes in (("top1", None), ("mean_per_class", labels))
        }

    gain = numbers(head - means)
    if (head == means).all():
        # Nothing differs, and nothing tells by how much it might.
        for entry in gain.values():
            entry |= {"low": None, "high": None}
    return {**numbers(means), "gain": gain}
