"""Training images of an embedding: features made before, or pictures."""

import numpy as np

from fgkeras.training import extract_features
from fgkeras.training.array_batches import row_batches


class TrainingFeatures:
    """Cached features of the training images.

    Args:
        features: Float array of shape `(num_images, channels)`.
        labels: Integer array of shape `(num_images,)`.
        rejected: Features of rejected images, or `None`.
    """

    def __init__(self, features, labels, rejected=None):
        self.labels = np.asarray(labels, "int64")
        more = [] if rejected is None else [rejected]
        self.features = np.concatenate([features, *more])

    def take(self, places):
        """Returns some of the images, with the rejected ones."""
        count = len(self.labels)
        rejected = self.features[count:] if len(self.features) > count else None
        return TrainingFeatures(
            self.features[:count][places], self.labels[places], rejected
        )

    def batches(self, sampler):
        """Returns the `Batches` that a sampler draws."""
        labels = _padded(self.labels, len(self.features))
        return row_batches(self.features, labels, sampler)

    def embeddings(self, embedder):
        """Returns the embeddings of all images, rejected ones last."""
        return np.asarray(
            embedder.predict(self.features, batch_size=1024, verbose=0)
        )


class TrainingImages:
    """Training images as pictures, augmented.

    Args:
        images: `SplitImages`.
        rejected: `SplitImages` of rejected images, or `None`.

    Raises:
        ValueError: If augmentation is asked for without tf.data.
    """

    def __init__(self, images, rejected=None):
        data = images.config.data
        changed = images.use_arrays and (
            data.flip or data.color or data.augmentation != "none"
        )
        if changed:
            raise ValueError(
                "Arrays in memory are not augmented for embeddings. Received: "
                f"data.augmentation={data.augmentation!r}, data.flip="
                f"{data.flip}, data.color={data.color}. Set --set "
                "data.augmentation=none --set data.flip=no --set data.color=0, "
                "or --mode frozen, or use the TensorFlow backend."
            )
        self.images, self.rejected = images, rejected
        self.labels = images.labels
        self.everything = images if rejected is None else images.plus(rejected)

    def take(self, places):
        """Returns some of the images, with the rejected ones."""
        return TrainingImages(self.images.take(places), self.rejected)

    def batches(self, sampler):
        """Returns the `Batches` that a sampler draws."""
        return self.everything.training(sampler)

    def embeddings(self, embedder):
        """Returns the embeddings of all images, rejected ones last."""
        return extract_features(
            embedder,
            self.everything.evaluation,
            num_images=len(self.everything),
        )


def _padded(labels, count):
    """Rejected images have no class."""
    return np.concatenate([labels, np.full(count - len(labels), -1, "int64")])
