"""One step of each metric loss, of fgkeras and of its peers, on one batch.

`make` returns a function that computes value and gradient once. What a peer
needs is imported when it is asked for.
"""

import os

import numpy as np

NAMES = (
    "semi_hard",
    "triplet",
    "lifted",
    "multi_similarity",
    "contrastive",
    "margin",
    "generalized_lifted",
    "n_pair",
    "angular",
    "histogram",
    "proxy_nca",
    "proxy_anchor",
    "soft_triple",
)
TFA_NAMES = ("semi_hard", "lifted")


def batch(size, dim):
    rng = np.random.default_rng(size)
    centres = rng.normal(size=(max(size // 4, 2), dim))
    labels = np.arange(size) % len(centres)
    x = centres[labels] + rng.normal(size=(size, dim))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return labels, x.astype("float32")


def ours(name, labels, x, xla):
    """Returns a function that computes value and gradient once."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    from fgkeras import losses

    # Proxies, one per class (SoftTriple: three), are a matrix of their own.
    classes = int(labels.max()) + 1
    vectors = classes * (3 if name == "soft_triple" else 1)
    proxies = np.random.default_rng(0).normal(size=(vectors, x.shape[1]))
    proxies /= np.linalg.norm(proxies, axis=1, keepdims=True)
    proxies = tf.constant(proxies.T.astype("float32"))

    def soft_triple(y, z):
        cosines = tf.reshape(tf.matmul(z, proxies), (-1, classes, 3))
        return losses.soft_triple(y, cosines)

    # The same unit distances and the same sums as on the other side.
    fn = {
        "semi_hard": lambda y, z: losses.triplet_semi_hard(y, z, margin=0.2),
        "triplet": lambda y, z: losses.triplet(y, z, squared=False),
        "lifted": losses.lifted_structure,
        "multi_similarity": losses.multi_similarity,
        "contrastive": lambda y, z: losses.contrastive(y, z, squared=False),
        "margin": losses.margin,
        "generalized_lifted": losses.generalized_lifted_structure,
        "n_pair": losses.n_pair,
        "angular": losses.angular,
        "histogram": losses.histogram,
        "proxy_nca": lambda y, z: losses.proxy_nca(y, tf.matmul(z, proxies)),
        "proxy_anchor": lambda y, z: losses.proxy_anchor(
            y, tf.matmul(z, proxies)
        ),
        "soft_triple": soft_triple,
    }[name]

    @tf.function(jit_compile=xla)
    def run(y, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = tf.reduce_mean(fn(y, z))
        return value, tape.gradient(value, z)

    y, z = tf.constant(labels, "int32"), tf.constant(x)
    return lambda: [t.numpy() for t in run(y, z)]


def pml(name, labels, x):
    from pytorch_metric_learning import distances
    from pytorch_metric_learning import losses
    from pytorch_metric_learning import miners

    # Embeddings have length 1 already; nobody pays for it twice.
    plain = distances.LpDistance(normalize_embeddings=False)
    classes, dim = int(labels.max()) + 1, x.shape[1]
    if name == "proxy_nca":
        return pml_step(losses.ProxyNCALoss(classes, dim), None, labels, x)
    if name == "proxy_anchor":
        return pml_step(losses.ProxyAnchorLoss(classes, dim), None, labels, x)
    if name == "soft_triple":
        loss = losses.SoftTripleLoss(classes, dim, centers_per_class=3)
        return pml_step(loss, None, labels, x)
    loss, miner = {
        "semi_hard": (
            losses.TripletMarginLoss(margin=0.2, distance=plain),
            miners.TripletMarginMiner(
                margin=0.2, type_of_triplets="semihard", distance=plain
            ),
        ),
        "triplet": (
            losses.TripletMarginLoss(margin=0.2, distance=plain),
            None,
        ),
        "lifted": (losses.LiftedStructureLoss(distance=plain), None),
        "multi_similarity": (
            losses.MultiSimilarityLoss(),
            miners.MultiSimilarityMiner(epsilon=0.1),
        ),
        "contrastive": (losses.ContrastiveLoss(distance=plain), None),
        "margin": (losses.MarginLoss(), miners.DistanceWeightedMiner()),
        "generalized_lifted": (
            losses.GeneralizedLiftedStructureLoss(distance=plain),
            None,
        ),
        "n_pair": (losses.NPairsLoss(), None),
        "angular": (losses.AngularLoss(), None),
        "histogram": (losses.HistogramLoss(), None),
    }[name]
    return pml_step(loss, miner, labels, x)


def pml_step(loss, miner, labels, x):
    """Returns a function that computes value and gradient once."""
    import torch

    y, z = torch.tensor(labels), torch.tensor(x, requires_grad=True)

    def run():
        value = loss(z, y, miner(z, y) if miner else None)
        (gradient,) = torch.autograd.grad(value, z)
        return value.item(), gradient.numpy()

    return run


def tfa(name, labels, x):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    import tensorflow_addons

    loss = {
        "semi_hard": tensorflow_addons.losses.TripletSemiHardLoss(margin=0.2),
        "lifted": tensorflow_addons.losses.LiftedStructLoss(),
    }[name]

    @tf.function
    def run(y, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = loss(y, z)
        return value, tape.gradient(value, z)

    y, z = tf.constant(labels, "int32"), tf.constant(x)
    return lambda: [t.numpy() for t in run(y, z)]


def make(variant, name, size, dim):
    labels, x = batch(size, dim)
    if variant == "pml":
        return pml(name, labels, x)
    if variant == "tfa":
        return tfa(name, labels, x)
    return ours(name, labels, x, xla=variant == "fgkeras_xla")
