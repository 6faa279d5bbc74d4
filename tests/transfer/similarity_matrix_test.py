import numpy as np
import pytest

from fgkeras.transfer import Domain
from fgkeras.transfer import domain_similarity
from fgkeras.transfer import similarity_matrix


def domains(count):
    rng = np.random.default_rng(0)
    return {
        f"d{i}": Domain(
            rng.normal(size=(3 + i, 2)), rng.integers(1, 9, 3 + i), range(3 + i)
        )
        for i in range(count)
    }


def test_every_entry_is_the_similarity_of_the_pair():
    sources = domains(4)
    targets = {name: sources[name] for name in ("d2", "d0")}
    both = similarity_matrix(sources, targets, gamma=0.3)
    assert both.distances.shape == (4, 2)
    for i, source in enumerate(both.sources):
        for j, target in enumerate(both.targets):
            assert both.similarities[i, j] == pytest.approx(
                domain_similarity(sources[source], targets[target], gamma=0.3),
                abs=1e-9,
            )


def test_of_one_set_it_is_symmetric_with_ones():
    seen = []
    alone = similarity_matrix(
        domains(4), progress=lambda done, total: seen.append((done, total))
    )
    np.testing.assert_array_equal(alone.distances, alone.distances.T)
    assert (np.diag(alone.similarities) == 1).all()
    assert (alone.distances[np.triu_indices(4, 1)] > 0).all()
    assert seen[-1] == (6, 6)


def test_refuses_gamma():
    with pytest.raises(ValueError, match="gamma=-1"):
        similarity_matrix(domains(2), gamma=-1)
