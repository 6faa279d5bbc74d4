"""Distribution strategies by name."""

import contextlib

NAMES = ("none", "mirrored")


def num_replicas(name, replicas="all"):
    """Returns among how many devices `strategy_scope` divides each batch.

    Args:
        name: String, as in `strategy_scope`.
        replicas: Int or `"all"`, as in `strategy_scope`.

    Returns:
        Int at least 1.
    """
    if name == "none":
        return 1
    if replicas != "all":
        return replicas
    import tensorflow as tf

    return max(len(tf.config.list_logical_devices("GPU")), 1)


def strategy_scope(name, replicas="all"):
    """Returns a context in which a model is built and compiled.

    Args:
        name: String: `"none"` for one device, `"mirrored"` for
            `tf.distribute.MirroredStrategy` (every replica takes an equal part
            of each batch; the gradients are summed).
        replicas: Int, or `"all"`: every GPU there is, or the one CPU. On a
            machine without GPUs a number above 1 splits the CPU into as many
            logical devices, which must happen before TensorFlow has run
            anything. Defaults to `"all"`.

    Returns:
        A context manager.

    Raises:
        ValueError: If the name is unknown, or there are too few devices.

    Example:

    >>> import keras
    >>> with strategy_scope("mirrored", replicas=1):
    ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> with strategy_scope("none"):
    ...     model.predict(np.zeros((3, 2)), verbose=0).shape
    (3, 1)
    """
    if name == "none":
        return contextlib.nullcontext()
    if name != "mirrored":
        raise ValueError(
            f"`strategy` must be one of {NAMES}. Received: strategy={name!r}."
        )
    import tensorflow as tf

    count = 0 if replicas == "all" else replicas
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    if kind == "CPU" and count > 1:
        physical = tf.config.list_physical_devices("CPU")[0]
        if tf.config.get_logical_device_configuration(physical) is None:
            tf.config.set_logical_device_configuration(
                physical, [tf.config.LogicalDeviceConfiguration()] * count
            )
    devices = tf.config.list_logical_devices(kind)
    if count > len(devices):
        raise ValueError(
            f"`replicas` must be at most the number of {kind}s, "
            f"{len(devices)}. Received: replicas={replicas}."
        )
    chosen = [d.name for d in devices[: count or len(devices)]]
    return tf.distribute.MirroredStrategy(chosen).scope()
