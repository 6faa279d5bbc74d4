"""What a training is given: batches that begin at any step."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Batches:
    """Endless batches, each a pure function of its step.

    Args:
        start: Callable `start(step, shard=(0, 1))`, which returns an endless
            dataset or generator that begins with that step's batch, or with
            that part of it. Without shards a callable of the step alone does.
        steps_per_epoch: Int at least 1.
        fresh: Bool, whether they are started anew at every epoch, with the
            model as it is then. Defaults to `False`.

    Example:

    >>> import itertools
    >>> numbers = Batches(itertools.count, steps_per_epoch=5)
    >>> next(numbers.start(3)), next(numbers.from_step(10).start(3))
    (3, 13)
    """

    start: object
    steps_per_epoch: int
    fresh: bool = False

    def from_step(self, first):
        """Returns the batches whose step 0 is a later one of these.

        Args:
            first: Int at least 0.
        """
        if not first:
            return self
        return dataclasses.replace(
            self,
            start=lambda step, *shard: self.start(step + first, *shard),
        )
