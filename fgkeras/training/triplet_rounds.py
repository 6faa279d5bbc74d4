"""Quasi-online sampling: triplets drawn anew every some steps."""

import pathlib

import numpy as np

from fgkeras.mining.quasi_online import quasi_online_triplets
from fgkeras.storage import damaged_file
from fgkeras.storage import whole_file
from fgkeras.training.saved_arrays import load_arrays


class TripletRounds:
    """A sampler of batches of triplets which were drawn from a whole set.

    Steps are grouped into rounds. When a round begins, the model as it is then
    gives features of all images, and the triplets of the round's steps are
    drawn from them. `batch(step)` has the rows anchor, positive, negative,
    anchor, ... as `ListedTriplets` wants them. It takes the place of a
    `Sampler` of `fgkeras.data`, in `training_dataset` too; give `prepare` as
    the start of every epoch:

        rounds = TripletRounds(features, labels, 50, 1000, file="t.npz")
        batches = Batches(
            lambda step: some_batches(rounds.prepare(step), step),
            rounds.steps_per_epoch,
            fresh=True,
        )
        fit_resumable(model, batches, ...)

    The list is kept in `file`: a training killed within a round goes on with
    the same triplets, though the model has moved since they were drawn.

    Args:
        features: Callable without arguments that returns the present features
            of all images, float `(num_images, dim)`, and, where there are
            rejected images, those after them.
        labels: Integer array of shape `(num_images,)`.
        num_triplets: Int at least 1, triplets of a batch.
        steps: Int at least 1, steps of a round.
        file: Path of an `.npz` file; its folder must exist.
        seed: Int. Defaults to `0`.
        rejected_labels: `None`, or integer array `(num_rejected,)`: the class
            that each rejected image does not belong to.
        **options: `negatives`, `margin`, `nearest`, `rejected`, `block`: see
            `fgkeras.mining.quasi_online_triplets`.

    Attributes:
        drawn: Dict of round to the number of different triplets found; where
            nothing violates the margin any more, it is 0 and random ones fill
            the round.

    Raises:
        ValueError: If a number is out of range, or the file belongs to
            another set.

    Example:

    >>> x = np.array([[0.0], [0.3], [0.1], [0.4]])
    >>> rounds = TripletRounds(lambda: x, [0, 0, 1, 1], 2, 5, file="rounds.npz")
    >>> rounds.prepare(0).batch(3).shape, rounds.steps_per_epoch
    ((6,), 5)

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), section 3.4: a
      round of 1000 steps with 50 triplets each.
    """

    def __init__(
        self,
        features,
        labels,
        num_triplets,
        steps,
        *,
        file,
        seed=0,
        rejected_labels=None,
        **options,
    ):
        if num_triplets < 1 or steps < 1:
            raise ValueError(
                "`num_triplets` and `steps` must be at least 1. Received: "
                f"num_triplets={num_triplets}, steps={steps}."
            )
        self.features = features
        self.labels = np.asarray(labels)
        self.num_triplets = int(num_triplets)
        self.steps_per_epoch = int(steps)
        self.file = pathlib.Path(file)
        self.seed = seed
        self.rejected_labels = rejected_labels
        self.options = options
        self.drawn = {}
        self._round, self._list = None, None

    @property
    def batch_size(self):
        """Images of a batch: three per triplet."""
        return 3 * self.num_triplets

    def prepare(self, step):
        """Draws the triplets of the round that holds `step`, or reads them.

        Returns:
            The sampler itself.
        """
        number = int(step) // self.steps_per_epoch
        if self._round != number:
            self._list = self._stored(number)
            if self._list is None:
                self._list = self._draw(number)
                self._store(number)
            self._round = number
        return self

    def batch(self, step):
        """Returns the `int64` numbers of one step's images, `(batch_size,)`.

        Pipelines fetch some batches ahead; those beyond the round are never
        trained on, and repeat its triplets.
        """
        if self._list is None:
            raise ValueError(
                "`prepare` must be called before `batch`. Received: "
                f"step={step}, and no triplets were drawn."
            )
        start = int(step) % self.steps_per_epoch * self.num_triplets
        return self._list[start : start + self.num_triplets].reshape(-1)

    def _draw(self, number):
        features = np.asarray(self.features(), "float32")
        images, more = np.split(features, [len(self.labels)])
        rejected = {}
        if self.rejected_labels is not None:
            rejected = {
                "rejected_features": more,
                "rejected_labels": self.rejected_labels,
            }
        wanted = self.num_triplets * self.steps_per_epoch
        seed = [self.seed, number]
        found = quasi_online_triplets(
            self.labels, images, wanted, seed=seed, **rejected, **self.options
        )
        self.drawn[number] = len(found)
        if not len(found):
            found = quasi_online_triplets(
                self.labels, images, wanted, seed=seed, negatives="random"
            )
        return np.resize(found, (wanted, 3))

    def _store(self, number):
        with whole_file(self.file) as file:
            np.savez(
                file,
                round=number,
                drawn=self.drawn[number],
                triplets=self._list,
                seed=self.seed,
            )

    def _stored(self, number):
        if not self.file.exists():
            return None
        names = ["round", "triplets", "drawn", "seed"]
        file = load_arrays(self.file, "Delete it to start again.", names)
        if not all(
            file[name].dtype.kind in "iu" and file[name].ndim == 2 * (i == 1)
            for i, name in enumerate(names)
        ):
            raise ValueError(
                damaged_file(
                    self.file,
                    "its arrays are of another kind",
                    "Delete it to start again.",
                )
            )
        if int(file["round"]) != number:
            return None
        triplets = file["triplets"]
        self.drawn[number] = int(file["drawn"])
        seed = int(file["seed"])
        wanted = (self.num_triplets * self.steps_per_epoch, 3)
        top = len(self.labels) + len(
            () if self.rejected_labels is None else self.rejected_labels
        )
        if (
            triplets.shape != wanted
            or triplets.min(initial=0) < 0
            or triplets.max(initial=0) >= top
            or (seed != self.seed)
        ):
            raise ValueError(
                "The stored triplets must come from the same training. "
                f"Received: {self.file} with {len(triplets)} triplets and "
                f"seed {seed} for {wanted[0]} triplets of {top} images and "
                f"seed {self.seed}. Delete it to start again."
            )
        return triplets
