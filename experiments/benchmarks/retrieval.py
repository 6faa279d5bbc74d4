"""Retrieval and clustering numbers of 60,502 embeddings in 11,316 classes.

    python -m experiments.benchmarks.retrieval [--only NAME] [--noise 0.13]

The size is that of the test half of Stanford Online Products, with 128
dimensions. The embeddings are drawn: class means on the unit sphere plus normal
noise, normalized. Every part runs in a process of its own, which reports its
time and its peak of memory:

- report: `retrieval_report`, Recall@1/10/100, R-precision, MAP@R and MRR in
  one pass, without intervals;
- faiss-13, faiss-101: `faiss.IndexFlatIP`, the 12 or 100 nearest and the query
  itself, neighbours alone, no metric computed from them;
- kmeans: `kmeans` with one cluster per class, 20 iterations at most;
- faiss-kmeans: `faiss.Kmeans`, the same number of clusters, 20 iterations,
  one point in hand for every center at least;
- scores: NMI, AMI, F1 and purity of the clusters that `kmeans` found.

Parts already in `retrieval.json` are kept; `--only` runs one again. About five
minutes on 2 CPU cores.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

from experiments.results import result_path

NUM_IMAGES, NUM_CLASSES, DIMENSIONS = 60_502, 11_316, 128
PARTS = ("report", "faiss-13", "faiss-101", "kmeans", "faiss-kmeans", "scores")
RESULT = result_path(__file__)


def draw(noise):
    """Returns float32 embeddings of length 1 and their labels, shuffled."""
    generator = np.random.default_rng(0)
    rest = NUM_IMAGES - 2 * NUM_CLASSES
    share = np.full(NUM_CLASSES, 1 / NUM_CLASSES)
    labels = np.repeat(
        np.arange(NUM_CLASSES), 2 + generator.multinomial(rest, share)
    )
    means = generator.normal(size=(NUM_CLASSES, DIMENSIONS))
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    x = means[labels] + noise * generator.normal(size=(NUM_IMAGES, DIMENSIONS))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    order = generator.permutation(NUM_IMAGES)
    return x[order].astype("float32"), labels[order]


def report(x, labels):
    """All retrieval metrics."""
    from fgkeras.evaluation import retrieval_report

    def run():
        return retrieval_report(x, labels, ks=(1, 10, 100), num_bootstrap=0)

    def numbers(found):
        recalls = {
            f"recall_at_{k}": v["value"] for k, v in found["recall_at"].items()
        }
        return {
            **recalls,
            "r_precision": found["r_precision"]["value"],
            "map_at_r": found["map_at_r"]["value"],
        }

    return run, numbers


def faiss_flat(x, labels, k):
    """The neighbours alone."""
    import faiss

    def run():
        index = faiss.IndexFlatIP(DIMENSIONS)
        index.add(x)
        return index.search(x, k)[1]

    def numbers(found):
        # The query itself stands first, up to copies of it.
        return {"recall_at_1": float((labels[found[:, 1]] == labels).mean())}

    return run, numbers


def our_kmeans(x, labels, folder):
    """k-means with one cluster per class."""
    from fgkeras.ops import kmeans

    def run():
        return kmeans(x, NUM_CLASSES, num_iterations=20)

    def numbers(found):
        np.save(folder / "clusters.npy", found.clusters)
        return {
            "inertia": found.inertia,
            "iterations": found.num_iterations,
            "converged": found.converged,
        }

    return run, numbers


def faiss_kmeans(x, labels):
    """The same by faiss."""
    import faiss

    def run():
        model = faiss.Kmeans(
            DIMENSIONS,
            NUM_CLASSES,
            niter=20,
            seed=0,
            min_points_per_centroid=1,
        )
        model.train(x)
        return model

    def numbers(model):
        distances, clusters = model.index.search(x, 1)
        from fgkeras.evaluation import clustering_scores

        found = clustering_scores(labels, clusters.ravel())
        return {
            "inertia": float(distances.astype("float64").sum()),
            "nmi": found["nmi"],
            "f1": found["f1"],
        }

    return run, numbers


def scores(x, labels, folder):
    """Agreement of the clusters of `kmeans` with the classes."""
    from fgkeras.evaluation import clustering_scores

    clusters = np.load(folder / "clusters.npy")

    def numbers(found):
        return {k: found[k] for k in ("nmi", "ami", "f1", "purity")}

    return lambda: clustering_scores(labels, clusters), numbers


def measure(part, noise, folder):
    """Runs one part and returns its numbers."""
    x, labels = draw(noise)
    if part == "report":
        run, numbers = report(x, labels)
    elif part.startswith("faiss-k"):
        run, numbers = faiss_kmeans(x, labels)
    elif part.startswith("faiss"):
        run, numbers = faiss_flat(x, labels, int(part.split("-")[1]))
    elif part == "kmeans":
        run, numbers = our_kmeans(x, labels, folder)
    else:
        run, numbers = scores(x, labels, folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 2),
        "peak_mb": round(peak / 1024),
        "peak_mb_before": round(before / 1024),
        **{
            k: round(v, 5) if isinstance(v, float) else v
            for k, v in numbers(found).items()
        },
    }


def main():
    """Runs the parts that are missing and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noise", type=float, default=0.13)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.gettempdir()) / "fgkeras_retrieval"
    folder.mkdir(exist_ok=True)
    if options.part:
        print(json.dumps(measure(options.part, options.noise, folder)))
        return
    result = {"parts": {}}
    if RESULT.exists():
        known = json.loads(RESULT.read_text("utf-8"))
        if known["noise"] == options.noise:
            result = known
    result.update(
        command="python -m experiments.benchmarks.retrieval",
        machine=f"{platform.machine()}, {os.cpu_count()} CPU cores",
        noise=options.noise,
    )
    for part in [options.only] if options.only else PARTS:
        if part in result["parts"] and not options.only:
            continue
        if part == "scores" and not (folder / "clusters.npy").exists():
            continue
        print(f"{part} ...", file=sys.stderr, flush=True)
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "experiments.benchmarks.retrieval",
                f"--noise={options.noise}",
                f"--part={part}",
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        result["parts"][part] = json.loads(ran.stdout.splitlines()[-1])
        done = result["parts"]
        result["ratio_to_faiss"] = {
            name: round(done["report"]["seconds"] / done[name]["seconds"], 2)
            for name in ("faiss-13", "faiss-101")
            if "report" in done and name in done
        }
        RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
