"""Trains an embedding from a config and leaves a run folder."""

import numpy as np

from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.models.anchors import anchor_classifier
from fgkeras.models.anchors import start_anchors
from fgkeras.models.embedders import pooled_part
from fgkeras.runs.embedding.fit import fit_embedding
from fgkeras.runs.embedding.model import feature_embedder
from fgkeras.runs.embedding.model import unit_embedder
from fgkeras.runs.embedding.network import make_embedder
from fgkeras.runs.embedding.outcome import write_embeddings
from fgkeras.runs.embedding.sources import embedding_sources
from fgkeras.runs.embedding.sources import rejected_source
from fgkeras.runs.embedding.training_data import TrainingFeatures
from fgkeras.runs.embedding.training_data import TrainingImages
from fgkeras.runs.loss import class_loss_of
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.task import Task
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.progress import say
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


class EmbeddingTask(Task):
    """An embedding, and anchors of its classes; see `Task`.

    Attributes:
        closed: Bool, whether the test classes are among those trained on.
    """

    def __init__(self, config, folder, roles, images=None, quiet=False):
        super().__init__(config, folder, roles, images, quiet)
        self.closed = roles.closed
        folder.write_classes(
            roles.train,
            self.counts,
            test_class_names=list(roles.test.class_names),
            closed_set=self.closed,
        )
        self.embedder = make_embedder(config, self.train)

    @staticmethod
    def sources(config, kept=None):
        """Opens what is trained on and what is tested on.

        Args:
            config: A `Config`.
            kept: The `RunData` of a run that goes on, or `None`.

        Returns:
            Tuple `(train, test, closed, rejected)`, as `Roles` has them.
        """
        train, test, closed = embedding_sources(config, kept)
        rejected = None
        if when.LISTED(config):
            rejected = rejected_source(config, train)
        return train, test, closed, rejected

    @staticmethod
    def title(config):
        """Returns what a run is named after: its method."""
        return config.method.name

    @staticmethod
    def renumbered(source, split, kept):
        """Gives images of other data the class numbers of the run, if it can.

        Args:
            source: `Source`.
            split: String, the split that is looked at; classes that it has no
                image of do not count.
            kept: `RunData` of the run.

        Returns:
            Tuple of the `Source` and whether its classes are those of the run.
        """
        part = source.split(split)
        source = source.with_splits({split: part})
        used = np.unique(part.labels)
        if len(used) < source.num_classes:
            source = select_classes(source, used)
        if set(source.class_names) <= set(kept.class_names):
            return renumbered(source, kept.class_names), True
        return source, False

    def fit(self, until=None):
        """Trains; sets `classifier`, and returns the test embeddings.

        Args:
            until: Tuple of the name of the stage and an epoch of it after
                which to stop, or `None`.

        Returns:
            Float array, or `None` of a training that was stopped.
        """
        config, train = self.config, self.config.train
        frozen = train.mode == "frozen"
        head = feature_embedder(self.embedder)
        if frozen:
            data, tested = self._features()
        else:
            data, tested = TrainingImages(self.train, self.rejected), None
        chosen = head if frozen else self.embedder
        trained, history = fit_embedding(
            chosen,
            data,
            self.roles.train.num_classes,
            config,
            self.folder / "checkpoints",
            class_loss=class_loss_of(config, self.counts),
            rejected_labels=None
            if self.rejected is None
            else self.rejected.labels,
            callbacks=self.lines("embedding", train.epochs, train.epochs // 10),
            until=until and until[1],
        )
        self.add_history("embedding", history)
        if until:
            return None
        if not frozen:
            self._settle(int(trained.optimizer.iterations.numpy()))
        unit = unit_embedder(self.embedder)
        part = feature_embedder(unit) if frozen else unit
        self.classifier = self._anchored(unit, part, data, trained)
        if frozen:
            return np.asarray(part.predict(tested, verbose=0), "float32")
        return self.extract(unit, self.test, "test images", cached=False)

    def _settle(self, steps):
        # Listed triplets have no batch of images.
        listed = when.LISTED(self.config)
        batch = 32 if listed else self.config.data.batch_size
        batch = min(batch, len(self.train))
        sampler = make_sampler(
            "uniform",
            self.train.labels,
            whole_shares(batch, replicas_in_scope()),
            seed=self.config.seed,
        )
        self.settle(self.embedder, sampler, steps)
        for text in statistics_notes(self.noted.get("batch_statistics")):
            say(text, self.quiet)

    def _anchored(self, unit, part, data, trained):
        """The classifier by anchors: those learned, or k-means centres."""
        chosen = self.config.method
        out = anchor_classifier(
            unit,
            self.roles.train.num_classes,
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
        features = self.extract(part, self.train, "training images")
        tested = self.extract(part, self.test, "test images")
        rejected = None
        if self.rejected is not None:
            rejected = self.extract(
                part, self.rejected, "rejected images", cached=False
            )
        return TrainingFeatures(features, self.train.labels, rejected), tested

    def write(self, outputs, **facts):
        """Writes predictions, metrics and report; returns the metrics.

        Args:
            outputs: What `fit` returned.
            **facts: As `write_embeddings` takes them.
        """
        return write_embeddings(
            self.folder,
            self.config,
            self.test,
            outputs,
            classifier=self.classifier,
            closed=self.closed,
            class_names=self.roles.train.class_names,
            test_names=self.roles.test.class_names,
            train_counts=self.counts,
            history=self.history,
            **facts,
        )

    @staticmethod
    def evaluate(folder, config, chosen, target, **facts):
        """Evaluates a finished run, as `fgkeras.jobs.evaluate` has it.

        Args:
            folder: The `RunFolder`.
            config: Its `Config`.
            chosen: `ChosenImages`, of classes known or not.
            target: Path of the folder to write into.
            **facts: As `write_embeddings` takes them.

        Returns:
            The metrics.
        """
        classes = folder.read_json("classes.json")
        predictor = Predictor(folder)
        embeddings = predictor.vectors(chosen.images)
        chosen, embeddings = chosen.settled(embeddings)
        facts["extra"] = {**facts["extra"], **chosen.noted}
        return write_embeddings(
            folder,
            config,
            chosen.images,
            embeddings,
            classifier=predictor.model,
            closed=chosen.closed,
            class_names=classes["class_names"],
            test_names=chosen.class_names,
            train_counts=np.asarray(classes["train_counts"]),
            directory=target,
            **facts,
        )
