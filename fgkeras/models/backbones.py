"""Backbones by name: raw pixels in, feature map out."""

import keras
from keras import layers
from keras import ops

from fgkeras.models.body_weights import find_weights
from fgkeras.models.body_weights import with_weights
from fgkeras.registries import BACKBONES
from fgkeras.registry import imported

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
_IMAGENET_BGR_MEAN = (103.939, 116.779, 123.68)


def backbone_names():
    """Returns the names that `backbone` takes, sorted.

    Example:
    >>> "mobilenet_v2" in backbone_names()
    True
    """
    return sorted(BACKBONES.names())


def register_backbone(name, builder):
    """Gives a model of your own a name among the backbones.

    Use it from Python; on the command line `--backbone module:function` needs
    no name.

    Args:
        name: String, which no backbone has.
        builder: Function of `(height, width, 3)` that returns a `keras.Model`
            of one input, raw pixels in [0, 255], and one output, a map
            `(batch, height', width', channels)`.

    Raises:
        ValueError: If the name is taken or no plain word, or the builder no
            function.

    Example:
    >>> def tiny(shape):
    ...     x = inputs = keras.Input(shape)
    ...     x = layers.Rescaling(1 / 127.5, -1.0)(x)
    ...     return keras.Model(inputs, layers.Conv2D(8, 3, strides=4)(x))
    >>> register_backbone("tiny", tiny)
    >>> backbone("tiny", (32, 32, 3)).output_shape
    (None, 8, 8, 8)
    """
    if not callable(builder):
        raise ValueError(
            "`builder` must be a function of (height, width, 3) that returns "
            f"a keras.Model. Received: builder={builder!r}."
        )
    BACKBONES.register(name, builder)


def check_backbone(name):
    """Checks that there is such a backbone, without building it.

    Args:
        name: String, one of `backbone_names()` or `"module:function"`, whose
            module is imported.

    Raises:
        ValueError: If there is none.
    """
    if ":" in str(name):
        if not callable(imported(name)):
            raise ValueError(
                "`module:function` must name a function of (height, width, 3) "
                f"that returns a keras.Model. Received: {name!r}."
            )
    elif name not in backbone_names():
        raise ValueError(
            f"A backbone is one of {', '.join(backbone_names())}, or "
            f"module:function of your own. Received: {name!r}."
        )


def backbone(name, input_shape, *, weights=None):
    """Builds a body that maps raw pixels to a feature map.

    What the family expects of its input (scaling, mean, channel order) is part
    of the model, so every backbone takes the same images.

    Args:
        name: String, one of `backbone_names()`, or `"module:function"` for a
            builder of your own, as `register_backbone` takes it.
        input_shape: `(height, width, 3)` in pixels. `None` for a side, where
            the family allows it, takes images of any size.
        weights: `None` for random weights; `"imagenet"` for those that Keras
            downloads; the path of a `.weights.h5` file, made by
            `save_weights` of a model of the same name without its top, or of
            an `.h5` file of earlier Keras, such as its own `no_top` ones; or a
            run folder, its `model.keras`, or the `.keras` file of a body, for
            the body that was trained. Defaults to `None`. Keras gives
            EfficientNet B0-B7 another first layer with `"imagenet"`, which a
            weights file does not hold: save these bodies as `.keras`.

    Returns:
        `keras.Model` from pixels in [0, 255], shape
        `(batch, height, width, 3)`, to `(batch, height', width', channels)`.

    Raises:
        ValueError: If the name, the shape or the weights do not fit.
        OSError: If the ImageNet weights cannot be downloaded.

    Example:
    >>> backbone("small_cnn", (64, 64, 3)).output_shape
    (None, 4, 4, 192)
    """
    check_backbone(name)
    shape = _checked_shape(input_shape)
    pretrained = weights == "imagenet"
    path = None if weights is None or pretrained else find_weights(weights)
    family = "own" if ":" in name else BACKBONES.fact(name, "family")
    if family != "own":
        model = _application(name, family, shape, pretrained)
    elif pretrained:
        raise ValueError(
            f"{name} has no ImageNet weights. Received: weights='imagenet'. "
            "Leave `weights` out, or choose a family of keras.applications, "
            "such as 'mobilenet_v2'."
        )
    else:
        model = _of_function(name, shape)
    return model if path is None else with_weights(model, path)


def _checked_shape(input_shape):
    shape = tuple(input_shape) if hasattr(input_shape, "__len__") else ()
    sides = shape[:2]
    if (
        len(shape) != 3
        or shape[2] != 3
        or any(side is not None and side < 1 for side in sides)
    ):
        raise ValueError(
            "`input_shape` must be (height, width, 3). Received: "
            f"input_shape={input_shape!r}. Turn gray images into RGB first."
        )
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "Backbones need channels last. Received: image_data_format="
            f"{keras.config.image_data_format()!r}. Call "
            "`keras.config.set_image_data_format('channels_last')`."
        )
    return shape


def _of_function(name, shape):
    builder = imported(name) if ":" in name else BACKBONES.load(name)
    model = builder(shape)
    if not isinstance(model, keras.Model) or not model.built:
        raise ValueError(
            "A backbone's function returns a built keras.Model, of "
            f"keras.Input to its map. Received: {model!r} from {name}."
        )
    found = {
        "inputs": [tuple(x.shape[1:]) for x in model.inputs or ()],
        "outputs": [tuple(x.shape[1:]) for x in model.outputs or ()],
    }
    if found["inputs"] != [shape]:
        raise ValueError(
            f"A backbone has one input, of the shape that it was asked for, "
            f"{shape}. Received: {found['inputs']} from {name}."
        )
    if [len(x) for x in found["outputs"]] != [3]:
        raise ValueError(
            "A backbone has one output, a map (height, width, channels), which "
            f"the pooling takes. Received: {found['outputs']} from {name}. "
            "Leave out its own pooling and head."
        )
    return model


def _application(name, family, shape, pretrained):
    build = BACKBONES.load(name)
    inputs = keras.Input(shape)
    arguments = {
        "include_top": False,
        "weights": "imagenet" if pretrained else None,
        "input_shape": shape,
        "input_tensor": _preprocessed(inputs, family),
    }
    try:
        model = build(**arguments)
    except ValueError:
        raise
    except Exception as error:
        if not pretrained:
            raise
        raise OSError(
            f"The ImageNet weights of {name} could not be fetched: {error} "
            "Without a network, give the path of a .weights.h5 file as "
            "`weights`, or None."
        ) from error
    # Set afterwards: some families look their layers up by their own name.
    model.name = name
    return model


def _preprocessed(x, family):
    # In float32 whatever the policy: half precision would round pixels.
    if family == "symmetric":
        return layers.Rescaling(1 / 127.5, -1.0, dtype="float32")(x)
    if family == "normalized":
        pairs = list(zip(_IMAGENET_MEAN, _IMAGENET_DEVIATION, strict=True))
        return layers.Rescaling(
            [1 / (255 * deviation) for _, deviation in pairs],
            [-mean / deviation for mean, deviation in pairs],
            dtype="float32",
        )(x)
    if family == "bgr":
        return layers.Rescaling(
            1.0, [-mean for mean in _IMAGENET_BGR_MEAN], dtype="float32"
        )(ops.flip(x, axis=-1))
    return x
