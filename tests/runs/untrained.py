"""Runs of tests that need no training: weights by lot, made to differ."""

import keras

from fgkeras.models import anchor_classifier
from fgkeras.models import start_anchors
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.embedding.model import unit_embedder
from fgkeras.runs.embedding.network import make_embedder
from fgkeras.runs.embedding.sources import embedding_sources
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.inputs import SplitImages
from fgkeras.training.reporter import SILENT


def untrained(config, out):
    """Leaves what a training leaves for the other verbs, without training."""
    folder = RunFolder(out)
    folder.start(config)
    keras.utils.set_random_seed(0)
    if config.method.name == "softmax":
        source = training_source(config)
        model, more = make_classifier(config, source.num_classes), {}
    else:
        source, tested, closed = embedding_sources(config)
        embedder = unit_embedder(make_embedder(config))
        model = anchor_classifier(embedder, source.num_classes)
        more = {
            "closed_set": closed,
            "test_class_names": list(tested.class_names),
        }
    # So that images differ in their answers, which random weights hardly do,
    # nor saturated ones.
    body = model.get_layer("backbone")
    body.set_weights([1.7 * w for w in body.get_weights()])
    head = model.get_layer("head")
    images = SplitImages(source, config.data.train_split, config, SILENT)
    if config.method.name == "softmax":
        logits = model.predict(images.evaluation(), verbose=0)
        scale = 1 / logits.std(axis=0).max()
        kernel, bias = head.get_weights()
        head.set_weights([kernel * scale, (bias - logits.mean(axis=0)) * scale])
    else:
        embeddings = embedder.predict(images.evaluation(), verbose=0)
        start_anchors(model, embeddings, images.labels)
        head.gamma = float(1 / embeddings.var(axis=0).sum())
    folder.write_classes(source, source.counts("train"), **more)
    model.save(folder / "model.keras")
    return folder
