"""The commands that an audit ends with, and what they will take here.

`experiments/audit/recipe.py` runs them as they are printed.
"""

import shlex

import numpy as np

from fgkeras.config import Config
from fgkeras.data.cuts.holdout import held_back_from
from fgkeras.data.sources.source import ALL
from fgkeras.registries import BACKBONES

# Rough, of trainings of `experiments/fine_tuning`: what is neither images nor
# epochs of them (start, head, report), in seconds.
_AROUND = 20
# Seconds of an image in training, forward and back, over those of its features.
_BOTH_WAYS = 3.0
_HEAD_EPOCHS, _EPOCHS = 60, 10
# Of classes that are not trained on; see `experiments/metric_learning`.
UNSEEN = "multi-similarity"


# What was measured of commands such as the second.
TUNED = (
    "Measured on 100 species of birds, one seed: from ImageNet 88.3 % where "
    "frozen features gave 80.1 %, in 854 s against 38 s "
    "(experiments/fine_tuning); from a body that was pretrained on birds "
    "95.4 %, this very command, where frozen features gave 94.2 % "
    "(experiments/audit). Look for such a body first."
)


def train_commands(
    spec,
    backbone,
    recipe,
    sources,
    *,
    size=None,
    splits=(),
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
        splits: Sequence of the options that name splits, such as
            `"data.train_split=photos"`. Defaults to none.
        skip_bad: Bool. Defaults to `False`.
        ignore: Sequence of globs. Defaults to none.
        images: Pair of ints, how many are trained on and how many tested on,
            or `None`.
        rate: Float, images of which features are made here in a second, or
            `None` where that is not known.
        unseen: Bool, whether the classes that are tested on are others than
            those trained on. Defaults to `False`.
        told: Float, the share of the training images that the class means of
            the others tell, or `None`.

    Returns:
        List of dicts of strings: `name`, `command`, `why` (what is known of
        its accuracy, or empty), and `minutes`, an int of what it will take
        here, or `None`.

    Example:

    >>> for row in train_commands(
    ...     "folder:photos", "mobilenet_v2", [], ["birds.weights.h5"],
    ...     images=(3000, 1000), rate=50.0,
    ... ):
    ...     print(row["minutes"], row["command"].partition(".h5 ")[2])
    2 --mode frozen
    32 --set train.head_epochs=60 --epochs 10
    """
    words = ["fgkeras train", f"--data {shlex.quote(spec)}"]
    words += ["--skip-bad"] * bool(skip_bad)
    if ignore:
        words.append(f"--ignore {shlex.quote(','.join(ignore))}")
    words += [f"--set {shlex.quote(option)}" for option in splits]
    words.append(f"--backbone {shlex.quote(backbone)}")
    if not sources and of_keras(backbone):
        sources = ["imagenet"]
    chosen = any(row["what"] == "Pre-training" for row in recipe)
    if sources and not chosen:
        words.append(f"--weights {shlex.quote(str(sources[0]))}")
    # The size is named below; what weighs classes is of a classifier.
    left_out = {"Resolution"} | ({"Loss"} if unseen else set())
    words += [row["option"] for row in recipe if row["what"] not in left_out]
    if unseen:
        words.append(f"--method {UNSEEN}")
    if not sources:
        plain = {"name": "All from scratch", "command": " ".join(words)}
        return [{**plain, "why": "", "minutes": None}]
    usual = Config.read(
        changes={"model.backbone": backbone, "model.weights": "imagenet"}
    ).resolved()
    if size and size != usual.data.size:
        words.append(f"--size {size}")
    frozen = tuned = None
    if images and rate:
        trained, tested = images
        frozen = _AROUND + (trained + tested) / rate
        tuned = frozen + _EPOCHS * trained * _BOTH_WAYS / rate
    guess = "" if told is None or unseen else _guess(told)
    rows = [("On frozen features", "--mode frozen", frozen, guess)]
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


def named_splits(names, train):
    """Returns how a training finds its splits, or `None` if there is no way.

    Args:
        names: Sequence of strings, the splits of a source.
        train: String, the one that is looked at.

    Returns:
        Tuple of the options that name them, and the split to test on: `None`
        where a share of every class is held back.

    Example:

    >>> named_splits(["train", "val"], "train")
    ([], None)
    >>> named_splits(["photos", "test"], "photos")
    (['data.train_split=photos'], 'test')
    """
    if held_back_from(names) is not None:
        return [], None
    others = [name for name in names if name not in (train, ALL)]
    if not others:
        return None
    test = "test" if "test" in others else others[0]
    wanted = (("train", train), ("test", test))
    options = [f"data.{role}_split={n}" for role, n in wanted if n != role]
    return options, test


def _guess(told):
    return (
        f"A first guess at its accuracy: {100 * told:.0f} % of the training "
        "pictures looked at are told by the class means of the others. In "
        "experiments/audit that was from 11 points below to 26 above what came "
        "out; above where pictures of a class show the same things."
    )


def of_keras(backbone):
    """Whether Keras offers weights for a backbone.

    >>> of_keras("mobilenet_v2"), of_keras("small_cnn"), of_keras("mine:body")
    (True, False, False)
    """
    there = backbone in BACKBONES
    return there and BACKBONES.fact(backbone, "family") != "own"
