"""Steps of the losses for long tails against the plain losses of Keras.

    python -m experiments.benchmarks.long_tail_losses [--rounds 41]
        [--classes 1000 8142]

A step is what `fit` does with a batch of 128 in the fastest training there is,
that of a head alone: 1,280 frozen features, a linear layer, SGD with momentum;
all else that a model does makes the loss a smaller part of it. The loss alone,
value and gradient of logits that are there, is measured too. Each loss is
compared with the plain loss of Keras that it comes from: softmax with
`SparseCategoricalCrossentropy`, smoothed with `CategoricalCrossentropy` and its
smoothing, sigmoid with `BinaryCrossentropy`, focal with
`BinaryFocalCrossentropy`, all of logits and the latter three of one-hot rows
made in the step. `again` is the plain loss a second time: what the clock tells
apart.

Losses take turns within each round, in an order that changes, so that a busy
moment hits all. Both the time on the clock and that of the processor are taken,
of all threads; the latter hardly moves where other programs run. A ratio is one
of medians over rounds. Written to `long_tail_losses.json`, with the load of the
machine. Five minutes on 2 CPU cores.
"""

import argparse
import json
import os
import time

import numpy as np

from experiments.machine import processor
from experiments.results import result_path

RESULT = result_path(__file__)
BATCH, FEATURES, SMOOTHING = 128, 1280, 0.1
# What is measured, and the plain loss of Keras that it is compared with.
COMPARED = {
    "softmax, again": "keras softmax",
    "class-balanced softmax": "keras softmax",
    "ClassBalanced around Keras": "keras softmax",
    "balanced softmax": "keras softmax",
    "logit-adjusted": "keras softmax",
    "ldam": "keras softmax",
    "smoothed, again": "keras smoothed",
    "class-balanced smoothed": "keras smoothed",
    "balanced smoothed": "keras smoothed",
    "sigmoid, again": "keras sigmoid",
    "class-balanced sigmoid": "keras sigmoid",
    "focal, again": "keras focal",
    "class-balanced focal": "keras focal",
}


def counts_of(classes):
    """Training images per class, the largest a hundred times the smallest."""
    return [int(1000 * 0.01 ** (c / (classes - 1))) for c in range(classes)]


def losses_of(classes):
    """Every loss by name."""
    import keras

    from fgkeras import losses

    class OfRows(keras.losses.Loss):
        """A loss of Keras that takes rows, given integers."""

        def __init__(self, loss):
            super().__init__()
            self.loss = loss

        def call(self, y_true, y_pred):
            rows = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), classes)
            return self.loss.call(rows, y_pred)

    def softmax():
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def smoothed():
        return OfRows(
            keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=SMOOTHING
            )
        )

    def sigmoid():
        return OfRows(keras.losses.BinaryCrossentropy(from_logits=True))

    def focal():
        return OfRows(keras.losses.BinaryFocalCrossentropy(from_logits=True))

    counts = counts_of(classes)
    rest = {"beta": 0.999}
    more = {"smoothing": SMOOTHING}
    return {
        "keras softmax": softmax(),
        "softmax, again": softmax(),
        "class-balanced softmax": losses.ClassBalancedSoftmax(counts, **rest),
        "ClassBalanced around Keras": losses.ClassBalanced(
            softmax(), counts, **rest
        ),
        "balanced softmax": losses.BalancedSoftmax(counts),
        "logit-adjusted": losses.LogitAdjusted(counts),
        "ldam": losses.LDAM(counts),
        "keras smoothed": smoothed(),
        "smoothed, again": smoothed(),
        "class-balanced smoothed": losses.ClassBalancedSoftmax(
            counts, **rest, **more
        ),
        "balanced smoothed": losses.BalancedSoftmax(counts, **more),
        "keras sigmoid": sigmoid(),
        "sigmoid, again": sigmoid(),
        "class-balanced sigmoid": losses.ClassBalancedSigmoid(counts, **rest),
        "keras focal": focal(),
        "focal, again": focal(),
        "class-balanced focal": losses.ClassBalancedFocal(
            counts, gamma=2.0, **rest
        ),
    }


def batch(classes):
    rng = np.random.default_rng(classes)
    x = rng.normal(size=(BATCH, FEATURES)).astype("float32")
    return x, rng.integers(classes, size=BATCH).astype("int32")


def whole_steps(classes):
    """A function for each loss that trains a head by one step."""
    import keras
    import tensorflow as tf

    x, y = map(tf.constant, batch(classes))
    out = {}
    for name, loss in losses_of(classes).items():
        model = keras.Sequential(
            [keras.Input((FEATURES,)), keras.layers.Dense(classes)]
        )
        model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss)
        model.make_train_function()
        out[name] = _of_fit(model.train_function, (x, y))
    return out


def _of_fit(train, data):
    return lambda: train(iter([data]))


def losses_alone(classes):
    """A function for each loss that computes value and gradient."""
    import tensorflow as tf

    _, y = batch(classes)
    y = tf.constant(y)
    rng = np.random.default_rng(0)
    logits = tf.constant(rng.normal(size=(BATCH, classes)).astype("float32"))

    def of(loss):
        @tf.function
        def run(z):
            with tf.GradientTape() as tape:
                tape.watch(z)
                value = loss(y, z)
            return value, tape.gradient(value, z)

        return lambda: [part.numpy() for part in run(logits)]

    return {name: of(loss) for name, loss in losses_of(classes).items()}


def measured(runs, rounds):
    """Seconds of clock and processor of each run, a dict of lists of pairs."""
    for run in runs.values():
        run()
    times = {name: [] for name in runs}
    order = list(runs)
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            start = time.perf_counter(), time.process_time()
            runs[name]()
            end = time.perf_counter(), time.process_time()
            times[name].append([b - a for a, b in zip(start, end, strict=True)])
    return times


def rows_of(times, what, classes):
    """A row for each loss: its time, and the ratio to the plain one."""
    medians = {n: np.median(pairs, axis=0) for n, pairs in times.items()}
    for name, plain in COMPARED.items():
        clock, cpu = medians[name] / medians[plain]
        yield {
            "measured": what,
            "classes": classes,
            "loss": name,
            "against": plain,
            "ms": round(1e3 * float(medians[name][0]), 3),
            "ratio": round(float(clock), 3),
            "ratio of processor time": round(float(cpu), 3),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--classes", type=int, nargs="+", default=[1000, 8142])
    args = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    found = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "rounds": args.rounds,
        "rows": [],
    }
    for classes in args.classes:
        for what, make in (("step", whole_steps), ("loss", losses_alone)):
            times = measured(make(classes), args.rounds)
            for row in rows_of(times, what, classes):
                print(json.dumps(row), flush=True)
                found["rows"].append(row)
            RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
