import keras
import numpy as np
import pytest

from fgkeras.layers import NearestNeighborVote


def votes(x, memory, labels, classes, k, temperature):
    """The definition, image by image in float64."""
    out = np.zeros((len(x), classes))
    for row, one in enumerate(np.asarray(x, "float64")):
        cosines = [
            one @ m / np.linalg.norm(one) / np.linalg.norm(m) for m in memory
        ]
        for i in sorted(range(len(memory)), key=lambda j: -cosines[j])[:k]:
            out[row, labels[i]] += np.exp(cosines[i] / temperature)
    return out / out.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("k", "temperature"), [(1, 0.07), (5, 0.5), (99, 1)])
def test_a_softmax_is_the_share_of_the_votes(k, temperature):
    rng = np.random.default_rng(0)
    memory, x = rng.normal(size=(40, 6)), rng.normal(size=(7, 6))
    labels = rng.integers(0, 5, 40)
    layer = NearestNeighborVote(5, k=k, temperature=temperature, num_images=40)
    layer.remember(memory, labels)
    found = np.asarray(keras.ops.softmax(layer(x.astype("float32"))))
    expected = votes(x, memory, labels, 5, k, temperature)
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert not layer.trainable_variables


def test_it_is_saved_with_what_it_remembers(tmp_path):
    layer = NearestNeighborVote(3, k=2, num_images=4)
    model = keras.Sequential([keras.Input((3,)), layer])
    layer.remember(np.eye(4)[:, :3] + 0.1, [0, 1, 2, 0])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), again.predict(x, verbose=0)
    )


@pytest.mark.parametrize(
    "wrong", [{"k": 0}, {"k": 1.5}, {"temperature": 0}, {"num_images": 0}]
)
def test_numbers_out_of_range_are_refused(wrong):
    name = next(iter(wrong))
    with pytest.raises(ValueError, match=f"{name}"):
        NearestNeighborVote(3, **wrong)


def test_images_and_labels_must_fit():
    layer = NearestNeighborVote(2, num_images=3)
    with pytest.raises(ValueError, match="remembers 3 images.*2 labels"):
        layer.remember(np.zeros((3, 4)), [0, 1])
    with pytest.raises(ValueError, match="2"):
        layer.remember(np.zeros((3, 4)), [0, 1, 2])
