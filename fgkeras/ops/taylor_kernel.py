"""The RBF kernel, its Taylor series, and the features that give it exactly."""

import math

import numpy as np
from keras import ops

from fgkeras.ops.precision import full_precision


def taylor_coefficients(gamma, order):
    """Returns the weights at which pooled orders add up to an RBF kernel.

        a_i = sqrt(exp(-2 gamma) (2 gamma)**i / i!),   i = 0, ..., order

    Args:
        gamma: Float above 0, inverse squared width of the kernel, for vectors
            of unit length.
        order: Int at least 0, the last order.

    Returns:
        List of `order + 1` floats.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> [round(a * a, 4) for a in taylor_coefficients(0.5, 3)]
    [0.3679, 0.3679, 0.1839, 0.0613]

    Reference:

    - [Cui et al., 2017](
      https://openaccess.thecvf.com/content_cvpr_2017/html/Cui_Kernel_Pooling_for_CVPR_2017_paper.html),
      equation 8.
    """
    if not gamma > 0 or order < 0:
        raise ValueError(
            "`gamma` must be above 0 and `order` at least 0. Received: "
            f"gamma={gamma}, order={order}."
        )
    return [
        math.exp(-gamma) * math.sqrt((2 * gamma) ** i / math.factorial(i))
        for i in range(order + 1)
    ]


def rbf_kernel(x, y, gamma):
    """Returns `exp(-gamma |x - y|**2)` over the last axis.

    Args:
        x: Float tensor of shape `(..., channels)`.
        y: Float tensor of a shape that broadcasts with it.
        gamma: Float above 0.

    Returns:
        Tensor without the last axis, float32 or float64.

    Example:
    >>> round(float(rbf_kernel([1.0, 0.0], [0.0, 1.0], 0.5)), 4)
    0.3679
    """
    x, y = full_precision(x), full_precision(y)
    return ops.exp(-gamma * ops.sum((x - y) ** 2, axis=-1))


def taylor_kernel(x, y, coefficients):
    """Returns `sum of a_i**2 (x . y)**i`, the kernel that pooling estimates.

    Args:
        x: Float tensor of shape `(..., channels)`.
        y: Float tensor of a shape that broadcasts with it.
        coefficients: Sequence of floats, `a_0, a_1, ...`.

    Returns:
        Tensor without the last axis, float32 or float64.

    Example:
    >>> x, a = [0.6, 0.8], taylor_coefficients(0.5, 9)
    >>> round(float(taylor_kernel(x, x, a)), 4)
    1.0
    """
    x, y = full_precision(x), full_precision(y)
    product = ops.sum(x * y, axis=-1)
    total = ops.zeros_like(product)
    for a in reversed([float(a) for a in coefficients]):
        total = total * product + a * a
    return total


def tensor_product_features(x, coefficients):
    """Returns the features whose inner product is the Taylor kernel.

    All products of up to `p` channels, `1 + c + ... + c**p` numbers: for few
    channels, as the reference of the sketches.

        z(x) = [a_0, a_1 x, a_2 x (x) x, ..., a_p x (x) ... (x) x]

    Args:
        x: Float tensor of shape `(..., channels)`.
        coefficients: Sequence of `p + 1` floats.

    Returns:
        Tensor of shape `(..., 1 + c + ... + c**p)`, float32 or float64.

    Raises:
        ValueError: If a vector would have more than ten million numbers.

    Example:
    >>> tuple(tensor_product_features(np.ones((5, 3)), [1, 1, 1]).shape)
    (5, 13)
    """
    x = full_precision(x)
    shape = ops.shape(x)
    channels = x.shape[-1]
    size = sum(channels**i for i in range(len(coefficients)))
    if size > 10_000_000:
        raise ValueError(
            "The tensor products must have at most ten million numbers per "
            f"vector. Received: {channels} channels to order "
            f"{len(coefficients) - 1}, {size} numbers. Use "
            "`fgkeras.layers.KernelPooling`."
        )
    power = ops.ones_like(x[..., :1])
    parts = [float(coefficients[0]) * power]
    for a in list(coefficients)[1:]:
        power = ops.reshape(
            power[..., :, None] * x[..., None, :], (*shape[:-1], -1)
        )
        parts.append(float(a) * power)
    return ops.concatenate(parts, axis=-1)


def relative_kernel_error(features_x, features_y, kernel):
    """Returns the mean relative error of inner products against a kernel.

    Args:
        features_x: Array of shape `(n, dim)`.
        features_y: Array of shape `(n, dim)`, paired with it.
        kernel: Array of shape `(n,)`, the exact values, not 0.

    Returns:
        Float, `mean |f(x) . f(y) - k| / |k|`.

    Example:
    >>> relative_kernel_error([[1.0, 1.0]], [[1.0, 2.0]], [4.0])
    0.25
    """
    x, y = (np.asarray(f, "float64") for f in (features_x, features_y))
    kernel = np.asarray(kernel, "float64")
    return float(
        np.mean(np.abs((x * y).sum(axis=-1) - kernel) / np.abs(kernel))
    )


def taylor_error_bound(products, gamma, order, sketch_dim=None):
    """Bounds the relative error of kernel pooling against the RBF kernel.

    Use it to choose order, width and sketch length before anything is
    trained. For unit vectors with inner product r, the first term is what the
    series leaves out, the second what its sketches add, over the draw of the
    tables: more orders lower the one and raise the other.

        E|f(x) . f(y) - k| / k <=
            |2 gamma r|**(p + 1) / (p + 1)! exp(2 gamma max(-r, 0))
            + exp(-2 gamma r) sum over t = 2, ..., p of
                (2 gamma)**t / t! sqrt((2 + 3**t) / d)

    Args:
        products: Float array of inner products r of unit vectors, in [-1, 1].
        gamma: Float above 0.
        order: Int at least 1, p.
        sketch_dim: `None`, or int at least 1, d, the numbers of each order.
            Defaults to `None`: of the series alone.

    Returns:
        Float64 array of the shape of `products`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> taylor_error_bound([0.0, 0.5, 1.0], 0.5, 2).round(4).tolist()
    [0.0, 0.0208, 0.1667]
    >>> float(taylor_error_bound(0.5, 0.5, 2, 4096).round(3))
    0.037

    Reference:

    - Yin Cui, "Learning from Fine-Grained and Long-Tailed Visual Data",
      Cornell 2019, equation 3.10, on the same sum of two errors. The terms here
      are Lagrange's remainder, the second moment of a tensor sketch by Avron,
      Nguyen and Woodruff, "Subspace Embeddings for the Polynomial Kernel",
      NIPS 2014, and the triangle inequality over orders, which share tables.
    """
    r = np.asarray(products, "float64")
    if not (np.abs(r) <= 1 + 1e-5).all():
        raise ValueError(
            "`products` must be inner products of unit vectors, in [-1, 1]. "
            f"Received: values from {r.min():.4g} to {r.max():.4g}. Scale "
            "vectors to unit length first."
        )
    if not gamma > 0 or order < 1 or (sketch_dim or 1) < 1:
        raise ValueError(
            "`gamma` must be above 0, `order` and `sketch_dim` at least 1. "
            f"Received: gamma={gamma}, order={order}, sketch_dim={sketch_dim}."
        )
    width = 2.0 * gamma
    bound = (
        np.abs(width * r) ** (order + 1)
        / math.factorial(order + 1)
        * np.exp(width * np.maximum(-r, 0))
    )
    if sketch_dim is not None:
        deviations = sum(
            width**t / math.factorial(t) * math.sqrt((2 + 3**t) / sketch_dim)
            for t in range(2, order + 1)
        )
        bound = bound + deviations * np.exp(-width * r)
    return bound


def mean_inner_product(x, *, normalize=True, num_pairs=100_000, seed=0):
    """Measures the mean inner product of descriptors of different images.

    Args:
        x: Array of shape `(..., channels)`, such as feature maps.
        normalize: Bool, whether to scale vectors to unit length first, as
            `KernelPooling` does by default. Defaults to `True`.
        num_pairs: Int, pairs drawn with replacement. Defaults to `100000`.
        seed: Int. Defaults to `0`.

    Returns:
        Float.

    Example:
    >>> mean_inner_product(np.ones((4, 2, 2, 3)), normalize=False)
    3.0
    """
    x = np.asarray(x, "float32")
    x = x.reshape(-1, x.shape[-1])
    if normalize:
        norms = np.linalg.norm(x, axis=1, keepdims=True)
        x = x / np.where(norms > 0, norms, 1)
    rng = np.random.default_rng(seed)
    total, left = 0.0, num_pairs
    while left:
        n = min(left, 4096)
        i, j = rng.integers(len(x), size=(2, n))
        total += float(np.einsum("nc,nc->", x[i], x[j], dtype="float64"))
        left -= n
    return total / num_pairs


def gamma_of_data(x, *, normalize=True, seed=0):
    """Returns a kernel width for data: 1 / mean inner product, at most 0.5.

    The reciprocal of the mean inner product is the published rule. On vectors
    of unit length it is above 1, where a series of four terms is far from the
    kernel (an error of 0.17 to 0.6 was measured), so that it is cut at 0.5
    there; on raw descriptors, whose products are large, it is the rule.

    Args:
        x: Array of shape `(..., channels)`, such as feature maps.
        normalize: Bool, as for the pooling. Defaults to `True`.
        seed: Int, of the pairs drawn. Defaults to `0`.

    Returns:
        Float above 0.

    Raises:
        ValueError: If the mean inner product is not positive.

    Example:
    >>> gamma_of_data(4.0 * np.ones((4, 2, 2, 1)), normalize=False)
    0.0625
    """
    mean = mean_inner_product(x, normalize=normalize, seed=seed)
    if not mean > 0:
        raise ValueError(
            "The mean inner product must be above 0 for the rule to give a "
            f"width. Received: descriptors with mean {mean:.3g}. Give `gamma`."
        )
    return min(1.0 / mean, 0.5)
