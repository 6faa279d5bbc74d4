"""Kernel pooling and compact bilinear pooling: time and memory of the ways.

    python -m experiments.benchmarks.kernel_pooling
    python -m experiments.benchmarks.kernel_pooling time [--minutes 2.5] [--jit]
    python -m experiments.benchmarks.kernel_pooling memory
    python -m experiments.benchmarks.kernel_pooling cost

Forward and backward, float32, 1,568 descriptors of unit length per step (8
maps of 14x14 or 2 of 28x28; `images=32` has a batch of 32 maps), graph mode, or
XLA with `--jit`. The ways are described in `kernel_pooling_ways.py`.

Without arguments, some 5 minutes on 2 cores: the ratios against the goals (all
shapes of order 4, 2.5 times literal; order 2 where it was short, 8 times
published), what each transform costs (forward alone and with backward, XLA or
not, memory), and the cost in MobileNetV2 (15 % of inference, 25 % of training).

All variants of a shape take turns in one process; medians of the rounds are
kept, of ratios those of each round. `time` goes on where it stopped and ends
after `--minutes`; repeat it until it says that all is done (about 15 minutes, 2
CPU cores). `memory` runs every variant in a process of its own and takes the
peak of the resident set above that of the same process after a step of one
location. `cost` adds kernel pooling to MobileNetV2 at 224 pixels. Results:
`kernel_pooling.json`.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from operator import truediv

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from experiments.benchmarks.kernel_pooling_ways import TRANSFORMS
from experiments.benchmarks.kernel_pooling_ways import problem
from experiments.benchmarks.kernel_pooling_ways import step_of
from experiments.benchmarks.kernel_pooling_ways import variants
from experiments.machine import memory_mb
from experiments.machine import processor
from experiments.results import result_path

PATH = result_path(__file__)
ROUNDS = 5
GOALS = {4: ("literal", 2.5), 2: ("published", 8.0)}
# Those of order 2 that fell short of their goal.
SHORT = [(14, 4096, 512, 2), (28, 4096, 1280, 2), (28, 4096, 2048, 2)]
SHAPES = list(itertools.product((14, 28), (4096, 8192), (512, 1280, 2048)))
MEMORY = [(14, 4096, 512, 4), (28, 4096, 512, 4), (14, 4096, 1280, 4)]
MEMORY += [(14, 8192, 512, 2), (14, 4096, 2048, 2)]
# Whole batches of a training, of 32 images.
BATCHES = [(14, 4096, 512, 4, 32), (14, 4096, 1280, 4, 32)]
BATCHES += [(28, 4096, 512, 4, 32), (14, 4096, 512, 2, 32)]


def key_of(shape):
    """The name of a shape in the result file."""
    key = "side={} d={} c={} p={}".format(*shape)
    return key + "".join(f" images={n}" for n in shape[4:])


def turns(shape, names=None, *, jit=False, forward=False):
    """Seconds, and those of processors, of every round; all take turns."""
    import tensorflow as tf

    side, sketch_dim, channels, order, *images = shape
    x, upstream, tables = problem(side, sketch_dim, channels, order, *images)
    x, upstream = tf.constant(x), tf.constant(upstream)
    found = variants(order, sketch_dim, *tables)
    names = names or [name for name in found if name != "taken"]
    steps = {name: step_of(found[name], jit, forward) for name in names}
    first = {name: step(x, upstream) for name, step in steps.items()}
    for value, limit in zip((0, 1), (1e-4, 1e-3), strict=True):
        if {"literal", "fft", "fourier"} <= set(names):
            a = first["literal"][value].numpy()
            for name in ("fft", "fourier"):
                b = first[name][value].numpy()
                assert abs(a - b).max() <= limit * abs(a).max()
    seconds = {name: [] for name in steps}
    busy = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            started, busy_before = time.perf_counter(), time.process_time()
            value, gradient = step(x, upstream)
            (value if forward else gradient)[0, 0, 0].numpy()
            seconds[name].append(time.perf_counter() - started)
            busy[name].append(time.process_time() - busy_before)
    return seconds, busy


def milliseconds(seconds):
    """Medians of what `turns` gives."""
    return {k: round(1e3 * statistics.median(v), 1) for k, v in seconds.items()}


def run_goals(result):
    """Fills `result["goals"]` and prints each ratio against its goal."""
    goals = result["goals"] = {"processor": processor(), "ratios": {}}
    missed = []
    for shape in [(*s, 4) for s in SHAPES] + SHORT:
        other, goal = GOALS[shape[3]]
        # Where other programs run, the processors' seconds suffer less.
        clocks = turns(shape, [other, "taken"])
        ratio, work = (
            round(statistics.median(map(truediv, t[other], t["taken"])), 2)
            for t in clocks
        )
        goals["ratios"][key_of(shape)] = {
            **milliseconds(clocks[0]),
            "ratio": ratio,
            "ratio_of_processor_seconds": work,
        }
        reached = min(ratio, work) >= goal
        missed += [] if reached else [key_of(shape)]
        print(
            f"{key_of(shape)}: {ratio} x {other}, in processor seconds "
            f"{work}, goal {goal}: {'reached' if reached else 'MISSED'}",
            flush=True,
        )
        save(result)
    names = ["literal", *TRANSFORMS]
    for jit, forward in itertools.product((False, True), repeat=2):
        key = f"{'xla' if jit else 'graph'}, " + (
            "forward" if forward else "forward and backward"
        )
        clocks = turns(MEMORY[0], names, jit=jit, forward=forward)
        row, work = map(milliseconds, clocks)
        row = {n: {"ms": row[n], "processor_ms": work[n]} for n in names}
        goals.setdefault("transforms", {})[key] = row
        print(f"{key_of(MEMORY[0])}, {key}:", row, flush=True)
        save(result)
    goals["memory_mib"] = {n: memory_apart(n, MEMORY[0]) for n in names}
    print("peak MiB:", goals["memory_mib"], flush=True)
    run_cost(result)
    print("missed:", ", ".join(missed) or "none", "on", goals["processor"])


def memory_of(name, side, sketch_dim, channels, order, batch=None):
    """Peak MiB of one variant above that of a tiny step, in this process."""
    import tensorflow as tf

    peak = None
    for images, locations in ((1, 1), (batch, side**2)):
        x, upstream, tables = problem(side, sketch_dim, channels, order, images)
        x = tf.constant(x[:, :locations])
        step = step_of(variants(order, sketch_dim, *tables)[name], False)
        base, peak = peak, None
        for _ in range(2):
            step(x, tf.constant(upstream))[1].numpy()
        peak = memory_mb("VmHWM")
    return round(peak - base)


def memory_apart(name, shape):
    """What `memory_of` gives in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", __spec__.name, "one", name]
        + [str(v) for v in shape],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(ran.stdout.split()[-1])


def run_memory(result):
    """Fills `result["memory_mib"]`, one process per variant."""
    for shape in MEMORY + BATCHES:
        names = ["literal", "averaged", *TRANSFORMS]
        names += ["published", "gram"] if shape[3] == 2 else []
        key = key_of(shape)
        row = result["memory_mib"].setdefault(key, {})
        for name in names:
            if name in row:
                continue
            row[name] = memory_apart(name, shape)
            save(result)
        print(key, row, flush=True)


def run_time(result, minutes, jit):
    """Fills `result["milliseconds"]` until the time is up."""
    started = time.monotonic()
    name = "xla" if jit else "graph"
    rows = result["milliseconds"].setdefault(name, {})
    shapes = [(*s, p) for p in (4, 2, 3) for s in SHAPES]
    if jit:
        shapes = [s for s in shapes if s[0] == 14 and s[1] == 4096]
    else:
        shapes += BATCHES
    for i, shape in enumerate(shapes):
        key = key_of(shape)
        if key in rows:
            continue
        if time.monotonic() - started > 60 * minutes:
            print(f"{i} of {len(shapes)} shapes done; run it again to go on")
            return
        rows[key] = milliseconds(turns(shape, jit=jit)[0])
        save(result)
        print(f"{i + 1}/{len(shapes)} {key}", rows[key], flush=True)
    print("all shapes done")


def run_cost(result):
    """Milliseconds per image of MobileNetV2 at 224 with either pooling."""
    import keras
    import tensorflow as tf

    from fgkeras import models

    body = models.backbone("mobilenet_v2", (224, 224, 3))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.uniform(0, 255, (16, 224, 224, 3)).astype("float32"))
    y = tf.constant(rng.integers(100, size=16))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def calls(pooling):
        model = models.classifier(body, 100, pooling=pooling)
        variables = [v.value for v in model.trainable_variables]

        @tf.function
        def train():
            with tf.GradientTape() as tape:
                value = loss(y, model(x, training=True))
            return [tf.reduce_sum(g) for g in tape.gradient(value, variables)]

        @tf.function
        def infer():
            return model(x, training=False)

        return {"train": train, "infer": infer}

    todo = {name: calls(name) for name in ("average", "kernel")}
    seconds = {"train": {}, "infer": {}}
    # One kind after the other: a training step leaves a full heap behind.
    for kind, values in seconds.items():
        for i in range(25):
            for name, kinds in todo.items():
                started = time.perf_counter()
                np.asarray(kinds[kind]()[0])
                if i:
                    values.setdefault(name, []).append(
                        time.perf_counter() - started
                    )
    cost = {}
    for kind, values in seconds.items():
        row = {k: 1e3 * statistics.median(v) / 16 for k, v in values.items()}
        cost[kind] = {f"{k}_ms_per_image": round(v, 2) for k, v in row.items()}
        cost[kind]["added_percent"] = round(
            100 * (row["kernel"] / row["average"] - 1), 1
        )
    result["mobilenet_v2_224"] = cost
    save(result)
    print(json.dumps(cost, indent=2))


def save(result):
    """Writes the result file."""
    PATH.write_text(json.dumps(result, indent=1) + "\n")


def main():
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "what",
        nargs="?",
        default="goals",
        choices=["goals", "time", "memory", "cost", "one"],
    )
    parser.add_argument("shape", nargs="*")
    parser.add_argument("--minutes", type=float, default=2.5)
    parser.add_argument("--jit", action="store_true")
    options = parser.parse_args()
    if options.what == "one":
        print(memory_of(options.shape[0], *map(int, options.shape[1:])))
        return
    result = {"machine": "x86-64, AVX-512, 2 CPU cores"}
    if PATH.exists():
        result = json.loads(PATH.read_text())
    for key in ("milliseconds", "memory_mib"):
        result.setdefault(key, {})
    if options.what == "goals":
        run_goals(result)
    elif options.what == "time":
        run_time(result, options.minutes, options.jit)
    elif options.what == "memory":
        run_memory(result)
    else:
        run_cost(result)


if __name__ == "__main__":
    main()
