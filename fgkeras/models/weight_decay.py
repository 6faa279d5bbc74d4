"""Weight decay as part of the loss, on chosen variables."""

import keras

KINDS = ("all", "no_batch_norm")


def apply_weight_decay(model, decay, *, kind="all", exclude=()):
    """Adds `decay * 0.5 * ||v||**2` to the loss for trainable variables `v`.

    This is decay as the papers of residual networks have it: its gradient is
    `decay * v`, it passes through momentum, and by default it includes the
    scale and shift of batch normalization. Keras' `L2(decay)` has no half.

    The setting lives on the variables: it replaces earlier regularizers, and
    it is not saved with the model. Call it again after loading, or after
    making more layers trainable.

    Args:
        model: Built `keras.Model`.
        decay: Float at least 0; `0` takes the decay off.
        kind: `"all"`, or `"no_batch_norm"` to spare the variables of batch
            normalization. Defaults to `"all"`.
        exclude: Sequence of variables, or of layer names of `model` meaning
            the bias of that layer, without decay; `("head",)` for one-vs-all
            losses. Defaults to `()`.

    Returns:
        `model`.

    Raises:
        ValueError: If `decay` or `kind` is not possible, or an excluded
            variable is not the model's.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> from fgkeras.models.classifiers import classifier
    >>> model = classifier(backbone("small_cnn", (64, 64, 3)), 7)
    >>> model = apply_weight_decay(model, 2e-4, exclude=("head",))
    >>> model.get_layer("head").bias.regularizer is None
    True

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555): `all` with 2e-4
      for CIFAR, `no_batch_norm` with 1e-4 for iNaturalist and ImageNet, both
      without the head's bias for sigmoid and focal loss.
    """
    if not decay >= 0.0:
        raise ValueError(
            f"`decay` must be at least 0. Received: decay={decay}."
        )
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {KINDS}. Received: {kind=}.")
    spared = {id(_variable(model, item)) for item in exclude}
    if kind == "no_batch_norm":
        spared |= {
            id(variable)
            for layer in _all_layers(model)
            if isinstance(layer, keras.layers.BatchNormalization)
            for variable in layer.variables
        }
    for variable in model.trainable_variables:
        take = decay > 0.0 and id(variable) not in spared
        variable.regularizer = (
            keras.regularizers.L2(decay / 2) if take else None
        )
    return model


def _all_layers(layer):
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _all_layers(inner)


def _variable(model, item):
    if isinstance(item, str):
        names = [layer.name for layer in model.layers]
        bias = (
            getattr(model.get_layer(item), "bias", None)
            if item in names
            else None
        )
        if bias is None:
            raise ValueError(
                "`exclude` must name layers that have a bias. Received: "
                f"{item!r}; the layers are {names}."
            )
        return bias
    if not any(item is variable for variable in model.variables):
        raise ValueError(
            "`exclude` must hold variables of the model. Received: "
            f"{getattr(item, 'path', item)!r}."
        )
    return item
