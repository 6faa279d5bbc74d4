"""Options of `data`: where images come from and how batches are made."""

from fgkeras.config import when
from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Cut
from fgkeras.config.kinds import Flag
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Globs
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import OneOf
from fgkeras.config.kinds import Spec
from fgkeras.config.kinds import Text
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.config.option import Used
from fgkeras.registries import SAMPLERS

_AUGMENTATIONS = (
    "random_resized_crop",
    "inception_crop",
    "random_crop",
    "pad_crop",
    "none",
)
_WITH_CROP = "with data.augmentation={}"

DATA = {
    "source": Option(
        Spec(), "flora:", "the images: folder:PATH, zip:PATH, ...", "", "--data"
    ),
    "label_column": Option(
        Text(),
        "",
        "a column of classes.csv: parents as classes, such as family",
        "",
        "--label-column",
    ),
    "train_split": Option(
        Text(), "train", "the split trained on; train+val is both"
    ),
    "test_split": Option(
        Text(),
        "test",
        "the split tested on; * is all",
        "",
        "--test-split",
        when.HELD_BACK,
    ),
    "holdout": Option(
        Float(0, 1, "low high"),
        0.2,
        "held back of every class where there is no test split",
        "share",
        "",
        when.HELD_BACK,
    ),
    "val_share": Option(
        Float(0, 1, "high"),
        AUTO,
        "held back of every class to choose by; auto: 0.1 where something is "
        "chosen (train.keep=best), else 0",
        "share",
        "",
        when.CLASSIFIER,
    ),
    "calibration_share": Option(
        Float(0, 1, "high"),
        0.0,
        "held back of every class to the end, for the temperature of scores",
        "share",
        "",
        when.CLASSIFIER,
    ),
    "calibration_folds": Option(
        OneOf((Choice(("none",)), Int(2))),
        "none",
        "the same by as many heads, each trained without a fold of the images",
        "",
        "",
        when.FOLDED,
    ),
    "val_fold": Option(
        OneOf((Choice(("none",)), Int(0))),
        "none",
        "which of the 1 / data.val_share parts of every class is held back, "
        "from 0; none: a share drawn by the seed, or the source's own val",
        "",
        "",
        when.CLASSIFIER
        & Used(lambda c: c.data.val_share > 0, "with data.val_share"),
    ),
    "cut": Option(
        Cut(),
        "",
        "trains on a part: a long tail, at most so many, or a list of ids",
        "",
        "--long-tail",
    ),
    "sampler": Option(
        Choice(SAMPLERS),
        "uniform",
        "how images are drawn; pk_parents: of K images of P classes, classes "
        "of one parent (the finest column of classes.csv) side by side",
        "",
        "--sampler",
        when.SAMPLED,
    ),
    "batch_size": Option(
        Int(1),
        AUTO,
        "images of a batch; auto: 128 for frozen features, else 32",
        "images",
        "--batch-size",
        when.BATCHES,
    ),
    "size": Option(
        Int(1),
        AUTO,
        "side of the input; auto: 32 for cifar_*, 160 with weights, else 64",
        "pixels",
        "--size",
    ),
    "resize": Option(
        Int(1),
        AUTO,
        "shorter side before the evaluation crop; auto: the whole square",
        "pixels",
    ),
    "crop_to_box": Option(
        Flag(),
        False,
        "sees of each image what lies in its box (the source's, as of "
        "ymin,xmin,ymax,xmax of a csv:), to train on and to test on",
    ),
    "box_margin": Option(
        Float(0, 10),
        0.0,
        "more on each side of the box, as far as there is picture",
        "share of the box's side",
        "",
        Used(lambda c: c.data.crop_to_box, "with data.crop_to_box"),
    ),
    "augmentation": Option(
        Choice(_AUGMENTATIONS),
        "random_crop",
        "what a training crop is",
        "",
        "",
        when.FINETUNED,
    ),
    "train_resize": Option(
        Int(1),
        AUTO,
        "shorter side before random_crop; auto: 8/7 of size",
        "pixels",
        "",
        when.FINETUNED
        & Used(
            lambda c: c.data.augmentation == "random_crop",
            _WITH_CROP.format("random_crop"),
        ),
    ),
    "flip": Option(
        Flag(), True, "mirror half of the images", "", "", when.FINETUNED
    ),
    "color": Option(
        Float(0, 1),
        0.0,
        "strength of changes of brightness, contrast and saturation",
        "",
        "",
        when.FINETUNED,
    ),
    "min_area": Option(
        Float(0, 1),
        0.25,
        "smallest window of random_resized_crop",
        "share",
        "",
        when.FINETUNED
        & Used(
            lambda c: c.data.augmentation == "random_resized_crop",
            _WITH_CROP.format("random_resized_crop"),
        ),
    ),
    "input": Option(
        Choice(("auto", "tfdata", "arrays", "disk")),
        "auto",
        "tfdata, arrays (no TensorFlow) or disk (no copy in memory)",
    ),
    "classes": Option(
        Text(None, "0:98, 0:3,7, oak,elm or @FILE"),
        "",
        "numbers or names of the classes trained on, or @FILE of names, one a "
        "line; empty: all",
        "",
        "--classes",
    ),
    "test_source": Option(
        Spec(),
        "",
        "source of the test images, if another",
        "",
        "--test-data",
        when.EMBEDDING,
    ),
    "test_classes": Option(
        Text(None, "98:196, oak,elm or @FILE"),
        "",
        "numbers or names of the classes tested on",
        "",
        "--test-classes",
        when.EMBEDDING,
    ),
    "skip_bad": Option(
        Flag(), False, "leave out images that do not decode", "", "--skip-bad"
    ),
    "ignore": Option(
        Globs(),
        [],
        "files and folders to pass over, such as *.mov,old/*",
        "",
        "--ignore",
    ),
}
