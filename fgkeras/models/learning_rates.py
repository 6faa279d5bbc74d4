"""An optimizer in which parts of a model have their own learning rates."""

import keras


@keras.saving.register_keras_serializable(package="fgkeras")
class PartLearningRates(keras.optimizers.Optimizer):
    """Multiplies the learning rate of another optimizer, variable by variable.

    Make it with `part_learning_rates`. Schedules, clipping and all else are
    those of `optimizer`; a decoupled weight decay, as AdamW has it, goes by
    the common rate.

        w_i <- w_i - (learning_rate(t) * factors[i]) * direction_i

    Args:
        optimizer: `keras.optimizers.Optimizer`. It belongs to this one from
            now on.
        factors: Sequence of floats at least 0, one per trainable variable of
            the model, in their order.
        name: String.

    Raises:
        ValueError: If a factor is negative, or their number is not that of
            the variables.

    Example:
    >>> inner = keras.optimizers.SGD(0.1)
    >>> PartLearningRates(inner, [1.0, 0.0]).learning_rate is not None
    True
    """

    def __init__(self, optimizer, factors, name="part_learning_rates"):
        super().__init__(learning_rate=0.0, name=name)
        factors = [float(factor) for factor in factors]
        if not all(factor >= 0.0 for factor in factors):
            raise ValueError(
                f"`factors` must be at least 0. Received: factors={factors}."
            )
        self.optimizer = optimizer
        self.factors = factors
        # All optimizers of Keras change a variable in `update_step`.
        step = optimizer.update_step

        def scaled_step(gradient, variable, learning_rate):
            index = optimizer._get_variable_index(variable)
            return step(gradient, variable, learning_rate * factors[index])

        optimizer.update_step = scaled_step

    def build(self, variables):
        if self.built:
            return
        if len(variables) != len(self.factors):
            raise ValueError(
                "There must be one factor per trainable variable. Received: "
                f"{len(self.factors)} factors for {len(variables)} variables. "
                "Set `trainable` of layers before `part_learning_rates`."
            )
        self.optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self):
        return self._variables + self.optimizer.variables

    @property
    def learning_rate(self):
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.optimizer.learning_rate = learning_rate

    @property
    def iterations(self):
        return self.optimizer.iterations

    def apply(self, grads, trainable_variables=None):
        if not self.built:
            self.build(trainable_variables)
        self.optimizer.apply(grads, trainable_variables)

    def scale_loss(self, loss):
        return self.optimizer.scale_loss(loss)

    def finalize_variable_values(self, var_list):
        self.optimizer.finalize_variable_values(var_list)

    def get_config(self):
        return {
            "name": self.name,
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "factors": list(self.factors),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        optimizer = keras.saving.deserialize_keras_object(
            config["optimizer"], custom_objects=custom_objects
        )
        return cls(**{**config, "optimizer": optimizer})


def part_learning_rates(optimizer, model, factors):
    """Gives parts of a model their own learning rates.

    Use it to train a pretrained body slower than a new head, or where a paper
    names a rate per part.

    Args:
        optimizer: `keras.optimizers.Optimizer`; its rate is that of all
            variables that no part names.
        model: Built `keras.Model`. Layers that shall not train must be set so
            before.
        factors: Dict from the name of a layer, at any depth, to the factor of
            its learning rate, at least 0. The innermost named layer counts.

    Returns:
        `PartLearningRates`, for `model.compile`.

    Raises:
        ValueError: If a name is no layer's, several layers', or has nothing
            to train.

    Example:
    >>> from fgkeras.models.anchors import anchor_classifier
    >>> from fgkeras.models.embedders import embedder
    >>> model = anchor_classifier(embedder(192, 16), 7)
    >>> adam = keras.optimizers.Adam(1e-3)
    >>> part_learning_rates(adam, model, {"head": 10.0}).factors
    [1.0, 1.0, 10.0]
    """
    layers = {}
    for layer in inner_layers(model):
        layers.setdefault(layer.name, {})[id(layer)] = layer
    scale = {}
    # Outer layers come first, so that inner ones overwrite them.
    for name in sorted(factors, key=lambda name: _depth(layers, name)):
        found = list(layers.get(name, {}).values())
        if len(found) != 1 or not found[0].trainable_variables:
            problem = (
                "nothing to train"
                if len(found) == 1
                else f"{len(found)} layers of that name"
            )
            raise ValueError(
                "`factors` must name layers with trainable variables, each "
                f"once in the model. Received: {name!r}, with {problem}. "
                f"The model's layers are {[x.name for x in model.layers]}."
            )
        for variable in found[0].trainable_variables:
            scale[id(variable)] = factors[name]
    return PartLearningRates(
        optimizer,
        [scale.get(id(v), 1.0) for v in model.trainable_variables],
    )


def inner_layers(layer):
    """Yields the layers of a model and of the models in it, outer ones first.

    Args:
        layer: `keras.Model`, or another layer, which has none.
    """
    for inner in getattr(layer, "layers", ()):
        yield inner
        yield from inner_layers(inner)


def _depth(layers, name):
    found = list(layers.get(name, {}).values())
    return -len(found[0].trainable_variables) if found else 0
