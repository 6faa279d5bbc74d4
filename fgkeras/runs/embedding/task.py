"""Trains an embedding from a config and leaves a run folder."""

import typing

import numpy as np

from fgkeras.config import when
from fgkeras.config.amounts import check_memory
from fgkeras.config.methods import known_options
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.models.anchors import anchor_classifier
from fgkeras.models.anchors import start_anchors
from fgkeras.models.embedders import pooled_part
from fgkeras.models.embedders import start_at_components
from fgkeras.runs.embedding.fit import fit_embedding
from fgkeras.runs.embedding.model import feature_embedder
from fgkeras.runs.embedding.model import unit_embedder
from fgkeras.runs.embedding.network import make_embedder
from fgkeras.runs.embedding.outcome import write_embeddings
from fgkeras.runs.embedding.sources import embedding_sources
from fgkeras.runs.embedding.sources import rejected_source
from fgkeras.runs.embedding.synthetic_share import KEY as SHARE
from fgkeras.runs.embedding.synthetic_share import ShareWarning
from fgkeras.runs.embedding.synthetic_share import share_of
from fgkeras.runs.embedding.training_data import TrainingFeatures
from fgkeras.runs.embedding.training_data import TrainingImages
from fgkeras.runs.embedding.untrained import RANDOM_BODY
from fgkeras.runs.embedding.untrained import Untrained
from fgkeras.runs.embedding.untrained import untrained_ranks
from fgkeras.runs.loss import class_loss_of
from fgkeras.runs.task import Task
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares
from fgkeras.training.reporter import CONSOLE


class EmbeddingTask(Task):
    """An embedding, and anchors of its classes; see `Task`.

    Attributes:
        closed: Bool, whether the test classes are among those trained on.
    """

    def __init__(self, config, folder, roles, images=None, reporter=CONSOLE):
        super().__init__(config, folder, roles, images, reporter)
        self.closed = roles.closed
        folder.write_classes(
            roles.train,
            self.counts,
            test_class_names=list(roles.test.class_names),
            closed_set=self.closed,
        )
        self.embedder = make_embedder(config, self.train)
        self._head = feature_embedder(self.embedder)
        # Of the stages so far: what was trained, training steps of the body,
        # what its batch statistics are to be settled on, and features with
        # the steps after which they were made.
        self._trained: typing.Any = None
        self._unsettled: typing.Any = None
        self._made: typing.Any = None
        self._test_features: typing.Any = None
        self._steps = self._steps_before = 0
        self._made_after: int | None = None
        # What the start's features retrieve, or why that is not known.
        self._untrained: typing.Any = None

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

    def images_of(self, stage):
        images, places = super().images_of(stage)
        check_memory(stage, len(images))
        return images, places

    def fit_stage(self, stage, until=None):
        """Trains one stage, going on where it was killed.

        Args:
            stage: The `Config` of the stage.
            until: Int, the epoch after which to stop, or `None`.
        """
        if self._untrained is None:
            self._begin()
        if stage.stage.tune == "head":
            self._settle()
            data = self._features()
            chosen = self._head
        else:
            data = TrainingImages(self.train.of_stage(stage), self.rejected)
            chosen = self.embedder
        images, places = self.images_of(stage)
        if len(places) < len(self.train):
            data = data.take(places)
        callbacks = self.lines(
            stage.name,
            stage.train.epochs,
            stage.train.epochs // 10,
            self.embedder,
        )
        parts = _parts_of_hdml(stage)
        beta = parts.get("beta")
        if parts:
            told = ShareWarning(self.reporter.say, beta, parts["block"])
            callbacks = [*callbacks, told]
        trained, history = fit_embedding(
            chosen,
            data,
            self.roles.train.num_classes,
            stage,
            self.folder / "checkpoints",
            class_loss=class_loss_of(stage, self.class_counts(images)),
            hierarchy=self.roles.train.hierarchy,
            rejected_labels=None
            if self.rejected is None
            else self.rejected.labels,
            callbacks=callbacks,
            until=until,
            before=self._trained,
            ended=self.epochs_written(stage.name),
        )
        self._trained = chosen, trained
        self.add_history(stage.name, history)
        share = share_of(history, beta)
        if share is not None:
            self._noted[SHARE] = share
        if chosen is self.embedder:
            self._unsettled = stage, images
            if not stage.stage.continues:
                self._steps_before = self._steps
            done = int(trained.optimizer.iterations.numpy())
            self._steps = self._steps_before + done

    def _begin(self):
        """Notes what is there untrained, and starts the embedding from it."""
        config = self.config
        frozen = config.stages()[0].stage.tune == "head"
        pca = config.method.start == "pca"
        if not (frozen or config.model.weights or pca):
            self._untrained = RANDOM_BODY
            return
        part = pooled_part(self.embedder)
        if frozen:
            features = self._features().features[: len(self.train)]
            tested = self._test_features
        else:
            features = self.extract(part, self.train, "training images")
            tested = self.extract(part, self.test, "test images")
        start = Untrained.measured(
            features, config.method.dim, part, seed=config.seed
        )
        if pca:
            start_at_components(self.embedder, features, seed=config.seed)
        start.write(self.folder)
        self._untrained = start.ranks(tested, self.test.labels, self.reporter)

    def outputs(self):
        """Sets `classifier`, and returns the test embeddings."""
        self._settle()
        unit = unit_embedder(self.embedder)
        last = self.config.stages()[-1]
        if last.stage.tune == "head":
            part, data = feature_embedder(unit), self._features()
            self.classifier = self._anchored(unit, part, data)
            tested = self._test_features
            return np.asarray(part.predict(tested, verbose=0), "float32")
        data = TrainingImages(self.train.of_stage(last), self.rejected)
        self.classifier = self._anchored(unit, unit, data)
        return self.extract(unit, self.test, "test images", cached=False)

    def _settle(self):
        """Batch statistics of the stages that trained the body, if short."""
        if self._unsettled is None:
            return
        stage, images = self._unsettled
        self._unsettled = None
        # Listed triplets have no batch of images.
        batch = 32 if when.LISTED(stage) else stage.data.batch_size
        sampler = make_sampler(
            "uniform",
            images.labels,
            whole_shares(min(batch, len(images)), replicas_in_scope()),
            seed=stage.seed,
        )
        self.settle(self.embedder, images, sampler, self._steps)
        for text in statistics_notes(self.noted.get("batch_statistics")):
            self.reporter.say(text)

    def _anchored(self, unit, part, data):
        """The classifier by anchors: those learned, or k-means centres."""
        chosen = self.config.method
        out = anchor_classifier(
            unit,
            self.roles.train.num_classes,
            num_anchors=chosen.anchors,
            gamma=chosen.gamma,
        )
        if method_named(chosen.name).kind == "joint":
            anchors = self._trained[1].get_layer("head").get_weights()
            out.get_layer("head").set_weights(anchors)
            return out
        labels = self.train.labels
        found = data.embeddings(part)[: len(labels)]
        return start_anchors(out, found, labels, seed=self.config.seed)

    def _features(self):
        """Features of the training images, by the body as it is now."""
        if self._made_after == self._steps:
            return self._made
        part = pooled_part(self.embedder)
        features = self.extract(part, self.train, "training images")
        self._test_features = self.extract(part, self.test, "test images")
        rejected = None
        if self.rejected is not None:
            rejected = self.extract(
                part, self.rejected, "rejected images", cached=False
            )
        self._made = TrainingFeatures(features, self.train.labels, rejected)
        self._made_after = self._steps
        return self._made

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
            untrained=self._untrained,
            **facts,
        )

    @staticmethod
    def evaluate(predictor, config, chosen, target, **facts):
        """Evaluates a finished run, as `fgkeras.jobs.evaluate` has it.

        Args:
            predictor: The `Predictor` of the run.
            config: Its `Config`.
            chosen: `ChosenImages`, of classes known or not.
            target: Path of the folder to write into.
            **facts: As `write_embeddings` takes them.

        Returns:
            The metrics.
        """
        folder = predictor.folder
        classes = folder.classes()
        # Of classifiers, whose answers can be changed after training.
        facts.pop("earlier")
        embeddings = predictor.vectors(chosen.images)
        untrained = None
        if "untrained" not in facts["extra"]:  # Of its own test, it is kept.
            untrained = untrained_ranks(predictor, chosen)
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
            untrained=untrained,
            **facts,
        )


def _parts_of_hdml(stage):
    """All options of HDML in a stage, a dict; empty of other methods."""
    chosen = stage.method
    if method_named(chosen.name).kind != "hdml":
        return {}
    asked = method_options(chosen.name, chosen.options)
    return {**known_options(chosen.name), **asked}
