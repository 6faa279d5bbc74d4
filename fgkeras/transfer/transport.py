"""The exact optimal transport between two weighted sets."""

import dataclasses

import numpy as np

_MAX_ITERATIONS = 1_000_000_000


@dataclasses.dataclass(frozen=True)
class Transport:
    """What moves where, and at what cost.

    Attributes:
        cost: Float, the total of flow times distance, per unit of weight.
        flow: `float64` array of shape `(m, n)` of sum 1; row i sums to the
            weight of source i, column j to that of target j. At most m + n - 1
            entries are above 0.

    Example:

    >>> moved = transport([[1.0, 3.0]], [1.0], [1.0, 3.0])
    >>> moved.flow.tolist(), moved.cost
    ([[0.25, 0.75]], 2.5)
    """

    cost: float
    flow: np.ndarray


def transport(distances, source_weights, target_weights):
    """Solves the transport problem exactly, by the network simplex of POT.

        min_F sum_ij F_ij d_ij,  F >= 0,  sum_j F_ij = s_i,  sum_i F_ij = t_j

    Args:
        distances: Float array of shape `(m, n)`, at least 0.
        source_weights: Float array of shape `(m,)`, above 0; scaled to sum 1.
        target_weights: Float array of shape `(n,)`, above 0; scaled to sum 1.

    Returns:
        `Transport`.

    Raises:
        ValueError: for shapes that differ, negative distances, NaN.
        RuntimeError: if the solver does not reach the optimum.

    Example:

    >>> transport([[1.0, 3.0]], [2.0], [1.0, 1.0]).cost
    2.0

    References:
        Rubner, Tomasi, Guibas, "The Earth Mover's Distance as a Metric for
        Image Retrieval", 2000. Flamary et al., "POT: Python Optimal
        Transport", 2021.
    """
    distances = np.ascontiguousarray(distances, np.float64)
    source, target = _weights(source_weights), _weights(target_weights)
    if distances.shape != (len(source), len(target)):
        raise ValueError(
            "distances must have one row per source and one column per "
            f"target. Received: distances.shape={distances.shape} for "
            f"{len(source)} sources and {len(target)} targets."
        )
    if not np.isfinite(distances).all() or distances.min() < 0:
        raise ValueError(
            "distances must be finite and not negative. Received: distances "
            f"from {distances.min()} to {distances.max()}."
        )
    # One source, or one target: everything moves to the same place.
    if len(source) == 1 or len(target) == 1:
        flow = source[:, None] * target
    else:
        flow = _solve(distances, source, target)
    return Transport(float(np.einsum("ij,ij->", flow, distances)), flow)


def _weights(values):
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or not values.size or not (values > 0).all():
        raise ValueError(
            "Weights must be a list of numbers above 0. Received: "
            f"{values.tolist() if values.size < 9 else values.shape}. Leave "
            "out what has no weight."
        )
    return values / values.sum()


def _solve(distances, source, target):
    import ot

    flow, log = ot.emd(
        source, target, distances, numItermax=_MAX_ITERATIONS, log=True
    )
    if log["warning"] is not None:
        raise RuntimeError(
            f"The transport problem was not solved: {log['warning']}"
        )
    return flow
