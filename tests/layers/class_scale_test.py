import keras
import numpy as np

from fgkeras.layers import ClassScale


def test_each_logit_is_multiplied_by_its_number():
    layer = ClassScale()
    z = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(np.asarray(layer(z)), z)
    layer.set_weights([np.array([2.0, 0.5, -1.0], "float32")])
    columns = [z[:, c] * s for c, s in enumerate((2.0, 0.5, -1.0))]
    expected = np.stack(columns, axis=1)
    np.testing.assert_allclose(np.asarray(layer(z)), expected, rtol=1e-6)


def test_it_is_saved_with_its_model(tmp_path):
    model = keras.Sequential([keras.Input((3,)), ClassScale()])
    model.set_weights([np.array([1.0, 2.0, 3.0], "float32")])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.get_weights()[0], [1.0, 2.0, 3.0])
