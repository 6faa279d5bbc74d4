"""Sets and unknown pictures of a run, against their definitions."""

import math

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.runs.kept.known_vectors import KnownVectors
from fgkeras.runs.kept.trust import USUAL
from fgkeras.runs.scoring.temperature import Calibration
from fgkeras.runs.scoring.trust import Trust
from fgkeras.runs.scoring.trust import favours_rare

COUNTS = np.array([40, 10, 2])


def config(**changes):
    return Config.read(
        changes={"data.source": "flora:species=3", **changes}
    ).resolved()


def drawn(count=60, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, count, p=COUNTS / COUNTS.sum())
    return labels, 2 * rng.normal(size=(count, 3)) + 2 * np.eye(3)[labels]


def trust(count=60, changes=None, **more):
    labels, logits = drawn(count)
    return Trust(
        Calibration(labels, logits), config(**(changes or {})), COUNTS, **more
    )


def softmax(logits):
    rows = [[math.exp(z) for z in row] for row in logits]
    return np.array([[e / sum(row) for e in row] for row in rows])


@pytest.mark.parametrize("score", ["plain", "prevalence"])
def test_sets_keep_the_rank_of_the_calibration_images(score):
    found = trust(asked={"level": 0.8, "score": score, "known": "none"})
    labels, logits = drawn()
    p = softmax(logits / found.temperature)
    divided = p if score == "plain" else p / (COUNTS / COUNTS.sum())
    own = sorted(divided[np.arange(60), labels], reverse=True)
    least = own[math.ceil(61 * 0.8) - 1]
    inside = found.sets.in_set(p)
    np.testing.assert_array_equal(inside, divided >= least * (1 - 1e-9))
    assert inside[np.arange(60), labels].sum() == math.ceil(61 * 0.8)
    facts = found.facts()
    assert set(facts) == {"sets"}
    assert facts["sets"]["score"] == score
    assert facts["sets"]["guaranteed"]


def test_energy_is_of_the_logits_that_are_answered():
    affine = np.array([1.0, 2.0, 0.5]), np.array([0.1, 0.0, -0.3])
    found = trust(
        affine=affine,
        adjusted=True,
        asked={"level": 0, "score": "auto", "known": "energy"},
    )
    _, logits = drawn()
    z = (logits * affine[0] + affine[1]) / found.temperature
    scores = sorted(
        (math.log(sum(math.exp(v) for v in row)) for row in z), reverse=True
    )
    kept = math.ceil(61 * 0.95)
    assert found.known.threshold == pytest.approx(scores[kept - 1])
    assert found.sets is None
    rows = found.known.scores(z, None)
    np.testing.assert_allclose(sorted(rows, reverse=True), scores)


def test_nearest_is_the_cosine_to_the_likest_vector():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(30, 4)).astype("float32")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = rng.uniform(size=40).astype("float32")
    found = trust(near=KnownVectors(vectors, near)).known
    assert found.kind == "nearest"
    assert found.threshold == sorted(near)[40 - math.ceil(41 * 0.95)]
    asked = rng.normal(size=(600, 4))
    expected = [
        max(float(v @ a) / math.hypot(*a) for v in vectors) for a in asked
    ]
    np.testing.assert_allclose(found.scores(None, asked), expected, atol=1e-6)
    assert found.scores(None, np.zeros((1, 4)))[0] == 0


def test_of_an_earlier_version_energy_is_usual():
    assert trust().known.kind == "energy"
    with pytest.raises(ValueError, match="earlier version, which kept none"):
        _ = trust(asked={**USUAL, "known": "nearest"}).known


def test_too_few_images_leave_out_what_is_usual_and_say_so():
    found, notes = trust(count=12).usual()
    assert found.sets is not None
    assert found.known is None
    (note,) = notes
    assert "at least 19 images" in note
    found, notes = trust(count=5).usual()
    assert found.facts() == {}
    assert len(notes) == 2


def test_too_few_images_for_what_was_asked_are_refused():
    asked = {"level": 0.99, "score": "auto", "known": "none"}
    found, notes = trust(asked=asked).usual()
    assert not notes
    with pytest.raises(ValueError, match="at least 99 images"):
        _ = found.sets


def test_rare_classes_are_not_favoured_twice():
    assert trust().score == "prevalence"
    assert trust(adjusted=True).score == "plain"
    assert trust(asked={**USUAL, "score": "plain"}).score == "plain"
    for changes in (
        {"loss.name": "balanced-softmax"},
        {"loss.weighting": "inverse"},
        {"loss.beta": 0.99},
        {"data.sampler": "class_balanced"},
        {"method.name": "ncm", "train.mode": "frozen"},
    ):
        assert favours_rare(config(**changes)), changes
        assert trust(changes=changes).score == "plain"
    assert not favours_rare(config())
    knn = {"method.name": "knn", "train.mode": "frozen"}
    assert not favours_rare(config(**knn))


def test_by_folds_nothing_is_guaranteed():
    changes = {"data.calibration_folds": 3, "train.mode": "frozen"}
    found = trust(changes=changes)
    assert not found.facts()["sets"]["guaranteed"]


def test_what_was_measured():
    found = trust(changes={"evaluation.resamples": 0})
    labels, logits = drawn(200, 5)
    z = logits / found.temperature
    scores = found.known.scores(z, None)
    report = found.measured(labels, z, scores)
    inside = found.sets.in_set(softmax(z))
    hits = inside[np.arange(200), labels]
    assert report["sets"]["coverage"]["value"] == pytest.approx(hits.mean())
    kept = (scores >= found.known.threshold).mean()
    assert report["known"]["test_kept"]["value"] == pytest.approx(kept)
    p = softmax(logits)
    nll = -np.log(p[np.arange(200), labels]).mean()
    assert report["calibration_before"]["nll"] == pytest.approx(nll)
    assert "test_kept" not in found.measured(labels, z)["known"]
