"""What the trainings of a classifier and of an embedding have in common."""

import hashlib

import numpy as np

from fgkeras.config.stages import CUT
from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.ids import save_ids
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
        watched: `SplitImages` that epochs are measured on: `val`, or `test`.
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
        self.history, self._noted = [], {}

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
            those of the run.

        Raises:
            ValueError: If its cut cannot be made.
        """
        everywhere = np.arange(len(self.train))
        kind = stage.stage.changes.get(CUT)
        if not kind:
            return self.train.of_stage(stage), everywhere
        split = self.config.data.train_split
        cut = cut_source(self.roles.train, kind, split=split, seed=stage.seed)
        chosen = set(cut.split(split).ids)
        places = [i for i, name in enumerate(self.train.ids) if name in chosen]
        images = self.train.take(places).of_stage(stage)
        gone = np.flatnonzero(
            (self.class_counts(images) == 0) & (self.counts > 0)
        )
        if len(gone):
            names = [self.roles.train.class_names[i] for i in gone[:5]]
            raise ValueError(
                "A stage trains on every class. Received: "
                f"stages.{stage.name}.data.cut={kind!r}, which leaves none of "
                f"{len(gone)} classes: {', '.join(names)}. Choose another cut."
            )
        ids = "\n".join(images.ids)
        digest = hashlib.sha256(ids.encode()).hexdigest()
        self._check_cut(stage.name, kind, digest)
        return images, np.array(places)

    def _check_cut(self, stage, cut, digest):
        """Refuses to go on where a list that a cut names was changed."""
        event = "images cut"
        for known in self.folder.events():
            same = known["event"] == event and known.get("stage") == stage
            if same and known.get("images") != digest:
                raise ValueError(
                    "A stage goes on with the images that it began with. "
                    f"Received: stages.{stage}.data.cut={cut!r} in "
                    f"{self.folder.path}, which now gives others. Bring the "
                    "list back, choose another folder (--out), or --restart."
                )
        self.folder.note(event, stage=stage, images=digest)

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

    def lines(self, title, epochs, every):
        """Returns the callbacks that tell of the epochs of a stage."""
        title = {"all": "train"}.get(title, title)
        return self.reporter.epochs(title, epochs, max(every, 1))

    def add_history(self, stage, history):
        """Adds the epochs of a stage and writes all."""
        self.history += [{"stage": stage, **row} for row in history]
        self.folder.write_history(self.history)
