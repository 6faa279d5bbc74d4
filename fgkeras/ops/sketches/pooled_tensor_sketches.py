"""Mean tensor sketches of all orders over the locations of an image."""

import numpy as np
from keras import ops

from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketches.open_batch import is_open_batch
from fgkeras.ops.sketches.sketch_spectrum import room_of_rows
from fgkeras.ops.sketches.sketch_spectrum import sketch_spectra
from fgkeras.ops.sketches.sketch_transform import sketch_transform

# Numbers in one block's spectrum. A batch that fits needs no loop, and the
# compiler keeps its spectra for the backward pass: on 2 CPU cores 0.7 to 0.8 of
# the time of smaller blocks, which compute them again. Order 2 has two spectra
# to keep, and complex ones cost too much to compute twice; elsewhere small
# blocks take 0.7 of the memory for 1,568 descriptors and 0.2 for 32 maps.
_BLOCK = 2**25
_SMALL_BLOCK = 2**21


def pooled_tensor_sketches(
    x,
    buckets,
    signs,
    sketch_dim,
    *,
    transform="fourier",
    room=None,
    block=None,
):
    """Returns the mean over locations of the tensor sketches of orders 2 to p.

    Order t uses the first t hash tables, so one running product of spectra
    serves all orders. The transform is linear: spectra are averaged over the
    locations first, and only the means are transformed back. Of a large batch
    both passes take a few images at a time, and the backward pass computes the
    spectra again, so that memory does not grow with the batch; within
    `open_batch` all at once.

        y_t = mean over l of ts_t(x_l),   t = 2, ..., p

    Args:
        x: Float tensor of shape `(batch, locations, channels)`.
        buckets: Integer tensor of shape `(p, channels)`, `p` at least 2.
        signs: Tensor of shape `(p, channels)` of -1 and +1.
        sketch_dim: Int.
        transform: `"fourier"`, `"fft"` or `"hadamard"`, see
            `sketch_transform`. Defaults to `"fourier"`.
        room: `None`, or an int for `"hadamard"`: how many channels share a row
            of the sketch. Faster; measured here where `buckets` is a NumPy
            array, and then known to be enough. Defaults to `None`.
        block: `None`, or an int: how many numbers of a spectrum are in memory
            at once; one image is never split. Defaults to `None`: 2**25,
            and 2**21 for `"hadamard"` above order 2.

    Returns:
        Tensor of shape `(batch, p - 1, sketch_dim)`, float32 or float64.

    Raises:
        ValueError: If there is one table only or `sketch_dim` does not fit.

    Example:
    >>> from fgkeras.ops.sketches.count_sketch import hash_tables
    >>> buckets, signs = hash_tables(3, 5, 16)
    >>> y = pooled_tensor_sketches(np.ones((2, 9, 5)), buckets, signs, 16)
    >>> tuple(y.shape)
    (2, 2, 16)

    Reference:

    - [Cui et al., 2017](
      https://openaccess.thecvf.com/content_cvpr_2017/html/Cui_Kernel_Pooling_for_CVPR_2017_paper.html),
      algorithm 1, whose inverse transforms are taken per location.
    """
    order, channels = buckets.shape
    group = sketch_transform(transform, sketch_dim, channels)
    if order < 2:
        raise ValueError(
            "`buckets` must hold at least two tables. Received: "
            f"buckets of shape {tuple(buckets.shape)}. Order 1 is the mean."
        )
    x = full_precision(x)
    known = isinstance(buckets, np.ndarray)
    if known:
        # Room for the fullest row of these tables: every channel fits.
        most = room_of_rows(group, buckets)
        known = most is not None and (room is None or most <= room)
        room = most if room is None else room
    # As tensors, so that no variable is read inside of the custom gradient.
    buckets = ops.cast(buckets, "int32")
    signs = ops.cast(signs, x.dtype)
    tables = sketch_spectra(group, buckets, signs, room, all_fit=known)
    sketches = _Sketches(group, tables)
    if block is None:
        small = order > 2 and transform == "hadamard"
        block = _SMALL_BLOCK if small else _BLOCK
    blocks = _Blocks(x, sketch_dim, block)

    def mean_spectra(x):
        value = blocks.run(sketches.spectra, x)

        def gradient(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            return blocks.run(sketches.gradient, x, upstream)

        return value, gradient

    # (batch, orders, parts, ...), with the group's axes of a spectrum.
    if is_open_batch():
        spectra = sketches.spectra(x)
    else:
        spectra = ops.custom_gradient(mean_spectra)(x)
    # A mean is the spectrum of one location.
    rows = ops.reshape(spectra, (-1, *spectra.shape[2:]))
    parts = tuple(
        group.together(group.per_location(rows[:, i]))
        for i in range(spectra.shape[2])
    )
    y = group.back(group.weigh(parts))
    return ops.reshape(ops.transpose(y), (-1, order - 1, sketch_dim))


class _Sketches:
    """The spectra of a block of images, and their gradient, by hand."""

    def __init__(self, group, tables):
        self.group, self.tables = group, tables
        self.order = len(tables)

    def spectra(self, x):
        """`(n, locations, channels)` to the images' mean spectra."""
        factors = self._factors(x)
        running, means = factors[0], []
        for t in range(1, self.order):
            running = self.group.multiply(running, factors[t])
            sums = [self.group.over_locations(part) for part in running]
            means.append(ops.stack(sums, axis=1))
        return ops.stack(means, axis=1) / ops.cast(ops.shape(x)[1], x.dtype)

    def gradient(self, x, upstream):
        """Gradient of `spectra` with respect to `x`."""
        group, order = self.group, self.order
        locations = ops.shape(x)[1]
        factors = self._factors(x)
        running = [factors[0]]
        for t in range(1, order - 1):
            running.append(group.multiply(running[-1], factors[t]))
        upstream = upstream / ops.cast(locations, x.dtype)
        arriving = []
        for t in range(order - 1):
            # Here, where it costs little, and not for every location.
            parts = group.unweigh(
                tuple(upstream[:, t, i] for i in range(len(factors[0])))
            )
            arriving.append(tuple(group.per_location(part) for part in parts))
        behind = arriving[-1]
        total = None
        for t in range(order - 1, -1, -1):
            here = behind
            if t > 0:
                here = group.multiply_conjugate(behind, running[t - 1])
                behind = group.multiply_conjugate(behind, factors[t])
            if t > 1:
                behind = tuple(
                    a + b for a, b in zip(behind, arriving[t - 2], strict=True)
                )
            term = self.tables[t].adjoint(here)
            total = term if total is None else total + term
        return ops.reshape(ops.transpose(total), ops.shape(x))

    def _factors(self, x):
        """Spectra of every table, with images and locations apart."""
        n, locations, channels = ops.shape(x)
        columns = ops.transpose(ops.reshape(x, (-1, channels)))
        return [
            tuple(
                self.group.apart(part, n, locations)
                for part in table.forward(columns)
            )
            for table in self.tables
        ]


class _Blocks:
    """Runs a function of the batch a few images at a time."""

    def __init__(self, x, sketch_dim, block):
        batch, locations = ops.shape(x)[:2]
        most = ops.maximum(1, block // (sketch_dim * locations))
        if isinstance(batch, int) and isinstance(locations, int):
            most = max(1, block // (sketch_dim * locations))
        self.count = -(-batch // most)
        # Blocks as even as can be, for the last one is filled with zeros.
        self.images = -(-batch // self._at_least_one(self.count))
        self.batch = batch

    def run(self, fn, *tensors):
        if isinstance(self.count, int) and self.count <= 1:
            return fn(*tensors)
        missing = self.count * self.images - self.batch
        blocks = tuple(self._split(t, missing) for t in tensors)
        out = ops.map(lambda ts: fn(*ts), blocks)
        shape = ops.shape(out)
        return ops.reshape(out, (-1, *shape[2:]))[: self.batch]

    def _split(self, t, missing):
        shape = ops.shape(t)[1:]
        # There are fewer missing than images, as blocks are even.
        filled = ops.concatenate([t, ops.zeros_like(t[:missing])])
        return ops.reshape(filled, (self.count, self.images, *shape))

    def _at_least_one(self, count):
        return max(1, count) if isinstance(count, int) else (
            ops.maximum(1, count)
        )  # fmt: skip


def gram_is_cheaper(shape, sketch_dim, transform="hadamard"):
    """Whether `gram_sketch` is the faster way to order 2 on this shape.

    It moves `channels**2` numbers for an image, and as many as for four more
    images in a batch of any size; the spectra some multiple of
    `locations * sketch_dim` an image. Where the two take the same time was
    measured on 2 CPU cores (`experiments/benchmarks/kernel_pooling.json`). An
    unknown batch counts as 32, an unknown number of locations as 49.

        channels**2 (batch + 4) <= share locations sketch_dim batch

    Args:
        shape: `(batch, locations, channels)`, ints or `None`.
        sketch_dim: Int.
        transform: String, see `sketch_transform`: a share of 0.7 for
            `"hadamard"`, 1.3 for the others. Defaults to `"hadamard"`.

    Returns:
        Bool.

    Example:
    >>> gram_is_cheaper((8, 196, 256), 4096)
    True
    >>> gram_is_cheaper((8, 196, 1280), 4096)
    False
    """
    batch, locations, channels = shape
    batch, locations = batch or 32, locations or 49
    share = 0.7 if transform == "hadamard" else 1.3
    gram = channels**2 * (batch + 4)
    return gram <= share * locations * sketch_dim * batch
