"""Training that survives being killed: `fit`, its data and its state."""

import pathlib

import keras

from fgkeras.training.checkpoint import TrainingState
from fgkeras.training.checkpoint import load_state


def fit_resumable(
    model,
    make_batches,
    *,
    steps_per_epoch,
    epochs,
    checkpoint,
    validation=None,
    validate_every=1,
    callbacks=(),
    save_seconds=60.0,
):
    """Trains a compiled model, going on from `checkpoint` where it exists.

    The result equals an uninterrupted training bit for bit if batch `t` of
    `make_batches` depends on `t` alone: weights, optimizer, metrics and the
    states of all seed generators (dropout, augmentation layers) come from the
    checkpoint.

    Args:
        model: A compiled `keras.Model`, built.
        make_batches: Callable of a step, returning an endless dataset or
            generator that starts with that step's batch.
        steps_per_epoch: Int at least 1.
        epochs: Int, the total number of epochs.
        checkpoint: Path of the state file; its folder must exist.
        validation: Anything that `model.evaluate` takes, or `None`.
        validate_every: Int, in epochs. The last epoch is always validated.
            Defaults to `1`.
        callbacks: Further Keras callbacks.
        save_seconds: Float, longest time between saves, in seconds. Defaults
            to `60.0`.

    Returns:
        List of dicts, one per epoch: loss, metrics, learning rate, seconds.

    Raises:
        ValueError: If the checkpoint belongs to another model.
    """
    checkpoint = pathlib.Path(checkpoint)
    model.optimizer.build(model.trainable_variables)
    step, history, metrics = 0, [], None
    if checkpoint.exists():
        _build_metrics(model, make_batches)
        info = load_state(checkpoint, model)
        step, history = info["step"], info["history"]
        if step % steps_per_epoch:
            metrics = [
                keras.ops.convert_to_numpy(v) for v in model.metrics_variables
            ]
    while step < steps_per_epoch * epochs:
        epoch, done = divmod(step, steps_per_epoch)
        # A resumed epoch is finished by a `fit` of its own, since
        # `steps_per_epoch` holds for all epochs of one call.
        until = epoch + 1 if done else epochs
        state = TrainingState(
            checkpoint,
            steps_per_epoch,
            step=step,
            history=history,
            seconds=save_seconds,
            restored_metrics=metrics,
        )
        validate = {}
        if validation is not None and (until == epochs or not done):
            # Keras validates where (epoch + 1) % freq == 0; a list names them.
            chosen = [
                e + 1
                for e in range(epochs)
                if (e + 1) % validate_every == 0 or e + 1 == epochs
            ]
            validate = {
                "validation_data": validation,
                "validation_freq": chosen,
            }
        elif validation is not None and (epoch + 1) % validate_every == 0:
            validate = {"validation_data": validation}
        model.fit(
            make_batches(step),
            initial_epoch=epoch,
            epochs=until,
            steps_per_epoch=steps_per_epoch - done,
            callbacks=[*callbacks, state],
            verbose=0,
            **validate,
        )
        step, metrics = state.step, None
        if step != until * steps_per_epoch:
            raise RuntimeError(
                f"The training data ended early: step {step} of "
                f"{until * steps_per_epoch}. `make_batches` must be endless."
            )
    return history


def _build_metrics(model, make_batches):
    """Creates the metric variables, which Keras makes on first use."""
    x, y = next(iter(make_batches(0)))
    model.metrics  # noqa: B018  (a property that flattens the containers)
    if model._compile_loss is not None or model._compile_metrics is not None:
        outputs = keras.ops.zeros(
            (x.shape[0], *model.output_shape[1:]), dtype="float32"
        )
        if not getattr(model._compile_metrics, "built", True):
            model._compile_metrics.build(y, outputs)
        if not getattr(model._compile_loss, "built", True):
            model._compile_loss.build(y, outputs)
