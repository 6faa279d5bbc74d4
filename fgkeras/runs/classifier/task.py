"""The stages of a classifier's training: the head, then everything."""

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.models import parts
from fgkeras.runs.chance import at_chance
from fgkeras.runs.chance import chance_notes
from fgkeras.runs.classifier.calibrated import Calibrated
from fgkeras.runs.classifier.calibrated import calibrated
from fgkeras.runs.classifier.class_means import ClassMeans
from fgkeras.runs.classifier.evaluate import evaluate_classifier
from fgkeras.runs.classifier.folds import fold_numbers
from fgkeras.runs.classifier.head_start import begin
from fgkeras.runs.classifier.head_start import fit_at_once
from fgkeras.runs.classifier.head_start import row_at_once
from fgkeras.runs.classifier.measured_beta import MeasuredBeta
from fgkeras.runs.classifier.measured_beta import beta_notes
from fgkeras.runs.classifier.network import compile_model
from fgkeras.runs.classifier.network import features_part
from fgkeras.runs.classifier.network import head_part
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.runs.classifier.out_of_fold import out_of_fold
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.classifier.stage_numbers import stage_numbers
from fgkeras.runs.classifier.stage_parts import StageParts
from fgkeras.runs.classifier.stage_parts import fold
from fgkeras.runs.classifier.stage_parts import restart_head
from fgkeras.runs.classifier.stage_parts import scaled
from fgkeras.runs.loss import activation_of
from fgkeras.runs.loss import make_loss
from fgkeras.runs.optimization import sampler_of
from fgkeras.runs.optimization import schedule_of
from fgkeras.runs.optimization import stage_optimizer
from fgkeras.runs.outcome import write_classification
from fgkeras.runs.outcome import write_validation
from fgkeras.runs.pooling import KernelRecord
from fgkeras.runs.task import Task
from fgkeras.training import KeepBest
from fgkeras.training import fit_resumable
from fgkeras.training.array_batches import evaluation_rows
from fgkeras.training.array_batches import row_batches
from fgkeras.training.batch_statistics import statistics_notes
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
        self.beta = MeasuredBeta(config, folder)
        self.means = ClassMeans(config, self.test)
        # Of the stages so far: logits of the head, optimizer, training steps
        # of the body and what its batch statistics are to be settled on.
        self._logits: dict = {}
        self._folds: tuple = ()
        self._optimizer = self._unsettled = None
        self._steps = 0
        # By stage: the best epoch, and what it was worth on test images.
        self.kept: list = []
        self._worth: list = []
        # What stages have of their own, and the head as it was before any.
        self._own = StageParts(config, self.train)
        self._head_weights = None
        self._calibrated: Calibrated = Calibrated()
        self._of_folds: dict = {}

    evaluate = staticmethod(evaluate_classifier)

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
        """Returns what a run is named after: its loss, or its method."""
        trained = when.TRAINED(config)
        return config.loss.name if trained else config.method.name

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
        found = {**self.kernel.metrics(), **self.beta.metrics()}
        return {**found, **super().noted}

    def fit_stage(self, stage, until=None):
        """Trains one stage, going on where it was killed.

        Args:
            stage: The `Config` of the stage.
            until: Int, the epoch after which to stop, or `None`.
        """
        self._logits = {}
        if stage.stage.tune != "all":
            self._settle()
        if self._head_weights is None:
            begin(self)
            head = self.classifier.get_layer(parts.HEAD)
            self._head_weights = head.get_weights()
        stage = self.beta.of(stage)
        if stage.stage.restart:
            restart_head(self.classifier, self._head_weights)
        classifier = self._own.classifier(stage, self.classifier)
        if stage.stage.tune == "all":
            self._fit_all(stage, until, classifier)
        else:
            self._fit_head(stage, until, classifier)
        if classifier is not self.classifier:
            self.classifier.set_weights(classifier.get_weights())
            self._logits = {}
        if until is None and len(self.config.stages()) > 1:
            self._measure(stage)

    def whole_of(self, stage):
        """Returns what a stage trains on before its cut; see `Task`."""
        if "data.source" not in stage.stage.own:
            return super().whole_of(stage)
        others = [images for images, _ in self._looked_at()]
        return self._own.images(stage, self.roles.train, others, self.reporter)

    def outputs(self):
        """Returns the test split's logits, and says what is odd of them."""
        self._settle()
        logits = self._answers().get(self.test.split)
        if logits is None:
            logits = self._folds[1]
            self._of_folds = fold_numbers(self.config, self.train, logits)
        guessed = at_chance(
            self.test.labels, logits, self.history[-1].get("accuracy")
        )
        if guessed:
            self._noted["at_chance"] = guessed
        notes = [
            *statistics_notes(self._noted.get("batch_statistics")),
            *chance_notes(guessed),
            *beta_notes(self.beta.metrics().get("beta")),
        ]
        for text in notes:
            self.reporter.say(text)
        answers = self._logits.get(self.calibration and self.calibration.split)
        folds = () if self._of_folds else self._folds
        self._calibrated = calibrated(self, answers, folds)
        return self._calibrated.answers(logits)

    def _answers(self):
        """Logits of the images that are looked at, by their split."""
        views = self.config.evaluation.views
        if views != "center":
            self._logits = {}
        model = prediction_model(self.classifier, self.config)
        for images, _ in self._looked_at():
            if images.split not in self._logits:
                self._logits[images.split] = images.answers(model, views)
        return self._logits

    def _looked_at(self):
        """Images that are not trained on, and what to call them."""
        tested = None if when.tested_by_folds(self.config) else self.test
        named = (
            (tested, "test images"),
            (self.val, "validation images"),
            (self.calibration, "calibration images"),
        )
        return [pair for pair in named if pair[0] is not None]

    def _measure(self, stage):
        """Notes what a stage was worth; nothing of the training changes."""
        weights, unsettled = self.classifier.get_weights(), self._unsettled
        noted = dict(self._noted)
        self._settle()
        logits = self._answers()[self.test.split]
        how = activation_of(self.config), self.config.evaluation.groups
        found = stage_numbers(self.test.labels, logits, self.counts, *how)
        self._worth.append({"stage": stage.name, **found})
        if unsettled is not None:
            self.classifier.set_weights(weights)
            self._unsettled, self._logits, self._noted = unsettled, {}, noted

    def _fit_head(self, stage, until, classifier):
        train = stage.train
        part = features_part(classifier)
        images, places = self.images_of(stage)
        if places is None:
            features = self.extract(part, images, "training images")
        else:
            whole = self.train.of_stage(stage)
            features = self.extract(part, whole, "training images")
            if len(places) < len(features):
                features = features[places]
        tested = {
            looked_at.split: self.extract(part, looked_at.of_stage(stage), name)
            for looked_at, name in self._looked_at()
        }
        watched = self.watched and tested[self.watched.split]
        head = head_part(classifier)
        counts = self.class_counts(images)
        fit = fit_at_once(classifier, head, stage, counts)
        if fit is not None:
            seen = self.watched and (watched, self.watched.labels)
            row = row_at_once(fit, (features, images.labels), seen)
            self.add_history(stage.name, [row])
        else:
            scale = stage.stage.tune == "scale"
            model = scaled(head) if scale else head
            trained = None if scale else classifier
            self._fit(
                model,
                self.batches_of(model, trained, stage, images, features),
                stage,
                until=until,
                validation=(
                    None
                    if self.watched is None
                    else evaluation_rows(watched, self.watched.labels)
                ),
                validate_every=(
                    train.validate_every
                    if train.keep == "best"
                    else max(train.validate_every, train.epochs // 10)
                ),
                callbacks=self.lines(
                    stage.name, train.epochs, train.epochs // 5, classifier
                ),
            )
            if scale:
                fold(model, head)
        if until is None:
            start = self._head_weights
            self._folds = out_of_fold(self, stage, images, features, start)
            self.means.take(features, images.labels, tested)
        for split, rows in tested.items():
            answers = head.predict(rows, verbose=0)
            self._logits[split] = np.asarray(answers, "float32")

    def batches_of(self, model, classifier, stage, images, features):
        """Compiles a head and returns the `Batches` of features it trains on.

        Args:
            model: `keras.Model` from features to logits.
            classifier: `keras.Model` whose head is trained; `None` where its
                head stays as it is.
            stage: The `Config` of the stage.
            images: `SplitImages` that the features are of.
            features: Float array, first axis the images.
        """
        sampler = sampler_of(stage, images)
        bias = classifier and classifier.get_layer(parts.HEAD).bias
        self._compile(model, stage, images, sampler, bias)
        return row_batches(features, images.labels, sampler)

    def _fit_all(self, stage, until, classifier):
        train = stage.train
        images, _ = self.images_of(stage)
        sampler = sampler_of(stage, images)
        model = classifier
        layer = images.augmentation_layer()
        if layer is not None:
            model = keras.Sequential([classifier.input, layer, model])
        bias = classifier.get_layer(parts.HEAD).bias
        self._compile(model, stage, images, sampler, bias)
        self._fit(
            model,
            images.training(sampler),
            stage,
            until=until,
            validation=self.watched.of_stage(stage).validation(),
            validate_every=train.validate_every,
            callbacks=self.lines(stage.name, train.epochs, 1, classifier),
        )
        self._steps += sampler.steps_per_epoch * train.epochs
        self._unsettled = classifier, images, sampler

    def _fit(self, model, batches, stage, **more):
        first = stage.stage.before * batches.steps_per_epoch
        best = None
        if stage.train.keep == "best" and not stage.stage.continued:
            best = KeepBest(self.folder.best(stage.name), _CHOSEN_BY)
        history = fit_resumable(
            model,
            batches.from_step(first),
            best=best,
            epochs=stage.train.epochs,
            checkpoint=self.folder.checkpoint(stage.name),
            save_seconds=stage.train.save_seconds,
            ended=self.epochs_written(stage.name),
            **more,
        )
        if best is not None and best.epoch is not None:
            self.kept.append(
                {"stage": stage.name, "epoch": best.epoch, "value": best.value}
            )
        self._optimizer = model.optimizer
        self.add_history(stage.name, history)

    def _settle(self):
        """Batch statistics of the stages that trained the body, if short."""
        if self._unsettled is not None:
            classifier, images, sampler = self._unsettled
            self.settle(classifier, images, sampler, self._steps)
            if classifier is not self.classifier:
                self.classifier.set_weights(classifier.get_weights())
            self._unsettled = None

    def _compile(self, model, stage, images, sampler, bias):
        if stage.stage.continues:
            optimizer = self._optimizer
        else:
            schedule = schedule_of(stage, sampler.steps_per_epoch)
            optimizer = stage_optimizer(model, stage, schedule)
        loss = make_loss(stage, self.class_counts(images))
        compile_model(model, stage, stage.train, loss, optimizer, bias)

    def write(self, outputs, **facts):
        """Writes predictions, metrics and report; returns the metrics.

        Args:
            outputs: What `fit` returned.
            **facts: As `write_classification` takes them.
        """
        if self.watched is not None:
            facts["extra"]["monitored_split"] = self.watched.split
        if self._of_folds:
            facts["extra"]["folds"] = self._of_folds
        facts["extra"].update(self.means.metrics(outputs))
        if self.kept:
            facts["extra"]["kept"] = self.kept
        if self._worth:
            facts["extra"]["stages"] = self._worth
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
            answered={
                "views": self.config.evaluation.views,
                **self._calibrated.temperature,
            },
            trust=self._calibrated.trust,
            known_scores=self._calibrated.known_scores(self, outputs),
            **facts,
        )
