"""Domain similarity and source selection, against pyemd as published.

    python -m experiments.benchmarks.domain_similarity

Machine: x86-64, 2 CPU cores. About 2 minutes. Expected: at least 20 times
faster than pyemd's own solver on 1,000 x 200 classes of 2,048 dimensions; 5,089
x 555 classes under 60 s; the distances of all single source classes in
milliseconds. The value equals that of pyemd's "pot" to 1e-6; its "cpp" rounds
distances and weights to whole numbers and is off by about 1e-5 of the value.
The duality gap (what any other flow could save at most) shows which one is
right: 0 but for rounding.

The features are drawn: non-negative, in clusters, with as many classes as
ImageNet and CUB-200 (1,000 x 200) or iNaturalist 2017 and NABirds (5,089 x
555) have. The published way stacks the class means of both sets, computes the
square matrix of distances and pads both histograms with zeros for
`pyemd.emd`. pyemd 1.1 has two solvers: "cpp" is the one that the published
code ran, "pot" hands the square problem to POT. Distances are inside all times.
pyemd is no dependency of the project: `pip install pyemd`; without it only
our times are taken. Results are printed and written to
`domain_similarity.json` beside this file.
"""

import json
import platform
import resource
import statistics
import time

import numpy as np

from experiments.results import result_path
from fgkeras.transfer import Domain
from fgkeras.transfer import domain_distance
from fgkeras.transfer import single_class_distances
from fgkeras.transfer.domain_distance import class_distances

DIMS = 2048


def draw(num_source, num_target, seed=0):
    """Two domains of clustered non-negative class means."""
    rng = np.random.default_rng(seed)
    centers = rng.gamma(1, 0.4, (40, DIMS))

    def one(count, clusters, low, high):
        means = centers[rng.integers(0, clusters, count)]
        means = np.maximum(means + rng.normal(0, 0.25, means.shape), 0)
        return Domain(means, rng.integers(low, high, count), range(count))

    return one(num_source, 40, 200, 1300), one(num_target, 20, 30, 120)


def published(source, target, backend):
    """The concatenated square problem."""
    import pyemd
    from sklearn.metrics import pairwise_distances

    zeros = np.zeros(len(source)), np.zeros(len(target))
    return pyemd.emd(
        np.concatenate([source.weights, zeros[1]]),
        np.concatenate([zeros[0], target.weights]),
        pairwise_distances(np.concatenate([source.means, target.means])),
        backend=backend,
    )


def duality_gap(source, target):
    """The most that any other flow could save, from the dual potentials."""
    import ot

    distances = class_distances(source, target)
    _, log = ot.emd(
        source.weights, target.weights, distances, log=True, numItermax=10**8
    )
    dual = log["u"] @ source.weights + log["v"] @ target.weights
    excess = (log["u"][:, None] + log["v"] - distances).max()
    return float(log["cost"] - dual + max(excess, 0))


def timed(run, rounds=1):
    """Median seconds and the last value."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        value = run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), value


def main():
    """Times everything and writes the result."""
    domain_distance(*draw(3, 2))  # loads the solver
    source, target = draw(1000, 200)
    ours, distance = timed(lambda: domain_distance(source, target), 5)
    single, _ = timed(lambda: single_class_distances(source, target), 5)
    rows = {
        "1000 x 200": {
            "seconds": ours,
            "distance": distance,
            "duality gap": duality_gap(source, target),
        },
        "1000 x 200, all single source classes": {"seconds": single},
    }
    try:
        for backend, rounds in (("pot", 3), ("cpp", 1)):
            seconds, value = timed(
                lambda b=backend: published(source, target, b), rounds
            )
            rows[f"1000 x 200, pyemd {backend}"] = {
                "seconds": seconds,
                "distance": value,
                "times ours": seconds / ours,
                "difference": abs(value - distance),
            }
    except ImportError:
        print("pyemd is not installed: no comparison")
    source, target = draw(5089, 555)
    ours, distance = timed(lambda: domain_distance(source, target), 3)
    single, _ = timed(lambda: single_class_distances(source, target), 5)
    rows["5089 x 555"] = {"seconds": ours, "distance": distance}
    rows["5089 x 555, all single source classes"] = {"seconds": single}
    for name, row in rows.items():
        print(name, row)
    result = {
        "machine": f"{platform.machine()}, 2 CPU cores",
        "numpy": np.__version__,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / 1024,
        "rows": rows,
    }
    path = result_path(__file__)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
