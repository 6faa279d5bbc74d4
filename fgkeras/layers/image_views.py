"""Several views of every image, one below the other in the batch."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class ImageViews(keras.layers.Layer):
    """Cuts windows out of every image, and mirrors them.

    Use it, by `fgkeras.models.view_averaging`, in front of a classifier that
    is to see more of a picture than one crop. A window that is larger than
    `size` is scaled down to it by a triangle as wide as a pixel of the result
    (bilinear, antialiased), as two products with the matrix

        y = A x A^T,  A_ij ~ max(0, 1 - |(j + 1/2) / r - (i + 1/2)|),
        r = side / size, rows of A adding up to 1

    which every backend and export format computes alike.

    Args:
        size: Int, side of every view in pixels.
        windows: Sequence of `(top, left, side)` in pixels, `side` at least
            `size`; views come in this order.
        mirrored: Bool, whether each is followed, after all the others, by its
            left-right mirror image. Defaults to `False`.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, 3)`.

    Output shape:
        `(num_views * batch, size, size, 3)`: all images under the first view,
        then all under the second.

    Raises:
        ValueError: If there is no window, or one is smaller than a view.

    Example:
    >>> layer = ImageViews(2, [(0, 0, 2), (1, 1, 2)], mirrored=True)
    >>> layer(np.zeros((5, 3, 3, 3), "float32")).shape[0]
    20
    """

    def __init__(self, size, windows, mirrored=False, **kwargs):
        super().__init__(**kwargs)
        windows = [tuple(int(n) for n in window) for window in windows]
        if not windows or any(window[2] < size for window in windows):
            raise ValueError(
                "`windows` must be at least one, none smaller than `size`. "
                f"Received: windows={windows}, size={size}."
            )
        self.size, self.windows, self.mirrored = size, windows, mirrored

    @property
    def num_views(self):
        """Int, views of an image."""
        return len(self.windows) * (1 + self.mirrored)

    def call(self, inputs):
        views = [self._view(inputs, *window) for window in self.windows]
        if self.mirrored:
            views += [ops.flip(view, axis=2) for view in views]
        return ops.concatenate(views, axis=0) if len(views) > 1 else views[0]

    def _view(self, x, top, left, side):
        x = x[:, top : top + side, left : left + side]
        if side == self.size:
            return x
        kernel = ops.cast(_shrinking(side, self.size), x.dtype)
        x = ops.matmul(kernel, ops.reshape(x, (-1, side, side * 3)))
        x = ops.reshape(x, (-1, self.size, side, 3))
        return ops.matmul(kernel, x)

    def compute_output_shape(self, input_shape):
        batch = input_shape[0] and self.num_views * input_shape[0]
        return (batch, self.size, self.size, 3)

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "windows": [list(window) for window in self.windows],
            "mirrored": self.mirrored,
        }


def _shrinking(side, size):
    """The matrix `(size, side)` that scales rows of pixels down."""
    ratio = side / size
    source = (np.arange(side) + 0.5) / ratio
    target = np.arange(size) + 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(source[None] - target[:, None]))
    return weights / weights.sum(axis=1, keepdims=True)
