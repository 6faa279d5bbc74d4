import numpy as np
import pytest

from fgkeras.bootstrap.acquisition import expected_yield

SECONDS = {"card_seconds": 1.8, "grid_seconds": 0.3}


def test_is_the_definition_by_loops():
    rng = np.random.default_rng(0)
    scores, classes = rng.uniform(0.5, 1, 200), rng.integers(0, 5, 200)
    true, false = rng.integers(0, 40, (2, 6))
    found = expected_yield(
        scores,
        classes,
        num_classes=6,
        earlier_true=true,
        earlier_false=false,
        strength=7,
        **SECONDS,
    )
    for c in range(5):
        own = [s for s, k in zip(scores, classes, strict=True) if k == c]
        share = (true[c] + 7 * np.mean(own)) / (true[c] + false[c] + 7)
        assert found.offered[c] == len(own)
        assert found.shares[c] == pytest.approx(share)
        assert found.true_positives[c] == pytest.approx(share * len(own))
        assert found.card_minutes[c] == pytest.approx(len(own) * 1.8 / 60)
        assert found.grid_minutes[c] == pytest.approx(len(own) * 0.3 / 60)
    # Nothing is offered of the last: what was decided is all there is.
    assert found.shares[5] == pytest.approx(true[5] / (true[5] + false[5]))
    assert found.true_positives[5] == found.card_minutes[5] == 0


def test_decisions_outweigh_scores_in_the_end():
    def share(true, false):
        found = expected_yield(
            [0.9],
            [0],
            num_classes=1,
            earlier_true=[true],
            earlier_false=[false],
            **SECONDS,
        )
        return float(found.shares[0])

    assert share(0, 0) == 0.9
    assert share(1, 19) == pytest.approx(10 / 30)
    assert share(500, 9500) == pytest.approx(0.05, abs=0.001)


def test_nothing_known_is_nan():
    found = expected_yield([], np.zeros(0, int), num_classes=2, **SECONDS)
    assert np.isnan(found.shares).all()
    assert found.true_positives.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"classes": [0, 1]}, r"classes.shape=\(2,\)"),
        ({"classes": [2]}, "from 2 to 2"),
        ({"classes": [0.0]}, "float64"),
        ({"scores": [np.nan]}, r"rows \[0\]"),
        ({"card_seconds": -1.0}, "card_seconds=-1.0"),
        ({"grid_seconds": np.inf}, "grid_seconds=inf"),
        ({"strength": 0.0}, "strength=0.0"),
        ({"earlier_true": [1]}, r"earlier_true=\[1\]"),
        ({"earlier_false": [-1, 0]}, "earlier_false"),
    ],
)
def test_refuses(options, words):
    options = {
        "scores": [0.9],
        "classes": [0],
        "num_classes": 2,
        **SECONDS,
        **options,
    }
    with pytest.raises(ValueError, match=words):
        expected_yield(**options)
