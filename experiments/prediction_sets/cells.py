"""Heads on frozen features of a long tail, and images that they never saw."""

import numpy as np

from experiments import features
from experiments import heads
from experiments.audit.loss_weight import cut
from fgkeras.data.cuts.validation import held_back
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.evaluation import fit_temperature
from fgkeras.runs.classifier.folds import folds_of

CELLS = ("cub100/10", "cub100/30", "grocery/1")
SHARE, FOLDS = 0.2, 5


class Cell:
    """A set of training images cut to a tail, and its test images.

    Args:
        cache: Folder of `experiments.features`.
        name: String, such as `"cub100/10"`: the set and the imbalance.
        seed: Int, of what is held back, the heads and the draws.
    """

    def __init__(self, cache, name, seed):
        self.name, self.seed = name, seed
        self.set, factor = name.split("/")
        train = features.load(cache, self.set, "train", "imagenet")
        test = features.load(cache, self.set, "test", "imagenet")
        kept = np.flatnonzero(cut(train.labels, float(factor)))
        self.class_names = train.class_names.tolist()
        self.classes = len(self.class_names)
        self.x, self.y = train.features[kept], train.labels[kept]
        self.ids = train.ids[kept]
        self.test_x, self.test_y = test.features, test.labels
        self.counts = np.bincount(self.y, minlength=self.classes)
        self.same = self._with_these_shares()

    def _with_these_shares(self):
        """Test images drawn so that classes have the shares of training."""
        have = np.bincount(self.test_y, minlength=self.classes)
        largest = (have / self.counts).min()
        wanted = np.maximum((largest * self.counts).round().astype(int), 1)
        order = np.random.default_rng(self.seed).permutation(len(self.test_y))
        rank = np.empty(len(order), int)
        for c in range(self.classes):
            of_class = order[self.test_y[order] == c]
            rank[of_class] = np.arange(len(of_class))
        return np.flatnonzero(rank < wanted[self.test_y])

    def head(self, rows):
        """Returns a softmax head trained on some of the training images."""
        return heads.train_head(
            self.x[rows], self.y[rows], self.classes, {}, self.seed
        )

    def share(self):
        """A share of every class held back, as `data.calibration_share`.

        Returns:
            Tuple of the training counts, calibration labels and logits, and
            the logits of all test images.
        """
        names = self.class_names
        ids = tuple(self.ids.tolist())
        source = Source(self.set, names, {"train": Split(ids, self.y)})
        found = held_back(
            source, "train", share=SHARE, seed=self.seed, name="held"
        )
        place = {image: i for i, image in enumerate(ids)}
        rows, held = (
            np.array([place[i] for i in found.split(part).ids])
            for part in ("train", "held")
        )
        model = self.head(rows)
        return (
            np.bincount(self.y[rows], minlength=self.classes),
            self.y[held],
            heads.logits_of(model, self.x[held]),
            heads.logits_of(model, self.test_x),
        )

    def folds(self):
        """Heads without a fold each, as `data.calibration_folds`; the same."""
        fold = folds_of(self.ids, self.y, FOLDS, self.seed)
        logits = np.zeros((len(self.y), self.classes), np.float32)
        for i in range(FOLDS):
            model = self.head(np.flatnonzero(fold != i))
            inside = fold == i
            logits[inside] = heads.logits_of(model, self.x[inside])
        told = fold >= 0
        return (self.counts, self.y[told], logits[told], self.whole())

    def whole(self):
        """Returns the test logits of a head trained on all images."""
        model = self.head(np.arange(len(self.y)))
        return heads.logits_of(model, self.test_x)


def probabilities(logits, temperature):
    """Returns the softmax of logits divided by a temperature."""
    z = np.asarray(logits, np.float64) / temperature
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def calibrated(labels, logits, *others):
    """Returns probabilities by the temperature of the first logits."""
    temperature = fit_temperature(labels, logits)
    return [probabilities(part, temperature) for part in (logits, *others)]


def rounded(found):
    """Returns results with four digits behind the point, for small files."""
    if isinstance(found, dict):
        return {key: rounded(value) for key, value in found.items()}
    if isinstance(found, list):
        return [rounded(value) for value in found]
    return round(found, 4) if isinstance(found, float) else found
