"""One signature of a loaded export, with little around its call."""

import dataclasses

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """An input or output of a signature.

    Args:
        name: String, such as `"image_bytes"`.
        dtype: String, of TensorFlow: `"string"`, `"float32"`, `"bool"`.
        shape: Tuple of ints, `None` where a size is open.

    Example:

    >>> TensorSpec("images", "float32", (None, 96, 96, 3)).numpy_dtype
    dtype('float32')
    """

    name: str
    dtype: str
    shape: tuple

    @property
    def numpy_dtype(self):
        """The type of its values in NumPy; `object` for strings."""
        return np.dtype(tf.as_dtype(self.dtype).as_numpy_dtype)


class SignatureRunner:
    """A signature of an `ExportedClassifier` as a function of one array.

    Use it in a server: each call goes straight to the session, from any
    thread.

    Args:
        exported: `ExportedClassifier`.
        name: String, the signature.

    Attributes:
        input: `TensorSpec`.
        outputs: Tuple of `TensorSpec`, by name.
        tensor_names: Dict of the names of inputs and outputs to those of their
            tensors in the graph.

    Raises:
        ValueError: If there is no such signature, or it has several inputs.

    Example:

    >>> import keras, tempfile
    >>> from fgkeras.export import export_embedder, load_exported
    >>> x = keras.Input((8, 8, 3))
    >>> model = keras.Model(x, keras.layers.GlobalAveragePooling2D()(x))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = export_embedder(model, folder, image_size=8)
    ...     runner = SignatureRunner(load_exported(folder), "serve_tensor")
    >>> runner.input.shape, [one.name for one in runner.outputs]
    ((None, 8, 8, 3), ['embedding'])
    >>> runner(np.ones((2, 8, 8, 3), "float32"))["embedding"].shape
    (2, 3)
    """

    def __init__(self, exported, name):
        known = exported._signatures
        if name not in known:
            raise ValueError(
                f"A signature is one of {sorted(known)}. Received: {name!r}."
            )
        signature = known[name]
        if len(signature.inputs) != 1:
            raise ValueError(
                "A signature has one input. Received: "
                f"{sorted(signature.inputs)} of {name!r}."
            )
        ((key, asked),) = signature.inputs.items()
        found = sorted(signature.outputs.items())
        self.name = name
        self.input = _spec(key, asked)
        self.outputs = tuple(_spec(k, one) for k, one in found)
        self.tensor_names = {key: asked.name} | {k: o.name for k, o in found}
        session = exported._session
        with session.graph.as_default():
            self._call = session.make_callable(
                [one.name for _, one in found], feed_list=[asked.name]
            )

    def __call__(self, array):
        """Runs it.

        Args:
            array: NumPy array of the input's type, `object` for strings.

        Returns:
            Dict of output name to a NumPy array.
        """
        values = self._call(array)
        return {
            one.name: value
            for one, value in zip(self.outputs, values, strict=True)
        }


def _spec(name, tensor):
    shape = tf.TensorShape(tensor.tensor_shape)
    return TensorSpec(
        name,
        tf.as_dtype(tensor.dtype).name,
        tuple(shape.as_list()) if shape.rank is not None else (),
    )
