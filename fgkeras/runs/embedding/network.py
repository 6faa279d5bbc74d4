"""The embedder that a config describes."""

from fgkeras import models
from fgkeras.config import when
from fgkeras.config.methods import method_named
from fgkeras.models.embedders import embedder
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
        levels = tuple(config.method.levels)
        pooled = {"levels": levels or default_levels(body, method.levels)}
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
