"""Trains an embedding from a config and leaves a run folder."""

import numpy as np

from fgkeras import models
from fgkeras.config.methods import method_named
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.long_tail import save_ids
from fgkeras.jobs.metric_data import TrainingFeatures
from fgkeras.jobs.metric_data import TrainingImages
from fgkeras.jobs.metric_model import feature_embedder
from fgkeras.jobs.metric_model import unit_embedder
from fgkeras.jobs.metric_training import fit_embedding
from fgkeras.jobs.network import make_loss
from fgkeras.jobs.pooling import make_pooling
from fgkeras.models.anchors import anchor_classifier
from fgkeras.models.anchors import start_anchors
from fgkeras.models.embedders import embedder
from fgkeras.models.embedders import pooled_part
from fgkeras.training import extract_features
from fgkeras.training.batch_statistics import settle_batch_norm
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.progress import EpochLines
from fgkeras.training.progress import progress_bar
from fgkeras.training.progress import say
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


def make_embedder(config, images=None):
    """Builds the embedder that a config describes.

    Args:
        config: A `Config`.
        images: `SplitImages` of the training split, for a kernel measured on
            the data; or `None`.

    Returns:
        `keras.Model` from raw pixels to embeddings.

    Raises:
        ValueError: If the pooling is to be learned on frozen features, which
            are made once, behind it.
    """
    model, size = config.model, config.data.size
    learned = model.pooling == "fully_connected" or (
        model.pooling == "kernel" and config.pooling.learn
    )
    if config.train.mode == "frozen" and learned:
        raise ValueError(
            "Embeddings on frozen features cannot learn their pooling. "
            f"Received: train.mode='frozen', model.pooling={model.pooling!r}. "
            "Use --mode finetune, --pooling average, or for the kernel --set "
            "pooling.learn=no."
        )
    method = method_named(config.method.name)
    body = models.backbone(
        model.backbone, (size, size, 3), weights=model.weights or None
    )
    return embedder(
        body,
        config.method.dim,
        pooling=make_pooling(config, body, images),
        pooled_layer=model.pooled_layer or None,
        unit_norm=method.unit_norm,
        batch_norm=method.batch_norm,
        freeze_batch_norm=model.freeze_batch_norm,
    )


class MetricRun:
    """Data, model and training of one metric run.

    Attributes:
        closed: Bool, whether the test classes are among those trained on.
        classifier: `keras.Model` from raw pixels to logits over the training
            classes, by anchors of each class in the embedding.

    Args:
        config: A `Config` whose method is not `softmax`.
        folder: The `RunFolder`.
        sources: `RunSources` of the config.
        quiet: Bool, whether nothing is printed.
        images: What `sources.read` gave, or `None` to read them.
    """

    def __init__(self, config, folder, sources, quiet, images=None):
        self.config, self.folder, self.quiet = config, folder, quiet
        data = config.data
        source, tested = sources.train, sources.test
        self.closed = sources.closed
        self.class_names = source.class_names
        self.test_names = tested.class_names
        images = images or sources.read(config, quiet)
        self.train, self.test = images["train"], images["test"]
        self.rejected = images.get("rejected")
        # What opening a source left out; train and test may be of one.
        self.train.refused = [*source.refused, *self.train.refused]
        if tested.spec != source.spec:
            self.test.refused = [*tested.refused, *self.test.refused]
        if self.rejected is not None:
            self.train.refused += [
                *sources.rejected.refused,
                *self.rejected.refused,
            ]
        self.counts = np.bincount(
            self.train.labels, minlength=source.num_classes
        )
        save_ids(folder / "training_ids.txt", source, data.train_split)
        folder.write_classes(
            source,
            self.counts,
            test_class_names=list(tested.class_names),
            closed_set=self.closed,
        )
        self.embedder = make_embedder(config, self.train)
        self.history, self.noted = [], {}

    def fit(self):
        """Trains; sets `classifier`, and returns the test embeddings."""
        config, train = self.config, self.config.train
        frozen = train.mode == "frozen"
        head = feature_embedder(self.embedder)
        if frozen:
            data, tested = self._features()
        else:
            data, tested = TrainingImages(self.train, self.rejected), None
        chosen = head if frozen else self.embedder
        trained, self.history = fit_embedding(
            chosen,
            data,
            len(self.class_names),
            config,
            self.folder / "checkpoints",
            class_loss=make_loss(config, self.counts),
            rejected_labels=None
            if self.rejected is None
            else self.rejected.labels,
            callbacks=self._lines(),
        )
        self.history = [{"stage": "embedding", **row} for row in self.history]
        self.folder.write_history(self.history)
        if not frozen:
            self._settle(int(trained.optimizer.iterations.numpy()))
        unit = unit_embedder(self.embedder)
        part = feature_embedder(unit) if frozen else unit
        self.classifier = self._anchored(unit, part, data, trained)
        if frozen:
            return np.asarray(part.predict(tested, verbose=0), "float32")
        return self._extract(unit, self.test, "test images")

    def _settle(self, steps):
        """Estimates batch statistics anew if the steps were too few."""
        replicas = replicas_in_scope()
        batch = min(self.config.data.batch_size, len(self.train))
        sampler = make_sampler(
            "uniform",
            self.train.labels,
            whole_shares(batch, replicas),
            seed=self.config.seed,
        )
        settled = settle_batch_norm(
            self.embedder,
            self.train.training(sampler),
            steps=steps,
            parts=replicas,
        )
        if settled:
            self.noted["batch_statistics"] = settled
            say(*statistics_notes(settled), self.quiet)

    def _anchored(self, unit, part, data, trained):
        """The classifier by anchors: those learned, or k-means centres."""
        chosen = self.config.method
        out = anchor_classifier(
            unit,
            len(self.class_names),
            num_anchors=chosen.anchors,
            gamma=chosen.gamma,
        )
        if method_named(chosen.name).kind == "joint":
            anchors = trained.get_layer("head").get_weights()
            out.get_layer("head").set_weights(anchors)
            return out
        labels = self.train.labels
        found = data.embeddings(part)[: len(labels)]
        return start_anchors(out, found, labels, seed=self.config.seed)

    def _features(self):
        part = pooled_part(self.embedder)
        features = self._extract(part, self.train, "training images", True)
        tested = self._extract(part, self.test, "test images", True)
        rejected = None
        if self.rejected is not None:
            rejected = self._extract(part, self.rejected, "rejected images")
        return TrainingFeatures(features, self.train.labels, rejected), tested

    def _extract(self, part, images, name, cached=False):
        with progress_bar(f"features of {name}", quiet=self.quiet) as bar:
            return extract_features(
                part,
                images.evaluation,
                num_images=len(images),
                key=images.key() if cached else None,
                progress=bar,
            )

    def _lines(self):
        epochs = self.config.train.epochs
        if self.quiet:
            return []
        return [EpochLines("embedding", epochs, max(epochs // 10, 1))]
