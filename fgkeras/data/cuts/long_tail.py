"""Cuts a source to a long-tailed one, seeded, and keeps the list of ids."""

import pathlib

import numpy as np

from fgkeras.data.cuts.class_counts import cap_counts
from fgkeras.data.cuts.class_counts import exponential_counts
from fgkeras.data.cuts.class_counts import pareto_counts
from fgkeras.data.spec import CUTS
from fgkeras.data.spec import parse_long_tail
from fgkeras.data.whole_numbers import whole_numbers
from fgkeras.storage import write_text

__all__ = [
    "cap_counts",
    "cut_source",
    "exponential_counts",
    "load_ids",
    "long_tail_cut",
    "pareto_counts",
    "parse_long_tail",
    "save_ids",
]


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


def cut_source(
    source,
    kind,
    *,
    split="train",
    imbalance=100.0,
    alpha=6.0,
    min_count=None,
    cap=None,
    max_count=None,
    allow_fewer=False,
    seed=0,
):
    """Cuts one split of a source to a long-tailed one.

    Class 0 becomes the largest, as in long-tailed CIFAR; `"cap"` only trims
    what is larger and keeps the natural order. Other splits stay as they are.

    Args:
        source: `Source`.
        kind: `"exponential"`, `"pareto"` or `"cap"`, or one of these with its
            number, such as `"exponential:100"`.
        split: String. Defaults to `"train"`.
        imbalance: Float, for `"exponential"`.
        alpha: Float, for `"pareto"`.
        min_count: `None` or integer, for `"pareto"`.
        cap: Integer, for `"cap"`.
        max_count: Integer, images of class 0. Defaults to the largest class.
        allow_fewer: Boolean, see `long_tail_cut`. Defaults to `False`.
        seed: Non-negative integer. Defaults to 0.

    Returns:
        `Source` with the split reduced.

    Raises:
        ValueError: The kind is unknown or a class has too few images.
    """
    if ":" in kind:
        kind, parsed = parse_long_tail(kind)
        imbalance = parsed.get("imbalance", imbalance)
        alpha = parsed.get("alpha", alpha)
        min_count = parsed.get("min_count", min_count)
        cap = parsed.get("cap", cap)
    if kind not in CUTS:
        raise ValueError(
            f"`kind` must be one of {sorted(CUTS)}. Received: kind={kind!r}."
        )
    counts = source.counts(split)
    largest = int(counts.max()) if max_count is None else max_count
    if kind == "exponential":
        targets = exponential_counts(source.num_classes, largest, imbalance)
    elif kind == "pareto":
        targets = pareto_counts(
            source.num_classes, largest, alpha=alpha, min_count=min_count
        )
    elif cap is None:
        raise ValueError("Kind 'cap' needs `cap`. Received: cap=None.")
    else:
        targets = cap_counts(counts, cap)
    labels = source.split(split).labels
    chosen = long_tail_cut(labels, targets, seed, allow_fewer=allow_fewer)
    return source.select(split, chosen)


def save_ids(path, source, split="train"):
    """Writes the ids of one split, one a line, to train on the same images.

    Args:
        path: File to write, UTF-8.
        source: `Source`.
        split: String. Defaults to `"train"`.

    Raises:
        ValueError: An id holds a line break.
    """
    ids = source.split(split).ids
    broken = next((i for i in ids if "\n" in i or "\r" in i), None)
    if broken is not None:
        raise ValueError(
            "Ids are written one a line and must hold no line break. "
            f"Received: id={broken!r}."
        )
    text = "".join(f"{i}\n" for i in ids)
    write_text(path, text)


def load_ids(path, source, split="train"):
    """Reduces one split to the ids that `save_ids` wrote, in their order.

    Args:
        path: File of ids, one a line.
        source: `Source` whose split holds all of them.
        split: String. Defaults to `"train"`.

    Returns:
        `Source` with the split reduced.

    Raises:
        ValueError: An id is not in the split.
    """
    position = {name: i for i, name in enumerate(source.split(split).ids)}
    text = pathlib.Path(path).read_text(encoding="utf-8")
    ids = [line for line in text.split("\n") if line]
    unknown = [i for i in ids if i not in position]
    if unknown:
        raise ValueError(
            f"{len(unknown)} of {len(ids)} ids in {path} are not in split "
            f"{split!r} of {source.spec}. Received: id={unknown[0]!r}. The "
            "list was written for another source or split."
        )
    return source.select(split, [position[i] for i in ids])
