"""What a drop of the learning rate does with each form of momentum.

    python -m experiments.long_tailed_cifar.rate_drop zip:cifar100.zip

Long-tailed CIFAR-100, imbalance 100, ResNet-20, three epochs of 85 batches; the
rate falls from 0.1 to 0.001 after the second. Prints the mean training loss of
every 17 batches. About a minute and a half per optimizer on 2 CPU cores.
"""

import argparse

import keras
import numpy as np

from fgkeras import data
from fgkeras import losses
from fgkeras import models
from fgkeras.training import MomentumSGD
from fgkeras.training import make_schedule

EPOCHS = 3


class BatchLosses(keras.callbacks.Callback):
    """Takes each batch's loss out of the running mean that Keras logs."""

    def __init__(self):
        super().__init__()
        self.values = []

    def on_epoch_begin(self, epoch, logs=None):
        self.total = 0.0

    def on_train_batch_end(self, batch, logs=None):
        total = logs["loss"] * (batch + 1)
        self.values.append(total - self.total)
        self.total = total


def main(spec, steps):
    """Trains once with each optimizer and prints."""
    source = data.cut_source(data.open(spec), "exponential:100", seed=0)
    encoded, split, _ = data.load_encoded(source, "train")
    for kind in (keras.optimizers.SGD, MomentumSGD):
        batches = data.training_dataset(
            data.EncodedImages(encoded),
            split.labels,
            data.make_sampler("uniform", split.labels, 128, seed=0),
            data.Augmentation("pad_crop", size=32),
            seed=0,
        )
        keras.utils.set_random_seed(0)
        body = models.backbone("cifar_resnet20", (32, 32, 3))
        model = models.classifier(body, source.num_classes)
        schedule = make_schedule(
            "step",
            0.1,
            total_epochs=EPOCHS,
            steps_per_epoch=steps,
            warmup_epochs=1,
            boundaries=[2],
            factors=[0.01],
        )
        loss = losses.ClassBalancedSoftmax(source.counts("train"), beta=0.0)
        model.compile(kind(schedule, momentum=0.9), loss)
        seen = BatchLosses()
        model.fit(
            batches,
            epochs=EPOCHS,
            steps_per_epoch=steps,
            verbose=0,
            callbacks=[seen],
        )
        means = np.reshape(seen.values, (-1, 17)).mean(axis=1)
        print(f"{kind.__module__}.{kind.__name__}: {means.round(3)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="zip:cifar100.zip")
    parser.add_argument("--steps", type=int, default=85, help="17, 34, ...")
    arguments = parser.parse_args()
    main(arguments.source, arguments.steps)
