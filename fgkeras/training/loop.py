"""Training that survives being killed: `fit`, its data and its state."""

import pathlib

from fgkeras.storage import damaged_file
from fgkeras.training.checkpoint import WAY_OUT
from fgkeras.training.checkpoint import TrainingState
from fgkeras.training.checkpoint import load_state
from fgkeras.training.engine import KerasFit


def fit_resumable(
    model,
    batches,
    *,
    epochs,
    checkpoint,
    until=None,
    validation=None,
    validate_every=1,
    callbacks=(),
    save_seconds=60.0,
    engine=None,
    best=None,
    ended=None,
):
    """Trains a compiled model, going on from `checkpoint` where it exists.

    The result equals an uninterrupted training bit for bit if batch `t` of
    `batches` depends on `t` alone: weights, optimizer, metrics and the
    states of all seed generators (dropout, augmentation layers) come from the
    checkpoint.

    Args:
        model: A compiled `keras.Model`, built.
        batches: `Batches`.
        epochs: Int, the total number of epochs.
        checkpoint: Path of the state file; its folder must exist.
        until: Int, the epoch after which to stop, however many are to come:
            the next call goes on there. `None` means `epochs`.
        validation: Anything that `model.evaluate` takes, or `None`.
        validate_every: Int, in epochs. The last epoch is always validated.
            Defaults to `1`.
        callbacks: Further Keras callbacks.
        save_seconds: Float, longest time between saves, in seconds. Defaults
            to `60.0`.
        engine: What runs the steps. Defaults to `KerasFit()`.
        best: `KeepBest`, whose weights the model has after the last epoch; or
            `None` for those of the last. The checkpoint keeps the last.
        ended: `None`, or a function called at the end of each epoch with the
            list of all epochs so far, as it is returned. Defaults to `None`.

    Returns:
        List of dicts, one per epoch: loss, metrics, learning rate, seconds.

    Raises:
        ValueError: If the checkpoint belongs to another model.

    Example:

    >>> import keras
    >>> from fgkeras.training import Batches
    >>> def start(step):
    ...     while True:
    ...         yield np.ones((4, 2)), np.ones((4, 1))
    >>> batches = Batches(start, steps_per_epoch=3)
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> state = {"epochs": 3, "checkpoint": "state.npz"}
    >>> len(fit_resumable(model, batches, **state, until=1))
    1
    >>> [row["epoch"] for row in fit_resumable(model, batches, **state)]
    [1, 2, 3]
    """
    checkpoint = pathlib.Path(checkpoint)
    engine = KerasFit() if engine is None else engine
    steps_per_epoch = batches.steps_per_epoch
    model.optimizer.build(model.trainable_variables)
    step, history, metrics = 0, [], None
    if checkpoint.exists():
        info, metrics = load_state(checkpoint, model)
        step, history = info["step"], info["history"]
        if len(history) != step // steps_per_epoch:
            why = f"step {step} is not in epoch {len(history) + 1}"
            raise ValueError(damaged_file(checkpoint, why, WAY_OUT))
        if step % steps_per_epoch == 0:
            metrics = None
        else:
            # Keras makes metric variables on first use; this changes nothing
            # else, and each epoch starts by resetting them.
            model.test_on_batch(*next(iter(batches.start(step))))
    # Keras validates the epochs named in a list; the last, and where it is to
    # stop, is always one.
    usual = {*range(validate_every, epochs, validate_every), epochs}
    validated = [e for e in range(1, epochs + 1) if e in usual or e == until]
    if best is not None:
        best.known(history, usual)
        callbacks = [*callbacks, best]
    last = epochs if until is None else min(until, epochs)
    while step < steps_per_epoch * last:
        epoch, done = divmod(step, steps_per_epoch)
        # A resumed epoch is finished by a `fit` of its own, since
        # `steps_per_epoch` holds for all epochs of one call.
        end = epoch + 1 if done or batches.fresh else last
        state = TrainingState(
            checkpoint,
            steps_per_epoch,
            step=step,
            history=history,
            seconds=save_seconds,
            restored_metrics=metrics,
            ended=ended,
        )
        engine.fit(
            model,
            batches.start(step),
            steps=steps_per_epoch - done,
            first_epoch=epoch,
            last_epoch=end,
            callbacks=[*callbacks, state],
            validation=validation,
            validated=validated,
        )
        step, metrics = state.step, None
        if step != end * steps_per_epoch:
            raise RuntimeError(
                f"The training data ended early: step {step} of "
                f"{end * steps_per_epoch}. `batches` must be endless."
            )
    if best is not None and len(history) == epochs:
        best.restore(model)
    return history
