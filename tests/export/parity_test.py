"""How far an export is from its model, and what is refused for it."""

import dataclasses

import numpy as np
import pytest

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.image import verify
from fgkeras.export import export_classifier
from fgkeras.export import verify_export
from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.export.parity import drawn_pictures
from fgkeras.export.parity import parity
from fgkeras.export.served import Served
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model


@pytest.fixture(scope="module")
def served():
    pictures = tuple(picture(i) for i in range(6))
    model = small_model()
    model = type(model)(
        model.input, [model.output, model.get_layer("pooling").output]
    )
    return Served(model, tuple(NAMES), 24, 28, pictures=pictures)


def as_the_model(served, change=lambda answers, batch: answers):
    """Answers by NumPy's softmax and norm, changed."""

    def run(pixels):
        logits, vectors = served.model(np.asarray(pixels, "float32"))
        powers = np.exp(np.asarray(logits, "float64"))
        vectors = np.asarray(vectors, "float64")
        answers = {
            "probabilities": powers / powers.sum(axis=1, keepdims=True),
            "embedding": vectors / np.linalg.norm(vectors, axis=1)[:, None],
        }
        return change(answers, len(pixels))

    return run


def test_rounding_is_measured_and_passes(served):
    found = parity(served, {"float": as_the_model(served)})
    assert found["pictures"] == 6
    assert found["source"] == "kept by the run"
    assert found["batch_sizes"] == [1, 4]
    assert 0 < found["probabilities"] < 1e-6
    assert 0 < found["embedding"] < 1e-6
    assert found["inputs"] == {
        "float": {k: found[k] for k in ("probabilities", "embedding")}
    }


@pytest.mark.parametrize("name", ["probabilities", "embedding"])
@pytest.mark.parametrize("batch", [1, 4])
def test_one_wrong_number_is_found_and_named(served, name, batch):
    def change(answers, count):
        if count == batch:
            answers[name][-1, -1] += 3e-4
        return answers

    run = {"uint8": as_the_model(served, change)}
    with pytest.raises(ValueError, match=rf"{name}.*uint8, batch.*0\.0003"):
        parity(served, run)
    found = parity(served, run, tolerance=1e-3)
    assert found[name] == pytest.approx(3e-4, rel=1e-2)


def test_what_is_no_number_is_refused(served):
    def change(answers, count):
        answers["embedding"][0] = np.nan
        return answers

    with pytest.raises(ValueError, match="'embedding'.*nan apart"):
        parity(served, {"float": as_the_model(served, change)}, tolerance=9)


def test_what_does_not_run_or_decode_is_refused(served):
    def change(answers, count):
        if count > 1:
            raise RuntimeError("no kernel\nfor a batch")
        return answers

    with pytest.raises(ValueError, match="batch 4: no kernel for a batch"):
        parity(served, {"float": as_the_model(served, change)})

    def blind(answers, count):
        return {**answers, "valid": np.array([True] * (count - 1) + [False])}

    with pytest.raises(ValueError, match="valid=false"):
        parity(served, {"float": as_the_model(served, blind)})


def test_bytes_are_compared_by_the_classes_they_name(served):
    def of_bytes(labels):
        def run(rows):
            pixels = [
                np.asarray(decode_for_evaluation(r, 24, 28)) for r in rows
            ]
            found = as_the_model(served)(np.stack(pixels))
            scores = found.pop("probabilities")
            order = np.argsort(-scores, axis=1)[:, :2]
            best = np.take_along_axis(scores, order, axis=1)
            return {**found, "scores": best, "labels": labels(order)}

        return run

    found = parity(served, {"bytes": of_bytes(lambda order: order)})
    assert found["probabilities"] < 1e-6
    with pytest.raises(ValueError, match="probabilities.*of bytes"):
        parity(served, {"bytes": of_bytes(lambda order: order[:, ::-1])})
    with pytest.raises(ValueError, match="inf apart"):
        parity(served, {"bytes": of_bytes(lambda order: order - 9)})


def test_temperature_is_part_of_it(served):
    def change(answers, count):
        powers = answers["probabilities"] ** (1 / 2.5)
        scores = powers / powers.sum(axis=1, keepdims=True)
        return {**answers, "probabilities": scores}

    run = {"float": as_the_model(served, change)}
    assert parity(served, run, temperature=2.5)["probabilities"] < 1e-6
    with pytest.raises(ValueError, match="probabilities"):
        parity(served, run)


def test_drawn_pictures_are_the_same_and_readable():
    served = Served(None, (), 24, 32)
    one = drawn_pictures(served)
    assert one == drawn_pictures(served)
    assert len(set(one)) == 8
    assert {verify(data).format for data in one} == {"jpeg", "png"}
    assert min(verify(data).height for data in one) > 32


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf"), "1"])
def test_a_tolerance_is_a_number(tolerance, served):
    with pytest.raises(ValueError, match="--tolerance"):
        parity(served, {}, tolerance=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_export_is_the_model(tmp_path, activation):
    model = small_model(embedding=True)
    export_classifier(
        model,
        tmp_path,
        class_names=NAMES,
        image_size=24,
        temperature=0.7,
        activation=activation,
    )
    images = [picture(i, kind) for i, kind in enumerate(("JPEG", "PNG", "GIF"))]
    assert verify_export(tmp_path, model, images, batch_size=2) < 1e-5


@pytest.mark.slow
def test_another_model_is_told(exported):
    other = small_model(seed=4)
    assert verify_export(exported, other, [picture()]) > 1e-2


def test_unreadable_images_are_named(exported, model):
    with pytest.raises(ValueError, match=r"at \[1\]"):
        verify_export(exported, model, [picture(), b"no"])
    with pytest.raises(ValueError, match="at least one"):
        verify_export(exported, model, [])


@pytest.mark.parametrize("name", ["in_set", "known"])
def test_a_flag_that_no_rounding_explains_is_refused(served, name):
    sets = SetRule(0.9, "plain", np.full(len(NAMES), 0.2, "float32"))
    with_rules = dataclasses.replace(
        served, sets=sets, known=KnownRule("energy", -100.0)
    )

    def flags(answers, count):
        answers["in_set"] = answers["probabilities"] >= 0.2
        answers["known"] = np.full(count, True)
        return answers

    parity(with_rules, {"float": as_the_model(served, flags)})

    def flipped(answers, count):
        answers = flags(answers, count)
        answers[name].reshape(-1)[0] ^= True
        return answers

    with pytest.raises(ValueError, match=f"'{name}'.*another in 2 places"):
        parity(with_rules, {"float": as_the_model(served, flipped)})
