"""The path for many small classes gives what the search by rows gives."""

import importlib

import numpy as np
import pytest

from fgkeras.evaluation import relevant_ranks

ranks_module = importlib.import_module("fgkeras.evaluation.relevant_ranks")
module = importlib.import_module("fgkeras.evaluation.symmetric_ranks")


def both(x, y, monkeypatch, tile=60, sample=40):
    expected = relevant_ranks(x, y)
    monkeypatch.setattr(ranks_module, "_MANY", 0)
    monkeypatch.setattr(module, "_TILE", tile)
    monkeypatch.setattr(module, "_SAMPLE", sample)
    called = []
    plain = module.symmetric_ranks
    monkeypatch.setattr(
        ranks_module,
        "symmetric_ranks",
        lambda *a: called.append(1) or plain(*a),
    )
    found = relevant_ranks(x, y)
    assert called
    np.testing.assert_array_equal(found.first_rank, expected.first_rank)
    np.testing.assert_allclose(
        found.r_precision, expected.r_precision, rtol=1e-12
    )
    np.testing.assert_allclose(
        found.average_precision_at_r,
        expected.average_precision_at_r,
        rtol=1e-12,
    )


@pytest.mark.parametrize("spread", [0.02, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("tile", [40, 61, 2000])
def test_agrees_with_rows(spread, tile, monkeypatch):
    generator = np.random.default_rng(0)
    y = generator.integers(0, 70, 331)
    y[13] = 999
    x = generator.normal(size=(1000, 7))[y]
    x = x + spread * generator.normal(size=x.shape)
    both(x.astype(np.float32), y, monkeypatch, tile)


def test_ties_copies_and_zeros(monkeypatch):
    generator = np.random.default_rng(1)
    x = generator.integers(-1, 2, (300, 3)).astype(np.float64)
    both(x, generator.integers(0, 60, 300), monkeypatch)


def test_one_point(monkeypatch):
    both(np.ones((200, 4)), np.arange(200) // 3, monkeypatch)


def test_what_float32_cannot_tell_apart(monkeypatch):
    generator = np.random.default_rng(2)
    base = generator.normal(size=(20, 5))
    x = np.repeat(base, 10, axis=0)
    x = x + 1e-9 * generator.normal(size=x.shape)
    both(x, generator.integers(0, 50, 200), monkeypatch)
