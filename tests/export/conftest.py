import io

import keras
import numpy as np
import pytest
from PIL import Image

from fgkeras.export import export_classifier

NAMES = ["Größe, groß", "云雀", "plain", 'a "quoted" name', "naïve; café"]


def picture(seed=0, kind="JPEG", width=60, height=45):
    coarse = np.random.default_rng(seed).integers(0, 255, (5, 6, 3))
    image = Image.fromarray(coarse.astype("uint8")).resize((width, height))
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


def small_model(num_classes=5, embedding=False, seed=3, dtype="float32"):
    """Nests its backbone, as the classifiers of the package do."""
    keras.utils.set_random_seed(seed)
    pixels = keras.Input((24, 24, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1.0, dtype=dtype)(pixels)
    x = keras.layers.Conv2D(6, 3, activation="relu", dtype=dtype)(x)
    x = keras.layers.BatchNormalization(dtype=dtype)(x)
    backbone = keras.Model(pixels, x, name="backbone")
    images = keras.Input((24, 24, 3))
    x = backbone(images)
    x = keras.layers.GlobalAveragePooling2D(name="pooling", dtype=dtype)(x)
    if embedding:
        x = keras.layers.Dense(4, name="embedding", dtype=dtype)(x)
    x = keras.layers.Dropout(0.5, dtype=dtype)(x)
    head = keras.layers.Dense(
        num_classes, name="head", dtype=dtype, kernel_initializer="normal"
    )
    model = keras.Model(images, head(x))
    model.set_weights([9 * w + 0.01 for w in model.get_weights()])
    return model


@pytest.fixture(scope="session")
def model():
    return small_model()


@pytest.fixture(scope="session")
def exported(model, tmp_path_factory):
    """A folder with one version; tests must not write to it."""
    folder = tmp_path_factory.mktemp("exported")
    export_classifier(
        model,
        folder,
        class_names=NAMES,
        image_size=24,
        resize=28,
        top_k=3,
        metadata={"name": "Small", "test": {"top1": 0.8123}},
    )
    return folder
