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
from fgkeras.runs.optimization import epochs_of
from fgkeras.runs.optimization import optimizer_of
from fgkeras.runs.optimization import schedule_of
from fgkeras.runs.outcome import write_classification
from fgkeras.runs.outcome import write_validation
from fgkeras.runs.pooling import KernelRecord
from fgkeras.runs.pooling import logistic_head
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.task import Task
from fgkeras.training import KeepBest
from fgkeras.training import fit_resumable
from fgkeras.training.array_batches import padded_arrays
from fgkeras.training.array_batches import row_batches
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares
from fgkeras.training.reporter import CONSOLE

# What the best epoch is chosen by: the validation's, see `compile_model`.
_CHOSEN_BY = "val_mean_per_class"


class ClassifierTask(Task):
    """A head on frozen features, then everything; see `Task`."""

    def __init__(self, config, folder, roles, images=None, reporter=CONSOLE):
        super().__init__(config, folder, roles, images, reporter)
        source = roles.train
        folder.write_classes(source, self.counts)
        self.classifier = make_classifier(
            config, source.num_classes, self.train
        )
        self.kernel = KernelRecord(self.classifier)
        # Of the stages so far: logits of the head, optimizer, training steps
        # of the body and what its batch statistics are to be settled on.
        self._logits: dict = {}
        self._optimizer = self._unsettled = None
        self._steps = 0
        self._kept: list = []

    @staticmethod
    def sources(config, kept=None):
        """Opens the source that is trained on and tested on.

        Args:
            config: A `Config`.
            kept: Not used.

        Returns:
            Tuple `(train, test, closed, rejected)`, as `Roles` has them.
        """
        source = training_source(config, kept)
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

    def fit_stage(self, stage, until=None):
        """Trains one stage, going on where it was killed.

        Args:
            stage: The `Config` of the stage.
            until: Int, the epoch after which to stop, or `None`.
        """
        self._logits = {}
        if stage.stage.tune == "head":
            self._settle()
            self._fit_head(stage, until)
        else:
            self._fit_all(stage, until)

    def outputs(self):
        """Returns the test split's logits, and says what is odd of them."""
        self._settle()
        if self.config.data.mirror_test:
            self._logits = {}
        model = prediction_model(self.classifier, self.config)
        for images in {id(i): i for i in (self.test, self.watched)}.values():
            if images.split not in self._logits:
                self._logits[images.split] = images.answers(model)
        logits = self._logits[self.test.split]
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
            self.reporter.say(text)
        return logits

    def _fit_head(self, stage, until):
        train = stage.train
        part = features_part(self.classifier)
        features = self.extract(part, self.train, "training images")
        tested = {self.test.split: self.extract(part, self.test, "test images")}
        if self.val is not None:
            found = self.extract(part, self.val, "validation images")
            tested[self.val.split] = found
        watched = tested[self.watched.split]
        images, places = self.images_of(stage)
        features = features[places] if len(places) < len(features) else features
        head = head_part(self.classifier)
        if train.head_solver == "logistic":
            before = head_part(self.classifier, "dropout")
            fit = logistic_head(
                self.classifier, before, head, stage, self.class_counts(images)
            )
            row = fit((features, images.labels), (watched, self.watched.labels))
            self.add_history(stage.name, [row])
        else:
            sampler = self._sampler(stage, images)
            self._compile(head, stage, images, sampler)
            self._fit(
                head,
                row_batches(features, images.labels, sampler),
                stage,
                until=until,
                validation=self._validation(watched),
                validate_every=(
                    train.validate_every
                    if train.keep == "best"
                    else max(train.validate_every, train.epochs // 10)
                ),
                callbacks=self.lines(
                    stage.name, train.epochs, train.epochs // 5
                ),
            )
        for split, rows in tested.items():
            answers = head.predict(rows, verbose=0)
            self._logits[split] = np.asarray(answers, "float32")

    def _fit_all(self, stage, until):
        train = stage.train
        images, _ = self.images_of(stage)
        sampler = self._sampler(stage, images)
        model = self.classifier
        layer = images.augmentation_layer()
        if layer is not None:
            model = keras.Sequential([self.classifier.input, layer, model])
        self._compile(model, stage, images, sampler)
        self._fit(
            model,
            images.training(sampler),
            stage,
            until=until,
            validation=self.watched.validation(),
            validate_every=train.validate_every,
            callbacks=self.lines(stage.name, train.epochs, 1),
        )
        self._steps += sampler.steps_per_epoch * train.epochs
        self._unsettled = images, sampler

    def _fit(self, model, batches, stage, **more):
        first = stage.stage.before * batches.steps_per_epoch
        best = None
        if stage.train.keep == "best" and not self._is_continued(stage):
            best = KeepBest(self.folder.best(stage.name), _CHOSEN_BY)
        history = fit_resumable(
            model,
            batches.from_step(first),
            best=best,
            epochs=stage.train.epochs,
            checkpoint=self.folder.checkpoint(stage.name),
            save_seconds=stage.train.save_seconds,
            **more,
        )
        if best is not None and best.epoch is not None:
            self._kept.append(
                {"stage": stage.name, "epoch": best.epoch, "value": best.value}
            )
        self._optimizer = model.optimizer
        self.add_history(stage.name, history)

    def _is_continued(self, stage):
        """Whether the next stage goes on with the optimizer of this one."""
        stages = self.config.stages()
        after = [s.name for s in stages].index(stage.name) + 1
        return after < len(stages) and stages[after].stage.continues

    def _settle(self):
        """Batch statistics of the stages that trained the body, if short."""
        if self._unsettled is not None:
            images, sampler = self._unsettled
            self.settle(self.classifier, images, sampler, self._steps)
            self._unsettled = None

    def _validation(self, tested):
        """What `model.evaluate` takes of the features that are watched."""
        replicas = replicas_in_scope()
        if replicas == 1:
            return tested, self.watched.labels
        return padded_arrays(tested, self.watched.labels, replicas)

    def _sampler(self, stage, images):
        batch = min(stage.data.batch_size, len(images))
        return make_sampler(
            stage.data.sampler,
            images.labels,
            whole_shares(batch, replicas_in_scope()),
            seed=stage.seed,
            num_epochs=epochs_of(stage),
        )

    def _compile(self, model, stage, images, sampler):
        if stage.stage.continues:
            optimizer = self._optimizer
        else:
            schedule = schedule_of(stage, sampler.steps_per_epoch)
            optimizer = optimizer_of(stage.train, schedule)
        loss = make_loss(stage, self.class_counts(images))
        bias = self.classifier.get_layer("head").bias
        compile_model(model, stage, stage.train, loss, optimizer, bias)

    def write(self, outputs, **facts):
        """Writes predictions, metrics and report; returns the metrics.

        Args:
            outputs: What `fit` returned.
            **facts: As `write_classification` takes them.
        """
        facts["extra"]["monitored_split"] = self.watched.split
        if self._kept:
            facts["extra"]["kept"] = self._kept
        if self.val is not None:
            facts["extra"]["val"] = write_validation(
                self.folder,
                self.config,
                self.val,
                self._logits[self.val.split],
                class_names=self.roles.train.class_names,
                train_counts=self.counts,
            )
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
        classes = folder.classes()
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
