import numpy as np
import pytest

from fgkeras.data.cuts.validation import SHARE
from fgkeras.data.cuts.validation import with_validation
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split


def part(name, sizes):
    ids = [f"{name}/{c}/{i}" for c, n in enumerate(sizes) for i in range(n)]
    return Split(tuple(ids), np.repeat(np.arange(len(sizes)), sizes))


def made(sizes, **others):
    splits = {"train": part("train", sizes)}
    splits.update({name: part(name, n) for name, n in others.items()})
    return Source("x", [f"c{c}" for c in range(len(sizes))], splits)


def test_a_share_of_every_class_of_three_images_and_more():
    sizes = [1, 2, 3, 4, 10, 25, 101]
    found, name = with_validation(made(sizes), "train", share=0.1, seed=0)
    assert name == SHARE
    assert found.counts(SHARE).tolist() == [0, 0, 1, 1, 1, 3, 10]
    both = found.counts(SHARE) + found.counts("train")
    assert both.tolist() == sizes
    assert not set(found.split(SHARE).ids) & set(found.split("train").ids)
    high, _ = with_validation(made(sizes), "train", share=0.99, seed=0)
    assert high.counts("train").tolist() == [1, 2, 1, 1, 1, 1, 1]


def test_it_depends_on_ids_and_seed_alone():
    def held(seed, order):
        source = made([30, 40])
        whole = source.split("train").take(order)
        source = source.with_splits({"train": whole})
        found, name = with_validation(source, "train", share=0.2, seed=seed)
        return set(found.split(name).ids)

    straight, mixed = np.arange(70), np.random.default_rng(0).permutation(70)
    assert held(3, straight) == held(3, mixed)
    assert held(3, straight) != held(4, straight)


def test_the_own_val_is_taken_where_it_has_every_class():
    source = made([5, 5], val=[1, 2], test=[1, 1])
    found, name = with_validation(source, "train", share=0.5, seed=0)
    assert name == "val"
    assert len(found.split("train")) == 10
    lacking = made([5, 5], val=[0, 2])
    found, name = with_validation(lacking, "train", share=0.2, seed=0)
    assert name == SHARE
    assert len(found.split("val")) == 2
    for split, tested in (("train", ["val"]), ("train+val", ["test"])):
        whole = source.with_split(split)
        _, name = with_validation(
            whole, split, share=0.5, seed=0, not_of=tested
        )
        assert name == SHARE


def test_what_cannot_be_held_back_is_refused():
    with pytest.raises(ValueError, match=r"`share`.*share=0"):
        with_validation(made([5]), "train", share=0, seed=0)
    with pytest.raises(ValueError, match="no class has so many.*val_share"):
        with_validation(made([2, 2]), "train", share=0.5, seed=0)


def test_folds_hold_every_image_of_larger_classes_back_once():
    sizes = [1, 2, 3, 4, 10, 25]
    held, parts = [], []
    for fold in range(5):
        source = made(sizes, val=[1] * 6)
        found, name = with_validation(
            source, "train", share=0.2, seed=0, fold=fold
        )
        assert name == SHARE
        both = {*found.split(name).ids, *found.split("train").ids}
        assert both == set(source.split("train").ids)
        assert (found.counts("train") > 0).all()
        held += found.split(name).ids
        parts.append(found.counts(SHARE).tolist())
    assert len(held) == len(set(held)) == 3 + 4 + 10 + 25
    assert [row[4:] for row in parts] == [[2, 5]] * 5
    # Small classes are not all in the first folds.
    assert all(sum(row[:4]) > 0 for row in parts)
    with pytest.raises(ValueError, match="less than 5.*data.val_fold=5"):
        with_validation(made(sizes), "train", share=0.2, seed=0, fold=5)
