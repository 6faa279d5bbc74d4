"""Spectra of count sketches: sketch and transform in one."""

import math

import numpy as np
from keras import ops

from fgkeras.ops.count_sketch import sketch_columns
from fgkeras.ops.sketch_transform import HadamardTransform

# Share of a row's buckets above which lists of its channels do not pay.
_FULLEST_ROW = 0.75


def row_members(group, buckets):
    """Lists the channels whose buckets lie in each row of the sketch.

    A sketch of few channels is mostly zeros. With these lists the first of the
    transform's two products takes a row's channels in place of all its columns.

    Args:
        group: What `sketch_transform` gives.
        buckets: Integer array of shape `(order, channels)`.

    Returns:
        Int32 array of shape `(order, rows, most)`, -1 where a row has fewer;
        `None` where rows are too full for it to pay, or spectra are complex.
    """
    if not isinstance(group, HadamardTransform):
        return None
    buckets = np.asarray(buckets)
    rows = buckets // group.columns
    most = max(np.bincount(r, minlength=group.rows).max() for r in rows)
    if most > _FULLEST_ROW * group.columns:
        return None
    members = np.full((len(buckets), group.rows, most), -1, "int32")
    for table, row in zip(members, rows, strict=True):
        for i in range(group.rows):
            (channels,) = np.nonzero(row == i)
            table[i, : len(channels)] = channels
    return members


def sketch_spectrum(group, buckets, signs, members=None):
    """Returns the linear map from channels to the spectrum of their sketch.

    Args:
        group: What `sketch_transform` gives.
        buckets: Int32 tensor of shape `(channels,)`.
        signs: Float tensor of shape `(channels,)`, of the type of the data.
        members: `None`, or what `row_members` gives for this table.

    Returns:
        Object with `forward`, from columns `(channels, n)` to a spectrum, and
        `adjoint`, its transpose.
    """
    if members is None:
        return _Scattered(group, buckets, signs)
    return _Listed(group, buckets, signs, members)


class _Scattered:
    """Channels are added into their buckets, then everything is transformed."""

    def __init__(self, group, buckets, signs):
        self.group, self.buckets, self.signs = group, buckets, signs

    def forward(self, x):
        size = self.group.sketch_dim
        y = sketch_columns(x, self.buckets, self.signs, size)
        return self.group.forward(y)

    def adjoint(self, spectrum):
        group = self.group
        y = group.adjoint(
            tuple(
                ops.reshape(part, (group.rows, group.columns, -1))
                for part in spectrum
            )
        )
        return ops.take(y, self.buckets, axis=0) * self.signs[:, None]


class _Listed:
    """A row's channels go through their columns of the transform's matrix."""

    def __init__(self, group, buckets, signs, members):
        self.group = group
        self.shape = tuple(members.shape)
        there = members >= 0
        channels = ops.maximum(members, 0)
        signs = ops.take(signs, channels, axis=0)
        signs = signs * ops.cast(there, signs.dtype)
        column = ops.mod(ops.take(buckets, channels, axis=0), group.columns)
        right = ops.convert_to_tensor(group.right, dtype=signs.dtype)
        # (rows, members, columns)
        self.matrices = ops.take(right, column, axis=0) * signs[..., None]
        self.channels = ops.reshape(channels, (-1,))
        # Where each channel stands in the lists; those of no channel add 0.
        place = ops.arange(math.prod(self.shape), dtype="int32")
        place = place * ops.cast(ops.reshape(there, (-1,)), "int32")
        self.place = ops.segment_sum(place, self.channels, buckets.shape[0])

    def forward(self, x):
        z = ops.reshape(ops.take(x, self.channels, axis=0), (*self.shape, -1))
        z = ops.matmul(ops.transpose(self.matrices, (0, 2, 1)), z)
        return (self.group.over_rows(z),)

    def adjoint(self, spectrum):
        z = ops.matmul(self.matrices, self.group.over_rows(spectrum[0]))
        z = ops.reshape(z, (math.prod(self.shape), -1))
        return ops.take(z, self.place, axis=0)
