"""Classifiers with anchors, and training of embedding and classes at once.

What was taken where the thesis leaves room: anchors start anywhere in the
feature space and are not held on the sphere, though features are; `omega`
weights the metric loss, so 0.1 is one part metric to nine parts classes.
"""

import keras

from fgkeras.layers.anchor_soft_vote import AnchorSoftVote
from fgkeras.models import parts
from fgkeras.ops.class_centers import class_centers


def anchor_classifier(
    embedder, num_classes, *, num_anchors=3, gamma=5.0, name="classifier"
):
    """Puts a head of a few anchors per class on an embedder.

    Use it like any classifier: it gives logits, and takes every loss on
    logits. The weights are those of `embedder`, shared.

    Args:
        embedder: `keras.Model` made by `embedder`.
        num_classes: Int at least 2.
        num_anchors: Int at least 1, anchors per class. Defaults to `3`.
        gamma: Float above 0, of the soft vote. Defaults to `5.0`.
        name: String.

    Returns:
        `keras.Model` to logits of shape `(batch, num_classes)`, with the
        layers of `embedder` and one more, `head`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> from fgkeras.models.embedders import embedder
    >>> anchor_classifier(embedder(192, 16), 7).output_shape
    (None, 7)

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), section 3.3.
    """
    head = AnchorSoftVote(
        num_classes, num_anchors, gamma=gamma, name=parts.HEAD
    )
    return keras.Model(embedder.inputs[0], head(embedder.outputs[0]), name=name)


def start_anchors(model, embeddings, labels, *, seed=0):
    """Sets the anchors of a model to the k-means centres of each class.

    Args:
        model: Model made by `anchor_classifier`, or by `joint_model` of one.
        embeddings: Float array of shape `(num_images, dim)`, what the model's
            embedder gives for the training images.
        labels: Integer array of shape `(num_images,)`. A class without images
            keeps the anchors it has.
        seed: Int. Defaults to `0`.

    Returns:
        `model`.

    Raises:
        ValueError: If the shapes do not fit or the model has no such head.

    Example:
    >>> import numpy as np
    >>> from fgkeras.models.embedders import embedder
    >>> model = anchor_classifier(embedder(192, 16), 2, num_anchors=1)
    >>> model = start_anchors(model, np.eye(2, 16), np.array([0, 1]))
    >>> model.get_layer("head").anchors.numpy()[:, 0, :2].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    names = parts.layer_names(model)
    head = model.get_layer(parts.HEAD) if parts.HEAD in names else None
    if not isinstance(head, AnchorSoftVote):
        raise ValueError(
            f"`model` must have an AnchorSoftVote layer named {parts.HEAD!r}, "
            "as those of `anchor_classifier` have. Received: a model with "
            f"layers {names}."
        )
    start = keras.ops.convert_to_numpy(head.anchors)
    head.anchors.assign(class_centers(embeddings, labels, start, seed=seed))
    return model


@keras.saving.register_keras_serializable(package="fgkeras")
class JointModel(keras.Model):
    """A model with several outputs, all of which learn from the same labels.

    Made by `joint_model`. Labels (and sample weights) may be given once, for
    all outputs, or as a dict by output name.
    """

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        return super().compute_loss(
            x,
            _for_each(y, y_pred),
            y_pred,
            _for_each(sample_weight, y_pred),
            training=training,
        )

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(
            x, _for_each(y, y_pred), y_pred, _for_each(sample_weight, y_pred)
        )


def joint_model(classifier):
    """Returns a classifier that also shows its embedding to the loss.

    Use it to train a classifier by a metric loss and a classification loss at
    once:

        L = omega * L_metric + (1 - omega) * L_class

        model = joint_model(anchor_classifier(embedder(body), 555))
        model.compile(
            "adam",
            loss={"embedding": metric_loss, "logits": class_loss},
            loss_weights={"embedding": omega, "logits": 1 - omega},
            metrics={"logits": ["accuracy"]},
        )
        model.fit(images, labels)

    Labels are given once. The weights are those of `classifier`, shared: it
    serves alone after training.

    Args:
        classifier: `keras.Model` with a layer named `embedding`, made by
            `anchor_classifier`, or by `classifier` with an `embedding`.

    Returns:
        `JointModel` to a dict of `embedding` and `logits`.

    Raises:
        ValueError: If there is no layer named `embedding`.

    Example:
    >>> from fgkeras.models.embedders import embedder
    >>> model = joint_model(anchor_classifier(embedder(192, 16), 7))
    >>> outputs = model(keras.ops.ones((2, 192)))
    >>> {name: tuple(x.shape) for name, x in outputs.items()}
    {'embedding': (2, 16), 'logits': (2, 7)}

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), equation 4, with
      omega = 0.1.
    """
    names = parts.layer_names(classifier)
    if parts.EMBEDDING not in names:
        raise ValueError(
            f"`classifier` must have a layer named {parts.EMBEDDING!r}. "
            f"Received: a model with layers {names}. Make it with "
            "`anchor_classifier`, or with `classifier(..., embedding=64)`."
        )
    return JointModel(
        classifier.inputs[0],
        {
            "embedding": classifier.get_layer(parts.EMBEDDING).output,
            "logits": classifier.outputs[0],
        },
        name="joint_model",
    )


def _for_each(value, outputs):
    if value is None or isinstance(value, dict):
        return value
    return {name: value for name in outputs}
