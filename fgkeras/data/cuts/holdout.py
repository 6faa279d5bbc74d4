"""Holdouts: a test split drawn class by class from one split."""

import hashlib

import numpy as np


def held_back_from(splits, test_split="test"):
    """Returns the split of which images are held back for a test, or `None`.

    Args:
        splits: Collection of strings, the splits of a source.
        test_split: String, the split to test on. Defaults to `"test"`.

    Example:

    >>> held_back_from(["all"]), held_back_from(["train", "val"])
    ('all', 'train')
    >>> held_back_from(["train", "test"])
    """
    if [*splits] == ["all"]:
        return "all"
    whole = test_split == "test" and {"train"} <= {*splits} <= {"train", "val"}
    return "train" if whole else None


def with_test_split(source, test_split, *, fraction, seed):
    """Holds images back for a test where the source has no split of them.

    Of a source without splits, or with `train`, alone or beside `val`. What is
    held back depends on ids and `seed` only, see `holdout`.

    Args:
        source: `Source`.
        test_split: String, the split to test on.
        fraction: Float in (0, 1), the share of every class.
        seed: Integer.

    Returns:
        `Source` with the splits `train` and `test`; itself where it has the
        split, or another one than `test` is asked for.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> train = Split(("1", "2"), np.zeros(2, "int64"))
    >>> val = Split(("3",), np.zeros(1, "int64"))
    >>> source = Source("x", ["oak"], {"train": train, "val": val})
    >>> found = with_test_split(source, "test", fraction=0.5, seed=0)
    >>> {name: len(part) for name, part in found.splits.items()}
    {'train': 1, 'test': 1, 'val': 1}
    """
    split = held_back_from(source.splits, test_split)
    if split is None:
        return source
    return holdout(source, fraction=fraction, seed=seed, split=split)


def holdout(source, fraction=0.2, seed=0, split="all", names=("train", "test")):
    """Splits one split of a source in two, with the same share per class.

    Use it where the data come without a test split. An image's side depends on
    its id, its class' size and `seed` only: the same command gives the same
    splits on every machine.

    Of `n` images of a class, `min(n - 1, round(fraction * n))` are held out:
    each class keeps one for training, and a class of very few has none to test.

    Args:
        source: `Source`.
        fraction: Float in (0, 1), the share held out. Defaults to 0.2.
        seed: Integer, which images are held out. Defaults to 0.
        split: String, the split to divide. Defaults to `"all"`.
        names: Pair of strings, names of what stays and what is held out.
            Defaults to `("train", "test")`.

    Returns:
        `Source` with `split` replaced by the two.

    Raises:
        ValueError: if `fraction` is outside (0, 1), there is no such split, or
            another split has one of the names.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> ids = tuple(f"oak/{i}.jpg" for i in range(10))
    >>> whole = Split(ids, np.zeros(10, "int64"))
    >>> parts = holdout(Source("x", ["oak"], {"all": whole}))
    >>> len(parts.split("train")), len(parts.split("test"))
    (8, 2)
    """
    if not 0 < fraction < 1:
        raise ValueError(
            f"`fraction` must be in (0, 1). Received: fraction={fraction}."
        )
    whole = source.split(split)
    others = {k: v for k, v in source.splits.items() if k != split}
    taken = sorted(set(names) & set(others))
    if taken or len(set(names)) != 2:
        raise ValueError(
            "`names` must be two names that no other split has. Received: "
            f"names={tuple(names)} for a source with {sorted(source.splits)}."
        )
    ranks = [
        hashlib.sha256(f"{seed}/{image_id}".encode()).digest()
        for image_id in whole.ids
    ]
    held = np.zeros(len(whole), dtype=bool)
    for label in np.unique(whole.labels):
        members = np.flatnonzero(whole.labels == label)
        number = min(len(members) - 1, int(fraction * len(members) + 0.5))
        members = sorted(members, key=lambda i: ranks[i])
        held[members[:number]] = True
    parts = {
        names[0]: whole.take(np.flatnonzero(~held)),
        names[1]: whole.take(np.flatnonzero(held)),
    }
    return source.with_splits({**parts, **others})
