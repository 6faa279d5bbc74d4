"""A random choice of so many images of each class, seeded."""

import numpy as np

from fgkeras.data.whole_numbers import whole_numbers


def long_tail_cut(labels, target_counts, seed, *, allow_fewer=False):
    """Chooses `target_counts[c]` random images of each class `c`.

    The images of a class are shuffled by `(seed, c)` and the first ones are
    taken, so smaller cuts of one seed are subsets of larger ones and no class
    depends on another.

    Args:
        labels: Integer array of shape `(num_images,)`.
        target_counts: Integer array of shape `(num_classes,)`.
        seed: Non-negative integer.
        allow_fewer: Boolean, take all of a class that has too few images
            instead of raising. Defaults to `False`.

    Returns:
        NumPy `int64` array of the chosen positions, ascending.

    Raises:
        ValueError: A class has fewer images than asked, or no target, or a
            number is not whole.

    Example:

    >>> labels = [0, 0, 0, 1, 1, 1]
    >>> [labels[i] for i in long_tail_cut(labels, [3, 1], seed=0)]
    [0, 0, 0, 1]
    """
    labels = whole_numbers("labels", labels)
    targets = whole_numbers("target_counts", target_counts)
    if labels.size and not 0 <= labels.min() <= labels.max() < targets.size:
        raise ValueError(
            "Labels must be in [0, len(target_counts)). Received: labels "
            f"{labels.min()}..{labels.max()} and {targets.size} counts."
        )
    available = np.bincount(labels, minlength=targets.size)
    short = np.flatnonzero(available < targets)
    if short.size and not allow_fewer:
        c = short[0]
        raise ValueError(
            f"{short.size} classes have fewer images than asked, the first is "
            f"class {c}. Received: target_counts[{c}]={targets[c]} with "
            f"{available[c]} images. Ask for a smaller largest class, or pass "
            "allow_fewer=True to take what is there."
        )
    by_class = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(available)])
    chosen = [np.zeros(0, dtype="int64")]
    for c, target in enumerate(targets):
        members = by_class[starts[c] : starts[c + 1]]
        order = np.random.default_rng([seed, c]).permutation(members.size)
        chosen.append(members[order[:target]])
    return np.sort(np.concatenate(chosen))


def profile_cut(
    source, split, targets, *, max_count, seed, allow_fewer, written=None
):
    """Reduces a split to a profile of counts that falls from its largest class.

    Args:
        source: `Source`.
        split: String.
        targets: Function of the number of classes and the images of class 0,
            that returns images per class.
        max_count: `None` or integer, images of class 0. `None` is the largest
            class of the split.
        seed: Non-negative integer.
        allow_fewer: Boolean, as of `long_tail_cut`.
        written: String, the cut as a text that `max_count` follows, for
            messages; or `None` where it cannot be said so.

    Raises:
        ValueError: If a class has too few images.
    """
    available = source.counts(split)
    if max_count is None:
        max_count = int(available.max())
    counts = targets(source.num_classes, max_count)
    short = np.flatnonzero(available < counts)
    if short.size and not allow_fewer:
        c = short[0]
        raise ValueError(
            "The cut makes class 0 the largest, and each class must have as "
            f"many images as it asks for. Received: {short.size} classes with "
            f"fewer, such as {source.class_names[c]!r} with {available[c]} "
            f"instead of {counts[c]}. {_way(targets, available, written)}"
        )
    labels = source.split(split).labels
    chosen = long_tail_cut(labels, counts, seed, allow_fewer=allow_fewer)
    return source.select(split, chosen)


def _way(targets, available, written):
    """Says how large the largest class may be at most."""
    low, high = 0, int(available.max())
    while low < high:
        middle = (low + high + 1) // 2
        try:
            fits = (targets(len(available), middle) <= available).all()
        except ValueError:
            fits = False
        low, high = (middle, high) if fits else (low, middle - 1)
    if low and written:
        return f"Take {low} images of the largest class: {written}{low}."
    if low:
        return f"Take max_count={low} images of the largest class."
    return "Choose another cut, such as cap:N, which keeps small classes."


def check_sizes(num_classes, max_count):
    """Refuses a profile of no class, or of a largest class without images."""
    if num_classes < 1:
        raise ValueError(
            "`num_classes` must be at least 1. "
            f"Received: num_classes={num_classes}."
        )
    if max_count < 1:
        raise ValueError(
            f"`max_count` must be at least 1. Received: max_count={max_count}."
        )
