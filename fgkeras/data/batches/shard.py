"""The part of each batch that one of several processes makes."""


def shard_rows(batch_size, shard=(0, 1)):
    """Returns the rows of a batch that one of equal shards has, a slice.

    The shards of a batch, one after the other, are the batch.

    Args:
        batch_size: Int at least 1.
        shard: Tuple `(number, count)`, the number from 0. Defaults to
            `(0, 1)`, the whole batch.

    Raises:
        ValueError: If there is no such shard, or the batch has no such parts.

    Example:

    >>> shard_rows(8, (1, 4))
    slice(2, 4, None)
    """
    number, count = shard
    if count < 1 or not 0 <= number < count:
        raise ValueError(
            "A shard is one of some, counted from 0. Received: "
            f"shard={shard!r}."
        )
    if batch_size % count:
        raise ValueError(
            "Every shard has an equal part of each batch. Received: "
            f"shard={shard!r} of batch_size={batch_size}. Take a batch size "
            f"that {count} divides."
        )
    size = batch_size // count
    return slice(number * size, (number + 1) * size)
