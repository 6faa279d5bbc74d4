"""Within `open_batch` a sketch is the same, of a graph without loops."""

import keras
import numpy as np
import pytest

from fgkeras.layers import CompactBilinearPooling
from fgkeras.layers import KernelPooling
from fgkeras.ops.sketches.open_batch import is_open_batch
from fgkeras.ops.sketches.open_batch import open_batch

POOLINGS = {
    "hadamard": lambda: KernelPooling(64, order=3),
    "listed": lambda: KernelPooling(256, order=2),
    "fourier": lambda: KernelPooling(60, order=3, transform="fourier"),
    "fft": lambda: KernelPooling(61, order=3, transform="fft"),
    "compact": lambda: CompactBilinearPooling(128),
    "compact_fourier": lambda: CompactBilinearPooling(60, transform="fourier"),
    "compact_fft": lambda: CompactBilinearPooling(61, transform="fft"),
}


def test_ends_with_its_block_also_after_an_error():
    with open_batch():
        with pytest.raises(KeyError), open_batch():
            raise KeyError
        assert is_open_batch()
    assert not is_open_batch()


@pytest.mark.parametrize("name", POOLINGS)
def test_gives_what_training_has(name):
    layer = POOLINGS[name]()
    x = np.random.default_rng(0).normal(size=(3, 4, 4, 9)).astype("float32")
    expected = np.asarray(layer(x))
    with open_batch():
        found = np.asarray(layer(x))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="graphs of TensorFlow"
)
@pytest.mark.parametrize("name", POOLINGS)
def test_graph_has_no_loop_no_branch_and_the_loaded_tables(name):
    import tensorflow as tf

    layer, twin = POOLINGS[name](), POOLINGS[name]()
    x = np.random.default_rng(0).normal(size=(5, 4, 4, 9)).astype("float32")
    twin.seed = twin.sketch.seed = 1
    layer(x), twin(x)
    # Tables that were loaded are not those of the layer's own seed.
    layer.set_weights(twin.get_weights())

    def graph():
        def pool(images):
            return layer(images)

        shape = tf.TensorSpec((None, 4, 4, 9))
        return tf.function(pool).get_concrete_function(shape)

    def steps(traced):
        functions = traced.graph.as_graph_def().library.function
        inner = [node.op for f in functions for node in f.node_def]
        return {*inner, *(node.op for node in traced.graph.as_graph_def().node)}

    loops = {"While", "StatelessWhile", "If", "StatelessIf"}

    def read(weight):
        with tf.init_scope():
            return tf.convert_to_tensor(weight).numpy()

    with open_batch(read):
        traced = graph()
    assert not steps(traced) & loops
    assert not any("TensorList" in step for step in steps(traced))
    if name in ("hadamard", "fourier", "fft"):
        assert steps(graph()) & loops
    found = traced(tf.constant(x))
    np.testing.assert_allclose(found, np.asarray(twin(x)), atol=1e-6)
    found = traced(tf.constant(x[:1]))
    np.testing.assert_allclose(found, np.asarray(twin(x[:1])), atol=1e-6)
