"""The linear head of a classifier by logistic regression."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from fgkeras.ops.labels import whole_labels


def fit_logistic_head(
    head,
    features,
    labels,
    *,
    inverse_regularization=1.0,
    class_weights=None,
    max_iterations=200,
):
    """Sets the weights of a linear layer to those of a logistic regression.

    The first of the two steps of fine-tuning after higher-order pooling: a
    head that already fits sends small gradients into the body.

        minimize |W|**2 / 2 + C sum over i of w_(y_i) crossentropy(x_i, y_i)

    Args:
        head: `keras.layers.Dense` of `num_classes` units, built, its
            activation linear.
        features: Float array of shape `(num_images, units)`, as they enter
            the head.
        labels: Integer array of shape `(num_images,)`. Classes without images
            get weights 0 and the lowest bias.
        inverse_regularization: Float above 0, `C`. Defaults to `1.0`, right
            for vectors of length 10.
        class_weights: `None`, or float array of shape `(num_classes,)`.
        max_iterations: Int, of L-BFGS. Defaults to `200`.

    Returns:
        Float, the accuracy on `features`.

    Raises:
        ValueError: If there is one class only, a label is no unit of `head`, or
            `C` is not positive.

    Reference:

    - [Lin et al., 2015](https://arxiv.org/abs/1504.07889), section 3.1.
    """
    if not inverse_regularization > 0:
        raise ValueError(
            "`inverse_regularization` must be above 0. Received: "
            f"inverse_regularization={inverse_regularization}."
        )
    labels = whole_labels(labels, head.units)
    present = np.unique(labels)
    if len(present) < 2:
        raise ValueError(
            "Logistic regression needs two classes. Received: "
            f"labels={present.tolist()} only."
        )
    weights = None
    if class_weights is not None:
        weights = np.asarray(class_weights, "float64")[labels]
    model = LogisticRegression(
        C=inverse_regularization, max_iter=max_iterations
    ).fit(np.asarray(features, "float32"), labels, sample_weight=weights)
    kernel, bias = (np.zeros(v.shape, "float32") for v in head.get_weights())
    coefficients, intercept = model.coef_, model.intercept_
    if len(present) == 2:
        # One row stands for the difference of two.
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    bias += intercept.min()
    kernel[:, present] = coefficients.T
    bias[present] = intercept
    head.set_weights([kernel, bias])
    logits = features @ kernel[:, present] + bias[present]
    return float(np.mean(present[logits.argmax(axis=1)] == labels))
