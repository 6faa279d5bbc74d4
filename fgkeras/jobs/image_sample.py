"""Features of a sample of images under one or more pre-trainings."""

import contextlib
import pathlib
import time

import numpy as np

from fgkeras.config import Config
from fgkeras.data.images.depth import notes_of
from fgkeras.data.open import open as open_source
from fgkeras.jobs.sample_indices import images_needed
from fgkeras.jobs.sample_indices import sample_indices
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.views import View
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import Reporter

_MAX_IMAGES = 3000


class ImageSample:
    """A sample of one split, which stays on the disk.

    It is seen as a training with frozen features sees its images. Where it is
    all images of the split, that training finds the features, and the other
    way round.

    Args:
        source: A `Source` or the text that opens one.
        split: String; `None` takes `train`, else the first split.
        max_images: Int, at most so many, drawn evenly within all classes, two
            of each at least; 0 for all. `None` (default) is 3000, or two of
            each class where that is more.
        skip_bad: Bool, whether undecodable images are left out. Defaults to
            `False`.
        ignore: Sequence of globs of what is passed over. Defaults to none.
        box_margin: Float at least 0, where images are cropped to their boxes
            and so much more on each side, as `data.box_margin`; `None`
            (default) where all of them is looked at.
        seed: Int.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Attributes:
        images: `SplitImages`.
        ids: Tuple of strings.
        labels: `int64 (num_images,)`, the labels of the source.
        refused: List of `(id, reason)` of the images left out.
        rates: Dict of pixels to the images of which features were made in a
            second, those of sizes whose features were made here.
        drawn: Dict with the numbers of images and classes, here and in all, and
            the least, the median and the most images of a class here.

    Raises:
        ValueError: If the split is empty, or an image cannot be read.
    """

    def __init__(
        self,
        source,
        split=None,
        *,
        max_images=None,
        skip_bad=False,
        ignore=(),
        box_margin=None,
        seed=0,
        reporter=CONSOLE,
    ):
        opened = isinstance(source, str)
        if opened:
            source = open_source(
                source,
                skip_bad=skip_bad,
                ignore=ignore,
                boxes=box_margin is not None,
            )
        if split is None:
            split = "train" if "train" in source.splits else None
            split = split or next(iter(source.splits))
        labels = source.split(split).labels
        if not len(labels):
            raise ValueError(
                "A split needs images to be looked at. Received: split="
                f"{split!r} of {source.spec}, which is empty."
            )
        if max_images is None:
            max_images = max(_MAX_IMAGES, images_needed(labels))
        chosen = sample_indices(labels, max_images, seed=seed)
        self._asked = {
            "train.mode": "frozen",
            "data.skip_bad": skip_bad,
            **box_options(box_margin),
        }
        self.source, self.split = source, split
        self.images = SplitImages(
            source.select(split, chosen),
            split,
            self._config(),
            reporter,
            once=True,
        )
        self.images.content()  # Reads all, so that a bad one is said now.
        for text in notes_of(source) if opened else ():
            reporter.say(text)
        self.ids, self.labels = self.images.ids, self.images.labels
        self.refused = self.images.refused
        self.rates = {}
        sizes = np.unique(self.labels, return_counts=True)[1]
        self.drawn = {
            "split": split,
            "images": len(self.ids),
            "of_images": len(labels),
            "classes": len(np.unique(self.labels)),
            "of_classes": len(np.unique(labels)),
            "images_of_a_class": [
                int(sizes.min()),
                float(np.median(sizes)),
                int(sizes.max()),
            ],
        }

    def _config(self, **more):
        return Config.read(changes={**self._asked, **more}).resolved()

    @property
    def class_sizes(self):
        """Images of each class in the whole split, `(num_classes,)`."""
        return self.source.counts(self.split)

    @property
    def names(self):
        """The class name of each image, a NumPy array of strings."""
        return np.asarray(self.source.class_names)[self.labels]

    def features(self, backbone, weights=None, size=160):
        """Returns globally averaged features, computed once and kept on disk.

        Args:
            backbone: String, see `fgkeras.models.backbone`.
            weights: `None`, `"imagenet"` or the path of a weights file.
            size: Int, pixels. Defaults to `160`.

        Returns:
            `float32 (num_images, channels)`.
        """
        config = self._config(
            **{
                "data.size": size,
                "model.backbone": backbone,
                "model.weights": str(weights or ""),
            }
        )
        # The classes stand behind what is taken of it.
        part = features_part(make_classifier(config, 2))
        title = f"{weights_name(weights)}, {size} px"
        images = self.images.under(View.of(config))
        meter = _RateMeter(images.reporter)
        images.reporter = meter
        try:
            found = images.features(part, title)
        finally:
            images.reporter = meter.told
        if meter.rate is not None:
            self.rates[size] = meter.rate
        return found

    def check_directions(self, features):
        """Refuses features of zeros, which have no direction to compare.

        Args:
            features: What `features` returned.

        Raises:
            ValueError: With the first image.
        """
        zeros = np.flatnonzero(~features.any(axis=1))
        if len(zeros):
            raise ValueError(
                "Features need a direction to be compared. Received: "
                f"{len(zeros)} of {len(features)} images of {self.source.spec} "
                "in which the network sees nothing, such as "
                f"{self.ids[zeros[0]]!r}. Take a larger size (--size), or pass "
                "over them (--ignore)."
            )

    def thumbnail(self, i):
        """Returns image `i` as a small `PIL.Image`."""
        return self.images.thumbnail(i)


def box_options(margin):
    """Returns the options of a run that crops its images to their boxes.

    Args:
        margin: Float at least 0, or `None` for a run that does not.

    Example:

    >>> box_options(0.1)
    {'data.crop_to_box': True, 'data.box_margin': 0.1}
    """
    if margin is None:
        return {}
    return {"data.crop_to_box": True, "data.box_margin": margin}


class _RateMeter(Reporter):
    """Passes on what is reported, and counts the images done in a second.

    The first batch, which builds the graph, does not count; of features that
    were there, nothing is counted.
    """

    def __init__(self, reporter):
        self.told, self.rate = reporter, None

    @contextlib.contextmanager
    def bar(self, title, total=None):
        """As `Reporter.bar`."""
        first = None
        with self.told.bar(title, total) as shown:

            def progress(done, total=None):
                nonlocal first
                now = time.monotonic()
                if first is None:
                    first = done, now
                elif now > first[1] and done > first[0]:
                    self.rate = (done - first[0]) / (now - first[1])
                shown(done, total)

            yield progress

    def say(self, text):
        """As `Reporter.say`."""
        self.told.say(text)


def weights_name(weights):
    """Returns how people call a weights file.

    >>> weights_name("models/birds.weights.h5"), weights_name(None)
    ('birds', 'random')
    """
    if not weights:
        return "random"
    path = pathlib.Path(weights)
    if path.name == "model.keras":
        path = path.parent
    return path.name.removesuffix(".h5").removesuffix(".weights")


def named_weights(weights):
    """Returns a dict of name to weights, whole paths where names repeat.

    Raises:
        ValueError: If the same weights are given twice.
    """
    weights = [str(w) for w in weights]
    twice = sorted({w for w in weights if weights.count(w) > 1})
    if twice:
        raise ValueError(
            f"Each weights file counts once. Received: {twice[0]} twice."
        )
    short = [weights_name(w) for w in weights]
    return {
        name if short.count(name) == 1 else path: path
        for name, path in zip(short, weights, strict=True)
    }
