"""What an export is made of."""

import dataclasses
import hashlib

import keras

from fgkeras.data.images.decode import check_sizes
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.models import embedding_model

ACTIVATIONS = ("sigmoid", "softmax")


@dataclasses.dataclass(frozen=True)
class Served:
    """A model to export, and what its answers depend on.

    Attributes:
        model: `keras.Model` from raw pixels, float, 0 to 255, of shape
            `(batch, image_size, image_size, 3)`, to logits; without classes
            to vectors.
        class_names: Tuple of strings, in label order; empty for an embedder.
        image_size: Int, in pixels.
        resize: Int of at least `image_size`, or `None`: the shorter side
            before the crop.
        activation: `"softmax"` or `"sigmoid"`, what makes scores of logits.
        metadata: Dict for the model card, JSON values.
        decoder: Int, `fgkeras.data.images.image.DECODER_VERSION` (default), or
            that of an earlier run.
        sets: `fgkeras.export.answers.SetRule`, or `None` (default) for no
            prediction sets.
        known: `fgkeras.export.answers.KnownRule`, or `None` (default) where
            nothing tells unknown pictures.
        pictures: Tuple of bytes, encoded pictures that the export is compared
            with the model on; empty (default) for drawn ones.
    """

    model: object
    class_names: tuple
    image_size: int
    resize: int | None = None
    activation: str = "softmax"
    metadata: dict = dataclasses.field(default_factory=dict)
    decoder: int = DECODER_VERSION
    sets: SetRule | None = None
    known: KnownRule | None = None
    pictures: tuple = ()


def checked(served):
    """Returns what is served with a model that gives all of its outputs.

    Args:
        served: `Served`. A model with classes may give logits alone: its
            embedding is found by the names of its layers.

    Returns:
        `Served`, whose model gives `[logits, embedding]`, or without classes
        vectors.

    Raises:
        ValueError: If its parts do not belong together.
    """
    check_sizes(served.image_size, served.resize)
    names, model = served.class_names, served.model
    _check_names(names)
    if names:
        logits = model.outputs[0]
        if logits.shape[1:] != (len(names),):
            raise ValueError(
                "`class_names` must name every logit of the model. Received: "
                f"{len(names)} names, model output of shape {logits.shape}"
            )
        if served.activation not in ACTIVATIONS:
            raise ValueError(
                f"`activation` must be one of {sorted(ACTIVATIONS)}. "
                f"Received: activation={served.activation!r}"
            )
        model = with_embedding(model)
    elif len(model.outputs) != 1 or len(model.output.shape) != 2:
        shapes = [tuple(output.shape) for output in model.outputs]
        raise ValueError(
            "`model` must give one vector per image. Received: outputs of "
            f"shape {', '.join(map(str, shapes))}"
        )
    if any(d not in (None, served.image_size) for d in model.input.shape[1:3]):
        raise ValueError(
            "`image_size` must be the input size of the model. Received: "
            f"image_size={served.image_size}, model input of shape "
            f"{model.input.shape}"
        )
    return dataclasses.replace(served, model=model)


def with_embedding(model):
    """Returns a model with outputs `[logits, embedding]` and shared layers.

    The embedding is what `fgkeras.models.embedding_model` gives. A model that
    has both outputs already is returned as it is.
    """
    if len(model.outputs) == 2:
        return model
    embedding = embedding_model(model).output
    if len(embedding.shape) != 2:
        raise ValueError(
            "The layer that gives the embedding must give one vector per "
            f"image. Received: output of shape {embedding.shape}"
        )
    return keras.Model(model.input, [model.output, embedding])


def output_facts(served):
    """Returns what `model-metadata.json` says of the output, a dict.

    Args:
        served: `Served`, whose model gives logits and embedding, or vectors.
    """
    found = {"embedding_size": int(served.model.outputs[-1].shape[-1])}
    if served.class_names:
        labels = label_lines(served.class_names)
        found |= {
            "num_classes": len(served.class_names),
            "class_names_sha256": hashlib.sha256(labels.encode()).hexdigest(),
            "activation": served.activation,
        }
    if served.sets is not None:
        found["sets"] = {
            "level": float(served.sets.level),
            "score": served.sets.score,
        }
    if served.known is not None:
        found["known"] = {
            "kind": served.known.kind,
            "threshold": float(served.known.threshold),
        }
    return found


def label_lines(class_names):
    """Returns class names a line each, as the asset of an export holds them."""
    return "".join(f"{name}\n" for name in class_names)


def _check_names(class_names):
    bad = [n for n in class_names if not n or "\n" in n or "\r" in n]
    if bad or len(set(class_names)) != len(class_names):
        raise ValueError(
            "`class_names` must be distinct, not empty and of one line each. "
            f"Received: class_names={bad or list(class_names)}"
        )
