"""Options of `model`, `pooling` and `loss`: what is trained."""

from fgkeras.config import when
from fgkeras.config.kinds import Choice
from fgkeras.config.kinds import Flag
from fgkeras.config.kinds import Float
from fgkeras.config.kinds import Int
from fgkeras.config.kinds import ListOf
from fgkeras.config.kinds import OneOf
from fgkeras.config.kinds import Text
from fgkeras.config.option import AUTO
from fgkeras.config.option import Option
from fgkeras.config.option import Used
from fgkeras.registries import LOSSES
from fgkeras.registries import POOLINGS

_HEADS = "none, UNITS or unit:SCALE"


def _embedding(text):
    kind, _, scale = text.partition(":")
    fits = kind == "none" or (kind.isdigit() and int(kind) > 0)
    if kind == "unit":
        try:
            fits = 0 < float(scale or 10) < 3.4e38
        except ValueError:
            fits = False
    if not fits:
        raise ValueError(text)


def _head(text):
    kind, _, scale = text.partition(":")
    fits = kind == "cosine" and 0 < float(scale) < 3.4e38
    if text != "linear" and not fits:
        raise ValueError(text)


def _head_start(text):
    named = text in ("none", "class-mean", "linear-probe")
    if not named and not text.endswith(".npz"):
        raise ValueError(text)


MODEL = {
    "backbone": Option(
        Text(None, "small_cnn, mobilenet_v2, ..., module:function"),
        "small_cnn",
        "the body",
        "",
        "--backbone",
    ),
    "weights": Option(
        Text(None, "imagenet, a .weights.h5, a run folder"),
        "",
        "pretrained weights of the body",
        "",
        "--weights",
    ),
    "pooling": Option(
        Choice(POOLINGS), "average", "of the feature map", "", "--pooling"
    ),
    "pooled_layer": Option(
        Text(None, "layer"),
        "",
        "inner layer of the body to pool",
        "",
        "",
        when.ONE_DEPTH,
    ),
    "embedding": Option(
        Text(_embedding, _HEADS),
        AUTO,
        "what stands before the head; auto: unit:10 with weights or higher "
        "orders, else none",
        "",
        "",
        when.CLASSIFIER,
    ),
    "head": Option(
        Text(_head, "linear or cosine:SCALE"),
        AUTO,
        "gives the logits; auto: cosine:30 with --loss ldam, else linear",
        "",
        "",
        when.TRAINED,
    ),
    "head_start": Option(
        Text(_head_start, "none, class-mean, linear-probe or FILE.npz"),
        "none",
        "where the head begins: none (drawn), means of the classes' features, "
        "logistic regression, or a file",
        "",
        "",
        when.TRAINED & when.GRADIENT,
    ),
    "dropout": Option(
        Float(0, 1, "high"),
        0.0,
        "before the head",
        "share",
        "",
        when.CLASSIFIER & when.GRADIENT,
    ),
    "freeze_batch_norm": Option(
        Flag(),
        AUTO,
        "keep the body's batch statistics; auto: with weights",
        "",
        "",
        when.FINETUNED & when.BATCH_NORM,
    ),
}

POOLING = {
    "order": Option(
        Int(1),
        4,
        "highest order of the kernel",
        "",
        "",
        when.pooled_with("order"),
    ),
    "dim": Option(
        Int(1),
        AUTO,
        "numbers per order; auto: 4096, and 8192 for compact_bilinear",
        "",
        "",
        when.pooled_with("dim"),
    ),
    "gamma": Option(
        OneOf((Choice(("data",)), Float(0, None, "low"))),
        0.5,
        "start of the kernel; data: 1 / the mean product",
        "",
        "",
        when.pooled_with("gamma")
        & Used(
            lambda c: not c.pooling.coefficients,
            "without pooling.coefficients",
        ),
    ),
    "coefficients": Option(
        ListOf(Float()),
        [],
        "of the kernel, one per order",
        "",
        "",
        when.pooled_with("coefficients"),
    ),
    "learn": Option(
        Flag(),
        True,
        "train the kernel's coefficients",
        "",
        "",
        when.pooled_with("learn"),
    ),
    "normalize": Option(
        Flag(),
        True,
        "descriptors to unit length before",
        "",
        "",
        when.pooled_with("normalize"),
    ),
    "transform": Option(
        Choice(("hadamard", "fourier", "fft")),
        "hadamard",
        "of the sketches; fft gives the numbers of fourier, but not in LiteRT",
        "",
        "",
        when.pooled_with("transform"),
    ),
    "units": Option(
        Int(1),
        4096,
        "of each layer",
        "",
        "",
        when.pooled_with("units"),
    ),
    "projection": Option(
        OneOf((Choice(("none",)), Int(1))),
        "none",
        "channels of a learned 1x1 convolution before",
        "channels",
        "",
        when.CLASSIFIER,
    ),
    "square_root": Option(
        Flag(),
        AUTO,
        "signed square root behind; auto: after higher orders",
        "",
        "",
        when.CLASSIFIER,
    ),
}

LOSS = {
    "name": Option(
        Choice(LOSSES),
        "softmax",
        "of the classifier",
        "",
        "--loss",
        when.CLASS_LOSS,
    ),
    "weighting": Option(
        Choice(("effective", "inverse", "inverse-sqrt", "none")),
        "effective",
        "of classes: by effective number (loss.beta), number of images, or "
        "its square root",
        "",
        "",
        when.WEIGHTED,
    ),
    "beta": Option(
        OneOf(
            (
                Float(0, 1, "high"),
                Choice(when.MEASURED_BETAS),
                ListOf(Float(0, 1, "high")),
            )
        ),
        0.0,
        "weights classes by effective numbers, usually 0.9 to 0.9999; 0: all "
        "alike; a list: one per class; data, data-per-class: measured on "
        "features",
        "",
        "--beta",
        when.BETA,
    ),
    "gamma": Option(
        Float(0),
        1.0,
        "focusing exponent",
        "",
        "--gamma",
        when.CLASS_LOSS & when.loss_with("gamma"),
    ),
    "smoothing": Option(
        Float(0, 1, "high"),
        0.0,
        "of the label, spread over all classes alike",
        "share",
        "",
        when.CLASS_LOSS & when.loss_with("smoothing") & when.GRADIENT,
    ),
    "tau": Option(
        Float(0),
        1.0,
        "how much of the log prior is added to the logits",
        "",
        "",
        when.CLASS_LOSS & when.loss_with("tau"),
    ),
    "max_margin": Option(
        Float(0),
        0.5,
        "margin of the rarest class",
        "cosine",
        "",
        when.CLASS_LOSS & when.loss_with("max_margin"),
    ),
    "scale": Option(
        Float(0, None, "low"),
        AUTO,
        "what a cosine of 1 is among the logits; auto: that of a cosine head, "
        "else 1",
        "",
        "",
        when.CLASS_LOSS & when.loss_with("scale"),
    ),
}
