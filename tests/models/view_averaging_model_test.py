"""The mean prediction over several views of a picture."""

import keras
import numpy as np
import pytest
from PIL import Image

from fgkeras.models import view_averaging
from fgkeras.models.view_averaging_model import five_crop
from fgkeras.models.view_averaging_model import twelve_crop
from fgkeras.registries import VIEWS
from tests import harness

SIZE = 14


def probabilities(z, activation):
    z = np.asarray(z, "float64")
    if activation == "sigmoid":
        return 1 / (1 + np.exp(-z))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def model_of(size=SIZE):
    images = keras.Input((size, size, 3))
    x = keras.layers.Flatten()(images)
    return keras.Model(images, [keras.layers.Dense(6)(x), x])


def pixels(side, count=3):
    found = np.random.default_rng(0).uniform(0, 1, (count, side, side, 3))
    return found.astype("float32")


def twelve(x):
    """The twelve by name, cut by hand, without a mirrored one."""
    side, low = x.shape[1], (x.shape[1] - SIZE) // 2
    whole = np.stack(
        [
            np.stack(
                [
                    np.asarray(
                        Image.fromarray(image[:, :, c]).resize(
                            (SIZE, SIZE), Image.Resampling.BILINEAR
                        )
                    )
                    for c in range(3)
                ],
                axis=-1,
            )
            for image in x
        ]
    )
    crops = [
        x[:, low : low + SIZE, low : low + SIZE],
        x[:, :SIZE, :SIZE],
        x[:, :SIZE, side - SIZE :],
        x[:, side - SIZE :, :SIZE],
        x[:, side - SIZE :, side - SIZE :],
    ]
    return [whole, *crops]


def by_hand(views, x):
    if views in ("center", "mirror"):
        found = [x]
    elif views == "5-crop":
        found = twelve(x)[1:]
    else:
        found = twelve(x)
    if views in ("mirror", "12-crop"):
        found += [view[:, :, ::-1] for view in found]
    return found


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("views", VIEWS)
def test_mean_of_views_that_were_cut_by_hand(views, activation):
    model = model_of()
    side = VIEWS.load(views)(SIZE).side
    assert side == (SIZE if views in ("center", "mirror") else 16)
    x = pixels(side)
    cut = by_hand(views, x)
    assert len(cut) == {"mirror": 2, "5-crop": 5, "12-crop": 12}.get(views, 1)
    answers = [model.predict(view, verbose=0)[0] for view in cut]
    expected = np.mean([probabilities(z, activation) for z in answers], axis=0)
    averaged = view_averaging(model, views, activation)
    assert averaged.input_shape == (None, side, side, 3)
    logits, flat = averaged.predict(x, verbose=0)
    found = probabilities(logits, activation)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-6)
    # What else the model gives is that of the first view alone.
    np.testing.assert_allclose(flat, cut[0].reshape(3, -1), atol=1e-5)


def test_a_saved_model_has_its_views(tmp_path):
    both = model_of()
    model = keras.Model(both.input, both.outputs[0])
    averaged = view_averaging(model, "12-crop")
    harness.check_saved_model(averaged, pixels(16), tmp_path / "m.keras")


def test_mirrored_pictures_have_the_same_answer():
    model = model_of()
    for views in ("mirror", "12-crop"):
        averaged = view_averaging(model, views)
        x = pixels(averaged.input_shape[1])
        one = averaged.predict(x, verbose=0)[0]
        # Corners change places, and the whole is the whole.
        two = averaged.predict(x[:, :, ::-1].copy(), verbose=0)[0]
        np.testing.assert_allclose(
            probabilities(two, "softmax"),
            probabilities(one, "softmax"),
            rtol=2e-4,
        )


@pytest.mark.parametrize("size", [32, 96, 160, 224, 299])
def test_crops_are_an_eighth_less_and_inside(size):
    for views in (five_crop(size), twelve_crop(size)):
        # As near as whole pixels on both sides of the centre come.
        assert abs(0.875 * views.side - size) <= 1
        crops = [w for w in views.windows if w[2] == size]
        assert len(crops) >= 5
        low, high = 0, views.side - size
        corners = {(y, x) for y in (low, high) for x in (low, high)}
        assert corners <= {window[:2] for window in crops}
        assert all(low <= n <= high for w in crops for n in w[:2])
    assert twelve_crop(size).windows[0] == (0, 0, views.side)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="activation='tanh'"):
        view_averaging(model_of(), "mirror", "tanh")
    with pytest.raises(ValueError, match="center, mirror.*'10-crop'"):
        view_averaging(model_of(), "10-crop")
    images = keras.Input((4, 5, 3))
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    with pytest.raises(ValueError, match="square images.*4, 5"):
        view_averaging(model, "mirror")
