"""What the trainings of a classifier and of an embedding have in common."""

import numpy as np

from fgkeras.data.cuts.long_tail import save_ids
from fgkeras.training.batch_statistics import settle_batch_norm
from fgkeras.training.progress import EpochLines
from fgkeras.training.replica_batches import replicas_in_scope


class Task:
    """Model, data and stages of one run.

    A task also says, before it is made, which `sources` its config names,
    `renumbered` images of others, what to call its run (`title`), and how a
    finished run is evaluated (`evaluate`); made, it trains (`fit`) and writes
    what came of it (`write`).

    Attributes:
        classifier: `keras.Model` from raw pixels to logits.
        train, test: `SplitImages`.
        counts: Integer array, training images per class.
        history: List of dicts, one per epoch.

    Args:
        config: A resolved `Config`.
        folder: The `RunFolder`.
        roles: `Roles` of the config.
        images: What `roles.read` gave, or `None` to read them.
        quiet: Bool, nothing is printed. Defaults to `False`.
    """

    def __init__(self, config, folder, roles, images=None, quiet=False):
        self.config, self.folder, self.quiet = config, folder, quiet
        self.roles = roles
        images = images or roles.read(config, quiet)
        self.train, self.test = images["train"], images["test"]
        self.rejected = images.get("rejected")
        # What opening a source left out; train and test may be of one.
        self.train.refused = [*roles.train.refused, *self.train.refused]
        if roles.test.spec != roles.train.spec:
            self.test.refused = [*roles.test.refused, *self.test.refused]
        if self.rejected is not None:
            self.train.refused += [
                *roles.rejected.refused,
                *self.rejected.refused,
            ]
        self.counts = np.bincount(
            self.train.labels, minlength=roles.train.num_classes
        )
        save_ids(
            folder / "training_ids.txt", roles.train, config.data.train_split
        )
        self.history, self._noted = [], {}

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

    def settle(self, model, sampler, steps):
        """Estimates batch statistics anew if the steps were too few."""
        settled = settle_batch_norm(
            model,
            self.train.training(sampler),
            steps=steps,
            parts=replicas_in_scope(),
        )
        if settled:
            self._noted["batch_statistics"] = settled

    def lines(self, title, epochs, every):
        """Returns the callbacks that tell of epochs, none where it is quiet."""
        if self.quiet:
            return []
        return [EpochLines(title, epochs, max(every, 1))]

    def add_history(self, stage, history):
        """Adds the epochs of a stage and writes all."""
        self.history += [{"stage": stage, **row} for row in history]
        self.folder.write_history(self.history)
