"""Two replicas take the step that one device takes with the whole batch.

The comparison runs in a program of its own: splitting the CPU into logical
devices must happen before TensorFlow has run anything.
"""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from fgkeras.training.global_batch import GlobalBatchLoss
from tests import harness

PROGRAM = """
import functools, inspect, json
import keras, numpy as np, tensorflow as tf
from fgkeras import losses, mining
from fgkeras.training.global_batch import GlobalBatchLoss

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2
)
devices = ["CPU:0", "CPU:1"]
strategy = tf.distribute.MirroredStrategy(
    devices, cross_device_ops=tf.distribute.ReductionToOneDevice()
)
rng = np.random.default_rng(0)
x = rng.standard_normal((12, 6)).astype("float32")
# Rows are dealt out in order: every class is split over the replicas, and
# the parts are unequal (5 and 7).
labels = np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1])
parts = [slice(0, 5), slice(5, 12)]
# Of classes with parents, and of images that show several classes; the last
# row is absent.
shown = rng.integers(0, 2, (12, 5))
shown[:, 0] = 1 - shown[:, 1:].any(1)
shown[-1] = -1


class AllPairs(keras.losses.Loss):
    def call(self, y_true, y_pred):
        same = y_true[:, None] == y_true[None, :]
        products = tf.tanh(y_pred @ tf.transpose(y_pred))
        return tf.reduce_mean(tf.where(same, -products, products), axis=1)


def wanted():
    yield "AllPairs", AllPairs, labels
    for name in sorted(dir(losses)):
        kind = getattr(losses, name)
        if not (inspect.isclass(kind) and issubclass(kind, keras.losses.Loss)):
            continue
        signature = inspect.signature(kind).parameters.values()
        needed = [
            p.name for p in signature
            if p.default is p.empty and p.kind not in (p.VAR_KEYWORD,)
        ]
        if needed or name in %(skip)s:
            continue
        yield name, kind, labels
        grades = getattr(getattr(kind(), "_fn", None), "graded", None)
        if grades is None:
            continue
        for relation, rows in (
            (mining.SameParent(list("aabcc")), labels),
            (mining.SharedLabels(graded=grades), shown),
        ):
            related = functools.partial(kind, positives=relation)
            yield f"{name}, {type(relation).__name__}", related, rows


# The pair losses take embeddings; those of proxies take one column per class.
def gradient_of(loss, weights, local):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        rows, own = local
        value = loss(own, rows @ weights)
    return tape.gradient(value, weights), value


out = {}
# As many columns as levels of a cascade divide.
start = tf.constant(rng.standard_normal((6, 6)), "float32")
for name, kind, rows in wanted():
    whole, value = gradient_of(kind(), start, (x, rows))
    with strategy.scope():
        loss = GlobalBatchLoss(kind())
        plain = kind()

        def local(context):
            part = parts[context.replica_id_in_sync_group]
            return tf.constant(x[part]), tf.constant(rows[part])

        values = strategy.experimental_distribute_values_from_function(local)

        @tf.function
        def both(values):
            def step(part):
                # Batches of a training have any number of rows.
                part = tuple(
                    tf.compat.v1.placeholder_with_default(
                        a, (None, *a.shape[1:])
                    )
                    for a in part
                )
                g, v = gradient_of(loss, start, part)
                alone, _ = gradient_of(plain, start, part)
                return g, v, alone
            return strategy.run(step, args=(values,))

        g, v, alone = (
            sum(strategy.experimental_local_results(t)) for t in both(values)
        )
    scale = float(tf.reduce_max(tf.abs(whole)))
    out[name] = {
        "scale": scale,
        "error": float(tf.reduce_max(tf.abs(g - whole))),
        "alone": float(tf.reduce_max(tf.abs(alone - whole))),
        "value": abs(float(v) - float(value)) / (1e-9 + abs(float(value))),
    }
print(json.dumps(out))
"""
# They compare no images with each other, or have their triplets given.
SKIP = {"ListedTriplets", "OfAnchors"}


@pytest.fixture(scope="module")
def compared():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.distribute is TensorFlow's")
    program = PROGRAM % {"skip": repr(SKIP)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.slow
def test_every_batch_loss_has_the_gradient_of_one_device(compared):
    assert "AllPairs" in compared
    assert "TripletHard, SameParent" in compared
    assert "Contrastive, SharedLabels" in compared
    for name, found in compared.items():
        assert found["scale"] > 0, name
        assert found["error"] <= 2e-6 * max(found["scale"], 1), (name, found)
        assert found["value"] <= 2e-6, (name, found)


@pytest.mark.slow
def test_without_it_the_gradient_is_another(compared):
    differing = [n for n, f in compared.items() if f["alone"] > 1e-3]
    assert len(differing) >= len(compared) - 3, compared


def test_it_is_the_loss_itself_without_a_strategy():
    inner = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss = GlobalBatchLoss(inner)
    logits = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    labels = np.array([0, 2, 1, 1])
    assert float(loss(labels, logits)) == float(inner(labels, logits))
    harness.check_config(loss)


def test_refusals():
    with pytest.raises(ValueError, match="must be a `keras.losses.Loss`"):
        GlobalBatchLoss("contrastive")
    with pytest.raises(ValueError, match="dtype=bfloat16"):
        GlobalBatchLoss(keras.losses.MeanSquaredError(), dtype="bfloat16")
    flat = keras.losses.MeanSquaredError()
    flat.call = lambda y_true, y_pred: keras.ops.mean(y_pred)
    with pytest.raises(ValueError, match=r"gives shape \(\)"):
        GlobalBatchLoss(flat)(np.zeros(2), np.zeros((2, 3), "float32"))
