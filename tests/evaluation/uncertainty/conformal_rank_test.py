import fractions

import pytest

from fgkeras.evaluation.uncertainty.conformal_rank import conformal_rank


@pytest.mark.parametrize("level", [0.1, 0.29, 0.5, 0.9, 0.95, 0.99])
def test_the_smallest_rank_whose_place_is_sure_enough(level):
    wanted = fractions.Fraction(str(level))
    for n in range(1, 220):
        # A new score is at each of the n + 1 places as often.
        ranks = [
            k for k in range(1, n + 1) if fractions.Fraction(k, n + 1) >= wanted
        ]
        if ranks:
            assert conformal_rank(n, level) == ranks[0]
        else:
            with pytest.raises(ValueError, match=f"Received: {n}. Hold"):
                conformal_rank(n, level)


@pytest.mark.parametrize(("level", "needed"), [(0.9, 9), (0.95, 19), (0.3, 1)])
def test_says_how_many_images_it_takes(level, needed):
    conformal_rank(needed, level)
    with pytest.raises(ValueError, match=f"at least {needed} images"):
        conformal_rank(needed - 1, level)


def test_is_exact_where_floats_are_not():
    # 0.07 * 100 is 7.000000000000001.
    assert conformal_rank(99, 0.07) == 7


@pytest.mark.parametrize("level", [0, 1, 90, float("nan")])
def test_refuses_what_is_no_level(level):
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        conformal_rank(100, level)
