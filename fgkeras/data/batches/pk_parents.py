"""Batches of P x K whose classes stand side by side by their parent."""

import numpy as np

from fgkeras.data.batches.samplers import PKSampler


class PKParentsSampler(PKSampler):
    """Batches of P classes with K images each, side by side by their parent.

    For losses over pairs and triplets that should learn to tell siblings
    apart: most negatives of a batch are of the same parent. Each round goes
    through the parents in random order, and through the classes of each; a
    batch has as many parents as fill it. Else it is `PKSampler`.

    Args:
        images_per_class: Integer K; must divide `batch_size`.
        parents: Sequence of strings or ints, the parent of each label.

    Raises:
        ValueError: If there are none, or labels beyond.
    """

    def __init__(
        self, labels, batch_size, *, images_per_class=4, parents=None, **options
    ):
        super().__init__(
            labels, batch_size, images_per_class=images_per_class, **options
        )
        used = self.queues.classes
        if parents is None or len(parents) <= used[-1]:
            raise ValueError(
                "Kind 'pk_parents' needs the parent of each class. Received: "
                f"parents of {0 if parents is None else len(parents)} classes "
                f"for labels up to {used[-1]}."
            )
        self._parents = np.unique(
            np.asarray(parents)[used], return_inverse=True
        )[1].reshape(-1)

    def _one_order(self, generator):
        return self._orders(generator, 1)[0]

    def _orders(self, generator, count):
        classes = self._parents.size
        parents = generator.random((count, self._parents.max() + 1))
        inside = generator.random((count, classes))
        # Parents in random order, the classes of each in random order.
        place = np.argsort(np.argsort(parents, axis=1), axis=1)
        return np.argsort(place[:, self._parents] + inside, axis=1)
