"""The stages of a classifier's training: the head, then everything."""

import keras
import numpy as np

from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.runs.chance import at_chance
from fgkeras.runs.chance import chance_notes
from fgkeras.runs.classifier.network import compile_model
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.loss import make_loss
from fgkeras.runs.optimization import optimizer_of
from fgkeras.runs.optimization import schedule_of
from fgkeras.runs.outcome import write_classification
from fgkeras.runs.pooling import KernelRecord
from fgkeras.runs.pooling import logistic_head
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.task import Task
from fgkeras.training import fit_resumable
from fgkeras.training.array_batches import padded_arrays
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.progress import say
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


class ClassifierTask(Task):
    """A head on frozen features, then everything; see `Task`."""

    def __init__(self, config, folder, roles, images=None, quiet=False):
        super().__init__(config, folder, roles, images, quiet)
        source = roles.train
        folder.write_classes(source, self.counts)
        self.loss = make_loss(config, self.counts)
        self.classifier = make_classifier(
            config, source.num_classes, self.train
        )
        self.kernel = KernelRecord(self.classifier)

    @staticmethod
    def sources(config, kept=None):
        """Opens the source that is trained on and tested on.

        Args:
            config: A `Config`.
            kept: Not used.

        Returns:
            Tuple `(train, test, closed, rejected)`, as `Roles` has them.
        """
        del kept
        source = training_source(config)
        return source, source, True, None

    @staticmethod
    def title(config):
        """Returns what a run is named after: its loss."""
        return config.loss.name

    @staticmethod
    def renumbered(source, split, kept):
        """Gives images of other data the class numbers of the run.

        Args:
            source: `Source`.
            split: String, the split that is looked at.
            kept: `RunData` of the run.

        Returns:
            Tuple of the `Source` and whether its classes are those of the run.

        Raises:
            ValueError: If it has others.
        """
        del split
        return renumbered(source, kept.class_names), True

    @property
    def noted(self):
        """What the training notes in the metrics, a dict ready for JSON."""
        return {**self.kernel.metrics(), **super().noted}

    def fit(self, until=None):
        """Runs the stages and returns the test split's logits.

        Args:
            until: Tuple of the name of a stage and an epoch of it after which
                to stop, or `None`.

        Returns:
            Float array, or `None` of a training that was stopped.
        """
        logits = None
        for stage in self.config.stages():
            fit = {"head": self._fit_head, "all": self._fit_all}[stage.name]
            last = until[1] if until and until[0] == stage.name else None
            logits = fit(stage, last)
            if last is not None:
                return None
        logits = self._final_logits(logits)
        guessed = at_chance(
            self.test.labels, logits, self.history[-1].get("accuracy")
        )
        if guessed:
            self._noted["at_chance"] = guessed
        notes = [
            *statistics_notes(self._noted.get("batch_statistics")),
            *chance_notes(guessed),
        ]
        for text in notes:
            say(text, self.quiet)
        return logits

    def _final_logits(self, logits):
        """Logits of the test images; `logits` if one view is asked for."""
        if logits is not None and not self.config.data.mirror_test:
            return logits
        model = prediction_model(self.classifier, self.config)
        logits = model.predict(self.test.evaluation(), verbose=0)
        return np.asarray(logits, "float32")

    def _fit_head(self, config, until):
        train = config.train
        part = features_part(self.classifier)
        features = self.extract(part, self.train, "training images")
        tested = self.extract(part, self.test, "test images")
        head = head_part(self.classifier)
        if train.head_solver == "logistic":
            before = head_part(self.classifier, "dropout")
            fit = logistic_head(
                self.classifier, before, head, config, self.counts
            )
            row = fit((features, self.train.labels), (tested, self.test.labels))
            self.add_history("head", [row])
            return np.asarray(head.predict(tested, verbose=0), "float32")
        batch = max(config.data.batch_size, 128)
        sampler = self._sampler(batch, train.epochs)
        self._compile(head, train, sampler.steps_per_epoch)

        def batches(step):
            while True:
                index = sampler.batch(step)
                yield features[index], self.train.labels[index]
                step += 1

        history = fit_resumable(
            head,
            batches,
            steps_per_epoch=sampler.steps_per_epoch,
            epochs=train.epochs,
            until=until,
            checkpoint=self.folder / "checkpoints" / "head.npz",
            validation=self._validation(tested),
            validate_every=max(train.validate_every, train.epochs // 10),
            callbacks=self.lines("head", train.epochs, train.epochs // 5),
            save_seconds=train.save_seconds,
        )
        self.add_history("head", history)
        return np.asarray(head.predict(tested, verbose=0), "float32")

    def _fit_all(self, config, until):
        train = config.train
        sampler = self._sampler(self.config.data.batch_size, train.epochs)
        model = self.classifier
        layer = self.train.augmentation_layer()
        if layer is not None:
            model = keras.Sequential([self.classifier.input, layer, model])
        self._compile(model, train, sampler.steps_per_epoch)
        history = fit_resumable(
            model,
            self.train.training(sampler),
            steps_per_epoch=sampler.steps_per_epoch,
            epochs=train.epochs,
            until=until,
            checkpoint=self.folder / "checkpoints" / "all.npz",
            validation=self.test.validation(),
            validate_every=train.validate_every,
            callbacks=self.lines("train", train.epochs, 1),
            save_seconds=train.save_seconds,
        )
        self.add_history("all", history)
        if until is None:
            steps = sampler.steps_per_epoch * train.epochs
            self.settle(model, sampler, steps)

    def _validation(self, tested):
        """What `model.evaluate` takes of the test split's features."""
        replicas = replicas_in_scope()
        if replicas == 1:
            return tested, self.test.labels
        return padded_arrays(tested, self.test.labels, replicas)

    def _sampler(self, batch, epochs):
        batch = whole_shares(min(batch, len(self.train)), replicas_in_scope())
        progressive = self.config.data.sampler == "progressive"
        return make_sampler(
            self.config.data.sampler,
            self.train.labels,
            batch,
            seed=self.config.seed,
            num_epochs=epochs if progressive else None,
        )

    def _compile(self, model, train, steps):
        optimizer = optimizer_of(train, schedule_of(train, steps))
        bias = self.classifier.get_layer("head").bias
        compile_model(model, self.config, train, self.loss, optimizer, bias)

    def write(self, outputs, **facts):
        """Writes predictions, metrics and report; returns the metrics.

        Args:
            outputs: What `fit` returned.
            **facts: As `write_classification` takes them.
        """
        facts["extra"]["monitored_split"] = self.config.data.test_split
        return write_classification(
            self.folder,
            self.config,
            self.test,
            outputs,
            class_names=self.roles.train.class_names,
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
            chosen: `ChosenImages`.
            target: Path of the folder to write into.
            **facts: As `write_classification` takes them.

        Returns:
            The metrics.
        """
        classes = folder.read_json("classes.json")
        logits = Predictor(folder).logits(chosen.images)
        chosen, logits = chosen.settled(logits)
        facts["extra"] = {**facts["extra"], **chosen.noted}
        return write_classification(
            folder,
            config,
            chosen.images,
            logits,
            class_names=classes["class_names"],
            train_counts=np.asarray(classes["train_counts"]),
            directory=target,
            **facts,
        )
