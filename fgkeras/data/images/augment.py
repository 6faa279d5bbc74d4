"""Seeded training augmentation: encoded bytes in, a float image out."""

import dataclasses
import math

KINDS = (
    "random_resized_crop",
    "inception_crop",
    "random_crop",
    "pad_crop",
    "none",
)
_ASPECT = 4 / 3
_INCEPTION_AREA = 0.08
# How many uniform numbers one image uses.
NUM_RANDOM = 8


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """What happens to a training image between its bytes and its batch.

    Every random number is a function of the seed that the caller passes with
    the image, so the same seed gives the same pixels in any order, on any
    number of threads. Windows of JPEGs are decoded by the fast transform, see
    `fgkeras.data.images.decode.decode_jpeg_window`; all else by the exact one.

    Args:
        kind: String. `"random_resized_crop"`: a window of random area and
            aspect (3/4 to 4/3), cut off where it is longer than the image, and
            resized to `size`. `"inception_crop"`: the same of an area drawn
            evenly from .08 to 1 of the image's and an aspect that fits into
            it, so that nothing is cut off; in an image longer than 4:3 the
            area ends where no aspect fits. `"random_crop"`: as if the shorter
            side were resized to `resize` and a window of `size` cut at random.
            `"pad_crop"`: zero-pad the evaluation crop by `padding`, crop back
            (small images). `"none"`: the evaluation crop. Defaults to
            `"random_resized_crop"`.
        size: Int, output height and width in pixels. Defaults to `224`.
        resize: Int, shorter side before `"random_crop"`, in pixels; `None`
            means `size * 8 // 7`. Defaults to `None`.
        padding: Int, pixels on each side for `"pad_crop"`. Defaults to `4`.
        flip: Bool, mirror left and right half of the time. Defaults to `True`.
        color: Float in [0, 1], strength of brightness, contrast and
            saturation changes. `0` turns them off. Defaults to `0.0`.
        min_area: Float in (0, 1], smallest share of the image's area for
            `"random_resized_crop"`. Defaults to `0.25`.
        evaluation_resize: Int, shorter side before the evaluation crop that
            `"pad_crop"` and `"none"` start from, in pixels; `None` takes the
            largest central square. Give what evaluation takes. Defaults to
            `None`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    >>> Augmentation("pad_crop", size=32).padding
    4

    References:
        Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, section
        6, for `"inception_crop"`.
    """

    kind: str = "random_resized_crop"
    size: int = 224
    resize: int | None = None
    padding: int = 4
    flip: bool = True
    color: float = 0.0
    min_area: float = 0.25
    evaluation_resize: int | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(
                f"`kind` must be one of {KINDS}. Received: kind={self.kind!r}."
            )
        for name in ("resize", "evaluation_resize"):
            value = getattr(self, name)
            if value is not None and value < self.size:
                raise ValueError(
                    f"`{name}` must be at least `size`. Received: "
                    f"{name}={value}, size={self.size}."
                )
        if not 0.0 <= self.color <= 1.0 or not 0.0 < self.min_area <= 1.0:
            raise ValueError(
                "`color` must lie in [0, 1] and `min_area` in (0, 1]. "
                f"Received: color={self.color}, min_area={self.min_area}."
            )

    def __call__(self, encoded, seed):
        """Returns `float32` of shape `(size, size, 3)`, values 0..255.

        Args:
            encoded: Scalar string tensor, a JPEG, PNG, BMP or GIF.
            seed: Integer tensor of shape `(2,)`.
        """
        import tensorflow as tf

        numbers = tf.random.stateless_uniform([NUM_RANDOM], seed)
        return self.apply(encoded, numbers)

    def apply(
        self,
        encoded,
        numbers,
        window=None,
        is_jpeg=None,
        orientation=None,
        ready_formats=None,
        frame=None,
    ):
        """As `__call__`, from random numbers that were drawn before.

        Args:
            encoded: Scalar string tensor.
            numbers: `float32` tensor of shape `(NUM_RANDOM,)`, uniform in
                [0, 1).
            window: What `windows` gave for this image, or `None` to read the
                size from the image.
            is_jpeg: Bool if known before the graph is built, else `None`.
            orientation: Int in [1, 8], how a JPEG is turned, or an integer
                tensor; `None` to read it from the image.
            ready_formats: See `fgkeras.data.images.decode.decode_image`.
            frame: `int32` tensor `[y, x, height, width]`, the pixels that count
                as the whole image; `None` for all. A `window` is of the image.
        """
        import tensorflow as tf

        if self.kind == "none":
            image = self._evaluation_crop(encoded, ready_formats, frame)
        elif self.kind == "pad_crop":
            image = self._pad_crop(encoded, numbers, ready_formats, frame)
        else:
            image = self._cut(
                encoded,
                lambda shape: self._chosen(shape, numbers, window, frame),
                is_jpeg,
                orientation,
                ready_formats,
            )
        if self.flip:
            image = tf.cond(
                numbers[0] < 0.5, lambda: tf.reverse(image, [1]), lambda: image
            )
        if self.color:
            image = self._recolor(image, numbers)
        return tf.ensure_shape(image, (self.size, self.size, 3))

    @property
    def has_window(self):
        """Whether only a window of each image is decoded."""
        return self.kind not in ("pad_crop", "none")

    def windows(self, heights, widths, numbers):
        """Returns `int32` windows `[y, x, height, width]` in source pixels.

        Args:
            heights: Integer tensor of any shape, in pixels, upright.
            widths: Integer tensor of the same shape, in pixels, upright.
            numbers: `float32` tensor with `NUM_RANDOM` more values per image.
        """
        import tensorflow as tf

        high = tf.cast(heights, "float32")
        wide = tf.cast(widths, "float32")
        if self.kind == "random_crop":
            resize = self.resize or self.size * 8 // 7
            h = w = tf.minimum(high, wide) * (self.size / resize)
        elif self.kind == "inception_crop":
            h, w = _inception_sides(high, wide, numbers[..., 1:3])
        else:
            share = self.min_area + (1 - self.min_area) * numbers[..., 1]
            area = high * wide * share
            ratio = tf.exp((2 * numbers[..., 2] - 1) * math.log(_ASPECT))
            h = tf.minimum(tf.sqrt(area / ratio), high)
            w = tf.minimum(tf.sqrt(area * ratio), wide)
        h = tf.maximum(tf.round(h), 1.0)
        w = tf.maximum(tf.round(w), 1.0)
        y = tf.floor(numbers[..., 3] * (high - h + 1.0))
        x = tf.floor(numbers[..., 4] * (wide - w + 1.0))
        return tf.cast(tf.stack([y, x, h, w], -1), "int32")

    def _chosen(self, shape, numbers, window, frame):
        """The window of an image of a shape, chosen before or now."""
        if window is not None:
            return window
        if frame is None:
            return self.windows(shape[0], shape[1], numbers)
        inside = self.windows(frame[2], frame[3], numbers)
        return inside + frame * [1, 1, 0, 0]

    def _cut(self, encoded, choose, is_jpeg, orientation, ready):
        """Decodes only the chosen window of a JPEG, then resizes it."""
        import tensorflow as tf

        from fgkeras.data.images.decode import decode_image
        from fgkeras.data.images.decode import decode_jpeg_window

        def from_jpeg():
            return decode_jpeg_window(encoded, choose, orientation)

        def from_other():
            image = decode_image(encoded, ready_formats=ready)
            y, x, h, w = tf.unstack(choose(tf.shape(image)))
            return tf.slice(image, [y, x, 0], [h, w, 3])

        if is_jpeg is None:
            part = tf.cond(tf.io.is_jpeg(encoded), from_jpeg, from_other)
        else:
            part = from_jpeg() if is_jpeg else from_other()
        return tf.image.resize(part, (self.size, self.size))

    def _evaluation_crop(self, encoded, ready, frame):
        from fgkeras.data.images.decode import decode_for_evaluation

        return decode_for_evaluation(
            encoded,
            self.size,
            self.evaluation_resize,
            ready_formats=ready,
            frame=frame,
        )

    def _pad_crop(self, encoded, numbers, ready, frame):
        import tensorflow as tf

        image = self._evaluation_crop(encoded, ready, frame)
        pad = self.padding
        image = tf.pad(image, [[pad, pad], [pad, pad], [0, 0]])
        offset = tf.cast(tf.floor(numbers[3:5] * (2 * pad + 1)), "int32")
        return tf.slice(
            image, [offset[0], offset[1], 0], [self.size, self.size, 3]
        )

    def _recolor(self, image, numbers):
        """Brightness, contrast, then saturation, each by 1 +- 0.4 color."""
        import tensorflow as tf

        factor = 1.0 + 0.4 * self.color * (2.0 * numbers[5:8] - 1.0)
        image = image * factor[0]
        gray = tf.reduce_sum(
            image * [0.299, 0.587, 0.114], axis=-1, keepdims=True
        )
        mean = tf.reduce_mean(gray)
        image = mean + (image - mean) * factor[1]
        gray = mean + (gray - mean) * factor[1]
        image = gray + (image - gray) * factor[2]
        return tf.clip_by_value(image, 0.0, 255.0)


def _inception_sides(high, wide, numbers):
    """Height and width of windows whose area is drawn evenly.

    Of a share of the area and an aspect `r` (width to height), the window fits
    into an image of aspect `a` where `share * a <= r <= a / share`. The share
    is drawn from .08 to the most for which an `r` from 3/4 to 4/3 fits, the
    logarithm of `r` from those that do.
    """
    import tensorflow as tf

    own = wide / high
    most = tf.minimum(1.0, _ASPECT * tf.minimum(own, 1 / own))
    least = tf.minimum(_INCEPTION_AREA, most)
    share = least + (most - least) * numbers[..., 0]
    low = tf.math.log(tf.maximum(1 / _ASPECT, share * own))
    high_log = tf.math.log(tf.minimum(_ASPECT, own / share))
    ratio = tf.exp(low + (high_log - low) * numbers[..., 1])
    area = high * wide * share
    h = tf.minimum(tf.sqrt(area / ratio), high)
    return h, tf.minimum(tf.sqrt(area * ratio), wide)
