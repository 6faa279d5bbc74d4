"""DVML: both phases against float64 loops, part by part."""

import keras
import numpy as np
import pytest

from fgkeras.losses import MultiSimilarity
from fgkeras.models import dvml
from fgkeras.models import embedder
from tests.models import generative_reference as ref
from tests.models.generative_reference import state_of

LABELS = np.array([0, 0, 5, 1, 1, 4, 2, 2, 3])
TRIPLETS = [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
SAMPLES = 2
WEIGHTS = {1: (1.0, 1.0, 0.1, 1.0), 2: (0.8, 1.0, 0.2, 0.8)}


def metric(z):
    total = 0.0
    for a, p, n in TRIPLETS:
        near, far = np.sum((z[a] - z[p]) ** 2), np.sum((z[a] - z[n]) ** 2)
        total += max(0.0, near - far + 1.0)
    return total / len(TRIPLETS)


def terms(x, w, noise, target=None, decoded_from=None):
    y = ref.body(x, w["body"])
    z = ref.head(y, w["head"])
    mean = y @ w["mean"][0] + w["mean"][1]
    log_variance = y @ w["log_variance"][0] + w["log_variance"][1]
    kl = np.mean(
        [
            sum(
                0.5 * (m * m + np.exp(v) - v - 1.0)
                for m, v in zip(*rows, strict=True)
            )
            for rows in zip(mean, log_variance, strict=True)
        ]
    )
    drawn = [z + mean + np.exp(log_variance / 2) * e for e in noise]
    rows = np.concatenate(drawn) if decoded_from is None else decoded_from
    made = ref.generate(rows, w["generator"])
    target = y if target is None else target
    recon = np.mean(
        [
            np.sum((made[t * len(y) + i] - target[i]) ** 2)
            for t in range(SAMPLES)
            for i in range(len(y))
        ]
    )
    synthetic = np.mean([metric(d) for d in drawn])
    return (kl, recon, synthetic, metric(z)), y, np.concatenate(drawn)


@pytest.mark.slow
@pytest.mark.parametrize("phase", [1, 2])
def test_terms_and_gradients_of_every_part(phase, monkeypatch):
    noise = np.random.default_rng(4).standard_normal((SAMPLES, 9, ref.DIM))
    monkeypatch.setattr(
        keras.random,
        "normal",
        lambda shape, seed: keras.ops.convert_to_tensor(noise, "float32"),
    )
    inner = ref.small_embedder()
    model = dvml(
        inner, first_steps=3 if phase == 1 else 0, num_samples=2, hidden=7
    )
    parts = {
        "body": inner.get_layer("backbone"),
        "head": inner.get_layer("embedding"),
        "mean": model.mean,
        "log_variance": model.log_variance,
        "generator": model.generator,
    }
    x = ref.images(LABELS)
    w, taken, logs = ref.step(model, parts, x, LABELS)
    x = x.astype("float64")
    values, features, drawn = terms(x, w, noise)
    # In phase 1 decoder input and target are constants.
    fixed = {"target": features, "decoded_from": drawn} if phase == 1 else {}

    def loss(part, v):
        found = terms(x, {**w, part: v}, noise, **fixed)[0]
        return sum(a * b for a, b in zip(WEIGHTS[phase], found, strict=True))

    for part in parts:
        ref.check_slope(
            lambda v, part=part: loss(part, v), w[part], taken[part]
        )
    names = ("kl", "recon", "synthetic", "invariant")
    for name, value in zip(names, values, strict=True):
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)
    expected = np.dot(WEIGHTS[phase], values)
    np.testing.assert_allclose(logs["loss"], expected, rtol=1e-4)


def clusters():
    rng = np.random.default_rng(0)
    y = np.tile(np.arange(8).repeat(2), 4)
    x = 1.5 * rng.standard_normal((8, 16))[y]
    return (x + rng.standard_normal(x.shape)).astype("float32"), y


def spread(model, x, y):
    """Distances within classes over distances between them."""
    z = model.predict(x, verbose=0)
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    d = np.linalg.norm(z[:, None] - z[None], axis=2)
    same = y[:, None] == y[None]
    return d[same].mean() / d[~same].mean()


@pytest.mark.slow
@pytest.mark.parametrize(
    "loss",
    [
        "triplet",
        "npair",
        "margin",
        pytest.param(MultiSimilarity(), id="object"),
    ],
)
def test_fit_separates_classes_and_saves_all(loss, tmp_path):
    keras.utils.set_random_seed(0)
    x, y = clusters()
    model = dvml(
        embedder(16, 6, unit_norm=False),
        loss=loss,
        hidden=16,
        first_steps=4,
        num_samples=2,
        seed=1,
    )
    model.compile(keras.optimizers.Adam(1e-2))
    before = spread(model, x, y)
    logs = model.fit(x, y, batch_size=32, epochs=15, verbose=0).history
    assert spread(model, x, y) < 0.95 * before
    np.testing.assert_allclose(
        model.evaluate(x[:32], y[:32], verbose=0),
        model.metric_loss(y[:32], model.predict(x[:32], verbose=0)),
        rtol=1e-4,
    )
    assert logs["recon"][-1] < logs["recon"][0]
    assert int(keras.ops.convert_to_numpy(model.steps)) == 30
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), model.embedder.predict(x, verbose=0)
    )
    model.save(tmp_path / "m.keras")
    twin = keras.models.load_model(tmp_path / "m.keras")
    for a, b in zip(state_of(model), state_of(twin), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(twin.train_on_batch(x[:32], y[:32])).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "histogram"}, "loss='histogram'"),
        ({"num_samples": 0}, "num_samples=0"),
        ({"first_steps": -1}, "first_steps=-1"),
        ({"first_steps": None}, "first_steps=None"),
        ({"num_samples": 1.5}, "num_samples=1.5"),
        ({"margin": None}, "margin=None"),
        ({"l2": -0.1}, "l2=-0.1"),
        ({"hidden": 0}, "hidden=0"),
        ({"seed": "one"}, "seed='one'"),
        ({"first_weights": {"recom": 1.0}}, "recom=1.0"),
        ({"second_weights": {"recon": -1.0}}, "recon=-1.0"),
        ({"second_weights": {"recon": None}}, "recon=None"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        dvml(embedder(4, 2), **options)
