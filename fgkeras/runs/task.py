"""What the trainings of a classifier and of an embedding have in common."""

import hashlib

import numpy as np

from fgkeras.config import when
from fgkeras.config.stages import CUT
from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.ids import save_ids
from fgkeras.runs.kept.stage_images import keep_stage_images
from fgkeras.runs.pooling import kernel_epochs
from fgkeras.training.batch_statistics import settle_batch_norm
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.reporter import CONSOLE


class Task:
    """Model, data and stages of one run.

    A task also says, before it is made, which `sources` its config names,
    `renumbered` images of others, what to call its run (`title`), and how a
    finished run is evaluated (`evaluate`); made, it trains one stage after the
    other (`fit_stage`), answers for the test images (`outputs`) and writes
    what came of it (`write`).

    Attributes:
        classifier: `keras.Model` from raw pixels to logits.
        train, test: `SplitImages`.
        val: `SplitImages` that are chosen by, or `None`.
        calibration: `SplitImages` for the temperature, or `None`.
        watched: `SplitImages` that epochs are measured on: `val`, or `test`;
            `None` where both are trained on.
        counts: Integer array, training images per class.
        history: List of dicts, one per epoch.

    Args:
        config: A resolved `Config`.
        folder: The `RunFolder`.
        roles: `Roles` of the config.
        images: What `roles.read` gave, or `None` to read them.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
    """

    def __init__(self, config, folder, roles, images=None, reporter=CONSOLE):
        self.config, self.folder, self.reporter = config, folder, reporter
        self.roles = roles
        images = images or roles.read(config, reporter)
        self.train, self.test = images["train"], images["test"]
        self.rejected = images.get("rejected")
        # Whom a training watches and chooses by; the test where nothing is.
        self.val = images.get("val")
        self.watched = self.test if self.val is None else self.val
        if self.val is None and when.tested_by_folds(config):
            # A test image is trained on too, by the run itself.
            self.watched = None
        # What opening a source left out; train and test may be of one.
        self.train.refused = [*roles.train.refused, *self.train.refused]
        if roles.test.spec != roles.train.spec:
            self.test.refused = [*roles.test.refused, *self.test.refused]
        if self.rejected is not None:
            self.train.refused += [
                *roles.rejected.refused,
                *self.rejected.refused,
            ]
        self.counts = self.class_counts(self.train)
        save_ids(
            folder / "training_ids.txt", roles.train, config.data.train_split
        )
        if self.val is not None:
            save_ids(folder / "val_ids.txt", roles.train, roles.val)
        self.calibration = images.get("calibration")
        self.history, self._noted = [], {}
        # By the name of a stage, images that are not of the run's own.
        self._others: dict = {}

    def fit(self, until=None):
        """Trains all stages and returns what the model makes of test images.

        Args:
            until: Tuple of the name of a stage and an epoch of it after which
                to stop, or `None`.

        Returns:
            Float array, or `None` of a training that was stopped.
        """
        for stage in self.config.stages():
            # What is wrong with a later stage is said before the first.
            self.images_of(stage)
        for stage in self.config.stages():
            last = until[1] if until and until[0] == stage.name else None
            self.fit_stage(stage, last)
            if last is not None:
                self.folder.note("stopped", stage=stage.name, epoch=last)
                return None
            self.folder.note("stage ended", stage=stage.name)
        if self._others:
            keep_stage_images(self.folder, self._others)
        return self.outputs()

    def fit_stage(self, stage, until=None):
        """Trains one stage, going on where it was killed.

        Args:
            stage: The `Config` of the stage.
            until: Int, the epoch after which to stop, or `None`.
        """
        raise TypeError(f"{type(self).__name__} does not define `fit_stage`.")

    def outputs(self):
        """Returns what the trained model makes of the test images, floats."""
        raise TypeError(f"{type(self).__name__} does not define `outputs`.")

    def class_counts(self, images):
        """Returns the number of images of each class, an integer array."""
        count = self.roles.train.num_classes
        return np.bincount(images.labels, minlength=count)

    def images_of(self, stage):
        """Returns what a stage trains on.

        Args:
            stage: The `Config` of the stage.

        Returns:
            Tuple of the training images, `SplitImages`, and their places among
            those of the run, `None` of images that are no part of them.

        Raises:
            ValueError: If its cut cannot be made.
        """
        source, split, images = self.whole_of(stage)
        own = images is not self.train
        kind = stage.stage.changes.get(CUT)
        if not kind and not own:
            return self.train.of_stage(stage), np.arange(len(self.train))
        places = list(range(len(images)))
        if kind:
            cut = cut_source(source, kind, split=split, seed=stage.seed)
            chosen = set(cut.split(split).ids)
            places = [i for i, name in enumerate(images.ids) if name in chosen]
            images = images.take(places)
        images = images.of_stage(stage)
        gone = np.flatnonzero(
            (self.class_counts(images) == 0) & (self.counts > 0)
        )
        if len(gone):
            names = [self.roles.train.class_names[i] for i in gone[:5]]
            raise ValueError(
                "A stage trains on every class. Received: "
                f"stages.{stage.name} with {_asked(stage)}, which leaves none "
                f"of {len(gone)} classes: {', '.join(names)}. Choose other "
                "images."
            )
        ids = "\n".join(images.ids)
        if own:
            self._others[stage.name] = images
            # The run's own are in data.json, with their contents.
            known = [images.sha256.get(i, "") for i in images.ids]
            ids = "\n".join([ids, *known])
        digest = hashlib.sha256(ids.encode()).hexdigest()
        self._check_images(stage, digest)
        return images, None if own else np.array(places)

    def whole_of(self, stage):
        """Returns what a stage trains on before its cut.

        Args:
            stage: The `Config` of the stage.

        Returns:
            Tuple of a `Source`, the name of a split and its `SplitImages`.
        """
        del stage
        return self.roles.train, self.config.data.train_split, self.train

    def _check_images(self, stage, digest):
        """Refuses to go on where a list or a folder was changed since."""
        event = "images cut"
        for known in self.folder.events():
            named = known.get("stage") == stage.name
            same = known["event"] == event and named
            if same and known.get("images") != digest:
                raise ValueError(
                    "A stage goes on with the images that it began with. "
                    f"Received: stages.{stage.name} with {_asked(stage)} in "
                    f"{self.folder.path}, which now gives others. Bring them "
                    "back, choose another folder (--out), or --restart."
                )
        self.folder.note(event, stage=stage.name, images=digest)

    @property
    def noted(self):
        """What the training notes in the metrics, a dict ready for JSON."""
        return dict(self._noted)

    def extract(self, part, images, name, cached=True):
        """Returns what a model makes of the evaluation crops of images.

        Args:
            part: `keras.Model` from raw pixels.
            images: `SplitImages`.
            name: String, for the progress bar.
            cached: Bool, whether the next run finds them. Defaults to `True`.
        """
        return images.features(part, name, cached=cached)

    def settle(self, model, images, sampler, steps):
        """Estimates batch statistics anew if the steps were too few."""
        settled = settle_batch_norm(
            model,
            images.training(sampler).start,
            steps=steps,
            parts=replicas_in_scope(),
        )
        if settled:
            self._noted["batch_statistics"] = settled

    def lines(self, title, epochs, every, whole):
        """Returns the callbacks that tell of the epochs of a stage.

        Args:
            title: String, the name of the stage.
            epochs: Int.
            every: Int, of how many epochs one is told.
            whole: `keras.Model` with the pooling, whose kernel the history
                has of each epoch, if it is learned.
        """
        title = {"all": "train"}.get(title, title)
        told = self.reporter.epochs(title, epochs, max(every, 1))
        return [*told, *kernel_epochs(whole)]

    def epochs_written(self, stage):
        """Returns a function that writes the epochs of a stage so far.

        Args:
            stage: String, the name of the stage.
        """

        def write(rows):
            so_far = [{"stage": stage, **row} for row in rows]
            self.folder.write_history([*self.history, *so_far])

        return write

    def add_history(self, stage, history):
        """Adds the epochs of a stage and writes all."""
        self.history += [{"stage": stage, **row} for row in history]
        self.folder.write_history(self.history)


def _asked(stage):
    """The images of a stage, as they were asked for."""
    names = [n for n in ("data.source", CUT) if n in stage.stage.own]
    return ", ".join(f"{n}={stage[n]!r}" for n in names or [CUT])
