import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

from fgkeras.transfer import transport


def linear_program(cost, source, target):
    """The same problem as a general linear program in float64."""
    m, n = cost.shape
    rows = scipy.sparse.kron(scipy.sparse.eye(m), np.ones((1, n)))
    columns = scipy.sparse.kron(np.ones((1, m)), scipy.sparse.eye(n))
    solved = scipy.optimize.linprog(
        cost.ravel(),
        A_eq=scipy.sparse.vstack([rows, columns]),
        b_eq=np.concatenate([source, target]),
        method="highs",
    )
    return solved.fun


@pytest.mark.parametrize("shape", [(1, 4), (5, 1), (3, 7), (20, 11), (40, 40)])
def test_cost_is_that_of_the_linear_program(shape):
    rng = np.random.default_rng(shape[0])
    cost = rng.exponential(size=shape)
    source, target = (rng.dirichlet(np.ones(n)) for n in shape)
    found = transport(cost, source, target)
    expected = linear_program(cost, source, target)
    assert found.cost == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(found.flow.sum(1), source, atol=1e-12)
    np.testing.assert_allclose(found.flow.sum(0), target, atol=1e-12)
    assert found.flow.min() >= 0
    if min(shape) > 1:
        assert (found.flow > 0).sum() <= sum(shape) - 1


def test_weights_are_scaled():
    cost = np.array([[1.0, 4.0], [2.0, 1.0]])
    one = transport(cost, [1, 3], [10, 30])
    assert one.cost == pytest.approx(1.0)
    two = transport(cost, [100, 300], [0.5, 1.5])
    assert two.cost == pytest.approx(one.cost)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([[1.0]], [0.0], [1.0]), r"\[0.0\]"),
        (([[1.0]], [1.0, 1.0], [1.0]), "2 sources"),
        (([[-1.0]], [1.0], [1.0]), "from -1"),
        (([[np.nan]], [1.0], [1.0]), "from nan"),
    ],
)
def test_refuses_what_is_no_problem(arguments, said):
    with pytest.raises(ValueError, match=said):
        transport(*arguments)
