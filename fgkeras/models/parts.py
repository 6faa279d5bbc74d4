"""Names of the layers that models are made of, and what they weigh."""

BACKBONE = "backbone"
PROJECTION = "projection"
POOLING = "pooling"
# Of the levels of a body, numbered from 1; `POOLING` puts them side by side.
LEVEL_POOLING = "pooling_"
SQUARE_ROOT = "square_root"
EMBEDDING = "embedding"
DROPOUT = "dropout"
HEAD = "head"
# Behind the feature map, in their order; some may be missing.
AFTER_POOLING = (SQUARE_ROOT, EMBEDDING, DROPOUT, HEAD)


def pools(layer):
    """Returns whether a layer is named as one that pools, of levels too."""
    name, level = layer.name, layer.name.removeprefix(LEVEL_POOLING)
    return name == POOLING or (level != name and level.isdecimal())


def layer_names(model):
    """Returns the names of a model's layers, a list, in their order."""
    return [layer.name for layer in model.layers]


def features_layer(model):
    """Returns the layer that gives the vector of an image.

    Args:
        model: `keras.Model` made by `classifier` or `embedder`.

    Raises:
        ValueError: If it has no layer of such a name.
    """
    names = layer_names(model)
    for name in (EMBEDDING, SQUARE_ROOT, POOLING):
        if name in names:
            return model.get_layer(name)
    raise ValueError(
        f"The model must have a layer named {POOLING!r} or {EMBEDDING!r}, as "
        "those made by `fgkeras.models.classifier` have. Received: a model "
        f"with layers {names}. Name the layer that pools the feature map "
        f"{POOLING!r}."
    )


def ends_in_embedding(model):
    """Returns whether a model's last layer is its embedding."""
    return layer_names(model)[-1] == EMBEDDING


def weight_bytes(model):
    """Returns the bytes of a model's weights: a file of it has more."""
    return sum(w.size * w.dtype.itemsize for w in model.get_weights())
