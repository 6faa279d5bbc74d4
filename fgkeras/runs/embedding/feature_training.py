"""Embeddings trained on features made before: seconds per training."""

import pathlib
import tempfile

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.config.amounts import check_memory
from fgkeras.config.methods import method_named
from fgkeras.models.embedders import embedder
from fgkeras.models.embedders import start_at_components
from fgkeras.runs.embedding.fit import fit_embedding
from fgkeras.runs.embedding.metrics import embedding_metrics
from fgkeras.runs.embedding.model import unit_embedder
from fgkeras.runs.embedding.training_data import TrainingFeatures
from fgkeras.runs.loss import class_loss_of


class Trained:
    """An embedding trained on features.

    Attributes:
        embedder: `keras.Model` from features to embeddings of length 1.
        model: `keras.Model`, the whole that was trained.
        history: List of dicts, one per epoch.
        best: `None`, or the best validation score, MAP@R.
    """

    def __init__(self, embedder, model, history, best):
        self.embedder, self.model = embedder, model
        self.history, self.best = history, best

    def embed(self, features):
        """Returns the embeddings of features, of length 1."""
        return np.asarray(
            self.embedder.predict(features, batch_size=1024, verbose=0)
        )


class KeepBest(keras.callbacks.Callback):
    """Keeps the weights that rank validation images best.

    Args:
        embedder: `keras.Model` whose weights are kept.
        features: Float array of validation images, of classes not trained on.
        labels: Their labels.
        every: Int, epochs between two looks; the last one is looked at too.
    """

    def __init__(self, embedder, features, labels, every=1):
        super().__init__()
        self.embedder, self.every = embedder, every
        self.features, self.labels = features, labels
        self.best, self.weights, self.looked = None, None, True

    def on_epoch_end(self, epoch, logs=None):
        self.looked = (epoch + 1) % self.every == 0
        if self.looked:
            score = self._look()
            if logs is not None:
                logs["val_map_at_r"] = score

    def on_train_end(self, logs=None):
        if not self.looked:
            self._look()
            self.looked = True

    def _look(self):
        found = self.embedder.predict(self.features, batch_size=1024, verbose=0)
        score = embedding_metrics(
            found, self.labels, ks=(1,), num_bootstrap=0, clustering=False
        )["retrieval"]["map_at_r"]["value"]
        if self.best is None or score > self.best:
            self.best, self.weights = score, self.embedder.get_weights()
        return score

    def restore(self):
        """Puts the best weights back."""
        if self.weights is not None:
            self.embedder.set_weights(self.weights)


def train_on_features(
    features,
    labels,
    config,
    *,
    validation=None,
    hierarchy=None,
    lengths=None,
):
    """Trains the embedding of a config on features that were made before.

    Use it where many trainings are compared: one takes seconds. Nothing but
    features is kept in memory, nothing is left on the disk.

    Args:
        features: Float array of shape `(num_images, channels)`.
        labels: Integer array, from 0, every class with an image.
        config: A `Config`: `method`, `train`, `data.batch_size`, `seed`.
        validation: `None`, or `(features, labels)` of classes not trained on:
            the weights of the best epoch by MAP@R are taken.
        hierarchy: `None`, or dict of level name to the parent of each class,
            where the config asks for parents.
        lengths: How long the features of each level are, a sequence of ints,
            for a cascade (`method.name="hdc"`), as
            `fgkeras.runs.embedding.features.level_lengths` gives them; else
            `None` (default).

    Returns:
        A `Trained`.

    Raises:
        ValueError: If the data do not suit the method.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "method.name": "contrastive", "method.dim": 2,
    ...     "train.mode": "frozen", "train.epochs": 1, "data.batch_size": 8,
    ... })
    >>> labels = np.repeat(np.arange(4), 4)
    >>> features = np.random.default_rng(0).normal(size=(16, 6))
    >>> trained = train_on_features(features, labels, config)
    >>> trained.embed(features).shape, len(trained.history)
    ((16, 2), 1)
    """
    config = config.resolved(also=("train.validate_every",))
    keras.utils.set_random_seed(config.seed)
    features = np.asarray(features, "float32")
    labels = np.asarray(labels, "int64")
    method = method_named(config.method.name)
    count = when.num_levels(config)
    if bool(count) != (lengths is not None):
        raise ValueError(
            "How long the features of each level are is said for a cascade, "
            "and for nothing else. Received: method.name="
            f"{config.method.name!r}, lengths={lengths!r}."
        )
    if count and count != len(lengths):
        raise ValueError(
            "A cascade has as many parts of the features as levels. Received: "
            f"lengths={list(lengths)} for {count} levels of "
            f"{config.method.name}. Make the features of the levels that are "
            "trained (method.levels)."
        )
    net = embedder(
        tuple(lengths) if lengths else int(features.shape[1]),
        config.method.dim,
        unit_norm=method.unit_norm,
        batch_norm=method.batch_norm,
    )
    if when.EMBEDDING(config) and config.method.start == "pca":
        start_at_components(net, features, seed=config.seed)
    keep = None
    if validation is not None:
        others, their_labels = validation
        every = config.train.validate_every
        keep = KeepBest(net, others, their_labels, every=every)
    class_loss = None
    usual = config.loss.name == "softmax" and not config.loss.smoothing
    if not usual or when.weights_classes(config):
        class_loss = class_loss_of(config, np.bincount(labels))
    trained, history = None, []
    with tempfile.TemporaryDirectory() as folder:
        for stage in config.stages():
            check_memory(stage, len(labels))
            trained, rows = fit_embedding(
                net,
                TrainingFeatures(features, labels),
                int(labels.max()) + 1,
                stage,
                pathlib.Path(folder),
                class_loss=class_loss,
                hierarchy=hierarchy,
                callbacks=[] if keep is None else [keep],
                before=trained and (net, trained),
            )
            history += rows
    if keep is not None:
        keep.restore()
    best = None if keep is None else keep.best
    return Trained(unit_embedder(net), trained, history, best)
