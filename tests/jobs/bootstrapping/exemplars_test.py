import numpy as np

from fgkeras.jobs.bootstrapping.exemplars import EXEMPLARS
from fgkeras.jobs.bootstrapping.exemplars import exemplars_and_gold
from fgkeras.jobs.bootstrapping.exemplars import rival_classes


def seeds(sizes):
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(len(sizes)), sizes)
    return (
        100 + np.arange(len(classes)),
        classes,
        rng.normal(size=(len(classes), 6)),
    )


def test_no_picture_is_both():
    images, classes, vectors = seeds([1, 2, 9, 200])
    shown, gold = exemplars_and_gold(images, classes, vectors, seed=4)
    of = dict(zip(images.tolist(), classes.tolist(), strict=True))
    for k, size in enumerate([1, 2, 9, 200]):
        assert not set(shown[k]) & set(gold[k])
        assert {of[i] for i in shown[k] + gold[k]} == {k}
        assert len(gold[k]) == min(size // 2, 40)
        assert len(shown[k]) == min(EXEMPLARS, size - len(gold[k]))
        assert len(set(shown[k])) == len(shown[k])


def test_the_first_is_central_and_each_next_one_far():
    images, classes, vectors = seeds([40])
    shown, gold = exemplars_and_gold(images, classes, vectors)
    rest = [i for i in images if i not in gold[0]]
    at = {i: vectors[i - 100] for i in rest}
    mean = np.mean([at[i] for i in rest], axis=0)
    gaps = {i: np.linalg.norm(at[i] - mean) for i in rest}
    assert shown[0][0] == min(gaps, key=gaps.get)
    for place in range(1, len(shown[0])):
        before = shown[0][:place]
        far = {
            i: min(np.linalg.norm(at[i] - at[j]) for j in before) for i in rest
        }
        assert shown[0][place] == max(far, key=far.get)


def test_rivals_by_brute_force():
    images, classes, vectors = seeds([3, 5, 4, 2])
    means = [vectors[classes == k].mean(axis=0) for k in range(4)]
    for k, rival in rival_classes(classes, vectors, 4).items():
        gaps = [
            np.inf if j == k else np.linalg.norm(means[k] - means[j])
            for j in range(4)
        ]
        assert rival == int(np.argmin(gaps))


def test_one_class_has_no_rival():
    assert rival_classes(np.zeros(3, int), np.eye(3), 2) == {}
