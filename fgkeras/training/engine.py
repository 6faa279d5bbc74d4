"""Who runs the steps of a training: Keras, unless told otherwise."""


class KerasFit:
    """Trains by `keras.Model.fit`.

    An engine of your own has this `fit`. It calls the callbacks as Keras
    does, since checkpoints are made by one.
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
