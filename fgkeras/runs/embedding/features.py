"""Frozen features of what a metric run trains on and is tested on."""

from fgkeras.config import when
from fgkeras.models.embedders import pooled_part
from fgkeras.models.parts import EMBEDDING
from fgkeras.runs.embedding.network import make_embedder
from fgkeras.runs.embedding.sources import embedding_sources
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.run_data import RunData
from fgkeras.training.reporter import CONSOLE


def embedding_features(config, reporter=CONSOLE):
    """Returns features and labels, `(features, labels)` twice, and the data.

    They are kept by content under `$FGKERAS_CACHE`.

    Args:
        config: A `Config`: data and model.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple `((features, labels), (test_features, test_labels), data)`, the
        last a string that other images, classes or contents change.

    Raises:
        ValueError: If a class is both trained on and tested on.
    """
    config = config.resolved(also=("train.validate_every",))
    train, test, _ = embedding_sources(config)
    data = RunData.of(config, train, test)
    both = set(train.class_names) & set(test.class_names)
    if both:
        raise ValueError(
            "The classes tested on must be others than those trained on. "
            f"Received: {len(both)} of both, such as {sorted(both)[0]}. Give "
            "data.classes and data.test_classes, or another data.test_source."
        )
    part = pooled_part(make_embedder(config))
    found, read = [], {}
    for role, source, split in (
        ("train", train, config.data.train_split),
        ("test", test, config.data.test_split),
    ):
        images = SplitImages(source, split, config, reporter)
        features = images.features(part, split)
        found.append((features, images.labels))
        read[role] = images.sha256
    return (*found, data.with_hashes(read).digest())


def level_lengths(config):
    """Returns how long the features of each level of a cascade are.

    Args:
        config: A `Config`: method and model.

    Returns:
        List of ints, shallow to deep; `None` of a method without levels.
    """
    config = config.resolved(also=("train.validate_every",))
    if not when.CASCADED(config):
        return None
    head = make_embedder(config).get_layer(EMBEDDING)
    return head.get_layer("linear").lengths
