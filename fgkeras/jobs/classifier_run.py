"""The stages of a classifier's training: the head, then everything."""

import keras
import numpy as np

from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.long_tail import save_ids
from fgkeras.jobs.chance import at_chance
from fgkeras.jobs.chance import chance_notes
from fgkeras.jobs.inputs import SplitImages
from fgkeras.jobs.inputs import padded_arrays
from fgkeras.jobs.network import compile_model
from fgkeras.jobs.network import features_part
from fgkeras.jobs.network import head_part
from fgkeras.jobs.network import make_classifier
from fgkeras.jobs.network import make_loss
from fgkeras.jobs.network import prediction_model
from fgkeras.jobs.pooling import KernelRecord
from fgkeras.jobs.pooling import logistic_head
from fgkeras.training import extract_features
from fgkeras.training import fit_resumable
from fgkeras.training import make_optimizer
from fgkeras.training import make_schedule
from fgkeras.training.batch_statistics import settle_batch_norm
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.progress import EpochLines
from fgkeras.training.progress import progress_bar
from fgkeras.training.progress import say
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.replica_batches import whole_shares


class ClassifierRun:
    """Model, data and stages of one run of a classifier.

    Args:
        config: A `Config`.
        folder: A `RunFolder`.
        source: A `Source`, the training split cut as the config says.
        quiet: Bool, nothing is printed.
        images: Dict of `train` and `test` to `SplitImages` that were read, or
            `None` to read them. Defaults to `None`.
    """

    def __init__(self, config, folder, source, quiet, images=None):
        self.config, self.folder, self.quiet = config, folder, quiet
        data = config.data
        images = images or {
            "train": SplitImages(source, data.train_split, config, quiet),
            "test": SplitImages(source, data.test_split, config, quiet),
        }
        self.train, self.test = images["train"], images["test"]
        # What opening the source left out belongs to both.
        self.train.refused = [*source.refused, *self.train.refused]
        self.counts = np.bincount(
            self.train.labels, minlength=source.num_classes
        )
        save_ids(folder / "training_ids.txt", source, data.train_split)
        folder.write_classes(source, self.counts)
        self.loss = make_loss(config, self.counts)
        self.classifier = make_classifier(
            config, source.num_classes, self.train
        )
        self.kernel = KernelRecord(self.classifier)
        self.history, self._noted = [], {}

    @property
    def noted(self):
        """What the training notes in the metrics, a dict ready for JSON."""
        return {**self.kernel.metrics(), **self._noted}

    def fit(self):
        """Runs the stages and returns the test split's logits."""
        logits = self._fit()
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

    def _fit(self):
        logits = None
        for stage in self.config.stages():
            fit = {"head": self._fit_head, "all": self._fit_all}[stage.name]
            logits = fit(stage)
        return self._final_logits(logits)

    def _final_logits(self, logits):
        """Logits of the test images; `logits` if one view is asked for."""
        if logits is not None and not self.config.data.mirror_test:
            return logits
        model = prediction_model(self.classifier, self.config)
        logits = model.predict(self.test.evaluation(), verbose=0)
        return np.asarray(logits, "float32")

    def features(self, images, part, name):
        """Returns what `part` makes of the evaluation crops of a split."""
        with progress_bar(f"features of {name}", quiet=self.quiet) as bar:
            return extract_features(
                part,
                images.evaluation,
                num_images=len(images),
                key=images.key(),
                progress=bar,
            )

    def _fit_head(self, config):
        train = config.train
        part = features_part(self.classifier)
        features = self.features(self.train, part, "training images")
        tested = self.features(self.test, part, "test images")
        head = head_part(self.classifier)
        if train.head_solver == "logistic":
            before = head_part(self.classifier, "dropout")
            fit = logistic_head(
                self.classifier, before, head, config, self.counts
            )
            row = fit((features, self.train.labels), (tested, self.test.labels))
            self._add_history("head", [row])
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
            checkpoint=self.folder / "checkpoints" / "head.npz",
            validation=self._validation(tested),
            validate_every=max(train.validate_every, train.epochs // 10),
            callbacks=self._lines("head", train.epochs, train.epochs // 5),
            save_seconds=train.save_seconds,
        )
        self._add_history("head", history)
        return np.asarray(head.predict(tested, verbose=0), "float32")

    def _fit_all(self, config):
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
            checkpoint=self.folder / "checkpoints" / "all.npz",
            validation=self.test.validation(),
            validate_every=train.validate_every,
            callbacks=self._lines("train", train.epochs, 1),
            save_seconds=train.save_seconds,
        )
        self._add_history("all", history)
        settled = settle_batch_norm(
            model,
            self.train.training(sampler),
            steps=sampler.steps_per_epoch * train.epochs,
            parts=replicas_in_scope(),
        )
        if settled:
            self._noted["batch_statistics"] = settled

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
        schedule = make_schedule(
            train.schedule,
            train.learning_rate,
            total_epochs=train.epochs,
            steps_per_epoch=steps,
            warmup_epochs=train.warmup_epochs,
            boundaries=train.boundaries,
            factors=train.factors,
            decay=train.decay,
            decay_epochs=train.decay_epochs,
        )
        optimizer = make_optimizer(
            train.optimizer,
            schedule,
            momentum=train.momentum,
            clip=train.clip,
        )
        bias = self.classifier.get_layer("head").bias
        compile_model(model, self.config, train, self.loss, optimizer, bias)

    def _lines(self, title, epochs, every):
        if self.quiet:
            return []
        return [EpochLines(title, epochs, max(every, 1))]

    def _add_history(self, stage, history):
        self.history += [{"stage": stage, **row} for row in history]
        self.folder.write_history(self.history)
