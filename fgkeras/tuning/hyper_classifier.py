"""A classifier whose loss keras_tuner chooses, for `model.fit` of your own."""

import keras
import keras_tuner
import numpy as np

from fgkeras.models import classifier
from fgkeras.models import sigmoid_head_bias
from fgkeras.registries import LOSSES

# Cui, 2019, chapter 5.
_THESIS = {
    "loss": ("softmax", "sigmoid", "focal"),
    "beta": (0.0, 0.9, 0.99, 0.999, 0.9999),
    "gamma": (0.5, 1.0, 2.0),
}
_RATE = "learning_rate"


class HyperClassifier(keras_tuner.HyperModel):
    """A classifier with the loss, its options and the rate as hyperparameters.

    Use it with any tuner of keras_tuner on data and callbacks of your own;
    `fgkeras tune` does more, and goes on after a kill. An option is there for
    the losses that take it alone. For losses with one sigmoid per class the
    head's bias starts at one over the number of classes.

    Args:
        body: Function without arguments that returns a new functional
            `keras.Model` from images to a feature map.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`:
            training images per class, in label order.
        over: Dict of `"loss"`, options of losses such as `"beta"`, and
            `"learning_rate"` to a sequence of values. Defaults to the losses,
            betas and gammas of the thesis.
        optimizer: Function of a learning rate, a float, that returns a new
            Keras optimizer. Defaults to `keras.optimizers.Adam`.
        metrics: Sequence of names of Keras metrics. Defaults to
            `("accuracy",)`.
        name: String or `None`. Defaults to `None`.
        **head: What `fgkeras.models.classifier` takes, such as `dropout`.

    Call arguments of `build`:
        hp: `keras_tuner.HyperParameters`.

    Returns:
        `build` returns a compiled `keras.Model` from images to logits.

    Raises:
        ValueError: If a name or a value of `over` is none, or no loss takes an
            option.

    Example:

    >>> import fgkeras.models
    >>> hyper = HyperClassifier(
    ...     lambda: fgkeras.models.backbone("small_cnn", (32, 32, 3)),
    ...     class_counts=[90, 30, 10])
    >>> hp = keras_tuner.HyperParameters()
    >>> hyper.build(hp).output.shape
    (None, 3)
    >>> hp.values
    {'loss': 'softmax', 'beta': 0.0, 'learning_rate': 0.001}

    Reference:

    - [O'Malley et al., KerasTuner, 2019](https://github.com/keras-team/\
keras-tuner)
    """

    def __init__(
        self,
        body,
        class_counts,
        over=None,
        *,
        optimizer=keras.optimizers.Adam,
        metrics=("accuracy",),
        name=None,
        **head,
    ):
        self.over = {n: list(v) for n, v in (over or _THESIS).items()}
        self.over.setdefault("loss", ["softmax"])
        self.over.setdefault(_RATE, [1e-3])
        self.body, self.optimizer = body, optimizer
        self.class_counts = np.asarray(class_counts).tolist()
        self.metrics, self.head = list(metrics), head
        self._check()
        super().__init__(name)

    def build(self, hp):
        """Builds and compiles the classifier of a trial.

        Args:
            hp: `keras_tuner.HyperParameters`.
        """
        loss = hp.Choice("loss", self.over["loss"])
        options = {}
        for option, values in self.over.items():
            if option in ("loss", _RATE):
                continue
            with hp.conditional_scope("loss", self._taking(option)):
                value = hp.Choice(option, values)
            if option in LOSSES[loss].options:
                options[option] = value
        rate = hp.Choice(_RATE, self.over[_RATE])
        bias = 0.0
        if LOSSES.fact(loss, "activation") == "sigmoid":
            bias = sigmoid_head_bias(len(self.class_counts))
        model = classifier(
            self.body(), len(self.class_counts), head_bias=bias, **self.head
        )
        model.compile(
            self.optimizer(rate),
            self._loss(loss, options),
            metrics=list(self.metrics),
        )
        return model

    def _loss(self, name, options):
        if LOSSES.fact(name, "counts"):
            options = {**options, "class_counts": self.class_counts}
        return LOSSES.load(name)(**options)

    def _taking(self, option):
        """The losses swept that take an option, a list."""
        return [n for n in self.over["loss"] if option in LOSSES[n].options]

    def _check(self):
        """Refuses what a trial would fail by, before the first one."""
        for option, values in self.over.items():
            known = option in ("loss", _RATE)
            if not values or not (known or self._taking(option)):
                raise ValueError(
                    "`over` names the loss, options that one of its losses "
                    "takes, and learning_rate, each with its values. "
                    f"Received: {option}={values} with "
                    f"loss={self.over['loss']}."
                )
        for name in self.over["loss"]:
            # Its constructor knows what its options may be.
            self._loss(name, {})
            for option, values in self.over.items():
                for value in values if option in LOSSES[name].options else ():
                    self._loss(name, {option: value})
