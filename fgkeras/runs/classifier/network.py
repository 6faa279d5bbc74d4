"""The model that a config describes, and its parts."""

import keras

from fgkeras import models
from fgkeras.config import when
from fgkeras.config.methods import method_options
from fgkeras.evaluation import MeanPerClassAccuracy
from fgkeras.layers import ClassAffine
from fgkeras.layers import CosineLogits
from fgkeras.layers import ScaledUnitNormalization
from fgkeras.layers.kernel_pooling import KernelPooling
from fgkeras.models import parts
from fgkeras.registries import METHODS
from fgkeras.runs.loss import activation_of
from fgkeras.runs.optimization import decay_weights
from fgkeras.runs.pooling import make_pooling


def make_classifier(config, num_classes, images=None, size=None):
    """Builds backbone, pooling, embedding and head.

    Args:
        config: A `Config`.
        num_classes: Int.
        images: `SplitImages` of the training split, for a kernel measured on
            the data; or `None`.
        size: Int, side of the input, in pixels; `None` is `data.size`.

    Returns:
        `keras.Model` from raw pixels to logits.
    """
    model, size = config.model, size or config.data.size
    projection = config.pooling.projection
    body = models.backbone(
        model.backbone, (size, size, 3), weights=model.weights or None
    )
    bias = 0.0
    if activation_of(config) == "sigmoid":
        bias = models.sigmoid_head_bias(num_classes)
    return models.classifier(
        body,
        num_classes,
        pooling=make_pooling(config, body, images),
        pooled_layer=model.pooled_layer or None,
        projection=None if projection == "none" else projection,
        square_root=config.pooling.square_root,
        embedding=_embedding(model.embedding),
        head=_head(config, num_classes, images),
        dropout=model.dropout if when.GRADIENT(config) else 0.0,
        head_bias=bias,
        freeze_batch_norm=when.freezes_batch_norm(config),
    )


def _head(config, num_classes, images):
    if not when.TRAINED(config):
        name = config.method.name
        more = {"num_images": len(images)} if name == "knn" else {}
        options = method_options(name, config.method.options)
        return METHODS.load(name)(num_classes, **options, **more)
    text = config.model.head
    if text == "linear":
        return None
    return CosineLogits(num_classes, scale=float(text.partition(":")[2]))


def _embedding(text):
    if text == "none":
        return None
    if text.isdigit():
        return int(text)
    scale = text.partition(":")[2]
    return ScaledUnitNormalization(float(scale or 10), name=parts.EMBEDDING)


def features_part(classifier):
    """Returns the model from images to pooled features.

    Those of kernel pooling are not weighted yet, so that its kernel can be
    learned on them.
    """
    pooling = classifier.get_layer(parts.POOLING)
    features = pooling.output
    if isinstance(pooling, KernelPooling):
        features = pooling.sketch(pooling.input)
    return keras.Model(classifier.input, features)


def head_part(classifier, last=parts.HEAD):
    """Returns the model from pooled features to logits, sharing weights.

    Args:
        classifier: `keras.Model` made by `make_classifier`.
        last: `"head"`, `"dropout"` for what enters the head, or the name of a
            layer before it.
    """
    pooling = classifier.get_layer(parts.POOLING)
    x = features = keras.Input(pooling.output.shape[1:])
    if isinstance(pooling, KernelPooling):
        x = pooling.scale(x)
    known = parts.layer_names(classifier)
    names = (parts.POOLING, *parts.AFTER_POOLING)
    for name in names[1 : names.index(last) + 1]:
        if name in known:
            x = classifier.get_layer(name)(x)
    return keras.Model(features, x)


def compile_model(model, config, train, loss, optimizer, head_bias=None):
    """Compiles a model with the config's loss and weight decay.

    Args:
        model: `keras.Model` to logits.
        config: A `Config`.
        train: The `TrainConfig` of the stage.
        loss: A Keras loss.
        optimizer: A Keras optimizer.
        head_bias: The head's bias variable, kept out of the decay for the
            sigmoid kinds; or `None`.
    """
    skip = []
    if activation_of(config) == "sigmoid" and head_bias is not None:
        skip = [head_bias]
    decay_weights(model, train, exclude=skip)
    # Weighted, as batches are where several devices validate.
    metrics = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    if config.data.val_share:
        metrics.append(MeanPerClassAccuracy(model.output.shape[-1]))
    model.compile(
        optimizer=optimizer,
        loss=loss,
        weighted_metrics=metrics,
        jit_compile=train.jit or keras.backend.backend() == "jax",
    )


def prediction_model(classifier, config, views=None, affine=None):
    """Returns the model that test images go through.

    Args:
        classifier: `keras.Model` from images to logits, or to a list of
            logits and the embedding.
        config: A `Config`.
        views: String, the views that predictions are averaged over, embeddings
            never; `None` means `evaluation.views`.
        affine: Tuple of factors and offsets of the logits of each view, or
            `None`.

    Returns:
        `keras.Model`, whose input is as wide as the views are cut from.
    """
    if not when.CLASSIFIER(config):
        return classifier
    if affine is not None:
        logits, *more = classifier.outputs
        layer = ClassAffine(*affine, dtype="float32", name="adjustment")
        outputs = [layer(logits), *more]
        classifier = keras.Model(
            classifier.inputs[0], outputs if more else outputs[0]
        )
    return models.view_averaging(
        classifier, views or config.evaluation.views, activation_of(config)
    )
