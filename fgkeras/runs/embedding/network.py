"""The embedder that a config describes."""

from concurrent import futures

from fgkeras import models
from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.models.embedders import embedder
from fgkeras.models.levels import check_levels
from fgkeras.models.levels import default_levels
from fgkeras.runs.pooling import make_pooling


def make_embedder(config, images=None):
    """Builds the embedder that a config describes.

    Args:
        config: A `Config`.
        images: `SplitImages` of the training split, for a kernel measured on
            the data; or `None`.

    Returns:
        `keras.Model` from raw pixels to embeddings.

    Raises:
        ValueError: If the pooling is to be learned on frozen features, which
            are made once, behind it.
    """
    model, size = config.model, config.data.size
    if config.train.mode == "frozen" and when.learns_pooling(config):
        raise ValueError(
            "Embeddings on frozen features cannot learn their pooling. "
            f"Received: train.mode='frozen', model.pooling={model.pooling!r}. "
            "Use --mode finetune, --pooling average, or for the kernel --set "
            "pooling.learn=no."
        )
    method = method_named(config.method.name)
    body = models.backbone(
        model.backbone, (size, size, 3), weights=model.weights or None
    )
    if method.levels:
        pooled = {"levels": levels_of(config, body)}
    else:
        pooled = {"pooled_layer": model.pooled_layer or None}
    return embedder(
        body,
        config.method.dim,
        pooling=make_pooling(config, body, images),
        **pooled,
        unit_norm=method.unit_norm,
        batch_norm=method.batch_norm,
        freeze_batch_norm=when.freezes_batch_norm(config),
    )


def levels_of(config, body):
    """Returns the levels of a cascade: those that are named, or the usual.

    Args:
        config: A `Config` whose method has levels.
        body: `keras.Model` from raw pixels to a feature map.

    Raises:
        ValueError: If none are named and the body has too few sizes.
    """
    count = method_named(config.method.name).levels
    return tuple(config.method.levels) or default_levels(body, count)


def check_body_levels(config):
    """Refuses levels that the body of a config does not have.

    Args:
        config: A `Config` whose method has levels.

    Raises:
        ValueError: If it does not have them.
    """
    shape = (config.data.size, config.data.size, 3)

    def check():
        body = models.backbone(config.model.backbone, shape)
        check_levels(body, levels_of(config, body))

    # Keras counts names in each thread: those of the run stay what they are.
    with futures.ThreadPoolExecutor(1) as thread:
        thread.submit(check).result()
