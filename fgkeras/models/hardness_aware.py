"""HDML: negatives pulled to the anchor, and made real by a generator.

Readings, where the published code (C) differs from the paper (P):

| question | taken here | the other |
| --- | --- | --- |
| lambda follows | the plain metric loss (P) | C: its weighted form with decay |
| over | the last full block of 64 steps (C) | P: an average |
| weight decay | beside the losses | C: inside of the weighted J_m |
| J_recon | a sum, to which `beta` is tied (C) | a mean |
| other batches and features | as published (C, P) | `beta="scaled"` |
| synthetic tuples | regenerated as a whole (C, P) | negatives only |
| gradient of pulling | through the distances, too (C) | not said in P |
| moving statistics | of real features only | C: of synthetic ones, too |
| pairs of a batch | in the order of each class | C: the batch's two halves |
"""

import keras
from keras import layers
from keras import ops

from fgkeras.losses.tuples import n_pair_of_tuples
from fgkeras.losses.tuples import triplet_of_tuples
from fgkeras.mining.batch_tuples import batch_pairs
from fgkeras.mining.batch_tuples import batch_triplets
from fgkeras.models.block_mean import BlockMean
from fgkeras.models.explicit_call import call_with
from fgkeras.models.explicit_call import fixed
from fgkeras.models.explicit_call import weights_of
from fgkeras.models.generative import GenerativeModel
from fgkeras.models.generative import generator
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pulled_negatives import pulled_negatives

ALPHA = {"triplet": 7.0, "npair": 90.0}
SCALED = "scaled"
# What J_recon is a sum over where beta and the scale of J_soft are published.
BETA, FEATURES = 1e4, 1024
ROWS = {"triplet": 120, "npair": 128}
RULES = {
    "loss": Choice(tuple(ALPHA)),
    "num_classes": Number(least=2, whole=True, hint="Give it all classes."),
    "alpha": Number(least=0, optional=True),
    "beta": Number(least=0),
    "recon_share": Number(least=0, most=1),
    "class_scale": Number(least=0),
    "margin": Number(),
    "l2": Number(least=0),
    "hidden": Number(least=1, whole=True),
    "block": Number(least=1, whole=True),
}


@keras.saving.register_keras_serializable(package="fgkeras")
class HDML(GenerativeModel):
    """Hardness-aware metric learning around an embedder. See `hdml`."""

    def __init__(
        self,
        embedder,
        num_classes,
        *,
        loss="triplet",
        alpha=None,
        beta=1e4,
        recon_share=0.5,
        class_scale=1e4,
        margin=1.0,
        l2=3e-3,
        hidden=512,
        block=64,
        name="hdml",
        **kwargs,
    ):
        super().__init__(embedder, name=name, **kwargs)
        given = {
            "loss": loss,
            "num_classes": num_classes,
            "alpha": alpha,
            "beta": beta,
            "recon_share": recon_share,
            "class_scale": class_scale,
            "margin": margin,
            "l2": l2,
            "hidden": hidden,
            "block": block,
        }
        rules = dict(RULES)
        if isinstance(beta, str):
            rules["beta"] = Choice((SCALED,))
        given = {k: rules[k].checked(k, value) for k, value in given.items()}
        self.loss_name = given.pop("loss")
        if given["alpha"] is None:
            given["alpha"] = float(ALPHA[self.loss_name])
        for key, value in given.items():
            setattr(self, key, value)
        self.generator = generator(
            self.dim, self.feature_dim, self.hidden, "generator"
        )
        self.classifier = layers.Dense(
            self.num_classes, dtype="float32", name="classifier"
        )
        self.classifier.build((None, self.feature_dim))
        self.mean_metric = BlockMean(self.block, name="mean_metric")
        self.mean_generator = BlockMean(self.block, name="mean_generator")
        self._show_as(
            "metric", "synthetic", "generator", "classifier", "synthetic_share"
        )
        self.built = True

    def metric_loss(self, labels, embeddings):
        """Returns J_m, the metric loss of real embeddings."""
        z = embeddings
        if self.loss_name == "triplet":
            a, p, n, valid = batch_triplets(labels)
            return self._triplet(*(ops.take(z, i, 0) for i in (a, p, n)), valid)
        a, p, valid = batch_pairs(labels)
        a, p, y = (ops.take(z, a, 0), ops.take(z, p, 0), ops.take(labels, a))
        return self._n_pair(a, p, y, valid)

    def training_loss(self, labels, outputs):
        """Returns the sum of what the three players minimize."""
        z, features = outputs["embedding"], outputs["features"]
        num = ops.shape(z)[0]
        share = ops.exp(-self.alpha / self.mean_metric.value)
        tuples, tuple_labels, weights, synthetic = self._tuples(
            labels, z, share
        )
        fakes = ops.concatenate([z, tuples])
        # Rows that only fill a fixed size stay out of batch statistics.
        meant = weights > 0
        rows = ops.concatenate([ops.ones_like(labels, dtype="bool"), meant])

        maker, judge = weights_of(self.generator), weights_of(self.classifier)
        # The embedder's game: the generator is fixed, but let through.
        metric = self.metric_loss(labels, z)
        unreal = call_with(self.generator, fixed(maker), fakes, mask=rows)[num:]
        again = call_with(self.head, weights_of(self.head), unreal, mask=meant)
        hard = synthetic(again)
        beta, size = self.beta, 1.0
        if beta == SCALED:
            size = ops.cast(num * self.feature_dim, "float32")
            size = size / (ROWS[self.loss_name] * FEATURES)
            beta = BETA * size
        trust = ops.exp(-beta / self.mean_generator.value)
        embedding_game = trust * metric + (1.0 - trust) * hard

        # The generator's game: embeddings and classifier are fixed.
        made = ops.stop_gradient(fakes)
        made = call_with(self.generator, maker, made, mask=rows)
        real = ops.stop_gradient(features)
        recon = ops.sum(ops.square(made[:num] - real))
        logits = call_with(self.classifier, fixed(judge), made[num:])
        wrong = ops.sum(weights * _cross_entropy(tuple_labels, logits))
        wrong = wrong * self.class_scale * size
        generator_game = (
            1.0 - self.recon_share
        ) * recon + self.recon_share * wrong

        # The classifier's game: real features only, and they are fixed.
        known = call_with(self.classifier, judge, real)
        classifier_game = ops.mean(_cross_entropy(labels, known))
        loss = embedding_game + generator_game + classifier_game
        # Through `loss` the new means wait until the old ones were used.
        broken = ops.where(ops.isfinite(loss), 0.0, float("nan"))
        self.mean_metric.update(metric + broken)
        self.mean_generator.update(generator_game + broken)
        self._show(
            metric=metric,
            synthetic=hard,
            generator=generator_game,
            classifier=classifier_game,
            synthetic_share=1.0 - trust,
        )
        return loss

    def _tuples(self, labels, z, share):
        """Embeddings to generate from, their labels and weights, the loss."""
        if self.loss_name == "triplet":
            rows = batch_triplets(labels)
            valid = rows[3]
            a, p, n = (ops.take(z, i, 0) for i in rows[:3])
            y = [ops.take(labels, i) for i in rows[:3]]
            tuples = [a, p, pulled_negatives(a, p, n, share)]
            count = ops.cast(valid, z.dtype)
            weights = ops.tile(_mean_weights(count) / 3.0, [3])

            def loss(made):
                return self._triplet(*ops.split(made, 3), valid)

            return ops.concatenate(tuples), ops.concatenate(y), weights, loss
        a, p, valid = batch_pairs(labels)
        num = ops.shape(a)[0]
        y, ya = ops.take(labels, p), ops.take(labels, a)
        a, p = ops.take(z, a, 0), ops.take(z, p, 0)
        pulled = pulled_negatives(a[:, None], p[:, None], p[None], share)
        tuples = [a, ops.reshape(pulled, (-1, self.dim))]
        both = ops.logical_and(valid[:, None], valid[None, :])
        weights = [
            _mean_weights(ops.cast(valid, z.dtype)),
            _mean_weights(ops.cast(ops.reshape(both, (-1,)), z.dtype)),
        ]

        def loss(made):
            of_anchors = ops.reshape(made[num:], (num, num, self.dim))
            return self._n_pair(made[:num], of_anchors, y, valid)

        return (
            ops.concatenate(tuples),
            ops.concatenate([ya, ops.tile(y, [num])]),
            ops.concatenate(weights),
            loss,
        )

    def _triplet(self, anchors, positives, negatives, valid):
        loss = triplet_of_tuples(
            anchors, positives, negatives, margin=self.margin
        )
        return ops.sum(loss * ops.cast(valid, loss.dtype))

    def _n_pair(self, anchors, candidates, labels, valid):
        loss = n_pair_of_tuples(
            labels, labels, anchors, candidates, valid=valid, l2=self.l2
        )
        return ops.sum(loss * _mean_weights(ops.cast(valid, loss.dtype)))

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "loss": self.loss_name,
            "alpha": self.alpha,
            "beta": self.beta,
            "recon_share": self.recon_share,
            "class_scale": self.class_scale,
            "margin": self.margin,
            "l2": self.l2,
            "hidden": self.hidden,
            "block": self.block,
        }


def hdml(embedder, num_classes, *, loss="triplet", **options):
    """Returns a model that trains an embedder with synthetic hard negatives.

    Use it with `fit` on labelled images, in batches with several images of a
    class (two per class for `"npair"`). After training `model.embedder` is
    all that is needed.

    Three games are played at once, in one step. With `z` the embeddings, `y`
    the pooled features, `z^` the tuples with pulled negatives, `G` the
    generator and `C` a linear classifier:

        lambda   = exp(-alpha / J_avg)
        J_m      = metric loss of z
        J_syn    = metric loss of embedding(G(z^))
        J_metric = exp(-beta / J_gen) J_m + (1 - exp(-beta / J_gen)) J_syn
                                                          moves the embedder
        J_gen    = (1 - s) sum (y - G(z))^2 + s c CE(C(G(z^)))
                                                          moves G
        J_class  = CE(C(y))                               moves C

    where `J_avg` and `J_gen` in the exponents are means over the last block.

    `J_recon`, the sum in `J_gen`, grows with the images of a batch and with
    the features of an image, so `beta` is a number for one size of both. Far
    from that size `1 - exp(-beta / J_gen)`, the share of synthetic tuples, is
    near 0 or 1 whatever the generator makes: `fit` logs it. `beta="scaled"`
    keeps what was published for 120 triplet rows (128 pair rows) of 1,024
    features at any other size:

        r = (rows * features) / (120 * 1024)
        beta = 1e4 * r        and        c * r in the place of c

    With both, `J_gen` of features that are rebuilt as well is `r` times the
    published one, and the exponent is the same. How long the features are, as
    numbers, is not part of the rule.

    Under `tf.distribute` every replica forms its tuples from its own part of
    the batch: give each of them several images of a class.

    Args:
        embedder: `keras.Model` made by `embedder`, with `unit_norm=False`
            and, as published, `batch_norm=True`.
        num_classes: Int at least 2, training classes.
        loss: `"triplet"` (a sum over triplets) or `"npair"` (a mean over
            pairs). Defaults to `"triplet"`.
        alpha: Float at least 0, how low the metric loss must be for hard
            negatives. Defaults to 7 for triplets and 90 for N-pairs.
        beta: Float at least 0, how low J_gen must be for synthetic tuples to
            count, or `"scaled"`. Defaults to `1e4`; 5e3 was used for other
            sets than birds.
        recon_share: Float `s` in [0, 1]. Defaults to `0.5`.
        class_scale: Float `c` of at least 0. Defaults to `1e4`.
        margin: Float, of the triplet loss. Defaults to `1.0`.
        l2: Float at least 0, of the N-pair loss. Defaults to `3e-3`.
        hidden: Int at least 1, hidden units of the generator. Defaults to
            `512`.
        block: Int at least 1, steps per mean. Defaults to `64`.

    Returns:
        `HDML`, a `keras.Model` with the layers `embedder`, `generator` and
        `classifier`. `fit` logs `metric`, `synthetic`, `generator` and
        `classifier` beside the loss, which is their weighted sum, and
        `synthetic_share`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> from fgkeras.models.embedders import embedder
    >>> from fgkeras.models.learning_rates import part_learning_rates
    >>> inner = embedder(32, 8, unit_norm=False, batch_norm=True)
    >>> model = hdml(inner, 5, loss="npair")
    >>> factors = {"generator": 1e-2 / 7e-5, "classifier": 1e-3 / 7e-5}
    >>> adam = keras.optimizers.Adam(7e-5)
    >>> model.compile(part_learning_rates(adam, model, factors))
    >>> model.predict(ops.ones((4, 32)), verbose=0).shape
    (4, 8)

    Reference:

    - [Zheng et al., 2019](https://arxiv.org/abs/1903.05503): batches of 128
      for N-pairs, 120 for triplets; rates as in the example.
    """
    return HDML(embedder, num_classes, loss=loss, **options)


def _cross_entropy(labels, logits):
    return keras.losses.sparse_categorical_crossentropy(
        labels, logits, from_logits=True
    )


def _mean_weights(count):
    return count / ops.maximum(ops.sum(count), 1.0)
