"""Which images make up which batch, a pure function of seed and step."""

import functools
import math

import numpy as np

from fgkeras.data.batches.class_queues import ClassQueues
from fgkeras.data.whole_numbers import whole_numbers
from fgkeras.registries import SAMPLERS

# Keep the random streams of one seed apart.
_PERMUTATION, _ROUNDING, _ORDER, _EXTRA, _ROUNDS = range(5)


class Sampler:
    """Names the images of every batch; any step can be asked for first.

    Nothing is advanced: `batch(step)` depends on the constructor's arguments
    and `step` alone, so a training that resumes at step k sees what it would
    have seen. Batches always have `batch_size` images.

    Subclasses implement `_make_epoch(epoch)`, which returns all positions of
    an epoch as an array of `steps_per_epoch * batch_size`.

    Args:
        labels: Integer array of shape `(num_images,)`, not empty, from 0.
        batch_size: Positive integer.
        seed: Non-negative integer. Defaults to 0.
        steps_per_epoch: Integer. Defaults to `ceil(num_images / batch_size)`.
    """

    def __init__(self, labels, batch_size, *, seed=0, steps_per_epoch=None):
        self.queues = ClassQueues(labels, seed)
        self.num_images = self.queues.images.size
        if batch_size < 1:
            raise ValueError(
                "`batch_size` must be at least 1. "
                f"Received: batch_size={batch_size}."
            )
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(
                "`steps_per_epoch` must be at least 1. "
                f"Received: steps_per_epoch={steps_per_epoch}."
            )
        self.batch_size = batch_size
        self.seed = seed
        self.steps_per_epoch = steps_per_epoch or math.ceil(
            self.num_images / batch_size
        )
        self._cached = functools.lru_cache(maxsize=2)(self._build_epoch)

    def _build_epoch(self, epoch):
        shape = (self.steps_per_epoch, self.batch_size)
        positions = self._make_epoch(epoch).reshape(shape)
        positions.flags.writeable = False
        return positions

    def _make_epoch(self, epoch):
        raise TypeError(f"{type(self).__name__} does not define an epoch.")

    def _generator(self, stream, number):
        return np.random.default_rng([self.seed, stream, number])

    def epoch(self, epoch):
        """Returns `int64` positions, `(steps_per_epoch, batch_size)`."""
        return self._cached(int(epoch))

    def batch(self, step):
        """Returns the `int64` positions of one step, `(batch_size,)`."""
        epoch, row = divmod(int(step), self.steps_per_epoch)
        return self._cached(epoch)[row]

    def indices(self, step_start, num_steps):
        """Returns `int64` positions, `(num_steps, batch_size)`."""
        steps = range(step_start, step_start + num_steps)
        rows = [self.batch(step) for step in steps]
        return np.array(rows, dtype="int64").reshape(-1, self.batch_size)


class UniformSampler(Sampler):
    """Every image equally often: one permutation after another.

    The permutations form one endless stream that is cut into batches, so a
    batch at the end of a permutation goes on with the next one and no image is
    left out. Instance-balanced sampling, the default of most trainings.
    """

    def _make_epoch(self, epoch):
        length = self.steps_per_epoch * self.batch_size
        start = epoch * length
        first, last = start // self.num_images, start + length - 1
        rounds = range(first, last // self.num_images + 1)
        stream = np.concatenate(
            [
                self._generator(_PERMUTATION, r).permutation(self.num_images)
                for r in rounds
            ]
        )
        skip = start - first * self.num_images
        return stream[skip : skip + length].astype("int64")


class WeightedSampler(Sampler):
    """Classes with given probabilities, the images of each in turn.

    An epoch holds `m * p_c` images of class `c`, rounded up or down at random
    (systematic sampling: unbiased, and the sum is exact), then shuffled. A
    class goes through its own permutation before an image comes again, also
    across epochs.

    Args:
        probabilities: Callable of the epoch that returns the probabilities of
            the classes that occur, summing to 1.
    """

    def __init__(self, labels, batch_size, probabilities, **options):
        super().__init__(labels, batch_size, **options)
        self.probabilities = probabilities
        self._drawn = [np.zeros_like(self.queues.counts)]

    def _counts(self, epoch):
        length = self.steps_per_epoch * self.batch_size
        edges = length * np.cumsum(self.probabilities(epoch))
        edges[-1] = length
        start = self._generator(_ROUNDING, epoch).random()
        return np.diff(np.floor(edges + start).astype("int64"), prepend=0)

    def _drawn_before(self, epoch):
        drawn = list(self._drawn)
        while len(drawn) <= epoch:
            drawn.append(drawn[-1] + self._counts(len(drawn) - 1))
        self._drawn = drawn
        return drawn[epoch]

    def _make_epoch(self, epoch):
        counts = self._counts(epoch)
        rows = np.repeat(np.arange(counts.size), counts)
        rank = np.arange(rows.size) - (np.cumsum(counts) - counts)[rows]
        place = self._drawn_before(epoch)[rows] + rank
        cycles, offsets = np.divmod(place, self.queues.counts[rows])
        images = self.queues.look_up(rows, cycles, offsets)
        return self._generator(_ORDER, epoch).permutation(images)


class PKSampler(Sampler):
    """Batches of P different classes with K images each.

    For losses over pairs and triplets. An epoch goes through the classes in
    random rounds and holds every class at least once; within a batch the
    classes differ, and so do the images of a class that has K. Smaller classes
    repeat images as evenly as K allows. Rows are grouped by class.

    Args:
        images_per_class: Integer K; must divide `batch_size`.
    """

    def __init__(self, labels, batch_size, *, images_per_class=4, **options):
        super().__init__(labels, batch_size, **options)
        k, classes = images_per_class, self.queues.counts.size
        if k < 1 or batch_size % k:
            raise ValueError(
                "`images_per_class` must divide `batch_size`. Received: "
                f"images_per_class={k}, batch_size={batch_size}."
            )
        self.k, self.p = k, batch_size // k
        if self.p > classes:
            raise ValueError(
                "`batch_size / images_per_class` classes make a batch and must "
                f"not exceed the classes with images. Received: {self.p} of "
                f"{classes}. Lower batch_size or raise images_per_class."
            )
        least = math.ceil(classes / self.p)
        if options.get("steps_per_epoch") is None:
            self.steps_per_epoch = max(self.steps_per_epoch, least)
        elif self.steps_per_epoch < least:
            raise ValueError(
                f"An epoch must hold every class: {least} steps or more. "
                f"Received: steps_per_epoch={self.steps_per_epoch}."
            )
        # Whole rounds hold each class once; what is left starts the epoch.
        slots = self.steps_per_epoch * self.p
        self._rounds, self._extra = divmod(slots, classes)
        self._drawn = [np.zeros(classes, dtype="int64")]

    def _extra_classes(self, epoch):
        order = self._one_order(self._generator(_EXTRA, epoch))
        return order[: self._extra]

    def _slots_before(self, epoch):
        drawn = list(self._drawn)
        while len(drawn) <= epoch:
            total = drawn[-1] + self._rounds
            total[self._extra_classes(len(drawn) - 1)] += 1
            drawn.append(total)
        self._drawn = drawn
        return drawn[epoch]

    def _one_order(self, generator):
        """All classes in some order."""
        return generator.permutation(self.queues.counts.size)

    def _orders(self, generator, count):
        """So many of them."""
        keys = generator.random((count, self.queues.counts.size))
        return np.argsort(keys, axis=1)

    def _schedule(self, epoch):
        """Classes of the epoch in order, none twice within a batch."""
        classes = self.queues.counts.size
        generator = self._generator(_ROUNDS, epoch)
        rounds = self._orders(generator, self._rounds)
        previous, filled = self._extra_classes(epoch), self._extra
        parts = [previous]
        for order in rounds:
            begun = filled % self.p
            if begun:
                # The batch has `begun` classes of the round before: those
                # that clash wait until the batch is full.
                head = order[: self.p]
                clash = np.isin(head, previous[previous.size - begun :])
                fits = np.flatnonzero(~clash)[: self.p - begun]
                head = np.concatenate([head[fits], np.delete(head, fits)])
                order = np.concatenate([head, order[self.p :]])
            parts.append(order)
            previous, filled = order, filled + classes
        return np.concatenate(parts)

    def _make_epoch(self, epoch):
        slots = self._schedule(epoch)
        by_class = np.argsort(slots, kind="stable")
        counts = np.bincount(slots, minlength=self.queues.counts.size)
        rank = np.empty_like(slots)
        rank[by_class] = np.arange(slots.size) - np.repeat(
            np.cumsum(counts) - counts, counts
        )
        visit = (self._slots_before(epoch)[slots] + rank)[:, None]
        size = self.queues.counts[slots][:, None]
        k = np.arange(self.k)
        # A class with K images gives size // K full groups per shuffle; a
        # smaller one joins several shuffles to one group.
        groups, shuffles = np.maximum(size // self.k, 1), -(-self.k // size)
        large = size >= self.k
        cycles = np.where(large, visit // groups, visit * shuffles + k // size)
        offsets = np.where(large, visit % groups * self.k + k, k % size)
        rows = np.broadcast_to(slots[:, None], cycles.shape)
        return self.queues.look_up(rows, cycles, offsets)


def class_balanced(labels, batch_size, **options):
    """Returns a sampler of every class equally often.

    Args:
        labels: As in `Sampler`, like all others.
    """
    shares = _shares(labels, 0.0)
    return WeightedSampler(labels, batch_size, lambda _: shares, **options)


def square_root(labels, batch_size, **options):
    """Returns a sampler of class `c` in proportion to `n_c ** 0.5`.

    Args:
        labels: As in `Sampler`, like all others.
    """
    shares = _shares(labels, 0.5)
    return WeightedSampler(labels, batch_size, lambda _: shares, **options)


def progressive(labels, batch_size, *, num_epochs=None, **options):
    """Returns a sampler that moves from images to classes.

        p_c = (1 - t / T) n_c / n + t / T / C    in epoch t

    Args:
        labels: As in `Sampler`, like all others.
        num_epochs: Integer `T` of at least 1.

    Raises:
        ValueError: If there is no such number.
    """
    if num_epochs is None or num_epochs < 1:
        raise ValueError(
            "Kind 'progressive' needs the number of epochs it moves over. "
            f"Received: num_epochs={num_epochs}."
        )
    by_image, by_class = _shares(labels, 1.0), _shares(labels, 0.0)

    def probabilities(epoch):
        moved = min(epoch / num_epochs, 1.0)
        return (1 - moved) * by_image + moved * by_class

    return WeightedSampler(labels, batch_size, probabilities, **options)


def _shares(labels, power):
    counts = np.unique(labels, return_counts=True)[1].astype("float64") ** power
    return counts / counts.sum()


def make_sampler(
    kind,
    labels,
    batch_size,
    *,
    seed=0,
    steps_per_epoch=None,
    num_epochs=None,
    images_per_class=4,
    parents=None,
):
    """Returns the batch sampler of a name.

    Args:
        kind: `"uniform"` (every image equally often), `"class_balanced"`
            (every class), `"square_root"` (`p_c` proportional to
            `n_c ** 0.5`), `"progressive"` (from images to classes:
            `p_c = (1 - t / T) n_c / n + t / T / C` in epoch `t`), `"pk"`
            (P classes with K images each), `"pk_parents"` (the same, classes
            of one parent side by side), or another name of
            `fgkeras.registries.SAMPLERS`.
        labels: Integer array of shape `(num_images,)`, not empty, from 0.
        batch_size: Positive integer.
        seed: Non-negative integer. Defaults to 0.
        steps_per_epoch: Integer. Defaults to as many as hold `num_images`.
        num_epochs: Integer `T`, for `"progressive"` only.
        images_per_class: Integer K, for `"pk"` and `"pk_parents"` only.
            Defaults to 4.
        parents: The parent of each label, for `"pk_parents"` only.

    Returns:
        `Sampler`.

    Raises:
        ValueError: The kind is unknown, an argument does not fit, or a label
            is no whole number of at least 0.

    Example:

    >>> sampler = make_sampler("uniform", [0, 0, 1, 1, 1], 2, seed=0)
    >>> sampler.steps_per_epoch, sampler.batch(7).shape
    (3, (2,))

    Reference:
        Kang et al., Decoupling Representation and Classifier for Long-Tailed
        Recognition, ICLR 2020 (the rules of the first four).
    """
    labels = whole_numbers("labels", labels)
    known = {
        "num_epochs": num_epochs,
        "images_per_class": images_per_class,
        "parents": parents,
    }
    return SAMPLERS.load(kind)(
        labels,
        batch_size,
        seed=seed,
        steps_per_epoch=steps_per_epoch,
        **{option: known[option] for option in SAMPLERS[kind].options},
    )
