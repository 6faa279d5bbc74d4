"""Who runs the steps of a training: Keras, unless told otherwise."""


class KerasFit:
    """Trains by `keras.Model.fit`.

    An engine of your own has this `fit`. It calls the callbacks as Keras
    does, since checkpoints are made by one.

    Example:

    >>> import keras
    >>> from fgkeras.training import Batches
    >>> from fgkeras.training import fit_resumable
    >>> class Told(KerasFit):
    ...     def fit(self, model, batches, *, steps, **options):
    ...         print("steps of an epoch:", steps)
    ...         super().fit(model, batches, steps=steps, **options)
    >>> def start(step):
    ...     while True:
    ...         yield np.ones((4, 2)), np.ones((4, 1))
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = fit_resumable(
    ...     model, Batches(start, steps_per_epoch=3), epochs=1,
    ...     checkpoint="told.npz", engine=Told(),
    ... )
    steps of an epoch: 3
    """

    def fit(
        self,
        model,
        batches,
        *,
        steps,
        first_epoch,
        last_epoch,
        callbacks,
        validation,
        validated,
    ):
        """Trains some epochs of the same number of steps.

        Args:
            model: A compiled `keras.Model`, built.
            batches: Endless dataset or generator.
            steps: Int, of each epoch.
            first_epoch: Int from 0.
            last_epoch: Int, the epoch before which to end.
            callbacks: List of Keras callbacks.
            validation: Anything that `model.evaluate` takes, or `None`.
            validated: List of the epochs, from 1, that are validated.
        """
        model.fit(
            batches,
            initial_epoch=first_epoch,
            epochs=last_epoch,
            steps_per_epoch=steps,
            callbacks=callbacks,
            validation_data=validation,
            validation_freq=validated,
            shuffle=False,
            verbose=0,
        )
