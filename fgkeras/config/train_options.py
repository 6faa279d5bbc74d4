"""Options of `train` and `evaluation`: how long, how fast, how judged."""

from fgkeras.config import when
from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Flag
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import Limits
from fgkeras.config.kinds import ListOf
from fgkeras.config.kinds import OneOf
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.config.option import Used
from fgkeras.registries import VIEWS

_HEAD_BEFORE = Used(
    lambda c: (
        c.train.mode == "finetune"
        and c.train.head_epochs > 0
        and c.train.head_solver == "adam"
    ),
    "by a head trained before (train.head_epochs above 0, "
    "train.head_solver=adam)",
)


def _scheduled(name):
    return when.GRADIENT & Used(
        lambda c: c.train.schedule == name, f"with --schedule {name}"
    )


TRAIN = {
    "mode": Option(
        Choice(("frozen", "finetune")),
        "finetune",
        "frozen (features once, then a head) or finetune",
        "",
        "--mode",
    ),
    "epochs": Option(
        Int(1),
        AUTO,
        "auto: 60 for frozen features, else 10",
        "epochs",
        "--epochs",
        when.GRADIENT,
    ),
    "head_epochs": Option(
        Int(0),
        0,
        "of the head on frozen features, before all is trained",
        "epochs",
        "",
        when.CLASSIFIER
        & when.FINETUNED
        & Used(
            lambda c: c.train.head_solver == "adam",
            "with train.head_solver=adam",
        ),
    ),
    "head_solver": Option(
        Choice(("adam", "logistic")),
        "adam",
        "of the head on frozen features; logistic: regression by L-BFGS",
        "",
        "",
        when.TRAINED,
    ),
    "head_c": Option(
        Float(0, None, "low"),
        1.0,
        "inverse regularization of the logistic solver",
        "",
        "",
        when.CLASSIFIER
        & Used(
            lambda c: c.train.head_solver == "logistic",
            "with train.head_solver=logistic",
        ),
    ),
    "head_learning_rate": Option(
        Float(0, None, "low"),
        0.01,
        "Adam, cosine, of the head before all is trained",
        "",
        "",
        when.CLASSIFIER & _HEAD_BEFORE,
    ),
    "optimizer": Option(
        Choice(("sgd", "adam", "rmsprop")),
        "adam",
        "of the weights",
        "",
        "--optimizer",
        when.GRADIENT,
    ),
    "learning_rate": Option(
        Float(0, None, "low"),
        AUTO,
        "auto: 0.01 frozen (embeddings 0.001), 2e-4 with weights, else 1e-3",
        "",
        "--learning-rate",
        when.GRADIENT,
    ),
    "pooling_rate": Option(
        Float(0, None, "low"),
        1.0,
        "learning rate of what the pooling learns, as a kernel's "
        "coefficients, times the other",
        "",
        "--pooling-rate",
        when.POOLING_TRAINED,
    ),
    "momentum": Option(
        Float(0, 1, "high"),
        0.9,
        "of the optimizer",
        "",
        "",
        when.GRADIENT
        & Used(
            lambda c: c.train.optimizer in ("sgd", "rmsprop"),
            "with --optimizer sgd or rmsprop",
        ),
    ),
    "schedule": Option(
        Choice(("constant", "step", "cosine", "exponential")),
        "cosine",
        "of the learning rate",
        "",
        "--schedule",
        when.GRADIENT,
    ),
    "warmup_epochs": Option(
        Float(0), 0.0, "of a rising rate", "epochs", "", when.GRADIENT
    ),
    "boundaries": Option(
        ListOf(Float(0)), [], "of the steps", "epochs", "", _scheduled("step")
    ),
    "factors": Option(
        ListOf(Float(0)),
        [],
        "of the rate after each boundary",
        "",
        "",
        _scheduled("step"),
    ),
    "decay": Option(
        Float(0, 1, "low"),
        0.94,
        "of the rate",
        "",
        "",
        _scheduled("exponential"),
    ),
    "decay_epochs": Option(
        Float(0, None, "low"),
        2.0,
        "between two decays",
        "epochs",
        "",
        _scheduled("exponential"),
    ),
    "weight_decay": Option(
        Float(0),
        AUTO,
        "times half the squares; auto: 3e-4 for a frozen classifier, else 0",
        "",
        "",
        when.GRADIENT,
    ),
    "decay_kind": Option(
        Choice(("all", "no_batch_norm")),
        "all",
        "what weight decay is of",
        "",
        "",
        when.GRADIENT
        & Used(lambda c: c.train.weight_decay > 0, "with train.weight_decay"),
    ),
    "clip": Option(
        Float(0),
        0.0,
        "every gradient entry to [-clip, clip]; 0: no clipping",
        "",
        "",
        when.GRADIENT,
    ),
    "precision": Option(
        Choice(("float32", "mixed_float16", "mixed_bfloat16")),
        "float32",
        "of the layers",
        "",
        "--precision",
    ),
    "strategy": Option(
        Choice(("none", "mirrored")),
        "none",
        "several devices",
        "",
        "--strategy",
    ),
    "replicas": Option(
        OneOf((Choice(("all",)), Int(1))),
        "all",
        "devices; all: every GPU",
        "devices",
        "",
        Used(
            lambda c: c.train.strategy == "mirrored",
            "with --strategy mirrored",
        ),
    ),
    "keep": Option(
        Choice(("last", "best")),
        "last",
        "epoch of each stage; best: by the mean class accuracy on validation",
        "",
        "--keep",
        when.CLASSIFIER & when.GRADIENT,
    ),
    "validate_every": Option(
        Int(1),
        1,
        "between two looks at images that are not trained on",
        "epochs",
        "",
        when.CLASSIFIER & when.GRADIENT,
    ),
    "save_seconds": Option(
        Float(0),
        60.0,
        "longest time between checkpoints",
        "seconds",
        "",
        when.GRADIENT,
    ),
    "jit": Option(
        Flag(),
        False,
        "compile with XLA (JAX always does)",
        "",
        "",
        when.GRADIENT,
    ),
}

EVALUATION = {
    "resamples": Option(
        Int(0), 1000, "behind each interval; 0: no intervals", "resamples"
    ),
    "groups": Option(
        Limits(),
        AUTO,
        "tail has fewer than the first, head more than the second; of one "
        "alone, at least that; auto: 20,100 where these tell classes apart, "
        "else about a third each, none where classes are even",
        "training images",
        "",
        when.CLASSIFIER,
    ),
    "folds": Option(
        OneOf((Choice(("none",)), Int(2))),
        "none",
        "each image is tested once, by a head that was trained without its "
        "fold; the run is trained on all (fgkeras train --folds)",
        "folds",
        "",
        when.FOLDABLE,
    ),
    "views": Option(
        Choice(VIEWS),
        "center",
        "what of a picture answers are the mean over",
        "",
        "",
        when.CLASSIFIER,
    ),
}
