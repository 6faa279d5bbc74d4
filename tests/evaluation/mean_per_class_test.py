import keras
import numpy as np
import pytest

from fgkeras.evaluation import MeanPerClassAccuracy
from fgkeras.evaluation import mean_per_class_accuracy


@pytest.mark.parametrize("column", [False, True])
def test_it_is_the_mean_over_the_classes_that_have_images(column):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 200)
    labels[labels == 4] = 3
    scores = rng.normal(size=(200, 9)).astype("float32")
    metric = MeanPerClassAccuracy(9)
    given = labels[:, None] if column else labels
    for start in range(0, 200, 32):
        rows = slice(start, start + 32)
        metric.update_state(given[rows], scores[rows])
    expected = mean_per_class_accuracy(labels, scores.argmax(1) == labels, 9)
    assert float(metric.result()) == pytest.approx(expected, abs=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_images_of_weight_zero_do_not_count():
    metric = MeanPerClassAccuracy(2)
    answers = np.eye(2)[[0, 1, 1, 0]]
    metric.update_state([0, 0, 1, 1], answers, sample_weight=[1, 1, 1, 0])
    assert float(metric.result()) == pytest.approx(0.75)


def test_it_is_saved_with_its_model():
    metric = MeanPerClassAccuracy(5, name="balanced")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert (again.num_classes, again.name) == (5, "balanced")


def test_rows_count_as_the_class_of_their_largest_entry():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 5, 40)
    scores = rng.normal(size=(40, 5))
    soft = 0.7 * np.eye(5)[labels] + 0.3 * rng.dirichlet(np.ones(5), 40)
    values = []
    for y in (labels, np.eye(5)[labels], soft):
        metric = MeanPerClassAccuracy(5)
        metric.update_state(y, scores)
        values.append(float(metric.result()))
    assert values[1:] == values[:1] * 2
    # One class: a column of labels, not of rows.
    metric = MeanPerClassAccuracy(1)
    metric.update_state([[0], [0]], [[0.3], [0.2]])
    assert float(metric.result()) == 1.0


@pytest.mark.parametrize("count", [1, 6])
def test_rows_whose_width_the_graph_alone_knows(count):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("of graphs of TensorFlow")
    rng = np.random.default_rng(0)
    labels, scores = np.arange(count) % 4, rng.normal(size=(count, 4))
    values = []
    for y in (labels[:, None], np.eye(4)[labels]):
        metric = MeanPerClassAccuracy(4)
        shape = tf.TensorSpec((None, None), tf.float32)
        update = tf.function(
            lambda y, x, metric=metric: metric.update_state(y, x),
            input_signature=[shape, tf.TensorSpec((None, 4), tf.float32)],
        )
        update(y.astype("float32"), scores.astype("float32"))
        values.append(float(metric.result()))
    metric = MeanPerClassAccuracy(4)
    metric.update_state(labels, scores)
    assert values == [float(metric.result())] * 2
