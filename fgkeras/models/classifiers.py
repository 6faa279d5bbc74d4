"""Classifiers: a backbone, a pooling, an optional embedding, a head."""

import math

import keras
from keras import layers

from fgkeras.layers import SignedSquareRoot
from fgkeras.models import parts
from fgkeras.models.frozen_batch_norm import freeze_batch_norm as freeze
from fgkeras.registries import POOLINGS


def sigmoid_head_bias(num_classes):
    """Returns the head's bias at which every class has probability 1 / C.

    With one-vs-all losses the many negatives would else drown the first steps:

        sigmoid(-log(C - 1)) = 1 / C

    Args:
        num_classes: Int at least 2.

    Returns:
        Float.

    Raises:
        ValueError: If there are fewer than two classes.

    Example:
    >>> round(sigmoid_head_bias(101), 4)
    -4.6052

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 5.1.
    """
    if num_classes < 2:
        raise ValueError(
            "`num_classes` must be at least 2. Received: "
            f"num_classes={num_classes}."
        )
    return -math.log(num_classes - 1)


def classifier(
    backbone,
    num_classes,
    *,
    pooling="average",
    embedding=None,
    dropout=0.0,
    head=None,
    head_bias=0.0,
    pooled_layer=None,
    projection=None,
    square_root=None,
    freeze_batch_norm=False,
):
    """Puts a pooling and a head on a backbone.

    The parts are layers of the result named `backbone`, `projection`,
    `pooling`, `square_root`, `embedding`, `dropout` and `head`. The weights are
    those of `backbone`, shared, except with `freeze_batch_norm`, which copies
    them.

    Args:
        backbone: Functional `keras.Model` from images to a feature map, such
            as `backbone("mobilenet_v2", (128, 128, 3))`.
        num_classes: Int at least 2.
        pooling: `"average"`, `"max"`, `"bilinear"`, `"compact_bilinear"`,
            `"kernel"`, `"fully_connected"`, another name of
            `fgkeras.registries.POOLINGS`, or a layer from feature map to
            vector, such as `fgkeras.layers.KernelPooling(order=3)`. Defaults
            to `"average"`.
        embedding: `None`, the size of a linear layer, or a layer, between
            pooling and head. Defaults to `None`.
        dropout: Float in [0, 1), the rate before the head. Defaults to `0.0`.
        head: `None` for a linear layer, or a layer from vector to logits, such
            as `fgkeras.layers.CosineLogits(num_classes)`. Defaults to `None`.
        head_bias: Float, where the head's bias starts; `sigmoid_head_bias`
            gives it for one-vs-all losses. Defaults to `0.0`.
        pooled_layer: `None` for the backbone's output, or the name of its
            layer to pool instead; what follows that layer is left out.
        projection: `None`, or an int: a learned 1x1 convolution brings the
            map to as many channels before it is pooled, from an orthogonal
            start. Defaults to `None`.
        square_root: Bool, whether the pooled vector's signed square root is
            taken; `None` does it after bilinear, compact bilinear and kernel
            pooling. Give `embedding=ScaledUnitNormalization()` too, which
            their sources put behind it. Defaults to `None`.
        freeze_batch_norm: Bool. Whether batch normalization of the backbone
            uses its moving statistics and leaves them alone, also in training
            and after saving; `gamma` and `beta` still train. Defaults to
            `False`.

    Returns:
        `keras.Model` from raw pixels to logits of shape
        `(batch, num_classes)`, float32 under a mixed precision policy too.

    Raises:
        ValueError: If an argument is out of range or the parts do not fit.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> model = classifier(backbone("small_cnn", (64, 64, 3)), 7, embedding=32)
    >>> [layer.name for layer in model.layers[1:]]
    ['backbone', 'pooling', 'embedding', 'head']
    """
    if num_classes < 2:
        raise ValueError(
            "`num_classes` must be at least 2. Received: "
            f"num_classes={num_classes}."
        )
    if not 0.0 <= dropout < 1.0:
        raise ValueError(
            f"`dropout` must lie in [0, 1). Received: dropout={dropout}."
        )
    body = _body(backbone, pooled_layer)
    if freeze_batch_norm:
        body = freeze(body)
        body.name = parts.BACKBONE
    images = keras.Input(body.input_shape[1:], name="images")
    x = body(images)
    if projection is not None:
        x = _projection(projection)(x)
    pool = _pooling(pooling)
    x = pool(x)
    if len(x.shape) != 2:
        raise ValueError(
            "`pooling` must give one vector per image. Received: "
            f"pooling={pooling!r}, which gives shape {tuple(x.shape)}."
        )
    if square_root is None:
        square_root = _is_of_higher_order(pool)
    if square_root:
        x = SignedSquareRoot(name=parts.SQUARE_ROOT)(x)
    if embedding is not None:
        x = _embedding(embedding)(x)
    if dropout:
        x = layers.Dropout(dropout, name=parts.DROPOUT)(x)
    logits = _head(head, num_classes, head_bias)(x)
    if tuple(logits.shape) != (None, num_classes):
        raise ValueError(
            f"`head` must give logits of {num_classes} classes. Received: "
            f"head={head!r}, which gives shape {tuple(logits.shape)}."
        )
    return keras.Model(images, logits, name="classifier")


def embedding_model(classifier):
    """Returns the part of a classifier that gives its feature vectors.

    Args:
        classifier: `keras.Model` made by `classifier`, saved and loaded or
            not.

    Returns:
        `keras.Model` from raw pixels to the output of `embedding` where there
        is one, else of `square_root` or `pooling`, shape
        `(batch, features_dim(classifier))`, float32 under a mixed precision
        policy too. The weights are shared.

    Raises:
        ValueError: If the model has no layer of such a name.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> model = classifier(backbone("small_cnn", (64, 64, 3)), 7)
    >>> embedding_model(model).output_shape
    (None, 192)
    """
    features = parts.features_layer(classifier).output
    if features.dtype in ("float16", "bfloat16"):
        features = layers.Activation(
            "linear", dtype="float32", name="features"
        )(features)
    return keras.Model(classifier.inputs[0], features, name="embedding_model")


def features_dim(classifier):
    """Returns the length of the vectors that `embedding_model` gives.

    Args:
        classifier: `keras.Model` made by `classifier`.

    Returns:
        Int.

    Raises:
        ValueError: If the model has no layer named `pooling`.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> body = backbone("small_cnn", (64, 64, 3))
    >>> features_dim(classifier(body, 7, embedding=32))
    32
    """
    return int(parts.features_layer(classifier).output.shape[-1])


def _body(backbone, pooled_layer):
    if not getattr(backbone, "inputs", None):
        raise ValueError(
            "`backbone` must be a functional or built `keras.Model`. "
            f"Received: backbone={backbone!r}. Get one from "
            "`fgkeras.models.backbone(name, input_shape)`."
        )
    output = backbone.outputs[0]
    if pooled_layer is not None:
        names = parts.layer_names(backbone)
        if pooled_layer not in names:
            raise ValueError(
                f"`pooled_layer` must name a layer of {backbone.name}. "
                f"Received: pooled_layer={pooled_layer!r}. Its last layers "
                f"are {', '.join(names[-8:])}; `backbone.summary()` shows all."
            )
        output = backbone.get_layer(pooled_layer).output
    if len(output.shape) != 4:
        raise ValueError(
            "`backbone` must give a feature map (batch, height, width, "
            f"channels). Received: an output of shape {tuple(output.shape)}. "
            "Build it without top and without pooling."
        )
    return keras.Model(backbone.inputs[0], output, name=parts.BACKBONE)


def _pooling(pooling):
    if isinstance(pooling, layers.Layer):
        pooling.name = parts.POOLING
        return pooling
    if pooling not in POOLINGS:
        raise ValueError(
            f"`pooling` must be one of {', '.join(POOLINGS.names())} or a "
            f"Keras layer. Received: pooling={pooling!r}."
        )
    return POOLINGS.load(pooling)(name=parts.POOLING)


def _is_of_higher_order(pooling):
    """Whether a layer is one that is known as such, or a child of one."""
    names = [n for n in POOLINGS.names() if POOLINGS.fact(n, "higher_order")]
    known = [POOLINGS.load(name) for name in names]
    return isinstance(pooling, tuple(k for k in known if isinstance(k, type)))


def _projection(channels):
    if not isinstance(channels, int) or channels < 1:
        raise ValueError(
            "`projection` must be None or a number of channels. Received: "
            f"projection={channels!r}."
        )
    return layers.Conv2D(
        channels,
        1,
        use_bias=False,
        kernel_initializer="orthogonal",
        name=parts.PROJECTION,
    )


def _head(head, num_classes, bias):
    if head is None:
        half = keras.config.dtype_policy().compute_dtype
        return layers.Dense(
            num_classes,
            bias_initializer=keras.initializers.Constant(bias),
            dtype="float32" if half in ("float16", "bfloat16") else None,
            name=parts.HEAD,
        )
    if not isinstance(head, layers.Layer) or bias:
        raise ValueError(
            "`head` must be None or a Keras layer, which has its own start. "
            f"Received: head={head!r}, head_bias={bias}."
        )
    head.name = parts.HEAD
    return head


def _embedding(embedding):
    if isinstance(embedding, layers.Layer):
        embedding.name = parts.EMBEDDING
        return embedding
    if not isinstance(embedding, int) or embedding < 1:
        raise ValueError(
            "`embedding` must be None, a size of at least 1, or a Keras layer. "
            f"Received: embedding={embedding!r}."
        )
    return layers.Dense(embedding, name=parts.EMBEDDING)
