"""What the signatures of a SavedModel say of sets and of unknown pictures."""

import keras
import numpy as np
import pytest

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.export import load_exported
from fgkeras.export.answers import OUTPUTS
from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.export.saved_model import write_saved_model
from fgkeras.export.served import Served
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model


def unit(rows):
    rows = np.asarray(rows, "float64")
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.slow
def test_sets_and_unknown_pictures_in_every_signature(tmp_path):
    model = small_model()
    pooled = keras.Model(model.input, model.get_layer("pooling").output)
    pictures = [picture(i) for i in range(4)]
    pixels = np.stack([decode_for_evaluation(p, 24, 28) for p in pictures])
    logits = np.asarray(model(pixels), "float64")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores = powers / powers.sum(axis=1, keepdims=True)
    vectors = unit(pooled(pixels))
    near = unit(np.random.default_rng(0).normal(size=(7, 6)))
    score = (vectors @ near.T).max(axis=1)
    least = float(np.sort(score)[1:3].mean())
    sets = SetRule(0.8, "prevalence", np.linspace(0.02, 0.4, 5))
    served = Served(
        model,
        tuple(NAMES),
        24,
        28,
        sets=sets,
        known=KnownRule("nearest", least, near),
        pictures=tuple(pictures),
    )
    path = write_saved_model(served, tmp_path, top_k=2)
    exported = load_exported(path)
    assert exported.metadata["parity"]["source"] == "kept by the run"
    members = scores >= sets.thresholds
    assert 0 < members.mean() < 1
    rows = exported.run("serving_default", [*pictures, b"no"])
    assert rows["set_size"].dtype == np.int32
    assert rows["set_size"].tolist() == [*members.sum(axis=1), 0]
    np.testing.assert_allclose(rows["known_score"], [*score, 0], atol=1e-5)
    assert rows["known"].tolist() == [*(score >= least), False]
    rows = exported.run("probabilities", [b"no", *pictures])
    assert set(rows) == {*OUTPUTS, "valid"}
    assert not rows["known"][0]
    np.testing.assert_array_equal(rows["in_set"][1:], members)
    assert not rows["in_set"][0].any()
    assert set(exported.run("embed", pictures)) == {"embedding", "valid"}
    rounded = np.rint(pixels)
    for name, given in (
        ("serve_tensor", rounded.astype("float32")),
        ("serve_uint8", rounded.astype("uint8")),
    ):
        found = exported.run(name, given)
        assert set(found) == set(OUTPUTS)
        wanted = unit(pooled(rounded))
        np.testing.assert_allclose(found["embedding"], wanted, atol=1e-5)


@pytest.mark.slow
def test_vectors_alone_with_unknown_pictures(tmp_path):
    model = small_model(num_classes=4)
    near = unit(np.random.default_rng(0).normal(size=(3, 4)))
    served = Served(model, (), 24, known=KnownRule("nearest", 0.5, near))
    exported = load_exported(write_saved_model(served, tmp_path))
    data = [picture(0), b"no"]
    rows = exported.run("serving_default", data)
    assert set(rows) == {"embedding", "valid", "known_score", "known"}
    vector = unit(model(decode_for_evaluation(data[0], 24)[None]))
    score = (vector @ near.T).max()
    np.testing.assert_allclose(rows["known_score"], [score, 0], atol=1e-5)
    assert rows["known"].tolist() == [score >= 0.5, False]
