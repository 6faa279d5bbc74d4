"""Time and memory of metric losses against PML and TensorFlow Addons.

    python -m experiments.benchmarks.metric_losses --phase memory
        [--tfa-python /tmp/tfa/bin/python]
    python -m experiments.benchmarks.metric_losses --phase time
        [--tfa-python /tmp/tfa/bin/python] [--rounds 7] [--seconds 120]

Value and gradient of each loss on one batch of unit embeddings, four images
per class. fgkeras (compiled, with XLA and without: the better is compared and
named) and PyTorch Metric Learning alternate in one process on the same batch,
so that a busy moment hits both; medians are compared. TensorFlow Addons cannot
share an environment with Keras 3: it runs right after them in its own, and
only where it is asked for by `--tfa-python`.

Peak memory: `ru_maxrss` of a process per loss and variant that computes value
and gradient once for each size, smallest first, less that of the same process
after a batch of 8. It ends where it would take over 12 GiB, or 300 s of CPU in
all. Sizes beyond one that failed or took over 5 s are not timed.

What fails in the phase of memory is not timed afterwards. Progress is printed,
and `metric_losses.json` beside this file is written after each case and read
at the start: a second call goes on where the first ended.
"""

import argparse
import fcntl
import itertools
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

RESULT = pathlib.Path(__file__).with_suffix(".json")
NAMES = (
    "semi_hard",
    "triplet",
    "lifted",
    "multi_similarity",
    "contrastive",
    "margin",
    "generalized_lifted",
    "n_pair",
    "angular",
    "histogram",
    "proxy_nca",
    "proxy_anchor",
    "soft_triple",
)
TFA_NAMES = ("semi_hard", "lifted")
LIMIT, SLOW = 300, 10.0  # Seconds of CPU of a process, seconds of one batch.
MEMORY = 12 * 2**30


def batch(size, dim):
    rng = np.random.default_rng(size)
    centres = rng.normal(size=(max(size // 4, 2), dim))
    labels = np.arange(size) % len(centres)
    x = centres[labels] + rng.normal(size=(size, dim))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return labels, x.astype("float32")


def ours(name, labels, x, xla):
    """Returns a function that computes value and gradient once."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    from fgkeras import losses

    # Proxies, one per class (SoftTriple: three), are a matrix of their own.
    classes = int(labels.max()) + 1
    vectors = classes * (3 if name == "soft_triple" else 1)
    proxies = np.random.default_rng(0).normal(size=(vectors, x.shape[1]))
    proxies /= np.linalg.norm(proxies, axis=1, keepdims=True)
    proxies = tf.constant(proxies.T.astype("float32"))

    def soft_triple(y, z):
        cosines = tf.reshape(tf.matmul(z, proxies), (-1, classes, 3))
        return losses.soft_triple(y, cosines)

    # The same unit distances and the same sums as on the other side.
    fn = {
        "semi_hard": lambda y, z: losses.triplet_semi_hard(y, z, margin=0.2),
        "triplet": lambda y, z: losses.triplet(y, z, squared=False),
        "lifted": losses.lifted_structure,
        "multi_similarity": losses.multi_similarity,
        "contrastive": lambda y, z: losses.contrastive(y, z, squared=False),
        "margin": losses.margin,
        "generalized_lifted": losses.generalized_lifted_structure,
        "n_pair": losses.n_pair,
        "angular": losses.angular,
        "histogram": losses.histogram,
        "proxy_nca": lambda y, z: losses.proxy_nca(y, tf.matmul(z, proxies)),
        "proxy_anchor": lambda y, z: losses.proxy_anchor(
            y, tf.matmul(z, proxies)
        ),
        "soft_triple": soft_triple,
    }[name]

    @tf.function(jit_compile=xla)
    def run(y, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = tf.reduce_mean(fn(y, z))
        return value, tape.gradient(value, z)

    y, z = tf.constant(labels, "int32"), tf.constant(x)
    return lambda: [t.numpy() for t in run(y, z)]


def pml(name, labels, x):
    from pytorch_metric_learning import distances
    from pytorch_metric_learning import losses
    from pytorch_metric_learning import miners

    # Embeddings have length 1 already; nobody pays for it twice.
    plain = distances.LpDistance(normalize_embeddings=False)
    classes, dim = int(labels.max()) + 1, x.shape[1]
    if name == "proxy_nca":
        return pml_step(losses.ProxyNCALoss(classes, dim), None, labels, x)
    if name == "proxy_anchor":
        return pml_step(losses.ProxyAnchorLoss(classes, dim), None, labels, x)
    if name == "soft_triple":
        loss = losses.SoftTripleLoss(classes, dim, centers_per_class=3)
        return pml_step(loss, None, labels, x)
    loss, miner = {
        "semi_hard": (
            losses.TripletMarginLoss(margin=0.2, distance=plain),
            miners.TripletMarginMiner(
                margin=0.2, type_of_triplets="semihard", distance=plain
            ),
        ),
        "triplet": (
            losses.TripletMarginLoss(margin=0.2, distance=plain),
            None,
        ),
        "lifted": (losses.LiftedStructureLoss(distance=plain), None),
        "multi_similarity": (
            losses.MultiSimilarityLoss(),
            miners.MultiSimilarityMiner(epsilon=0.1),
        ),
        "contrastive": (losses.ContrastiveLoss(distance=plain), None),
        "margin": (losses.MarginLoss(), miners.DistanceWeightedMiner()),
        "generalized_lifted": (
            losses.GeneralizedLiftedStructureLoss(distance=plain),
            None,
        ),
        "n_pair": (losses.NPairsLoss(), None),
        "angular": (losses.AngularLoss(), None),
        "histogram": (losses.HistogramLoss(), None),
    }[name]
    return pml_step(loss, miner, labels, x)


def pml_step(loss, miner, labels, x):
    """Returns a function that computes value and gradient once."""
    import torch

    y, z = torch.tensor(labels), torch.tensor(x, requires_grad=True)

    def run():
        value = loss(z, y, miner(z, y) if miner else None)
        (gradient,) = torch.autograd.grad(value, z)
        return value.item(), gradient.numpy()

    return run


def tfa(name, labels, x):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    import tensorflow_addons

    loss = {
        "semi_hard": tensorflow_addons.losses.TripletSemiHardLoss(margin=0.2),
        "lifted": tensorflow_addons.losses.LiftedStructLoss(),
    }[name]

    @tf.function
    def run(y, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = loss(y, z)
        return value, tape.gradient(value, z)

    y, z = tf.constant(labels, "int32"), tf.constant(x)
    return lambda: [t.numpy() for t in run(y, z)]


def make(variant, name, size, dim):
    labels, x = batch(size, dim)
    if variant == "pml":
        return pml(name, labels, x)
    if variant == "tfa":
        return tfa(name, labels, x)
    return ours(name, labels, x, xla=variant == "fgkeras_xla")


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def probe(variant, name, dim, sizes, rounds):
    """In a process of its own: a line per size, smallest first."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    make(variant, name, 8, dim)()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size in sorted(sizes):
        run = make(variant, name, size, dim)
        first = timed(run)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        times = [timed(run) for _ in range(rounds)] or [first]
        line = {"mib": peak / 1024, "s": statistics.median(times)}
        print(json.dumps(line), flush=True)


def in_process(python, variant, name, dim, sizes, rounds=0):
    """Returns for each size what `probe` found, or why it found nothing."""
    case = json.dumps([variant, name, dim, sizes, rounds])
    ran = subprocess.run(
        [python, str(pathlib.Path(__file__).resolve()), "--probe", case],
        capture_output=True,
        text=True,
        cwd=pathlib.Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    out = ran.stdout
    lines = [t for t in ran.stderr.splitlines() if t.strip()]
    reason = lines[-1][:160] if ran.returncode > 0 and lines else "killed"
    cells = [json.loads(t) for t in out.splitlines() if t.startswith("{")]
    cells += [{"failed": reason}] * (len(sizes) - len(cells))
    return dict(zip(sorted(sizes), cells, strict=True))


def row_of(rows, name, size, dim):
    """Returns the row of one batch, which is appended if it is new."""
    for row in rows:
        if (row["loss"], row["batch"], row["dim"]) == (name, size, dim):
            return row
    rows.append({"loss": name, "batch": size, "dim": dim})
    return rows[-1]


def measure_memory(rows, args, name, dim):
    """Adds the peak of each variant for all sizes."""
    variants = ["fgkeras", "fgkeras_xla", "pml"]
    if args.tfa_python and name in TFA_NAMES:
        variants.append("tfa")
    for variant in variants:
        python = args.tfa_python if variant == "tfa" else sys.executable
        cells = in_process(python, variant, name, dim, args.sizes)
        for size, cell in cells.items():
            row = row_of(rows, name, size, dim)
            key = "mib" if "mib" in cell else "failed"
            row.setdefault(variant, {})[key] = cell[key]


def measure_time(rows, args, name, dim, size):
    """Adds the medians of alternating runs."""
    row = row_of(rows, name, size, dim)
    runs, times = {}, {}
    for variant in ("fgkeras", "fgkeras_xla", "pml"):
        cell = row.setdefault(variant, {})
        if any(slow(r.get(variant)) for r in rows if before(r, row)):
            cell["failed"] = "not tried: a smaller batch was too much"
        if "failed" in cell:
            continue
        try:
            runs[variant] = make(variant, name, size, dim)
            first = timed(runs[variant])  # Compiles.
        except (MemoryError, RuntimeError) as error:
            del runs[variant]
            cell["failed"] = str(error).strip().splitlines()[0][:160]
            continue
        times[variant] = [first] if first > SLOW else []
    for _ in range(args.rounds):
        for variant, run in runs.items():
            if not times[variant] or times[variant][0] <= SLOW:
                times[variant].append(timed(run))
    for variant, values in times.items():
        row[variant]["s"] = statistics.median(values)
    if args.tfa_python and name in TFA_NAMES:
        if any(slow(r.get("tfa")) for r in rows if before(r, row)):
            again = {"failed": "not tried: a smaller batch was too much"}
        else:
            case = (args.tfa_python, "tfa", name, dim, [size], 3)
            again = in_process(*case)[size]
            again.pop("mib", None)  # Left to the phase of memory.
        row.setdefault("tfa", {}).update(again)
    row["rounds"] = args.rounds


def save(found):
    """Writes what was found into the file; both phases may run at once."""
    with open(RESULT, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        rows = json.loads(text)["rows"] if text else []
        done = json.loads(text)["done"] if text else []
        for row in found["rows"]:
            there = row_of(rows, row["loss"], row["batch"], row["dim"])
            for key, value in row.items():
                if isinstance(value, dict):
                    there.setdefault(key, {}).update(value)
                else:
                    there[key] = value
        done += [key for key in found["done"] if key not in done]
        file.truncate(0)
        merged = {**found, "rows": rows, "done": done}
        file.write(json.dumps(merged, indent=1) + "\n")
    return rows


def before(row, other):
    """Whether `row` is of the same case as `other`, with fewer images."""
    same = all(row[key] == other[key] for key in ("loss", "dim"))
    return same and row["batch"] < other["batch"]


def slow(cell):
    """Whether it failed, or took so long that no larger batch is tried."""
    return bool(cell) and ("failed" in cell or cell.get("s", 0) > SLOW / 2)


def summary(rows):
    """Lines of a table: how many times faster, and smaller, fgkeras is."""
    yield (
        "| loss | batch | dim | ms | MiB | PML time | PML memory "
        "| TFA time | TFA memory |"
    )
    yield "| --- " * 9 + "|"
    for row in rows:
        best = min(
            ("fgkeras", "fgkeras_xla"),
            key=lambda v: row[v].get("s", float("inf")),
        )
        mine = row[best]
        cells = [row["loss"], row["batch"], row["dim"]]
        mark = " (XLA)" if best == "fgkeras_xla" else ""
        cells.append(f"{1e3 * mine['s']:.1f}{mark}")
        cells.append(f"{mine['mib']:.0f}" if "mib" in mine else "")
        for variant in ("pml", "tfa"):
            theirs = row.get(variant, {})
            for key in ("s", "mib"):
                if key in theirs and key in mine:
                    cells.append(f"x {theirs[key] / max(mine[key], 1e-9):.1f}")
                else:
                    cells.append("failed" if "failed" in theirs else "")
        yield "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", type=int, nargs="+", default=[
        256, 512, 1024, 2048, 4096,
    ])  # fmt: skip
    parser.add_argument("--dims", type=int, nargs="+", default=[64, 512])
    parser.add_argument("--losses", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--tfa-python")
    parser.add_argument("--phase", choices=("memory", "time"), default="time")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.probe:
        probe(*json.loads(args.probe))
        return
    found = {"rows": [], "done": []}
    if RESULT.exists():
        found = json.loads(RESULT.read_text(encoding="utf-8"))
    found["machine"] = f"{os.cpu_count()} CPU cores, {platform.machine()}"
    rows = found["rows"]
    start = time.monotonic()
    if args.phase == "memory":
        measure, cases = measure_memory, [args.losses, args.dims]
    else:
        limit = (MEMORY, MEMORY)
        resource.setrlimit(resource.RLIMIT_DATA, limit)
        measure, cases = measure_time, [args.losses, args.dims, args.sizes]
    for case in itertools.product(*cases):
        if time.monotonic() - start > args.seconds:
            print("Out of time; call again to go on.")
            break
        key = f"{args.phase} {case}"
        if key in found["done"]:
            continue
        measure(rows, args, *case)
        found["done"].append(key)
        rows[:] = save(found)
        print(key, json.dumps(rows[-1]), flush=True)
    rows.sort(key=lambda r: (r["loss"], r["dim"], r["batch"]))
    print("\n".join(summary([r for r in rows if "rounds" in r])))


if __name__ == "__main__":
    main()
