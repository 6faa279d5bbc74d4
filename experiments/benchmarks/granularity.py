"""Time and memory of the granularity indices, against plain NumPy and SciPy.

    python -m experiments.benchmarks.granularity

Large: 24,633 images of 555 classes with 2,048 features (the size of the birds
test set of the thesis), float32, synthetic. Small: 600 images of 30 classes
with 2,048 features, on which the definition written with broadcasting,
`sqrt(((x[:, None] - x) ** 2).sum(-1))`, still fits in memory. Between: 4,000
images of 200 classes against `scipy.spatial.distance.cdist`, which needs the
whole matrix but no differences.

Each row runs in a process of its own; `peak_mb` is its largest resident size,
`extra_mb` what of it came on top of the interpreter and the features. The
result is written to `granularity.json` beside this file.

Expected: RankM under 30 s and 1.5 GB, RS under 120 s and 2 GB on 2 cores; at
least 10 times faster than broadcasting and a tenth of its memory.
"""

import argparse
import json
import platform
import subprocess
import sys
import time

import numpy as np

from experiments.results import result_path

SIZES = {"small": (600, 30), "medium": (4_000, 200), "large": (24_633, 555)}
DIMENSIONS = 2048
ROWS = [
    ("fgkeras", "RankM", "large"),
    ("fgkeras", "RSM", "large"),
    ("fgkeras", "RS", "large"),
    ("fgkeras", "Rank", "large"),
    ("broadcasting", "RankM", "small"),
    ("fgkeras", "RankM", "small"),
    ("broadcasting", "RS", "small"),
    ("fgkeras", "RS", "small"),
    ("cdist", "RankM", "medium"),
    ("fgkeras", "RankM", "medium"),
    ("cdist", "RS", "medium"),
    ("fgkeras", "RS", "medium"),
]


def synthetic(size):
    """Classes around random centres, float32."""
    count, num_classes = SIZES[size]
    rng = np.random.default_rng(0)
    labels = np.sort(rng.integers(0, num_classes, size=count))
    features = rng.standard_normal((count, DIMENSIONS), dtype="float32")
    centers = rng.standard_normal((num_classes, DIMENSIONS), dtype="float32")
    for start in range(0, count, 1000):
        part = slice(start, start + 1000)
        features[part] += 0.25 * centers[labels[part]]
    return features, labels


def broadcast_distances(x):
    """All distances as one writes them first."""
    return np.sqrt(((x[:, None] - x) ** 2).sum(-1))


def scipy_distances(x):
    """All distances by SciPy."""
    from scipy.spatial.distance import cdist

    return cdist(x, x)


def plain_rankm(distances, labels):
    """RankM over a whole matrix."""
    classes = np.unique(labels)
    medoids = []
    for c in classes:
        members = np.flatnonzero(labels == c)
        totals = distances[np.ix_(members, members)].sum(axis=1)
        medoids.append(members[totals.argmin()])
    to_medoids = distances[:, medoids]
    own = to_medoids[np.arange(len(labels)), labels][:, None]
    ranks = (to_medoids <= own).sum(axis=1)
    k = len(classes)
    return k / (k - 1) * np.mean(1 - 1 / ranks)


def plain_rs(distances, labels):
    """RS over a whole matrix."""
    one_hot = np.eye(labels.max() + 1)[labels]
    counts = one_hot.sum(axis=0)
    totals = distances @ one_hot
    rows = np.arange(len(labels))
    own = totals[rows, labels] / (counts[labels] - 1)
    means = totals / counts
    means[rows, labels] = np.inf
    return np.mean(own / means.min(axis=1))


def peak_mb():
    """Largest resident size of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(program, index, size):
    """Runs one row in this process and prints it as JSON."""
    import scipy.spatial.distance  # noqa: F401  in memory before the start

    from fgkeras import granularity

    features, labels = synthetic(size)
    before = peak_mb()
    start = time.perf_counter()
    if program == "fgkeras":
        function = getattr(granularity, index.lower())
        value = function(features, labels, metric="euclidean").value
    else:
        distances = {
            "broadcasting": broadcast_distances,
            "cdist": scipy_distances,
        }[program](features)
        plain = {"RankM": plain_rankm, "RS": plain_rs}[index]
        value = float(plain(distances, labels))
    seconds = time.perf_counter() - start
    row = {
        "program": program,
        "index": index,
        "images": len(labels),
        "classes": int(labels.max()) + 1,
        "seconds": round(seconds, 3),
        "peak_mb": round(peak_mb()),
        "extra_mb": round(peak_mb() - before, 1),
        "value": round(value, 6),
    }
    print(json.dumps(row))


def main():
    """Runs all rows one after the other and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", nargs=3, help="run one row and print it")
    parser.add_argument("--machine", default="2 CPU cores")
    parser.add_argument("--sizes", nargs="+", default=[*SIZES], choices=SIZES)
    options = parser.parse_args()
    if options.row:
        measure(*options.row)
        return
    rows = []
    for program, index, size in ROWS:
        if size not in options.sizes:
            continue
        command = [sys.executable, "-m", "experiments.benchmarks.granularity"]
        out = subprocess.run(
            [*command, "--row", program, index, size],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        rows.append(json.loads(out))
        print(out, end="", flush=True)
    result = {
        "command": "python -m experiments.benchmarks.granularity",
        "machine": f"{platform.machine()}, {options.machine}, "
        f"NumPy {np.__version__}",
        "dimensions": DIMENSIONS,
        "rows": rows,
        "ratios": [
            {
                "against": theirs["program"],
                "index": theirs["index"],
                "times_faster": round(theirs["seconds"] / ours["seconds"], 1),
                "share_of_extra_memory": round(
                    ours["extra_mb"] / theirs["extra_mb"], 4
                ),
            }
            for theirs, ours in zip(rows, rows[1:], strict=False)
            # Each peer stands before ours of the same index and size.
            if theirs["program"] != "fgkeras"
        ],
    }
    path = result_path(__file__)
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["ratios"], indent=2))


if __name__ == "__main__":
    main()
