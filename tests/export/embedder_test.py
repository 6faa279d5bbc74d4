"""Exported embedders give what their Keras model gives, and no more."""

import keras
import numpy as np
import pytest

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.export import export_embedder
from fgkeras.export import load_exported
from fgkeras.models import embedder
from fgkeras.models import hdml
from tests.export.conftest import picture


def small_embedder():
    keras.utils.set_random_seed(0)
    body = keras.Sequential(
        [keras.Input((24, 24, 3)), keras.layers.Conv2D(6, 3)], name="body"
    )
    return embedder(body, 4, unit_norm=False)


@pytest.mark.slow
def test_hdml_leaves_its_embedder_alone(tmp_path):
    inner = small_embedder()
    model = hdml(inner, 3, hidden=5)
    path = export_embedder(
        model, tmp_path, image_size=24, resize=28, metadata={"name": "Birds"}
    )
    exported = load_exported(path)
    data = [picture(0), b"no image", picture(1)]
    rows = exported.predict(data)
    assert [row["valid"] for row in rows] == [True, False, True]
    assert rows[0]["classes"] == []
    assert not rows[1]["embedding"].any()
    for i in (0, 2):
        image = np.asarray(decode_for_evaluation(data[i], 24, 28))
        z = inner.predict(image[None], verbose=0)[0]
        np.testing.assert_allclose(
            rows[i]["embedding"], z / np.linalg.norm(z), atol=1e-5
        )
    assert exported.metadata["output"] == {"embedding_size": 4}
    tf = pytest.importorskip("tensorflow")
    stored = tf.saved_model.load(str(path)).variables
    assert len(stored) == len(inner.weights)


def test_errors(tmp_path):
    model = small_embedder()
    with pytest.raises(ValueError, match="image_size=32"):
        export_embedder(model, tmp_path, image_size=32)
    body = model.get_layer("backbone")
    with pytest.raises(ValueError, match="one vector per image"):
        export_embedder(body, tmp_path, image_size=24)
