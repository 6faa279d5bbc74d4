"""Unique prototypes: against its definition, against sets where N is known."""

import itertools
import math

import numpy as np
import pytest

from fgkeras.granularity import unique_prototypes as module
from fgkeras.granularity.unique_prototypes import unique_prototypes


def drawn(number, images, classes=6, seed=0, dim=48, noise=1e-4):
    """Images that show one of some prototypes of their class each."""
    rng = np.random.default_rng(seed)
    shown = rng.normal(size=(classes, number, dim))
    labels = np.repeat(np.arange(classes), images)
    features = shown[labels, rng.integers(number, size=len(labels))]
    return features + noise * rng.normal(size=features.shape), labels


def mixed(seed=0, classes=4):
    """Classes of several sizes, of which one has one image, that overlap."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), [7, 5, 1, 3])
    centers = rng.normal(size=(classes, 5))
    features = 0.3 * rng.normal(size=(len(labels), 5)) + centers[labels]
    features[1] = features[0]
    return features, labels


def by_definition(features, labels, num_classes, errors=0.05):
    """Loops over images, and over every subset of the others of a class."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)

    def apart(i, j):
        return 0.5 * float(((unit[i] - unit[j]) ** 2).sum())

    count = len(labels)
    nearest = sorted(
        min(apart(i, j) for j in range(count) if labels[j] != labels[i])
        for i in range(count)
    )
    radius = nearest[int(errors * (count - 1))]
    curves, sizes, everything = {}, {}, {}
    for c in range(num_classes):
        members = [i for i in range(count) if labels[i] == c]
        sizes[c] = len(members)
        for n in range(1, len(members)):
            shares = []
            for i in members:
                others = [j for j in members if j != i]
                near = {j for j in others if apart(i, j) < radius}
                near |= {j for j in others if apart(i, j) < 1e-15}
                sets = list(itertools.combinations(others, n))
                free = sum(not near & set(some) for some in sets)
                shares.append(free / len(sets))
            curves[c, n] = np.mean(shares)
            everything.setdefault(n, []).extend(shares)

    def fitted(points):
        if all(q == 1.0 for _, _, q in points):
            return 1.0
        above = below = 0.0
        for n, images, q in points:
            if 0.0 < q < 1.0:
                weight = images * q / (1.0 - q)
                above += weight * n * math.log(q)
                below += weight * n * n
        return math.exp(above / below) if below else 0.0

    beta = fitted([(n, len(q), np.mean(q)) for n, q in everything.items()])
    own = []
    for c in range(num_classes):
        m = sizes[c]
        points = [(n, m, curves[c, n]) for n in range(1, m)]
        fit = fitted(points) if points else beta
        own.append((m * fit + beta) / (m + 1))
    return beta, own, radius


@pytest.mark.parametrize("errors", [0.0, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_against_loops_over_subsets(seed, errors):
    features, labels = mixed(seed)
    found = unique_prototypes(features, labels, 5, errors=errors)
    beta, own, radius = by_definition(features, labels, 5, errors)
    assert found.radius == pytest.approx(radius, abs=1e-12)
    assert found.beta == pytest.approx(beta, abs=1e-9)
    np.testing.assert_allclose(found.class_betas, own, atol=1e-9)
    # One image, or none: the beta of all.
    assert found.class_betas[2] == found.class_betas[4] == found.beta
    assert not found.at_least


@pytest.mark.parametrize(("number", "images"), [(5, 60), (20, 100), (60, 150)])
def test_the_number_that_images_were_drawn_from(number, images):
    found = unique_prototypes(*drawn(number, images))
    assert found.number == pytest.approx(number, rel=0.1)
    assert found.beta == pytest.approx(1 - 1 / found.number)
    np.testing.assert_allclose(found.class_numbers, number, rtol=0.35)
    assert not found.at_least


def test_classes_of_different_volume_are_told_apart():
    few, labels = drawn(4, 80, classes=3)
    many, others = drawn(40, 80, classes=3, seed=1)
    found = unique_prototypes(
        np.concatenate([few, many]), np.concatenate([labels, others + 3])
    )
    np.testing.assert_allclose(found.class_numbers[:3], 4, rtol=0.2)
    np.testing.assert_allclose(found.class_numbers[3:], 40, rtol=0.4)
    assert 4 < found.number < 40


def test_neither_order_nor_scale_nor_a_turn_change_it():
    features, labels = drawn(10, 30, noise=0.05)
    found = unique_prototypes(features, labels)
    rng = np.random.default_rng(3)
    order = rng.permutation(len(labels))
    turn = np.linalg.qr(rng.normal(size=(48, 48)))[0]
    lengths = rng.uniform(0.1, 9.0, size=(len(labels), 1))
    new = rng.permutation(6)
    again = unique_prototypes(
        (lengths * features)[order] @ turn, new[labels[order]]
    )
    assert again.beta == pytest.approx(found.beta, abs=1e-9)
    np.testing.assert_allclose(
        again.class_betas[new], found.class_betas, atol=1e-9
    )


def test_a_copy_of_an_image_is_no_new_prototype():
    features, labels = drawn(30, 20)
    found = unique_prototypes(features, labels)
    double = unique_prototypes(
        np.concatenate([features, features]), np.concatenate([labels, labels])
    )
    assert double.number < found.number


@pytest.mark.parametrize("tile", [1, 3, 1000])
def test_blocks_change_nothing(monkeypatch, tile):
    features, labels = mixed()
    expected = unique_prototypes(features, labels)
    monkeypatch.setattr(
        __import__(module.__module__, fromlist=["x"]), "_TILE", tile
    )
    found = unique_prototypes(features, labels)
    assert found.beta == pytest.approx(expected.beta, abs=1e-12)
    np.testing.assert_allclose(found.class_betas, expected.class_betas)


def test_classes_of_one_image_shown_many_times():
    features = np.repeat(np.eye(3), 5, axis=0)
    found = unique_prototypes(features, np.repeat(np.arange(3), 5))
    assert (found.beta, found.number) == (0.0, 1.0)
    assert found.class_betas.tolist() == [0.0, 0.0, 0.0]


def test_no_near_pair_says_at_least_as_many_as_pairs():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(12, 40))
    labels = np.arange(12) % 2
    # Images of two classes twice: all that is as near is of another class.
    twins = np.concatenate([features, features])
    found = unique_prototypes(twins, np.concatenate([labels, 1 - labels]))
    assert found.at_least
    assert found.radius == pytest.approx(0.0, abs=1e-15)
    assert found.number == pytest.approx(2 * 12 * 11 / 2)
    assert (found.class_betas > found.beta).all()
    assert (found.class_betas < 1).all()


def test_copies_are_near_even_where_other_classes_have_some():
    rng = np.random.default_rng(0)
    features = np.repeat(rng.normal(size=(6, 40)), 3, axis=0)
    labels = np.arange(18) // 9
    twins = np.concatenate([features, features])
    found = unique_prototypes(twins, np.concatenate([labels, 1 - labels]))
    assert found.radius == pytest.approx(0.0, abs=1e-15)
    # Each class shows six; two of seventeen others are copies of an image.
    assert not found.at_least
    assert 6.0 < found.number < 17 / 2


def test_as_near_as_another_class_is_not_near():
    shown = np.eye(8)
    features = shown[[0, 1, 2, 3] * 5 + [4, 5, 6, 7] * 5]
    found = unique_prototypes(features, np.arange(40) // 20)
    assert found.radius == 1.0
    assert found.number == pytest.approx(4, rel=0.05)


def test_one_near_pair_of_two_images_is_no_proof():
    features, labels = drawn(50, 40)
    pair = np.random.default_rng(9).normal(size=(1, 48))
    found = unique_prototypes(
        np.concatenate([features, pair, pair]), np.append(labels, [6, 6])
    )
    assert found.class_betas[6] == pytest.approx(found.beta / 3)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (np.eye(3), [0, 0, 0], "of 1 classes.*Set a beta"),
        (np.eye(3), [0, 1, 2], "at most 1 of one"),
        (np.eye(3), [0, 1], "3 images and 2 labels"),
        (np.eye(3)[0], [0, 1], "one vector of numbers per image"),
        (np.zeros((3, 2)), [0, 0, 1], "no direction"),
        (np.full((3, 2), np.nan), [0, 0, 1], "finite"),
        (np.eye(3), [0, 0, -1], "label"),
    ],
)
def test_what_tells_nothing_is_refused(features, labels, message):
    with pytest.raises(ValueError, match=message):
        unique_prototypes(features, labels)


def test_a_share_of_errors_is_a_share():
    with pytest.raises(ValueError, match="errors.*in .0, 1"):
        unique_prototypes(np.eye(3), [0, 0, 1], errors=1.5)
