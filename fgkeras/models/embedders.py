"""Embedders: a backbone, a pooling, and a head that gives the embedding."""

import keras
import numpy as np
from keras import layers

from fgkeras.layers.level_projection import LevelProjection
from fgkeras.models import parts
from fgkeras.models.classifiers import _body
from fgkeras.models.classifiers import _pooling
from fgkeras.models.frozen_batch_norm import freeze_batch_norm as freeze
from fgkeras.models.levels import check_levels
from fgkeras.models.levels import level_map
from fgkeras.ops.principal_components import principal_components


def embedding_head(dim, *, unit_norm=True, batch_norm=False, lengths=None):
    """Returns the layer from pooled features to the embedding.

    Use it as `embedding` of `classifier`; `embedder` makes its own.

    Args:
        dim: Int at least 1, the length of the embedding.
        unit_norm: Bool, whether embeddings get length 1. Defaults to `True`.
        batch_norm: Bool, whether features are batch normalized before the
            linear layer. Defaults to `False`.
        lengths: `None`, or how long the features of each level of a cascade
            are: each gets an equal part of the embedding, of equal length
            (`fgkeras.layers.LevelProjection`). Defaults to `None`.

    Returns:
        `keras.Sequential` named `embedding`. Its output is float32 under a
        mixed precision policy too.

    Raises:
        ValueError: If `dim` is below 1, or no multiple of the levels.

    Example:
    >>> embedding_head(64, batch_norm=True).name
    'embedding'
    """
    if int(dim) != dim or dim < 1:
        raise ValueError(
            f"`dim` must be a whole number of at least 1. Received: dim={dim}."
        )
    half = keras.config.dtype_policy().compute_dtype in ("float16", "bfloat16")
    last = "float32" if half else None
    steps = [layers.BatchNormalization(name="norm")] if batch_norm else []
    if lengths is None:
        linear = layers.Dense(int(dim), dtype=last, name="linear")
    elif dim % len(lengths):
        raise ValueError(
            f"`dim` must be a multiple of {len(lengths)}, the number of "
            f"levels, which have equal parts of it. Received: dim={dim}."
        )
    else:
        units = int(dim) // len(lengths)
        linear = LevelProjection(units, lengths, dtype=last, name="linear")
    steps.append(linear)
    if unit_norm:
        steps.append(layers.UnitNormalization(dtype=last, name="unit"))
    return keras.Sequential(steps, name=parts.EMBEDDING)


def embedder(
    backbone,
    dim=64,
    *,
    pooling="average",
    unit_norm=True,
    batch_norm=False,
    pooled_layer=None,
    levels=None,
    freeze_batch_norm=False,
):
    """Puts a pooling and an embedding on a backbone.

    The model for metric losses, for retrieval and for clustering:
    `embedder(...).compile(loss=fgkeras.losses.Triplet())`. Its parts are layers
    named `backbone`, `pooling` and `embedding`.

    Args:
        backbone: Functional `keras.Model` from images to a feature map, such
            as `backbone("mobilenet_v2", (128, 128, 3))`; or an int, the length
            of feature vectors that were extracted before; or a tuple of ints,
            those of the levels that lie side by side in them.
        dim: Int at least 1, the length of the embedding. Defaults to `64`.
        pooling: `"average"`, `"max"`, or a layer from feature map to vector.
            Defaults to `"average"`.
        unit_norm: Bool, whether embeddings get length 1. Defaults to `True`;
            HDML and DVML take `False`.
        batch_norm: Bool, whether pooled features are batch normalized first,
            as HDML has it. Defaults to `False`.
        pooled_layer: `None`, or the name of the backbone's layer to pool.
        levels: `None`, or the names of two or more layers of the backbone,
            shallow to deep, as `fgkeras.models.default_levels` chooses them:
            each is pooled, and embedded in an equal part of `dim`, for
            `fgkeras.losses.CascadedContrastive`. Defaults to `None`.
        freeze_batch_norm: Bool, whether batch normalization of the backbone
            keeps its moving statistics. Defaults to `False`.

    Returns:
        `keras.Model` from raw pixels (or features) to embeddings of shape
        `(batch, dim)`.

    Raises:
        ValueError: If an argument is out of range or the parts do not fit.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> embedder(backbone("small_cnn", (64, 64, 3)), 32).output_shape
    (None, 32)
    >>> embedder(1280, 64).input_shape
    (None, 1280)
    >>> levels = ("block4_relu", "block5_relu")
    >>> body = backbone("small_cnn", (64, 64, 3))
    >>> embedder(body, 32, levels=levels).get_layer("pooling").output.shape
    (None, 320)
    """
    settings = {"unit_norm": unit_norm, "batch_norm": batch_norm}
    if isinstance(backbone, int | tuple):
        lengths = backbone if isinstance(backbone, tuple) else None
        inputs = keras.Input((np.sum(backbone),), name="features")
        x = layers.Identity(name=parts.POOLING)(inputs)
        head = embedding_head(dim, **settings, lengths=lengths)
        return keras.Model(inputs, head(x), name="embedder")
    if levels is not None and pooled_layer is not None:
        raise ValueError(
            "The deepest level is the last layer that is pooled. Received: "
            f"levels={levels!r} with pooled_layer={pooled_layer!r}. Leave one "
            "of them out."
        )
    body = _body(backbone, pooled_layer)
    if levels is not None:
        check_levels(body, levels)
        outputs = [level_map(body, level) for level in levels]
        body = keras.Model(body.inputs[0], outputs, name=parts.BACKBONE)
    if freeze_batch_norm:
        body = freeze(body)
        body.name = parts.BACKBONE
    inputs = keras.Input(body.inputs[0].shape[1:], name="images")
    lengths = None
    if levels is None:
        x = _pooling(pooling)(body(inputs))
    else:
        x = _pooled_levels(pooling, body(inputs))
        lengths = [int(y.shape[-1]) for y in x]
        x = layers.Concatenate(name=parts.POOLING)(x)
    head = embedding_head(dim, **settings, lengths=lengths)
    return keras.Model(inputs, head(x), name="embedder")


def _pooled_levels(pooling, maps):
    """Pools each map by a layer of its own, all of the same settings."""
    out = []
    for number, x in enumerate(maps, start=1):
        layer = _pooling(pooling)
        if layer is pooling:
            layer = type(pooling).from_config(pooling.get_config())
        layer.name = f"{parts.LEVEL_POOLING}{number}"
        out.append(layer(x))
    return out


def pooled_part(embedder):
    """Returns the model from images to pooled features, sharing weights.

    Raises:
        ValueError: If the model lacks the layers `pooling` and `embedding`.
    """
    names = parts.layer_names(embedder)
    if parts.POOLING not in names or not parts.ends_in_embedding(embedder):
        raise ValueError(
            f"`embedder` must have a layer named {parts.POOLING!r} and end "
            f"with one named {parts.EMBEDDING!r}, as those made by "
            "`fgkeras.models.embedder`. Received: a model with layers "
            f"{names}."
        )
    pooled = embedder.get_layer(parts.POOLING).output
    return keras.Model(embedder.inputs[0], pooled, name="pooled")


def start_at_components(model, features, *, seed=0):
    """Sets an embedding to the principal components of pooled features.

    Use it before an embedding is trained on a pretrained body: what is random
    otherwise begins with most of what the features tell apart. The vectors are
    as long, in the mean, as those of the weights that were there, so that
    losses of vectors of any length find what they expect. Numbers beyond the
    rank of the features begin as random directions; see
    `fgkeras.ops.principal_components`.

    Args:
        model: `keras.Model` made by `fgkeras.models.embedder`.
        features: Float array of shape `(num_images, channels)`, what the
            model's layer `pooling` gives for the training images.
        seed: Int, of the random directions. Defaults to `0`.

    Returns:
        `model`. Where it normalizes features by batches, their mean and
        variance are set too, and the components are of the normalized ones.
        Each level of a cascade starts at the components of its own features.

    Raises:
        ValueError: If the model does not end with an embedding of linear
            layer, or the features are of another length.

    Example:

    >>> import numpy as np
    >>> from fgkeras.models.embedders import embedder
    >>> x = np.random.default_rng(0).normal(size=(50, 3)) * [9.0, 3.0, 1.0]
    >>> model = start_at_components(embedder(3, 2, unit_norm=False), x)
    >>> y = model.predict(x, verbose=0)
    >>> bool(abs(np.corrcoef(y[:, 0], x[:, 0])[0, 1]) > 0.99)
    True
    """
    head = model.layers[-1]
    steps = {layer.name: layer for layer in getattr(head, "layers", ())}
    if not parts.ends_in_embedding(model) or "linear" not in steps:
        raise ValueError(
            "Principal components are the start of an embedding whose linear "
            "layer is named 'linear', as that of `fgkeras.models.embedder`. "
            f"Received: a model with layers {parts.layer_names(model)}."
        )
    linear = steps["linear"]
    whole = slice(None), linear
    each = linear.parts if isinstance(linear, LevelProjection) else [whole]
    features = np.asarray(features, "float32")
    channels = sum(layer.kernel.shape[0] for _, layer in each)
    if features.ndim != 2 or features.shape[1] != channels:
        raise ValueError(
            f"The features must be of shape (images, {channels}), what the "
            f"layer {parts.POOLING!r} gives. Received: {features.shape}."
        )
    if "norm" in steps:
        features = _normalized(steps["norm"], features)
    for where, layer in each:
        _start_linear(layer, features[:, where], seed)
    return model


def _start_linear(layer, features, seed):
    """Sets a linear layer to principal components, as long as it was."""
    kernel, bias = layer.get_weights()
    length = _mean_square(features @ kernel + bias)
    mean, axes = principal_components(features, kernel.shape[1], seed=seed)
    found = features @ axes.astype("float32") - (mean @ axes)
    there = _mean_square(found)
    # Features that are all one vector have no direction; any scale will do.
    scale = np.sqrt(length / there) if there > 0 and length > 0 else 1.0
    layer.set_weights([scale * axes, -scale * (mean @ axes)])


def _normalized(layer, features):
    """Features as a batch normalization sees them, which learns them."""
    mean = features.mean(axis=0, dtype="float64")
    variance = features.var(axis=0, dtype="float64")
    gamma, beta, *_ = layer.get_weights()
    layer.set_weights([gamma, beta, mean, variance])
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return np.asarray((features - mean) * scale + beta, "float32")


def _mean_square(vectors):
    return float(np.mean(np.sum(np.square(vectors, dtype="float64"), axis=1)))
