import time

import numpy as np
import pytest

from fgkeras.data.batches.class_queues import ClassQueues
from fgkeras.data.batches.samplers import make_sampler

KINDS = ("uniform", "class_balanced", "square_root", "progressive", "pk")
# Label 2 does not occur; one class is smaller than K.
COUNTS = np.array([57, 20, 0, 3, 9])
LABELS = np.random.default_rng(0).permutation(np.repeat(range(5), COUNTS))


def make(kind, labels=LABELS, batch_size=12, **options):
    if kind == "progressive":
        options.setdefault("num_epochs", 4)
    return make_sampler(kind, labels, batch_size, **options)


def label_shares(sampler, epochs):
    drawn = np.concatenate([sampler.epoch(e).ravel() for e in epochs])
    return np.bincount(LABELS[drawn], minlength=5) / drawn.size


@pytest.mark.parametrize("kind", KINDS)
def test_any_step_can_be_asked_for_first(kind):
    stream = make(kind, seed=5).indices(0, 40)
    assert stream.dtype == np.int64
    assert stream.shape == (40, 12)
    np.testing.assert_array_equal(
        make(kind, seed=5).indices(27, 13), stream[27:]
    )
    np.testing.assert_array_equal(make(kind, seed=5).batch(33), stream[33])
    sampler = make(kind, seed=5)
    per = sampler.steps_per_epoch
    np.testing.assert_array_equal(sampler.epoch(2), stream[2 * per : 3 * per])
    np.testing.assert_array_equal(sampler.batch(1), stream[1])


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_and_epochs_differ(kind):
    first, other = make(kind, seed=0), make(kind, seed=1)
    assert (first.epoch(0) != other.epoch(0)).any()
    assert (first.epoch(0) != first.epoch(1)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_every_image_comes(kind):
    sampler = make(kind)
    drawn = np.unique([sampler.epoch(e) for e in range(12)])
    np.testing.assert_array_equal(drawn, np.arange(LABELS.size))


@pytest.mark.parametrize("batch_size", [12, 89, 200])
def test_uniform_is_a_stream_of_permutations(batch_size):
    sampler = make("uniform", batch_size=batch_size)
    assert sampler.steps_per_epoch == -(-89 // batch_size)
    stream = sampler.indices(0, 60).ravel()
    for r in range(60 * batch_size // 89):
        part = np.sort(stream[89 * r : 89 * (r + 1)])
        np.testing.assert_array_equal(part, np.arange(89))


@pytest.mark.parametrize("kind", KINDS[1:4])
def test_images_of_a_class_come_equally_often(kind):
    sampler = make(kind)
    drawn = np.concatenate([sampler.epoch(e).ravel() for e in range(9)])
    times = np.bincount(drawn, minlength=LABELS.size)
    for c in np.unique(LABELS):
        assert np.ptp(times[c == LABELS]) <= 1


def test_class_shares():
    balanced = label_shares(make("class_balanced"), range(40))
    np.testing.assert_allclose(balanced, [0.25, 0.25, 0, 0.25, 0.25], atol=2e-3)
    root = np.sqrt(COUNTS)
    shares = label_shares(make("square_root"), range(40))
    np.testing.assert_allclose(shares, root / root.sum(), atol=4e-3)


def test_progressive_moves_from_images_to_classes():
    by_image = COUNTS / COUNTS.sum()
    by_class = np.array([1, 1, 0, 1, 1]) / 4
    sampler = make("progressive", num_epochs=4, steps_per_epoch=500)
    for epoch, t in [(0, 0), (1, 0.25), (3, 0.75), (4, 1), (9, 1)]:
        expected = (1 - t) * by_image + t * by_class
        shares = label_shares(sampler, [epoch])
        np.testing.assert_allclose(shares, expected, atol=1 / 3000)


def test_rounding_of_small_shares_is_unbiased():
    labels = np.repeat(range(20), 2)
    drawn = np.zeros(20)
    for seed in range(300):
        epoch = make("class_balanced", labels, 7, seed=seed, steps_per_epoch=1)
        drawn += np.bincount(labels[epoch.batch(0)], minlength=20)
    # 300 * 7 / 20 with a variance below that of Bernoulli draws.
    assert np.abs(drawn - 105).max() < 5 * 8.3


@pytest.mark.parametrize("counts", [COUNTS, [40, 30, 20], [4] * 31])
@pytest.mark.parametrize("k", [2, 4, 6])
def test_pk_batches(counts, k):
    labels = np.repeat(np.arange(len(counts)), counts)
    p = 3 if k != 6 else 2
    sampler = make("pk", labels, p * k, images_per_class=k)
    sizes = np.bincount(labels)
    for epoch in range(6):
        for batch in sampler.epoch(epoch):
            groups = labels[batch].reshape(p, k)
            assert (groups == groups[:, :1]).all()
            assert len(set(groups[:, 0])) == p
            for row, c in zip(batch.reshape(p, k), groups[:, 0], strict=True):
                times = np.unique(row, return_counts=True)[1]
                assert len(times) == min(k, sizes[c])
                assert np.ptp(times) <= 1
        drawn = labels[sampler.epoch(epoch)]
        assert set(drawn.ravel()) == set(labels)
        times = np.bincount(drawn.ravel())[np.unique(labels)]
        assert np.ptp(times) <= k


def test_pk_needs_enough_classes_and_whole_groups():
    with pytest.raises(ValueError, match="images_per_class=5, batch_size=12"):
        make("pk", images_per_class=5)
    with pytest.raises(ValueError, match="Received: 5 of 4"):
        make("pk", batch_size=20)
    with pytest.raises(ValueError, match="steps_per_epoch=1"):
        make("pk", steps_per_epoch=1)
    assert make("pk", [0, 1, 2, 3], 8).steps_per_epoch == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("random", LABELS, 4), "uniform, .* Received: 'random'"),
        (("uniform", LABELS, 0), "batch_size=0"),
        (("uniform", [], 4), "shape"),
        (("uniform", [0, -1], 4), "minimum -1"),
        (("progressive", LABELS, 4), "num_epochs=None"),
    ],
)
def test_errors_name_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_sampler(*arguments)


def test_queues_hold_permutations_that_look_random():
    queues = ClassQueues(np.zeros(6, int), seed=1)
    cycles = np.repeat(np.arange(3000), 6)
    offsets = np.tile(np.arange(6), 3000)
    table = queues.look_up(np.zeros_like(cycles), cycles, offsets)
    table = table.reshape(3000, 6)
    np.testing.assert_array_equal(np.sort(table, axis=1)[0], range(6))
    for place in range(6):
        # Binomial(3000, 1 / 6): standard deviation 20.4.
        times = np.bincount(table[:, place], minlength=6)
        assert np.abs(times - 500).max() < 5 * 20.4
    assert len(np.unique(table, axis=0)) > 650


def test_many_classes_are_fast_enough():
    counts = np.maximum(1, 1280 / np.arange(1, 1001) ** 0.8).astype(int)
    labels = np.repeat(np.arange(1000), counts)
    sampler = make_sampler("pk", labels, 128)
    start = time.perf_counter()
    drawn = sum(sampler.epoch(e).size for e in range(5))
    assert drawn / (time.perf_counter() - start) > 87_000
