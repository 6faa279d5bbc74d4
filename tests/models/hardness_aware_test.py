"""HDML: each player moves down its own loss, and only its own weights."""

import keras
import numpy as np
import pytest

from fgkeras.models import embedder
from fgkeras.models import hdml
from fgkeras.models import part_learning_rates
from tests.models import generative_reference as ref
from tests.models.generative_reference import state_of

LABELS = {
    "npair": np.array([0, 0, 1, 2, 1, 2, 3, 3]),
    "triplet": np.array([0, 0, 5, 1, 1, 4, 2, 2, 3]),
}
PAIRS = [(0, 1), (2, 4), (3, 5), (6, 7)]
TRIPLETS = [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
ALPHA, BETA, J_AVG, J_GEN = 3.0, 800.0, 4.0, 1000.0


def pull(a, p, n):
    share = np.exp(-ALPHA / J_AVG)
    near, far = np.linalg.norm(p - a), np.linalg.norm(n - a)
    if near >= far:
        return n
    return a + (share * far + (1 - share) * near) * (n - a) / far


def metric(kind, anchors, others, own=False):
    if kind == "triplet":
        total = 0.0
        for a, (p, n) in zip(anchors, others, strict=True):
            total += max(0.0, np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1)
        return total
    values = []
    for i, a in enumerate(anchors):
        rows = others[i] if own else others
        logits = np.array([[a @ row for row in rows]])
        values.append(ref.cross_entropy(logits, [i])[0])
        length = np.mean([row @ row for row in rows])
        values[-1] += 3e-3 / 4 * (a @ a + length)
    return np.mean(values)


def tuples_of(kind, z):
    """Rows for the generator after all of `z`, and their labels."""
    y = LABELS[kind]
    if kind == "triplet":
        rows = [z[a] for a, _, _ in TRIPLETS] + [z[p] for _, p, _ in TRIPLETS]
        rows += [pull(z[a], z[p], z[n]) for a, p, n in TRIPLETS]
        labels = [y[t[k]] for k in range(3) for t in TRIPLETS]
        return np.array(rows), np.array(labels)
    rows = [z[a] for a, _ in PAIRS]
    labels = [y[a] for a, _ in PAIRS]
    for a, p in PAIRS:
        for _, n in PAIRS:
            rows.append(pull(z[a], z[p], z[n]))
            labels.append(y[n])
    return np.array(rows), np.array(labels)


def j_m(kind, z):
    if kind == "triplet":
        return metric(
            kind,
            [z[a] for a, _, _ in TRIPLETS],
            [(z[p], z[n]) for _, p, n in TRIPLETS],
        )
    return metric(kind, [z[a] for a, _ in PAIRS], [z[p] for _, p in PAIRS])


def j_metric(kind, x, w):
    z = ref.head(ref.body(x, w["body"]), w["head"])
    fakes = np.concatenate([z, tuples_of(kind, z)[0]])
    made = ref.generate(fakes, w["generator"])[len(z) :]
    made = ref.head(made, w["head"])
    if kind == "triplet":
        k = len(TRIPLETS)
        rest = list(zip(made[k : 2 * k], made[2 * k :], strict=True))
        synthetic = metric(kind, made[:k], rest)
    else:
        k = len(PAIRS)
        rest = made[k:].reshape(k, k, -1)
        synthetic = metric(kind, made[:k], rest, own=True)
    trust = np.exp(-BETA / J_GEN)
    return trust * j_m(kind, z) + (1 - trust) * synthetic, synthetic


def j_gen(kind, x, w, generator, class_scale=20.0):
    features = ref.body(x, w["body"])
    z = ref.head(features, w["head"])
    rows, labels = tuples_of(kind, z)
    made = ref.generate(np.concatenate([z, rows]), generator)
    recon = np.sum((made[: len(z)] - features) ** 2)
    kernel, bias = w["classifier"]
    ce = ref.cross_entropy(made[len(z) :] @ kernel + bias, labels)
    if kind == "triplet":
        wrong = ce.mean()
    else:
        wrong = ce[: len(PAIRS)].mean() + ce[len(PAIRS) :].mean()
    return 0.5 * recon + 0.5 * class_scale * wrong


def model_of(kind, beta=BETA):
    inner = ref.small_embedder()
    model = hdml(
        inner,
        ref.CLASSES,
        loss=kind,
        alpha=ALPHA,
        beta=beta,
        class_scale=20.0,
        hidden=7,
        block=2,
    )
    model.mean_metric.value.assign(J_AVG)
    model.mean_generator.value.assign(J_GEN)
    parts = {
        "body": inner.get_layer("backbone"),
        "head": inner.get_layer("embedding"),
        "generator": model.generator,
        "classifier": model.classifier,
    }
    return model, parts


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["npair", "triplet"])
def test_every_player_moves_down_its_own_loss(kind):
    model, parts = model_of(kind)
    y = LABELS[kind]
    x = ref.images(y)
    w, taken, logs = ref.step(model, parts, x, y)
    x = x.astype("float64")
    features = ref.body(x, w["body"])

    for part in ("body", "head"):
        ref.check_slope(
            lambda v, part=part: j_metric(kind, x, {**w, part: v})[0],
            w[part],
            taken[part],
        )
    ref.check_slope(
        lambda v: j_gen(kind, x, w, v), w["generator"], taken["generator"]
    )
    ref.check_slope(
        lambda v: ref.cross_entropy(features @ v[0] + v[1], y).mean(),
        w["classifier"],
        taken["classifier"],
    )

    total, synthetic = j_metric(kind, x, w)
    real = j_m(kind, ref.head(features, w["head"]))
    kernel, bias = w["classifier"]
    expected = {
        "metric": real,
        "synthetic": synthetic,
        "generator": j_gen(kind, x, w, w["generator"]),
        "classifier": ref.cross_entropy(features @ kernel + bias, y).mean(),
    }
    expected["synthetic_share"] = 1 - np.exp(-BETA / J_GEN)
    expected["loss"] = total + expected["generator"] + expected["classifier"]
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-4, err_msg=name)
    # The means follow the plain losses: neither weight nor decay is in them.
    np.testing.assert_allclose(float(model.mean_metric.total), real, rtol=1e-4)
    np.testing.assert_allclose(
        float(model.mean_generator.total), expected["generator"], rtol=1e-4
    )


@pytest.mark.parametrize(("kind", "rows"), [("npair", 128), ("triplet", 120)])
def test_a_scaled_beta_fits_the_batch_and_the_features(kind, rows):
    model, parts = model_of(kind, beta="scaled")
    y = LABELS[kind]
    x = ref.images(y)
    size = len(y) * ref.FEATURES / (rows * 1024)
    # What 2e4 is for a batch of the published size.
    model.mean_generator.value.assign(2e4 * size)
    w, _, logs = ref.step(model, parts, x, y)
    x = x.astype("float64")
    np.testing.assert_allclose(
        logs["synthetic_share"], 1 - np.exp(-1e4 / 2e4), rtol=1e-5
    )
    expected = j_gen(kind, x, w, w["generator"], class_scale=20.0 * size)
    np.testing.assert_allclose(logs["generator"], expected, rtol=1e-4)
    assert model.get_config()["beta"] == "scaled"


def test_all_is_read_before_any_of_it_moves():
    model, parts = model_of("npair")
    y = LABELS["npair"]
    x = ref.images(y)
    ref.step(model, parts, x, y)
    start = model.get_weights()
    seen = []
    for _ in range(40):
        model.set_weights(start)
        logs = model.train_on_batch(x, y, return_dict=True)
        seen.append(float(logs["synthetic"]))
    np.testing.assert_allclose(seen, seen[1], rtol=1e-5)


def test_moving_statistics_are_of_real_features():
    model, parts = model_of("npair")
    y = LABELS["npair"]
    x = ref.images(y)
    w, _, _ = ref.step(model, parts, x, y)
    mean = ref.body(x.astype("float64"), w["body"]).mean(axis=0)
    moved = parts["head"].get_layer("norm").moving_mean
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(moved), 0.01 * mean, rtol=1e-3, atol=1e-6
    )


def clusters():
    rng = np.random.default_rng(0)
    y = np.tile(np.arange(8).repeat(2), 8)
    x = 1.5 * rng.standard_normal((8, 16))[y]
    return (x + rng.standard_normal(x.shape)).astype("float32"), y


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["npair", "triplet"])
def test_fit_lowers_the_losses_and_saves_all(kind, tmp_path):
    keras.utils.set_random_seed(0)
    x, y = clusters()
    inner = embedder(16, 6, unit_norm=False, batch_norm=True)
    model = hdml(inner, 8, loss=kind, hidden=32, block=4)
    model.compile(
        part_learning_rates(
            keras.optimizers.Adam(3e-3), model, {"generator": 3.0}
        )
    )
    before = model.evaluate(x, y, batch_size=32, verbose=0)
    logs = model.fit(x, y, batch_size=32, epochs=12, verbose=0).history
    after = model.evaluate(x, y, batch_size=32, verbose=0, return_dict=True)
    assert set(after) == {"loss"}
    assert after["loss"] < 0.7 * before
    for name in ("generator", "classifier"):
        assert logs[name][-1] < 0.7 * logs[name][0], name
    assert float(model.mean_generator.value) < 1e5

    np.testing.assert_array_equal(
        model.predict(x, verbose=0), model.embedder.predict(x, verbose=0)
    )
    model.save(tmp_path / "m.keras")
    twin = keras.models.load_model(tmp_path / "m.keras")
    for a, b in zip(state_of(model), state_of(twin), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(twin.train_on_batch(x[:32], y[:32])).all()
    model.embedder.save(tmp_path / "e.keras")
    alone = keras.models.load_model(tmp_path / "e.keras")
    assert len(alone.weights) == 6


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["npair", "triplet"])
def test_batches_without_pairs_change_nothing_of_the_embedder(kind):
    model, parts = model_of(kind)
    y = np.arange(5)
    _, taken, logs = ref.step(model, parts, ref.images(y), y)
    assert logs["metric"] == 0.0
    for part in ("body", "head"):
        assert all(not t.any() for t in taken[part])
    for part in ("generator", "classifier"):
        assert all(np.isfinite(t).all() for t in taken[part])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "histogram"}, "loss='histogram'"),
        ({"num_classes": 1}, "num_classes=1"),
        ({"recon_share": 1.5}, "recon_share=1.5"),
        ({"alpha": -7.0}, "alpha=-7.0"),
        ({"beta": -1.0}, "beta=-1.0"),
        ({"beta": float("nan")}, "beta=nan"),
        ({"beta": "auto"}, "one of scaled. Received: beta='auto'"),
        ({"class_scale": None}, "class_scale=None"),
        ({"class_scale": True}, "class_scale=True"),
        ({"margin": "wide"}, "margin='wide'"),
        ({"margin": float("inf")}, "margin=inf"),
        ({"l2": -0.1}, "l2=-0.1"),
        ({"hidden": 0}, "hidden=0"),
        ({"hidden": 2.5}, "hidden=2.5"),
        ({"block": 0}, "block=0"),
        ({"num_classes": None}, "num_classes=None"),
    ],
)
def test_errors(options, message):
    arguments = {"embedder": embedder(4, 2), "num_classes": 3, **options}
    with pytest.raises(ValueError, match=message):
        hdml(**arguments)


def test_a_loss_of_compile_is_refused():
    model = hdml(embedder(4, 2), 3)
    with pytest.raises(ValueError, match="loss='mse'"):
        model.compile("adam", loss="mse")
