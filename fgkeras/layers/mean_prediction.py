"""The mean of the probabilities of several views, as logits."""

import keras
from keras import layers
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class MeanPrediction(layers.Layer):
    """Averages the probabilities that logits of several views stand for.

        z = log sum_v softmax(z_v), or the logit of mean_v sigmoid(z_v)

    Use it, by `fgkeras.models.view_averaging`, behind a classifier that
    `ImageViews` stands in front of. In log space throughout, so that a sure
    answer keeps its rank.

    Args:
        num_views: Int at least 1. Defaults to `2`.
        activation: `"softmax"` or `"sigmoid"`. Defaults to `"softmax"`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        inputs: Float tensor of shape `(num_views * batch, num_classes)`: all
            images under the first view, then all under the second.

    Output shape:
        `(batch, num_classes)`.

    Raises:
        ValueError: If the activation is unknown or there is no view.

    Example:
    >>> z = ops.array([[0.0, 2.0], [0.0, 2.0]])
    >>> [round(float(v), 3) for v in ops.softmax(MeanPrediction(2)(z))[0]]
    [0.119, 0.881]
    """

    def __init__(self, num_views=2, activation="softmax", **kwargs):
        super().__init__(**kwargs)
        if activation not in ("softmax", "sigmoid"):
            raise ValueError(
                '`activation` must be "softmax" or "sigmoid". Received: '
                f"activation={activation!r}."
            )
        if num_views < 1:
            raise ValueError(
                f"`num_views` must be at least 1. Received: {num_views=}."
            )
        self.num_views, self.activation = num_views, activation

    def call(self, inputs):
        shape = (self.num_views, -1, inputs.shape[-1])
        z = ops.reshape(inputs, shape)
        if self.activation == "softmax":
            return ops.logsumexp(ops.log_softmax(z), axis=0)
        yes = ops.logsumexp(ops.log_sigmoid(z), axis=0)
        return yes - ops.logsumexp(ops.log_sigmoid(-z), axis=0)

    def compute_output_shape(self, input_shape):
        batch, num_classes = input_shape
        return (batch and batch // self.num_views, num_classes)

    def get_config(self):
        return {
            **super().get_config(),
            "num_views": self.num_views,
            "activation": self.activation,
        }
