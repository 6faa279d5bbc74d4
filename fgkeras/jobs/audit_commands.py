"""The commands that an audit ends with, and what they will take here.

`experiments/audit/recipe.py` runs them as they are printed.
"""

import shlex

import numpy as np

from fgkeras.config import Config
from fgkeras.registries import BACKBONES

# What is neither images nor epochs of them: start, head, report, in seconds.
_AROUND = 20
# Seconds of an image in training, forward and back, over those of its features.
_BOTH_WAYS = 3.0
_HEAD_EPOCHS, _EPOCHS = 60, 10
# Of classes that are not trained on; see `experiments/metric_learning`.
UNSEEN = "multi-similarity"


# What was measured of the second command.
TUNED = (
    "Measured on 100 species of birds, from ImageNet: 88.3 % where frozen "
    "features gave 80.1 %, in 854 s against 38 s (experiments/fine_tuning)."
)


def train_commands(
    spec,
    backbone,
    recipe,
    sources,
    *,
    size=None,
    skip_bad=False,
    ignore=(),
    images=None,
    rate=None,
    unseen=False,
    told=None,
):
    """Returns the commands to start with, the first first.

    Args:
        spec: String that opens the source.
        backbone: String.
        recipe: Rows of `advise`.
        sources: Sequence of the weights to choose from; where there are none,
            those that Keras offers for the backbone, if it does.
        size: Int, pixels that were chosen, or `None`.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs. Defaults to none.
        images: Pair of ints, how many are trained on and how many tested on,
            or `None`.
        rate: Float, images of which features are made here in a second, or
            `None` where that is not known.
        unseen: Bool, whether the classes that are tested on are others than
            those trained on. Defaults to `False`.
        told: Float, what `told_by_class_means` says, or `None`.

    Returns:
        List of dicts of strings: `name`, `command`, `why` (what is known of
        its accuracy, or empty), and `minutes`, an int of what it will take
        here, or `None`.

    Example:

    >>> for row in train_commands(
    ...     "folder:photos", "mobilenet_v2", [], ["birds.weights.h5"],
    ...     images=(3000, 1000), rate=50.0,
    ... ):
    ...     print(row["minutes"], row["command"][-33:])
    2 irds.weights.h5 --mode frozen
    32 set train.head_epochs=60 --epochs 10
    """
    words = ["fgkeras train", f"--data {shlex.quote(spec)}"]
    words += ["--skip-bad"] * bool(skip_bad)
    if ignore:
        words.append(f"--ignore {shlex.quote(','.join(ignore))}")
    words.append(f"--backbone {backbone}")
    if not sources and BACKBONES.fact(backbone, "family") != "own":
        sources = ["imagenet"]
    if len(sources) == 1:  # Nothing to choose from, nothing to do without.
        words.append(f"--weights {shlex.quote(str(sources[0]))}")
    # The size is named below; what weighs classes is of a classifier.
    left_out = {"Resolution"} | ({"Loss"} if unseen else set())
    words += [row["option"] for row in recipe if row["what"] not in left_out]
    if not sources:
        plain = {"name": "All from scratch", "command": " ".join(words)}
        return [{**plain, "why": "", "minutes": None}]
    usual = Config.read(
        changes={"model.backbone": backbone, "model.weights": "imagenet"}
    ).resolved()
    if size and size != usual.data.size:
        words.append(f"--size {size}")
    if unseen:
        words.append(f"--method {UNSEEN}")
    frozen = tuned = None
    if images and rate:
        trained, tested = images
        frozen = _AROUND + (trained + tested) / rate
        tuned = frozen + _EPOCHS * trained * _BOTH_WAYS / rate
    rows = [("On frozen features", "--mode frozen", frozen, _guess(told))]
    if not unseen:
        head = f"--set train.head_epochs={_HEAD_EPOCHS} --epochs {_EPOCHS}"
        name = "Fine-tuned, first the head, then the body too"
        rows.append((name, head, tuned, TUNED))
    return [
        {
            "name": name,
            "command": " ".join([*words, option]),
            "why": why,
            "minutes": seconds and int(np.ceil(seconds / 60)),
        }
        for name, option, seconds, why in rows
    ]


def _guess(told):
    if told is None:
        return ""
    return (
        f"A first guess at its accuracy: {100 * told:.0f} % of the training "
        "pictures looked at are told by the class means of the others. It is "
        "too high where they are pictures of the same things."
    )


def told_by_class_means(features, labels):
    """Returns the share of images whose own class has the nearest mean.

    By cosine, each image left out of the mean of its class; a class of one
    image is never told.

    Args:
        features: Float array of shape `(num_images, channels)`.
        labels: Integer array of shape `(num_images,)`.

    Example:

    >>> told_by_class_means([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], [0, 0, 1, 1])
    1.0
    """
    x = np.asarray(features, "float64")
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    labels = np.unique(labels, return_inverse=True)[1]
    sums = np.zeros((labels.max() + 1, x.shape[1]))
    np.add.at(sums, labels, x)
    length = np.maximum(np.linalg.norm(sums, axis=1), 1e-12)
    alike = x @ sums.T / length
    own = sums[labels] - x
    length = np.linalg.norm(own, axis=1)
    mine = np.full(len(x), -np.inf)
    some = length > 1e-9
    mine[some] = (x[some] * own[some]).sum(axis=1) / length[some]
    alike[np.arange(len(x)), labels] = mine
    return float(np.mean(alike.argmax(axis=1) == labels))
