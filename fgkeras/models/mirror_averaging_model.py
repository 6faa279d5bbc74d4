"""Predictions averaged over an image and its mirror image."""

import keras
from keras import layers
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class MeanPrediction(layers.Layer):
    """Averages the probabilities of two sets of logits, as logits.

        z = log mean(softmax(z_1), softmax(z_2)), or the same of the sigmoid

    Use `mirror_averaging`, which puts it behind a model.

    Args:
        activation: `"softmax"` or `"sigmoid"`. Defaults to `"softmax"`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        inputs: List of two float tensors of shape `(batch, num_classes)`.

    Output shape:
        `(batch, num_classes)`.

    Raises:
        ValueError: If the activation is unknown.

    Example:
    >>> z = ops.array([[0.0, 2.0]])
    >>> [round(float(v), 3) for v in ops.softmax(MeanPrediction()([z, z]))[0]]
    [0.119, 0.881]
    """

    def __init__(self, activation="softmax", **kwargs):
        super().__init__(**kwargs)
        if activation not in ("softmax", "sigmoid"):
            raise ValueError(
                '`activation` must be "softmax" or "sigmoid". Received: '
                f"activation={activation!r}."
            )
        self.activation = activation

    def call(self, inputs):
        a, b = inputs
        if self.activation == "softmax":
            return ops.logaddexp(ops.log_softmax(a), ops.log_softmax(b))
        yes = ops.logaddexp(ops.log_sigmoid(a), ops.log_sigmoid(b))
        return yes - ops.logaddexp(ops.log_sigmoid(-a), ops.log_sigmoid(-b))

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {**super().get_config(), "activation": self.activation}


def mirror_averaging(classifier, activation="softmax"):
    """Returns a model whose probabilities are a mean over two views.

    The image and its left-right mirror image both go through the classifier:
    a little more accurate, at twice the time. Not for images in which left and
    right matter, such as text.

    Args:
        classifier: `keras.Model` from images to logits, or to a list of
            logits and anything else, such as the embedding.
        activation: `"softmax"` or `"sigmoid"`, what the logits stand for.
            Defaults to `"softmax"`.

    Returns:
        `keras.Model` from images to logits of the mean probabilities, up to a
        constant per image for softmax. Other outputs follow as they are for
        the image itself. The weights are shared.

    Raises:
        ValueError: If the activation is unknown.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> from fgkeras.models.classifiers import classifier
    >>> model = classifier(backbone("small_cnn", (32, 32, 3)), 7)
    >>> mirror_averaging(model).output_shape
    (None, 7)
    """
    images = keras.Input(classifier.input_shape[1:], name="images")
    one = classifier(images)
    two = classifier(ops.flip(images, axis=2))
    mean = MeanPrediction(activation, name="mean")
    if len(classifier.outputs) == 1:
        outputs = mean([one, two])
    else:
        outputs = [mean([one[0], two[0]]), *one[1:]]
    return keras.Model(images, outputs, name="mirror_averaging")
