import numpy as np
import pytest

from fgkeras.data.cuts.holdout import holdout
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split


def made(sizes, order=None):
    ids = [f"{c}/{i}" for c, n in enumerate(sizes) for i in range(n)]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    split = Split(tuple(ids), labels)
    if order is not None:
        split = split.take(order)
    return Source("x", [f"c{c}" for c in range(len(sizes))], {"all": split})


def test_every_class_gives_its_share_and_keeps_one():
    sizes = [1, 2, 3, 10, 101]
    parts = holdout(made(sizes), 0.25)
    assert parts.counts("test").tolist() == [0, 1, 1, 3, 25]
    assert (parts.counts("train") + parts.counts("test")).tolist() == sizes
    assert holdout(made(sizes), 0.99).counts("train").tolist() == [1] * 5
    assert not set(parts.split("train").ids) & set(parts.split("test").ids)


def test_the_same_images_in_any_order_and_others_with_another_seed():
    sizes = [30, 50]
    first = holdout(made(sizes)).split("test").ids
    order = np.random.default_rng(0).permutation(80)
    assert set(holdout(made(sizes, order)).split("test").ids) == set(first)
    assert set(holdout(made(sizes), seed=1).split("test").ids) != set(first)
    held = {int(i.split("/")[1]) for i in first}
    assert held != set(range(len(held)))


def test_other_splits_stay():
    source = made([10])
    source = source.with_splits(
        {"train": source.split("all"), "test": Split((), np.zeros(0, "int64"))}
    )
    parts = holdout(source, split="train", names=("train", "val"))
    assert {k: len(v) for k, v in parts.splits.items()} == {
        "train": 8,
        "val": 2,
        "test": 0,
    }
    with pytest.raises(ValueError, match="`names`"):
        holdout(source, split="train")


def test_arguments_are_checked():
    for fraction in (0, 1, -0.1):
        with pytest.raises(ValueError, match=f"fraction={fraction}"):
            holdout(made([3]), fraction)
    with pytest.raises(ValueError, match="split='val'"):
        holdout(made([3]), split="val")
