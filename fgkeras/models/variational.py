"""DVML: what varies within a class as a Gaussian around each embedding.

No code of the authors is public; readings where paper and re-implementations
disagree:

| question | taken | others |
| --- | --- | --- |
| gradient through samples | reparametrized | one samples without: mean and |
|  |  | variance then learn from KL alone |
| phase 1 | the reconstruction moves the decoder only | |
| phase 2 | it moves everything | two never release it |
| weights | by name, see `dvml` | numbered differently in each source |
| KL | mean over images, sum over dimensions | one divides twice |
| reconstruction | sum over features, mean over images and samples | halves |
| when phase 2 starts | a number of steps, 1000 | 1 epoch, 1200 to 1600 steps |
"""

import keras
from keras import layers
from keras import ops

from fgkeras.losses.margin import margin as margin_of_pairs
from fgkeras.losses.tuples import n_pair_of_tuples
from fgkeras.losses.tuples import triplet_of_tuples
from fgkeras.mining.batch_tuples import batch_pairs
from fgkeras.mining.batch_tuples import batch_triplets
from fgkeras.models.generative import GenerativeModel
from fgkeras.models.generative import generator
from fgkeras.ops.hyperparameter import Number

TERMS = ("kl", "recon", "synthetic", "invariant")
FIRST_WEIGHTS = {"kl": 1.0, "recon": 1.0, "synthetic": 0.1, "invariant": 1.0}
SECOND_WEIGHTS = {"kl": 0.8, "recon": 1.0, "synthetic": 0.2, "invariant": 0.8}
LOSSES = ("triplet", "npair", "margin")
WEIGHT = Number(least=0)
RULES = {
    "first_steps": Number(least=0, whole=True),
    "num_samples": Number(least=1, whole=True),
    "margin": Number(),
    "l2": Number(least=0),
    "hidden": Number(least=1, whole=True),
    "seed": Number(whole=True, optional=True),
}


@keras.saving.register_keras_serializable(package="fgkeras")
class DVML(GenerativeModel):
    """Deep variational metric learning around an embedder. See `dvml`."""

    def __init__(
        self,
        embedder,
        *,
        loss="triplet",
        first_steps=1000,
        num_samples=20,
        first_weights=None,
        second_weights=None,
        margin=1.0,
        l2=3e-3,
        hidden=512,
        seed=None,
        name="dvml",
        **kwargs,
    ):
        super().__init__(embedder, name=name, **kwargs)
        if loss not in LOSSES and not isinstance(loss, keras.losses.Loss):
            raise ValueError(
                f"`loss` must be one of {LOSSES} or a `keras.losses.Loss` on "
                f"labels and embeddings. Received: loss={loss!r}."
            )
        self.loss_kind = loss
        self.first_weights = _weights(
            "first_weights", first_weights, FIRST_WEIGHTS
        )
        self.second_weights = _weights(
            "second_weights", second_weights, SECOND_WEIGHTS
        )
        for key, value in (
            ("first_steps", first_steps),
            ("num_samples", num_samples),
            ("margin", margin),
            ("l2", l2),
            ("hidden", hidden),
            ("seed", seed),
        ):
            setattr(self, key, RULES[key].checked(key, value))
        self.mean = layers.Dense(self.dim, dtype="float32", name="mean")
        self.log_variance = layers.Dense(
            self.dim, dtype="float32", name="log_variance"
        )
        self.mean.build((None, self.feature_dim))
        self.log_variance.build((None, self.feature_dim))
        self.generator = generator(
            self.dim, self.feature_dim, self.hidden, "generator"
        )
        self.noise = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(
            name="steps",
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self._show_as(*TERMS)
        self.built = True

    def metric_loss(self, labels, embeddings):
        """Returns the metric loss of a batch of embeddings."""
        if isinstance(self.loss_kind, keras.losses.Loss):
            number = getattr(self.loss_kind, "num_lots", 0)
            if number:  # It draws by the last columns.
                shape = (ops.shape(embeddings)[0], number)
                lots = keras.random.uniform(shape, seed=self.noise)
                embeddings = ops.concatenate([embeddings, lots], axis=-1)
            return ops.mean(self.loss_kind.call(labels, embeddings))
        if self.loss_kind == "margin":
            return ops.mean(margin_of_pairs(labels, embeddings))
        if self.loss_kind == "triplet":
            *rows, valid = batch_triplets(labels)
            rows = [ops.take(embeddings, i, axis=0) for i in rows]
            loss = triplet_of_tuples(*rows, margin=self.margin)
        else:
            a, p, valid = batch_pairs(labels)
            y = ops.take(labels, a)
            a, p = (ops.take(embeddings, i, axis=0) for i in (a, p))
            loss = n_pair_of_tuples(y, y, a, p, valid=valid, l2=self.l2)
        count = ops.cast(valid, loss.dtype)
        return ops.sum(loss * count) / ops.maximum(ops.sum(count), 1.0)

    def training_loss(self, labels, outputs):
        """Returns the weighted sum of the four terms of the present phase."""
        z, features = outputs["embedding"], outputs["features"]
        mean, log_variance = self.mean(features), self.log_variance(features)
        noise = keras.random.normal(
            (self.num_samples, ops.shape(z)[0], self.dim), seed=self.noise
        )
        drawn = z + mean + ops.exp(0.5 * log_variance) * noise
        steps = self.steps + 1
        second = ops.cast(steps > self.first_steps, z.dtype)
        decoded = self.generator(
            ops.reshape(_gate(drawn, second), (-1, self.dim)), training=True
        )
        decoded = ops.reshape(decoded, (self.num_samples, -1, self.feature_dim))
        error = ops.square(decoded - _gate(features, second))
        terms = {
            "kl": ops.mean(_divergence(mean, log_variance)),
            "recon": ops.mean(ops.sum(error, axis=-1)),
            "synthetic": sum(
                self.metric_loss(labels, drawn[t])
                for t in range(self.num_samples)
            )
            / self.num_samples,
            "invariant": self.metric_loss(labels, z),
        }
        self.steps.assign(steps)
        self._show(**terms)
        return sum(
            ops.where(
                second > 0, self.second_weights[name], self.first_weights[name]
            )
            * terms[name]
            for name in TERMS
        )

    def get_config(self):
        loss = self.loss_kind
        return {
            **super().get_config(),
            "loss": loss
            if isinstance(loss, str)
            else keras.saving.serialize_keras_object(loss),
            "first_steps": self.first_steps,
            "num_samples": self.num_samples,
            "first_weights": dict(self.first_weights),
            "second_weights": dict(self.second_weights),
            "margin": self.margin,
            "l2": self.l2,
            "hidden": self.hidden,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        loss = config["loss"]
        if not isinstance(loss, str):
            loss = keras.saving.deserialize_keras_object(
                loss, custom_objects=custom_objects
            )
        return super().from_config({**config, "loss": loss}, custom_objects)


def dvml(embedder, *, loss="triplet", **options):
    """Returns a model that trains an embedder to leave out what varies.

    Use it with `fit` on labelled images, in batches with several images of a
    class. After training `model.embedder` is all that is needed.

    With `y` the pooled features, `z_I` the embedding, and `T` samples `e`:

        z_V   = mu(y) + exp(log_variance(y) / 2) * e,    e ~ N(0, 1)
        z     = z_I + z_V
        L     = w_kl KL(z_V || N(0, 1)) + w_recon ||y - G(z)||^2
                + w_synthetic L_m(z) + w_invariant L_m(z_I)

    For the first steps the reconstruction moves the generator `G` alone;
    then it moves everything, and the weights change.

    Under `tf.distribute` every replica forms its tuples from its own part of
    the batch: give each of them several images of a class.

    Args:
        embedder: `keras.Model` made by `embedder`, with `unit_norm=False`.
        loss: `"triplet"` or `"npair"` (means over disjoint tuples of the
            batch), `"margin"` (with distance-weighted negatives, on unit
            vectors), or a `keras.losses.Loss` on labels and embeddings.
            Defaults to `"triplet"`.
        first_steps: Int at least 0, steps of the first phase. Defaults to
            `1000`.
        num_samples: Int at least 1, `T`. Defaults to `20`.
        first_weights: `None`, or dict of weights of `kl`, `recon`,
            `synthetic` and `invariant`, in place of 1, 1, 0.1 and 1.
        second_weights: The same for the second phase, in place of 0.8, 1, 0.2
            and 0.8.
        margin: Float, of the triplet loss. Defaults to `1.0`.
        l2: Float at least 0, of the N-pair loss. Defaults to `3e-3`.
        hidden: Int at least 1, hidden units of the generator. Defaults to
            `512`.
        seed: `None` or int, of the samples.

    Returns:
        `DVML`, a `keras.Model` with the layers `embedder`, `mean`,
        `log_variance` and `generator`. `fit` logs the four terms beside the
        loss.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> from fgkeras.models.embedders import embedder
    >>> model = dvml(embedder(32, 8, unit_norm=False), loss="npair")
    >>> model.compile("adam")
    >>> model.predict(ops.ones((4, 32)), verbose=0).shape
    (4, 8)

    Reference:

    - Lin et al., 2018, Deep Variational Metric Learning: 20 samples, batches
      of 128 for pairs and 120 for triplets, learning rate 1e-4.
    """
    return DVML(embedder, loss=loss, **options)


def _gate(x, second):
    """`x`, with its gradient in the second phase only."""
    fixed = ops.stop_gradient(x)
    return fixed + second * (x - fixed)


def _divergence(mean, log_variance):
    """KL divergence of each Gaussian from the standard one."""
    terms = 1.0 + log_variance - ops.square(mean) - ops.exp(log_variance)
    return -0.5 * ops.sum(terms, axis=-1)


def _weights(key, given, default):
    given = dict(given or {})
    unknown = [f"{k}={v!r}" for k, v in given.items() if k not in TERMS]
    if unknown:
        raise ValueError(
            f"`{key}` may give numbers to {', '.join(TERMS)}. Received: "
            f"{', '.join(unknown)}."
        )
    given = {**default, **given}
    return {term: WEIGHT.checked(term, given[term]) for term in TERMS}
