"""The metric losses of HDML and DVML without what the methods add to them.

Triplets and N-pairs of these methods are not the losses that `triplet` and
`n-pair` name: two images of a class, one negative each, embeddings of any
length, a margin of 1, batch normalized features under HDML. A method is to be
compared with its own metric loss.
"""

import pathlib
import tempfile
import time

import keras

from experiments.metric_learning import protocol
from fgkeras.config.methods import method_named
from fgkeras.models import embedder
from fgkeras.registries import METHODS
from fgkeras.runs.embedding.feature_training import Trained
from fgkeras.runs.embedding.fit import fit_embedding
from fgkeras.runs.embedding.model import unit_embedder
from fgkeras.runs.embedding.training_data import TrainingFeatures

BASES = {
    f"{name}-base": name
    for name in METHODS.names()
    if METHODS.fact(name, "kind") in ("hdml", "dvml")
}


class MetricLossAlone(keras.callbacks.Callback):
    """Leaves HDML or DVML its metric loss of the real embeddings.

    What `beta=0` of HDML, or weights of 0 for all terms but `invariant` of
    DVML, leave of what moves the embedding. Parts that then move nothing (the
    generator, the classifier, the Gaussians) are not computed.
    """

    def set_model(self, model):
        super().set_model(model)
        model.training_loss = lambda labels, outputs: model.metric_loss(
            labels, outputs["embedding"]
        )


def trained_base(features, labels, base, rate, seed, args):
    """Trains a base once, as `protocol.trained_embedding` trains its method."""
    name = BASES[base]
    config = protocol.run_config(name, rate, seed, len(labels), args.steps)
    started = time.monotonic()
    labels = protocol.renumbered(labels)
    keras.utils.set_random_seed(seed)
    method = method_named(name)
    net = embedder(
        int(features.shape[1]),
        config.method.dim,
        unit_norm=method.unit_norm,
        batch_norm=method.batch_norm,
    )
    with tempfile.TemporaryDirectory() as folder:
        model, history = fit_embedding(
            net,
            TrainingFeatures(features, labels),
            int(labels.max()) + 1,
            config,
            pathlib.Path(folder),
            callbacks=[MetricLossAlone()],
        )
    trained = Trained(unit_embedder(net), model, history, None)
    return trained, time.monotonic() - started
