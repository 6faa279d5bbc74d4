"""Embedders: a backbone, a pooling, and a head that gives the embedding."""

import keras
from keras import layers

from fgkeras.models import parts
from fgkeras.models.classifiers import _body
from fgkeras.models.classifiers import _pooling
from fgkeras.models.frozen_batch_norm import freeze_batch_norm as freeze


def embedding_head(dim, *, unit_norm=True, batch_norm=False):
    """Returns the layer from pooled features to the embedding.

    Use it as `embedding` of `classifier`; `embedder` makes its own.

    Args:
        dim: Int at least 1, the length of the embedding.
        unit_norm: Bool, whether embeddings get length 1. Defaults to `True`.
        batch_norm: Bool, whether features are batch normalized before the
            linear layer. Defaults to `False`.

    Returns:
        `keras.Sequential` named `embedding`. Its output is float32 under a
        mixed precision policy too.

    Raises:
        ValueError: If `dim` is below 1.

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
    steps.append(layers.Dense(int(dim), dtype=last, name="linear"))
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
    freeze_batch_norm=False,
):
    """Puts a pooling and an embedding on a backbone.

    The model for metric losses, for retrieval and for clustering:
    `embedder(...).compile(loss=fgkeras.losses.Triplet())`. Its parts are layers
    named `backbone`, `pooling` and `embedding`.

    Args:
        backbone: Functional `keras.Model` from images to a feature map, such
            as `backbone("mobilenet_v2", (128, 128, 3))`; or an int, the length
            of feature vectors that were extracted before.
        dim: Int at least 1, the length of the embedding. Defaults to `64`.
        pooling: `"average"`, `"max"`, or a layer from feature map to vector.
            Defaults to `"average"`.
        unit_norm: Bool, whether embeddings get length 1. Defaults to `True`;
            HDML and DVML take `False`.
        batch_norm: Bool, whether pooled features are batch normalized first,
            as HDML has it. Defaults to `False`.
        pooled_layer: `None`, or the name of the backbone's layer to pool.
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
    """
    head = embedding_head(dim, unit_norm=unit_norm, batch_norm=batch_norm)
    if isinstance(backbone, int):
        inputs = keras.Input((backbone,), name="features")
        x = layers.Identity(name=parts.POOLING)(inputs)
        return keras.Model(inputs, head(x), name="embedder")
    body = _body(backbone, pooled_layer)
    if freeze_batch_norm:
        body = freeze(body)
        body.name = parts.BACKBONE
    inputs = keras.Input(body.input_shape[1:], name="images")
    x = _pooling(pooling)(body(inputs))
    return keras.Model(inputs, head(x), name="embedder")


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
