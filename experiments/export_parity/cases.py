"""Small models of every pooling, head and view, as they are exported."""

import keras
import numpy as np

from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.export.parity import drawn_pictures
from fgkeras.export.served import Served
from fgkeras.export.served import with_embedding
from fgkeras.layers import ClassAffine
from fgkeras.layers import CompactBilinearPooling
from fgkeras.layers import CosineLogits
from fgkeras.layers import KernelPooling
from fgkeras.layers import ScaledUnitNormalization
from fgkeras.layers.fully_connected_pooling import FullyConnectedPooling
from fgkeras.layers.nearest_neighbor_vote import NearestNeighborVote
from fgkeras.models import anchor_classifier
from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import embedder
from fgkeras.models import view_averaging

SIZE, CLASSES = 32, 7
NAMES = tuple(f"class {i}" for i in range(CLASSES))

POOLINGS = {
    "average": lambda: "average",
    "max": lambda: "max",
    "fully_connected": lambda: FullyConnectedPooling(64),
    "bilinear": lambda: "bilinear",
    "compact_bilinear": lambda: CompactBilinearPooling(256),
    "compact_bilinear, fourier": lambda: CompactBilinearPooling(
        240, transform="fourier"
    ),
    "kernel": lambda: KernelPooling(256),
    "kernel, order 2": lambda: KernelPooling(256, order=2),
    "kernel, fourier": lambda: KernelPooling(240, transform="fourier"),
}
VIEWS = ("mirror", "5-crop", "12-crop")


def _plain(pooling, **options):
    # A square root makes noise of empty buckets: a length stands behind it.
    if pooling != "average" and "embedding" not in options:
        options["embedding"] = ScaledUnitNormalization()
    body = backbone("small_cnn", (SIZE, SIZE, 3))
    pooling = POOLINGS[pooling]()
    model = classifier(body, CLASSES, pooling=pooling, **options)
    return _far_apart(model)


def _far_apart(model):
    """Heads as drawn give every class the same probability, nearly."""
    head = model.get_layer("head")
    head.set_weights([4 * w for w in head.get_weights()])
    return model


def _nearest(pooling):
    head = NearestNeighborVote(CLASSES, k=3, num_images=20)
    model = _plain(pooling, head=head, embedding=12)
    vectors = np.random.default_rng(0).normal(size=(20, 12))
    head.remember(vectors, np.arange(20) % CLASSES)
    return model


def _anchors(pooling):
    body = backbone("small_cnn", (SIZE, SIZE, 3))
    inner = embedder(body, 12, pooling=POOLINGS[pooling]())
    return anchor_classifier(inner, CLASSES)


def _adjusted(pooling):
    model = with_embedding(_plain(pooling))
    logits, vectors = model.outputs
    # Factors, and offsets by class, as an adjustment and a temperature have.
    layer = ClassAffine(np.full(CLASSES, 0.7), np.linspace(-1, 1, CLASSES))
    return keras.Model(model.input, [layer(logits), vectors])


HEADS = {
    "cosine": lambda p: _plain(p, head=CosineLogits(CLASSES, scale=16)),
    "linear on an embedding": lambda p: _plain(p, embedding=12),
    "linear behind a projection": lambda p: _plain(p, projection=64),
    "anchors": _anchors,
    "nearest neighbours": _nearest,
    "adjusted": _adjusted,
}


def _served(model, activation="softmax", **rules):
    size = model.input_shape[1]
    served = Served(model, NAMES, size, size + 4, activation, **rules)
    return _with_pictures(served)


def _with_pictures(served):
    pictures = tuple(drawn_pictures(served))
    return Served(**{**vars(served), "pictures": pictures})


def _viewed(pooling, views, activation="softmax"):
    model = with_embedding(_plain(pooling))
    return _served(view_averaging(model, views, activation), activation)


def _ruled(kind):
    model = _plain("kernel", embedding=12)
    vectors = np.random.default_rng(1).normal(size=(40, 12))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = {
        "energy": KnownRule("energy", 1.5),
        "nearest": KnownRule("nearest", 0.4, vectors.astype("float32")),
    }[kind]
    thresholds = np.linspace(0.05, 0.3, CLASSES).astype("float32")
    sets = SetRule(0.9, "prevalence", thresholds)
    return _served(model, sets=sets, known=known)


def _vectors(pooling, **options):
    body = backbone("small_cnn", (SIZE, SIZE, 3))
    model = embedder(body, 12, pooling=POOLINGS[pooling](), **options)
    return _with_pictures(Served(model, (), SIZE, SIZE + 4))


def cases():
    """Returns a dict of name to a function that makes a `Served`."""
    found = {
        f"{name}, linear": lambda name=name: _served(_plain(name))
        for name in POOLINGS
    }
    for pooling in ("average", "kernel"):
        for name, make in HEADS.items():
            found[f"{pooling}, {name}"] = lambda make=make, pooling=pooling: (
                _served(make(pooling))
            )
        for views in VIEWS:
            found[f"{pooling}, linear, {views}"] = (
                lambda views=views, pooling=pooling: _viewed(pooling, views)
            )
        found[f"{pooling}, sigmoid, mirror"] = lambda pooling=pooling: _viewed(
            pooling, "mirror", "sigmoid"
        )
        found[f"{pooling}, vectors"] = lambda pooling=pooling: _vectors(pooling)
    for kind in ("energy", "nearest"):
        found[f"kernel, sets and unknown by {kind}"] = lambda kind=kind: _ruled(
            kind
        )
    return found
