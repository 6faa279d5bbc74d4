"""Records the metric losses of TensorFlow Addons: values and gradients.

Command, from the root of the repository (Python 3.11):

    python3.11 -m venv /tmp/tfa
    /tmp/tfa/bin/pip install tensorflow-cpu==2.15.1 \\
        tensorflow-addons==0.23.0 "numpy<2"
    /tmp/tfa/bin/python tests/golden/record_tfa.py

Takes ten seconds on a CPU and writes `tests/golden/tfa.json`, which
`tests/golden/tfa_test.py` compares with. Addons reached end of life in 2024
and cannot be imported beside Keras 3; hence the file.
"""

import json
import pathlib
import platform

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

LABELS = {
    "balanced": [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3],
    "unbalanced": [5, 5, 2, 9, 2, 5, 9, 5, 5, 2, 2, 5],
    "some_singletons": [0, 1, 1, 2, 0, 3, 0, 4, 5, 5, 5, 6],
    "all_singletons": list(range(12)),
    "one_class": [3] * 12,
}
SCALES = {"wide": 1.0, "narrow": 0.2, "huge": 1000.0}
LOSSES = {
    "TripletSemiHard": (tfa.losses.TripletSemiHardLoss, {}),
    "TripletSemiHard, squared": (
        tfa.losses.TripletSemiHardLoss,
        {"margin": 0.5, "distance_metric": "squared-L2"},
    ),
    "TripletHard": (tfa.losses.TripletHardLoss, {}),
    "TripletHard, squared": (
        tfa.losses.TripletHardLoss,
        {"margin": 0.5, "distance_metric": "squared-L2"},
    ),
    "TripletHard, soft": (tfa.losses.TripletHardLoss, {"soft": True}),
    "LiftedStructure": (tfa.losses.LiftedStructLoss, {}),
    "LiftedStructure, margin": (tfa.losses.LiftedStructLoss, {"margin": 0.5}),
}


def rounded(array):
    """Nested lists of float32 in as many digits as they have."""
    array = np.asarray(array, "float32")
    return [rounded(row) if row.ndim else float(f"{row:.9g}") for row in array]


def value_and_gradient(fn, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = fn(x)
    gradient = tape.gradient(y, x)
    return {"value": rounded(y[None])[0], "gradient": rounded(gradient)}


def main():
    rng = np.random.default_rng(0)
    x = rounded(rng.normal(size=(12, 5)))
    cases = []
    for scale in SCALES:
        points = np.asarray(x, "float32") * SCALES[scale]
        for batch in LABELS:
            labels = tf.constant(LABELS[batch])
            for name, (cls, kwargs) in LOSSES.items():
                loss = cls(**kwargs)
                found = value_and_gradient(
                    lambda z, f=loss, y=labels: f(y, z), points
                )
                cases.append(
                    {"loss": name, "batch": batch, "scale": scale, **found}
                )
    distances = np.array([0.0, 0.3, 0.7, 1.0, 1.8], "float32")
    for label in (0, 1):
        loss = tfa.losses.ContrastiveLoss(margin=1.0, reduction="sum")
        found = value_and_gradient(
            lambda d, f=loss, y=label: f(tf.fill((5,), y), d), distances
        )
        cases.append({"loss": "Contrastive", "label": label, **found})
    for batch in ("all_singletons", "unbalanced"):
        labels = tf.constant(LABELS[batch])
        candidates = tf.constant(np.asarray(x, "float32")[::-1])
        found = value_and_gradient(
            lambda a, y=labels, c=candidates: tfa.losses.NpairsLoss()(
                y, tf.matmul(a, c, transpose_b=True)
            ),
            np.asarray(x, "float32"),
        )
        cases.append({"loss": "Npairs", "batch": batch, **found})
    record = {
        "versions": {
            "tensorflow-addons": tfa.__version__,
            "tensorflow": tf.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "labels": LABELS,
        "scales": SCALES,
        "distances": rounded(distances),
        "embeddings": x,
        "cases": cases,
    }
    path = pathlib.Path(__file__).with_name("tfa.json")
    lines = [json.dumps(case) for case in record.pop("cases")]
    head = json.dumps(record)[:-1]
    path.write_text(
        head + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n", "utf-8"
    )


if __name__ == "__main__":
    main()
