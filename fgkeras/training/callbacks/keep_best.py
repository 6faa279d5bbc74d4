"""The weights of the epoch that was best on validation images."""

import json
import pathlib

import keras
import numpy as np

from fgkeras.storage import whole_file
from fgkeras.training.checkpoint import to_array
from fgkeras.training.saved_arrays import damaged_file
from fgkeras.training.saved_arrays import load_arrays

_WAY_OUT = "Delete the run folder's `checkpoints` to start again."


class KeepBest(keras.callbacks.Callback):
    """Keeps the weights of the best epoch beside a training's checkpoint.

    Give it to `fit_resumable`, which lets it know the epochs before a kill and
    puts the weights back at the end. Of epochs that are equally good that of
    the smaller `val_loss` is kept, then the first.

    Args:
        path: Path of the file to keep them in.
        metric: String, a column of the history, larger is better, such as
            `"val_mean_per_class"`.

    Attributes:
        epoch: Int from 1, the best epoch so far; `None` before there is one.
        value: Float, its metric.

    Example:

    >>> from fgkeras.training import Batches
    >>> from fgkeras.training import fit_resumable
    >>> x, y = np.eye(2), np.array([[0.0], [1.0]])
    >>> def start(step):
    ...     while True:
    ...         yield x, y
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse", metrics=["r2_score"])
    >>> best = KeepBest("best.npz", "val_r2_score")
    >>> history = fit_resumable(
    ...     model, Batches(start, steps_per_epoch=3), epochs=3,
    ...     checkpoint="last.npz", validation=(x, y), best=best,
    ... )
    >>> best.value == max(row["val_r2_score"] for row in history)
    True
    """

    def __init__(self, path, metric):
        super().__init__()
        self.path, self.metric = pathlib.Path(path), metric
        self.epoch = self.value = None
        self._loss, self._among = np.inf, None

    def known(self, history, among=None):
        """Takes notice of the epochs before.

        Args:
            history: List of dicts.
            among: Container of epochs, from 1, that may be kept, or `None` for
                all. Where a training was stopped it was looked at once more,
                which must not change what it ends with.
        """
        self._among = among
        for row in history:
            self._is_best(row, row["epoch"])

    def _is_best(self, logs, epoch):
        if self._among is not None and epoch not in self._among:
            return False
        value, loss = logs.get(self.metric), logs.get("val_loss", np.inf)
        if value is None or not np.isfinite(value):
            return False
        loss = loss if np.isfinite(loss) else np.inf
        best = (-np.inf if self.value is None else self.value, -self._loss)
        if (value, -loss) <= best:
            return False
        self.epoch, self.value = int(epoch), float(value)
        self._loss = float(loss)
        return True

    def on_epoch_end(self, epoch, logs=None):
        # Before the checkpoint of the epoch: a kill between the two trains
        # the epoch again, and writes the same.
        if not self._is_best(logs or {}, epoch + 1):
            return
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        arrays = {
            f"w{i:05d}": to_array(v) for i, v in enumerate(self.model.weights)
        }
        header = json.dumps({"epoch": self.epoch, "metric": self.metric})
        size = sum(array.nbytes for array in arrays.values())
        with whole_file(self.path, size=size) as file:
            np.savez(file, header=np.array(header), **arrays)

    def restore(self, model):
        """Gives a model the weights of the best epoch.

        Args:
            model: The `keras.Model` that was trained.

        Raises:
            ValueError: If the file is damaged, or of another epoch or model.
        """
        if self.epoch is None:
            return
        arrays = load_arrays(self.path, _WAY_OUT, ["header"])
        found = [arrays[k] for k in sorted(arrays) if k != "header"]
        expected = {"epoch": self.epoch, "metric": self.metric}
        try:
            fits = json.loads(str(arrays["header"])) == expected
        except ValueError:
            fits = False
        shapes = [tuple(v.shape) for v in model.weights]
        if not fits or [array.shape for array in found] != shapes:
            why = f"it does not hold epoch {self.epoch} of this training"
            raise ValueError(damaged_file(self.path, why, _WAY_OUT))
        for variable, array in zip(model.weights, found, strict=True):
            variable.assign(array)
