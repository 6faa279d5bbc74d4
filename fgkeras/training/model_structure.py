"""What a model computes, but for its weights, as plain data."""

import keras


def model_structure(model):
    """Returns every layer's settings and how the layers are connected.

    Use it with the weights to tell whether two models compute the same. Names
    are left out, since Keras numbers them anew in each process: layers are
    referred to by their place. Two models of other settings differ, even
    where the settings have no effect on what is predicted.

    Args:
        model: Functional or sequential `keras.Model` of layers with
            `get_config`.

    Returns:
        Nested dicts and lists, ready for JSON; the same in every process.

    Raises:
        NotImplementedError: A part has no `get_config`, as subclassed models
            may have none.

    Example:

    >>> def make(**settings):
    ...     layer = keras.layers.Dense(2, **settings)
    ...     return keras.Sequential([keras.Input((3,)), layer])
    >>> model_structure(make()) == model_structure(make(name="other"))
    True
    >>> model_structure(make()) == model_structure(make(activation="relu"))
    False
    """
    return _nameless(keras.saving.serialize_keras_object(model), {})


def _nameless(value, places):
    """Returns a part of a config without names.

    Args:
        value: JSON-ready value.
        places: Dict of the names of the layers around it to their places.
    """
    if isinstance(value, (list, tuple)):
        return [_nameless(part, places) for part in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("layers"), list):
        places = {
            layer["config"].get("name"): place
            for place, layer in enumerate(value["layers"])
        }
    out = {}
    for key, part in value.items():
        if key in ("keras_history", "input_layers", "output_layers"):
            out[key] = _placed(part, places)
        elif key == "config" and isinstance(part, dict):
            # The name of a policy, such as "float32", is its setting.
            kept = "DTypePolicy" in str(value.get("class_name"))
            part = {k: v for k, v in part.items() if kept or k != "name"}
            out[key] = _nameless(part, places)
        elif key != "name" or "class_name" not in value:
            out[key] = _nameless(part, places)
    return out


def _placed(value, places):
    """Returns references to tensors with places instead of names."""
    if isinstance(value, (list, tuple)):
        return [_placed(part, places) for part in value]
    if isinstance(value, dict):
        return {key: _placed(part, places) for key, part in value.items()}
    return places.get(value, value) if isinstance(value, str) else value
