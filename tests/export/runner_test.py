import numpy as np
import pytest

from fgkeras.export import load_exported
from fgkeras.export.runner import SignatureRunner
from tests.export.conftest import picture


def test_it_answers_as_the_export(exported):
    loaded = load_exported(exported)
    pictures = [picture(0), b"no image", picture(1)]
    rows = np.empty(3, object)
    rows[:] = pictures
    for name in ("serving_default", "probabilities", "embed"):
        runner = SignatureRunner(loaded, name)
        expected = loaded.run(name, pictures)
        found = runner(rows)
        assert set(found) == set(expected)
        for key, values in expected.items():
            np.testing.assert_array_equal(found[key], values)


def test_it_says_what_it_takes_and_gives(exported):
    runner = SignatureRunner(load_exported(exported), "serving_default")
    assert (runner.input.name, runner.input.dtype) == ("image_bytes", "string")
    assert runner.input.shape == (None,)
    found = {one.name: (one.dtype, one.shape) for one in runner.outputs}
    assert found == {
        "classes": ("string", (None, 3)),
        "embedding": ("float32", (None, 6)),
        "scores": ("float32", (None, 3)),
        "valid": ("bool", (None,)),
    }
    assert set(runner.tensor_names) == {"image_bytes", *found}


def test_a_signature_that_is_none_is_named(exported):
    with pytest.raises(ValueError, match="Received: 'none'"):
        SignatureRunner(load_exported(exported), "none")
