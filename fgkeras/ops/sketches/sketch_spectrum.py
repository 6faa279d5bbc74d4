"""Spectra of count sketches: sketch and transform in one."""

import numpy as np
from keras import ops

from fgkeras.ops.sketches.count_sketch import sketch_columns
from fgkeras.ops.sketches.sketch_transform import FULLEST_ROW
from fgkeras.ops.sketches.sketch_transform import HadamardTransform


def room_of_rows(group, buckets):
    """Returns how many channels share a row of the sketch at most.

    Args:
        group: What `sketch_transform` gives.
        buckets: Integer array of shape `(order, channels)`.

    Returns:
        Int, the `room` of `sketch_spectra`; `None` where rows are too full for
        lists to pay, or spectra are complex.
    """
    if not isinstance(group, HadamardTransform):
        return None
    rows = np.asarray(buckets) // group.columns
    most = max(np.bincount(r, minlength=group.rows).max() for r in rows)
    return int(most) if most <= FULLEST_ROW * group.columns else None


def sketch_spectra(group, buckets, signs, room=None, *, all_fit=False):
    """Returns the linear maps from channels to the spectra of their sketches.

    A sketch of few channels is mostly zeros. Where `room` says how many
    channels share a row of it, the first of the transform's two products takes
    a row's channels in place of all its buckets.

    Args:
        group: What `sketch_transform` gives.
        buckets: Int32 tensor of shape `(order, channels)`.
        signs: Float tensor of that shape, of the type of the data.
        room: `None`, or an int for `"hadamard"`. Tables with fuller rows take
            longer and give the same. Defaults to `None`.
        all_fit: Bool, whether no row is known to be fuller, so that no branch
            is made for what does not fit. Defaults to `False`: it is looked
            at.

    Returns:
        List of objects, one per table, with `forward`, from columns
        `(channels, n)` to a spectrum, and `adjoint`, its transpose but for
        the group's `unweigh`.

    Raises:
        ValueError: If there is a `room` and the transform is not `"hadamard"`.
    """
    order = buckets.shape[0]
    if room is not None and not isinstance(group, HadamardTransform):
        raise ValueError(
            '`room` is for transform="hadamard", whose spectra are real. '
            f"Received: room={room}. Leave it out."
        )
    if room is None:
        return [_Scattered(group, buckets[t], signs[t]) for t in range(order)]
    channels = buckets.shape[1]
    row = buckets // group.columns
    numbers = ops.broadcast_to(
        ops.arange(channels, dtype="int32"), (order, channels)
    )
    by_row = ops.cast(ops.argsort(row * channels + numbers, axis=-1), "int32")
    tables = []
    for t in range(order):
        counts = ops.segment_sum(ops.ones_like(row[t]), row[t], group.rows)
        start = ops.cumsum(counts) - counts
        # Where each channel stands in the list of its row.
        rank = ops.segment_sum(numbers[t], by_row[t], channels)
        position = rank - ops.take(start, row[t], axis=0)
        listed = start[:, None] + ops.arange(room, dtype="int32")
        there = ops.arange(room, dtype="int32") < counts[:, None]
        members = ops.take(by_row[t], ops.minimum(listed, channels - 1), axis=0)
        fits = position < room
        beyond = ops.cast(ops.logical_not(fits), signs.dtype)
        tables.append(
            _Listed(
                group,
                members,
                ops.take(buckets[t], members, axis=0) % group.columns,
                ops.take(signs[t], members, axis=0)
                * ops.cast(there, signs.dtype),
                row[t] * room + ops.minimum(position, room - 1),
                None if all_fit else fits,
                _Scattered(group, buckets[t], signs[t] * beyond),
            )
        )
    return tables


class _Scattered:
    """Channels are added into their buckets, then everything is transformed."""

    def __init__(self, group, buckets, signs):
        self.group, self.buckets, self.signs = group, buckets, signs

    def forward(self, x):
        size = self.group.sketch_dim
        y = sketch_columns(x, self.buckets, self.signs, size)
        return self.group.forward(y)

    def adjoint(self, spectrum):
        y = self.group.back(
            tuple(self.group.together(part) for part in spectrum)
        )
        return ops.take(y, self.buckets, axis=0) * self.signs[:, None]


class _Listed:
    """A row's channels go through their columns of the transform's matrix.

    Those for which there is no room, if any, go the other way.
    """

    def __init__(self, group, members, column, signs, place, fits, rest):
        self.group = group
        self.shape = tuple(members.shape)
        right = ops.convert_to_tensor(group.right, dtype=signs.dtype)
        # (rows, room, columns)
        self.matrices = ops.take(right, column, axis=0) * signs[..., None]
        self.members = ops.reshape(members, (-1,))
        self.place = place
        # `None` where all are known to fit.
        self.fits, self.rest = fits, rest
        self.all_fit = None if fits is None else ops.all(fits)

    def forward(self, x):
        z = ops.take(x, self.members, axis=0)
        z = ops.reshape(z, (*self.shape, -1))
        z = ops.matmul(ops.transpose(self.matrices, (0, 2, 1)), z)
        z = self.group.over_rows(z)
        if self.fits is None:
            return (z,)
        return (
            ops.cond(
                self.all_fit,
                lambda: z,
                lambda: z + self.rest.forward(x)[0],
            ),
        )

    def adjoint(self, spectrum):
        z = ops.matmul(self.matrices, self.group.over_rows(spectrum[0]))
        size = self.shape[0] * self.shape[1]
        z = ops.take(ops.reshape(z, (size, -1)), self.place, axis=0)
        if self.fits is None:
            return z
        return ops.cond(
            self.all_fit,
            lambda: z,
            lambda: (
                ops.where(self.fits[:, None], z, 0)
                + self.rest.adjoint(spectrum)
            ),
        )
