"""Transforms that turn the convolution of sketches into a product.

A tensor sketch convolves count sketches over a finite group, and a transform
of that group makes the convolution a product of spectra. Two of the transforms
here are products with small real matrices, so they run wherever matrices do:
under XLA, in float64, on LiteRT, which has no complex numbers. The third is
the backend's own fast Fourier transform.
"""

import functools
import math

import numpy as np
from keras import ops

# Share of a row's buckets above which lists of its channels do not pay.
FULLEST_ROW = 0.75
# Above it a factor's matrices outgrow the sketches.
_LARGEST_FACTOR = 256


@functools.lru_cache(maxsize=16, typed=True)
def sketch_transform(name, sketch_dim, channels=None):
    """Returns the transform of a group of `sketch_dim` elements.

    Sketches come as tensors of shape `(sketch_dim, n)`, one per column.
    `forward` gives their spectra, a tuple of real tensors in an order of
    their own; `back` returns to columns. `back(weigh(forward(y))) == y`, and
    `back(unweigh(spectrum))` is the transpose of `forward` as a linear map.

    Args:
        name: `"fourier"`: integers modulo `sketch_dim`, as published, by
            products with real matrices. `"fft"`: the same numbers by the
            backend's fast Fourier transform, `tf.signal.rfft` on TensorFlow.
            Or `"hadamard"`: bit strings under exclusive or, whose spectra are
            real: three times less work per product, and the same expectation.
            Its variance is larger where vectors are alike. For unit vectors
            with inner product r and long sketches, the variance of order t is
            `((1 + 2 r**2)**t - r**(2 t)) / sketch_dim` in place of
            `((1 + r**2)**t + (2 r**2)**t - 2 r**(2 t)) / sketch_dim`: at
            r = 0.3 and order 4 the error grows by 17 per cent.
        sketch_dim: Int at least 1; a power of two for `"hadamard"`, a product
            of two numbers up to 256 for `"fourier"`.
        channels: `None`, or int, of what is sketched: `"hadamard"` is laid out
            for the lists that `sketch_spectra` makes of so many. Defaults to
            `None`.

    Returns:
        Transform with `forward`, `back`, `weigh`, `unweigh`, `multiply`,
        `multiply_conjugate` and `add_buckets`; and how a spectrum lies in
        memory: `apart`, `together`, `over_locations`, `per_location`.

    Raises:
        ValueError: If the name is unknown or `sketch_dim` does not fit.

    Example:
    >>> transform = sketch_transform("hadamard", 8)
    >>> y = ops.reshape(ops.arange(16, dtype="float32"), (8, 2))
    >>> back = transform.back(transform.weigh(transform.forward(y)))
    >>> bool(ops.all(back == y))
    True

    Reference:

    - [Pham & Pagh, 2013](https://doi.org/10.1145/2487575.2487591), for the
      integers modulo `sketch_dim`.
    """
    kinds = {
        "fft": FftTransform,
        "fourier": FourierTransform,
        "hadamard": HadamardTransform,
    }
    if name not in kinds:
        raise ValueError(
            f"`transform` must be one of {sorted(kinds)}. Received: "
            f"transform={name!r}."
        )
    if not isinstance(sketch_dim, int) or sketch_dim < 1:
        raise ValueError(
            "`sketch_dim` must be an integer of at least 1. Received: "
            f"sketch_dim={sketch_dim!r}."
        )
    if name == "hadamard":
        return HadamardTransform(sketch_dim, channels)
    return kinds[name](sketch_dim)


class _ByColumns:
    """Spectra of shape `(rows, columns, n)`, one per column."""

    def apart(self, part, n, locations):
        """Splits the columns of a part into images and locations."""
        return ops.reshape(part, (self.rows, self.columns, n, locations))

    def together(self, part):
        """Undoes `apart`."""
        return ops.reshape(part, (self.rows, self.columns, -1))

    def over_locations(self, part):
        """Returns the sum over locations, of shape `(n, rows, columns)`."""
        return ops.transpose(ops.sum(part, axis=-1), (2, 0, 1))

    def per_location(self, part):
        """Lays `(n, rows, columns)` out to be added at every location."""
        return ops.transpose(part, (1, 2, 0))[..., None]

    def unweigh(self, spectrum):
        """Returns the spectrum itself: `back` is the transpose."""
        return spectrum


class _Modulo:
    """Products of spectra over the integers modulo `sketch_dim`."""

    def multiply(self, a, b):
        return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]

    def multiply_conjugate(self, a, b):
        """Returns `a` times the conjugate of `b`."""
        return a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]

    def add_buckets(self, a, b):
        """Returns the group's sum of two bucket numbers."""
        return (a + b) % self.sketch_dim


class HadamardTransform(_ByColumns):
    """Walsh-Hadamard transform: two products with matrices of +1 and -1."""

    def __init__(self, sketch_dim, channels=None):
        bits = sketch_dim.bit_length() - 1
        if sketch_dim != 2**bits:
            raise ValueError(
                "`sketch_dim` must be a power of two for "
                f'transform="hadamard". Received: sketch_dim={sketch_dim}. '
                'Use the next power of two, or transform="fourier".'
            )
        self.sketch_dim = sketch_dim
        self.rows = 2 ** (bits // 2)
        if channels is not None:
            sizes = [2**i for i in range(bits // 2 + 1)]
            self.rows = min(sizes, key=lambda rows: self._work(rows, channels))
        self.columns = sketch_dim // self.rows
        self._left = _hadamard(self.rows)
        self.right = _hadamard(self.columns)

    def forward(self, y):
        z = ops.reshape(y, (self.rows, self.columns, -1))
        return (self.over_rows(ops.matmul(_constant(self.right, y), z)),)

    def _work(self, rows, channels):
        """Products per number of a spectrum, with so many rows."""
        columns = self.sketch_dim // rows
        # The fullest of some rows has three deviations more than the mean.
        mean = channels / rows
        room = mean + 3 * math.sqrt(mean)
        return rows + (room if room <= FULLEST_ROW * columns else columns)

    def over_rows(self, z):
        """The second of the two products."""
        left = _constant(self._left, z)
        shape = (self.rows, self.columns, -1)
        return ops.reshape(
            ops.matmul(left, ops.reshape(z, (self.rows, -1))), shape
        )

    def back(self, spectrum):
        y = ops.reshape(spectrum[0], (self.sketch_dim, -1))
        return ops.reshape(self.forward(y)[0], (self.sketch_dim, -1))

    def weigh(self, spectrum):
        return (spectrum[0] / self.sketch_dim,)

    def multiply(self, a, b):
        return (a[0] * b[0],)

    multiply_conjugate = multiply

    def add_buckets(self, a, b):
        """Returns the group's sum of two bucket numbers."""
        return ops.bitwise_xor(a, b)


class FourierTransform(_Modulo, _ByColumns):
    """Discrete Fourier transform of real columns in two real products.

    With `sketch_dim = rows * columns`, position `columns a + b` and frequency
    `k + rows l`, the sum over `a` depends on `k` alone, and `k` up to half of
    `rows` says everything about a real column.
    """

    def __init__(self, sketch_dim):
        first = max(
            i for i in range(1, math.isqrt(sketch_dim) + 1)
            if sketch_dim % i == 0
        )  # fmt: skip
        second = sketch_dim // first
        if second > _LARGEST_FACTOR:
            raise ValueError(
                "`sketch_dim` must be a product of two numbers up to "
                f'{_LARGEST_FACTOR} for transform="fourier". Received: '
                f"sketch_dim={sketch_dim}. Take for example "
                f"{min(2 ** (sketch_dim.bit_length() - 1), 2**16)}."
            )
        self.sketch_dim = sketch_dim
        self._first = first
        self.columns = second
        self.rows = first // 2 + 1
        k = np.arange(self.rows)
        angle = 2.0 * np.pi * np.outer(k, np.arange(first)) / first
        self._left = np.stack([np.cos(angle), -np.sin(angle)], axis=1).reshape(
            2 * self.rows, first
        )
        # Whole turns are taken off while they are still whole numbers.
        turns = (
            np.arange(second)[None, None, :]
            * (k[:, None, None] + first * np.arange(second)[None, :, None])
        ) % sketch_dim
        angle = 2.0 * np.pi * turns / sketch_dim
        cos, sin = np.cos(angle), np.sin(angle)
        self._real = np.concatenate([cos, sin], axis=2)
        self._imag = np.concatenate([-sin, cos], axis=2)
        # Rows 0 and rows / 2 hold both of every conjugate pair.
        weight = np.full((self.rows, 1, 1), 2.0)
        weight[0] = 1.0
        if first % 2 == 0:
            weight[-1] = 1.0
        self._weight = weight / sketch_dim

    def forward(self, y):
        z = ops.matmul(
            _constant(self._left, y), ops.reshape(y, (self._first, -1))
        )
        z = ops.reshape(z, (self.rows, 2 * self.columns, -1))
        return (
            ops.matmul(_constant(self._real, y), z),
            ops.matmul(_constant(self._imag, y), z),
        )

    def back(self, spectrum):
        real, imag = spectrum
        z = ops.matmul(
            _constant(np.swapaxes(self._real, 1, 2), real), real
        ) + ops.matmul(_constant(np.swapaxes(self._imag, 1, 2), imag), imag)
        y = ops.matmul(
            _constant(self._left.T, z), ops.reshape(z, (2 * self.rows, -1))
        )
        return ops.reshape(y, (self.sketch_dim, -1))

    def weigh(self, spectrum):
        weight = _constant(self._weight, spectrum[0])
        return tuple(weight * part for part in spectrum)


class FftTransform(_Modulo):
    """The backend's Fourier transform of real rows, of any length.

    Spectra have the shape `(n, frequencies)`, since a fast transform goes
    along the last axis. Frequencies up to half of `sketch_dim` say everything
    about a real row; all but the outermost stand for a conjugate pair.
    """

    def __init__(self, sketch_dim):
        self.sketch_dim = sketch_dim
        weight = np.full(sketch_dim // 2 + 1, 2.0)
        weight[0] = 1.0
        if sketch_dim % 2 == 0:
            weight[-1] = 1.0
        self._weight = weight / sketch_dim

    def forward(self, y):
        return ops.rfft(ops.transpose(y))

    def back(self, spectrum):
        y = ops.irfft(spectrum, fft_length=self.sketch_dim)
        return ops.transpose(y)

    def weigh(self, spectrum):
        """Returns the spectrum itself: `back` is the inverse."""
        return spectrum

    def unweigh(self, spectrum):
        weight = _constant(self._weight, spectrum[0])
        return tuple(part / weight for part in spectrum)

    def apart(self, part, n, locations):
        """Splits the rows of a part into images and locations."""
        return ops.reshape(part, (n, locations, len(self._weight)))

    def together(self, part):
        """Undoes `apart`."""
        return ops.reshape(part, (-1, len(self._weight)))

    def over_locations(self, part):
        """Returns the sum over locations, of shape `(n, frequencies)`."""
        return ops.sum(part, axis=1)

    def per_location(self, part):
        """Lays `(n, frequencies)` out to be added at every location."""
        return part[:, None]


def _hadamard(size):
    matrix = np.ones((1, 1))
    while len(matrix) < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _constant(matrix, like):
    return ops.convert_to_tensor(matrix, dtype=like.dtype)
