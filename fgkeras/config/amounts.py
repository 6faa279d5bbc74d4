"""Amounts that no machine has: refused before images are read."""

from fgkeras.config import when

# Of float32 crops of one step, which activations are a multiple of.
_BATCH_BYTES = 8 * 2**30
_DRAWN = 10_000_000
_NUMBERS = 2**20
_SIDE = 2**14


def check_amounts(config):
    """Refuses what would fill the memory, or hang, before it trains.

    Runs that were trained before a bound was set still open.

    Args:
        config: A resolved `Config`, of the run or of a stage.

    Raises:
        ValueError: With the amount, and the largest that fits.
    """
    used = set(config.used())
    for name in ("data.size", "data.resize", "data.train_resize"):
        if name in used and _number(config[name]) > _SIDE:
            raise ValueError(_too_many(name, config, _SIDE, "pixels"))
    for name in (
        "method.dim",
        "model.embedding",
        "pooling.dim",
        "pooling.units",
        "pooling.projection",
        "pooling.order",
    ):
        if name in used and _number(config[name]) > _NUMBERS:
            raise ValueError(_too_many(name, config, _NUMBERS, "numbers"))
    listed = when.LISTED(config)
    name, images = "data.batch_size", 1
    if listed:
        name, images = "method.triplets", 3
    if name in used:
        # Frozen features are made of batches of the same images.
        crop = 3 * 4 * images * config.data.size**2
        most = max(_BATCH_BYTES // crop, 1)
        if config[name] > most:
            raise ValueError(
                _too_many(name, config, most, f"of {config.data.size} pixels")
            )
    if listed:
        most = max(_DRAWN // config.method.triplets, 1)
        if _number(config.method.resample_steps) > most:
            raise ValueError(
                _too_many("method.resample_steps", config, most, "steps")
            )
    if config.evaluation.resamples > 1_000_000:
        raise ValueError(
            _too_many("evaluation.resamples", config, 1_000_000, "resamples")
        )


def check_anchors(config, counts):
    """Refuses more anchors than a class has images.

    Args:
        config: A resolved `Config`.
        counts: Integer array, training images per class.

    Raises:
        ValueError: With the largest number that makes sense.
    """
    # The default suits smaller classes too.
    most = max(int(max(counts, default=0)), 3)
    if when.EMBEDDING(config) and config.method.anchors > most:
        raise ValueError(
            _too_many(
                "method.anchors",
                config,
                most,
                "per class, the images of the largest one",
            )
        )


def check_memory(config, num_images):
    """Refuses a memory in which images of the batch, or others twice, lie.

    Args:
        config: A resolved `Config`, of the run or of a stage.
        num_images: Int, those that are trained on.

    Raises:
        ValueError: With the largest number that makes sense.
    """
    if not when.PAIRED(config):
        return
    size, batch = config.method.memory, config.data.batch_size
    most = num_images - batch
    if size <= max(most, 0):
        return
    way = f"Set method.memory={most}, or less."
    if most < batch:
        way = "Leave it out, or lower `data.batch_size`."
    raise ValueError(
        "A memory holds at most the training images that are not in the "
        f"batch. Received: method.memory={size} for {num_images} images with "
        f"data.batch_size={batch}. {way}"
    )


def check_betas(config, num_classes):
    """Refuses a list of `loss.beta` that is not one per class.

    Args:
        config: A resolved `Config`.
        num_classes: Int, classes of the training images.

    Raises:
        ValueError: With the number that there must be.
    """
    for stage in config.stages():
        beta = stage.loss.beta if when.BETA(stage) else 0.0
        if isinstance(beta, list) and len(beta) != num_classes:
            raise ValueError(
                "`loss.beta` must be a number, or a list of one per class. "
                f"Received: a list of {len(beta)} for {num_classes} classes."
            )


def _number(value):
    """An amount; 0 for a word that stands for none."""
    text = str(value)
    return int(text) if text.isdigit() else 0


def _too_many(name, config, most, unit):
    return (
        f"`{name}` must be at most {most:,} {unit}: more does not fit into a "
        f"computer's memory, or does nothing. Received: {name}="
        f"{config[name]!r}. Set {name}={most}, or less."
    )
