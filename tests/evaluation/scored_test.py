import numpy as np
import pytest

from fgkeras.evaluation import score_images
from fgkeras.evaluation import scored as module


def loops(labels, logits):
    """The definitions, one image at a time."""
    rows = []
    for label, z in zip(labels, np.asarray(logits, np.float64), strict=True):
        rank = sum(1 for j in range(len(z)) if j != label and z[j] >= z[label])
        p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        others = [j for j in range(len(z)) if z[j] == z.max()]
        if len(others) > 1 and label in others:
            others.remove(label)
        rows.append((rank, others[0], p.max(), -np.log(p[label])))
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("block", [7, 4_000_000])
@pytest.mark.parametrize("tied", [False, True])
def test_agrees_with_the_definition(monkeypatch, block, tied):
    monkeypatch.setattr(module, "_BLOCK_VALUES", block)
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(31, 6))
    if tied:
        logits = np.round(logits)
    labels = generator.integers(0, 6, 31)
    scored = score_images(labels, logits)
    rank, predicted, confidence, nll = loops(labels, logits)
    np.testing.assert_array_equal(scored.rank, rank)
    np.testing.assert_array_equal(scored.predicted, predicted)
    np.testing.assert_allclose(scored.confidence, confidence, rtol=1e-12)
    np.testing.assert_allclose(scored.nll, nll, rtol=1e-10)
    np.testing.assert_array_equal(scored.correct, predicted == labels)
    assert scored.num_classes == 6


def test_equal_logits_are_never_right():
    scored = score_images(np.arange(4), np.zeros((4, 4)))
    assert not scored.correct.any()
    np.testing.assert_array_equal(scored.predicted, [1, 0, 0, 0])


def test_confident_mistakes_keep_a_finite_loss():
    scored = score_images([1], np.array([[1e30, -1e30]], np.float32))
    assert scored.confidence[0] == 1
    assert np.isfinite(scored.nll).all()


def test_a_single_class_is_always_right():
    scored = score_images([0, 0], [[1.0], [2.0]])
    assert scored.correct.all()
    np.testing.assert_array_equal(scored.nll, [0, 0])


def test_input_is_left_alone():
    logits = np.zeros((2, 3))
    score_images([0, 1], logits)
    assert (logits == 0).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_logits_that_are_not_finite(value):
    logits = np.zeros((3, 2))
    logits[2, 1] = value
    with pytest.raises(ValueError, match=rf"logits\[2, 1\]={value}"):
        score_images([0, 1, 0], logits)


@pytest.mark.parametrize(
    ("labels", "shape", "match"),
    [
        ([0, 2], (2, 2), r"labels\[1\]=2"),
        ([-1, 1], (2, 2), r"labels\[0\]=-1"),
        ([0.5, 1], (2, 2), "float64"),
        ([True, False], (2, 2), "dtype=bool"),
        (["a", "b"], (2, 2), "dtype=<U1"),
        (np.float16([0, 1]), (2, 2), "dtype=float16"),
        (np.uint8([0, 1]), (2, 300), "dtype=uint8 for 300 classes"),
        ([[1, 0], [0, 1]], (2, 2), r"labels.shape=\(2, 2\)"),
        ([0], (2, 2), r"labels.shape=\(1,\)"),
        ([], (0, 2), r"logits.shape=\(0, 2\)"),
        ([0, 1], (2,), r"logits.shape=\(2,\)"),
    ],
)
def test_refuses_what_does_not_fit(labels, shape, match):
    with pytest.raises(ValueError, match=match):
        score_images(labels, np.zeros(shape))


def test_sigmoid_agrees_with_the_definition():
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(20, 4))
    labels = generator.integers(0, 4, 20)
    scored = score_images(labels, logits, activation="sigmoid")
    p = 1 / (1 + np.exp(-logits))
    truth = np.eye(4)[labels]
    loss = -np.log(np.where(truth == 1, p, 1 - p)).sum(1)
    np.testing.assert_allclose(scored.nll, loss)
    np.testing.assert_allclose(scored.confidence, p.max(1))
    np.testing.assert_array_equal(
        scored.rank, score_images(labels, logits).rank
    )


def test_refuses_an_unknown_activation():
    with pytest.raises(ValueError, match="activation='relu'"):
        score_images([0], [[1.0, 2.0]], activation="relu")
