"""The complete state of a training, saved so that it can go on exactly."""

import json
import pathlib
import time

import keras
import numpy as np

from fgkeras.storage import damaged_file
from fgkeras.storage import whole_file
from fgkeras.training.saved_arrays import load_arrays

WAY_OUT = "Delete the run folder's `checkpoints` to start again."


def _variables(model):
    """State that training carries on: weights, optimizer, seed generators."""
    seen, out = set(), []
    for v in [*model.variables, *model.optimizer.variables]:
        if id(v) not in seen:
            seen.add(id(v))
            out.append(v)
    return out


def to_array(variable):
    """Returns a variable's value, also of one mirrored on several devices."""
    return np.asarray(variable.numpy())


def save_state(path, model, info):
    """Writes weights, optimizer, metric and seed variables in one file.

    The file appears whole or not at all.

    Args:
        path: Path of the `.npz` file.
        model: A compiled, built `keras.Model`.
        info: JSON-ready dict, such as the step.
    """
    path = pathlib.Path(path)
    arrays = {f"v{i:05d}": to_array(v) for i, v in enumerate(_variables(model))}
    for i, v in enumerate(model.metrics_variables):
        arrays[f"m{i:05d}"] = to_array(v)
    names = [v.path for v in _variables(model)]
    header = json.dumps({"info": info, "names": names})
    size = sum(array.nbytes for array in arrays.values())
    with whole_file(path, size=size) as file:
        np.savez(file, header=np.array(header), **arrays)


def load_state(path, model):
    """Restores what `save_state` wrote.

    Args:
        path: Path of the `.npz` file.
        model: A compiled, built `keras.Model` of the same structure.

    Returns:
        Tuple `(info, metrics)`: the dict, and the values of the metric
        variables, which Keras resets at each epoch's start.

    Raises:
        ValueError: If the file belongs to another model.
    """
    arrays = load_arrays(path, WAY_OUT, ["header"])
    info, names = _header(path, arrays["header"])
    for key, array in arrays.items():
        # Weights, counts and states of random numbers, never text.
        if key != "header" and array.dtype.kind not in "fiubV":
            why = f"{key} holds no numbers"
            raise ValueError(damaged_file(path, why, WAY_OUT))
    variables = _variables(model)
    keys = [f"v{i:05d}" for i in range(len(names))]
    shapes = [arrays[key].shape for key in keys if key in arrays]
    if shapes != [tuple(v.shape) for v in variables]:
        raise ValueError(
            "The checkpoint must come from the same model and optimizer. "
            f"Received: {path} with {len(shapes)} arrays for "
            f"{len(variables)} variables. {WAY_OUT}"
        )
    for key, name in zip(keys, names, strict=True):
        if arrays[key].dtype.kind == "f" and not np.isfinite(arrays[key]).all():
            why = f"{name} is not finite, as of a training that diverged"
            raise ValueError(damaged_file(path, why, WAY_OUT))
    metrics = [arrays[k] for k in sorted(arrays) if k[0] == "m"]
    for key, v in zip(keys, variables, strict=True):
        v.assign(arrays[key])
    return info, metrics


def _header(path, array):
    """What a checkpoint says of itself, checked."""
    try:
        header = json.loads(str(array))
        info, names = header["info"], header["names"]
        step, history = info["step"], info["history"]
        if not isinstance(names, list) or type(step) is not int or step < 0:
            raise ValueError("its step must be a whole number")
        if not isinstance(history, list) or not all(
            isinstance(row, dict) for row in history
        ):
            raise ValueError("its history must be a list of epochs")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(damaged_file(path, repr(error), WAY_OUT)) from error
    return info, names


class TrainingState(keras.callbacks.Callback):
    """Saves the training state at epoch ends and every `seconds`.

    Args:
        path: Path of the checkpoint file.
        steps_per_epoch: Int.
        step: Int, the global step at which this `fit` starts.
        history: List of dicts, one per finished epoch; grows in place.
        seconds: Float, longest time between saves. Defaults to `60.0`.
        restored_metrics: `None`, or a list of arrays of the model's metric
            variables, put back when the first epoch is entered in its middle.
        ended: `None`, or a function of `history`, called when an epoch was
            added and saved. Defaults to `None`.
    """

    def __init__(
        self,
        path,
        steps_per_epoch,
        *,
        step=0,
        history=None,
        seconds=60.0,
        restored_metrics=None,
        ended=None,
    ):
        super().__init__()
        self.ended = ended
        self.path = path
        self.steps_per_epoch = steps_per_epoch
        self.step = step
        self.history = [] if history is None else history
        self.seconds = seconds
        self.restored_metrics = restored_metrics
        self.saved_at = time.monotonic()
        self.epoch_started = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_started = time.monotonic()
        if self.restored_metrics is not None:
            for v, value in zip(
                self.model.metrics_variables, self.restored_metrics, strict=True
            ):
                v.assign(value)
            self.restored_metrics = None

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        at_end = self.step % self.steps_per_epoch == 0
        if not at_end and time.monotonic() - self.saved_at > self.seconds:
            self.save()

    def on_epoch_end(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        self.history.append(
            {
                "epoch": epoch + 1,
                **{k: float(v) for k, v in (logs or {}).items()},
                "learning_rate": float(keras.ops.convert_to_numpy(rate)),
                "seconds": round(time.monotonic() - self.epoch_started, 2),
            }
        )
        self.save()
        if self.ended is not None:
            self.ended(self.history)

    def save(self):
        """Writes the state now."""
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()
        save_state(
            self.path, self.model, {"step": self.step, "history": self.history}
        )
        self.saved_at = time.monotonic()
