import numpy as np
import pytest

from fgkeras.transfer import Domain
from fgkeras.transfer import nearest_classes


def test_rows_are_those_of_loops():
    rng = np.random.default_rng(0)
    source = Domain(rng.normal(size=(8, 3)), np.ones(8), "abcdefgh")
    target = Domain(rng.normal(size=(5, 3)), [1, 1, 2, 3, 3], "vwxyz")
    rows = nearest_classes(source, target, 3)
    assert sorted(row["target"] for row in rows) == list("vwxyz")
    for row in rows:
        j = target.class_names.index(row["target"])
        expected = sorted(
            (float(np.linalg.norm(s - target.means[j])), name)
            for s, name in zip(source.means, "abcdefgh", strict=True)
        )[:3]
        assert [s["name"] for s in row["sources"]] == [n for _, n in expected]
        assert row["sources"][0]["distance"] == pytest.approx(expected[0][0])
        assert row["weight"] == pytest.approx([0.1, 0.1, 0.2, 0.3, 0.3][j])
    first = [row["sources"][0]["distance"] for row in rows]
    assert first == sorted(first)


def test_more_than_there_are_gives_all():
    domain = Domain([[0.0], [1.0]], [1, 1], "ab")
    assert len(nearest_classes(domain, domain, 9)[0]["sources"]) == 2
    with pytest.raises(ValueError, match="num_nearest=0"):
        nearest_classes(domain, domain, 0)
