"""How far an export is from the model it was made of, over encoded pictures."""

import io
import math

import numpy as np
import tensorflow as tf
from PIL import Image

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.export.load import load_exported
from fgkeras.export.served import Served
from fgkeras.export.signatures import answering

TOLERANCE = 1e-5
# Those that a run keeps; each is compared in a batch of 4, some alone too.
PICTURES = 32
_BATCH, _ALONE, _DRAWN = 4, 4, 8
COMPARED = ("probabilities", "embedding")
# What follows of them by a threshold.
_FLAGS = ("in_set", "known", "known_score")
_KEPT = (*COMPARED, *_FLAGS, "scores", "labels")


def check_tolerance(tolerance):
    """Raises unless a tolerance is a number of at least 0."""
    if not isinstance(tolerance, (int, float)) or not (
        0 <= tolerance < math.inf
    ):
        raise ValueError(
            "`tolerance` (--tolerance) must be a finite number of at least 0, "
            "how far probabilities and vectors of length 1 may be apart. "
            f"Received: tolerance={tolerance!r}."
        )


def parity(served, runs, *, temperature=1.0, tolerance=TOLERANCE):
    """Measures what an export answers against the model, and refuses it.

    Every picture goes through in batches of 4, and some alone: a graph can be
    right at one size of a batch and wrong, or not run, at another.

    Args:
        served: `Served`, with the Keras model, and the encoded pictures to
            compare on; without any, some are drawn.
        runs: Dict of kind of input to a callable of a batch that returns a
            dict of arrays, as the exported file answers: `"bytes"` is given a
            list of bytes, `"float"` and `"uint8"` pixels of shape
            `(batch, size, size, 3)`. The first is asked of every picture, the
            others of four. Where it answers the best classes alone, they are
            its `labels` and `scores` in place of `probabilities`.
        temperature: Float, the logits are divided by it. Defaults to 1.
        tolerance: Float of at least 0. Defaults to 1e-5.

    Returns:
        Dict for `model-metadata.json`: `tolerance`, `pictures`, `source`,
        `batch_sizes`, the largest difference of `probabilities` and of
        `embedding`, and both by kind of input (`inputs`).

    Raises:
        ValueError: If a difference is larger than `tolerance`, is no number,
            or the exported file does not run; it names the output and figure.
    """
    check_tolerance(tolerance)
    pictures = list(served.pictures[:PICTURES]) or drawn_pictures(served)
    pixels = np.stack([_pixels(served, data) for data in pictures])
    largest, expected = {}, {}
    for kind, run in runs.items():
        rows = len(pictures) if not largest else min(_ALONE, len(pictures))
        seen = np.rint(pixels[:rows]) if kind == "uint8" else pixels[:rows]
        # Bytes and float pixels are the same to the model.
        form = kind == "uint8"
        if form not in expected:
            expected[form] = _expected(served, seen, temperature)
        given = seen.astype("uint8") if kind == "uint8" else seen
        given = pictures[:rows] if kind == "bytes" else given
        found = {}
        for batch, count in ((_BATCH, rows), (1, min(_ALONE, rows))):
            answers = _answers(run, given[:count], batch, kind)
            for name in COMPARED:
                if name in expected[form]:
                    figure = _figure(name, answers, expected[form][name])
                    found[name] = max(found.get(name, 0.0), figure)
                    _refuse(name, figure, kind, batch, tolerance)
            _check_flags(
                served, answers, expected[form], f"{kind}, batch {batch}",
                tolerance,
            )  # fmt: skip
        largest[kind] = found
    return {
        "tolerance": float(tolerance),
        "pictures": len(pictures),
        "source": "kept by the run" if served.pictures else "drawn",
        "batch_sizes": [1, _BATCH],
        **{
            name: max(found[name] for found in largest.values())
            for name in next(iter(largest.values()))
        },
        "inputs": largest,
    }


def drawn_pictures(served):
    """Returns encoded pictures of noise, the same ones every time.

    Args:
        served: `Served`; they are somewhat larger than what it crops.
    """
    side = served.resize or served.image_size
    out = []
    for seed in range(_DRAWN):
        coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3))
        image = Image.fromarray(coarse.astype("uint8"))
        data = io.BytesIO()
        image = image.resize((side + side // 3 + 1, side + 1), Image.BICUBIC)
        image.save(data, "PNG" if seed % 2 else "JPEG")
        out.append(data.getvalue())
    return out


def verify_export(path, model, image_bytes, *, batch_size=32):
    """Returns how far the SavedModel and the Keras model are apart.

    Use it on pictures of your own, or on another machine: each export was
    compared when it was made, see `model-metadata.json`. The Keras model sees
    each image as `decode_for_evaluation` gives it, in evaluation; the
    SavedModel sees the bytes. A difference below 1e-5 is rounding.

    Args:
        path: Path given to `export_classifier`.
        model: The Keras model that was exported.
        image_bytes: List of bytes, at least one, each a readable image file.
        batch_size: Positive int. Default 32.

    Returns:
        Float, the largest absolute difference of any class probability or
        entry of a normalised embedding.

    Raises:
        ValueError: There is no image, or the exported model refuses one.

    Example:

    >>> import fgkeras
    >>> model = fgkeras.load_model("runs/flowers/model.keras")  # doctest: +SKIP
    >>> with open("flower.jpg", "rb") as file:  # doctest: +SKIP
    ...     photo = file.read()
    >>> verify_export("runs/flowers", model, [photo]) < 1e-5  # doctest: +SKIP
    True
    """
    image_bytes = list(image_bytes)
    if not image_bytes:
        raise ValueError(
            "`image_bytes` must hold at least one image to compare with. "
            "Received: image_bytes=[]"
        )
    exported = load_exported(path)
    about = exported.metadata["input"]
    output = exported.metadata["output"]
    found = exported.run("probabilities", image_bytes, batch_size)
    refused = np.flatnonzero(~found["valid"]).tolist()
    if refused:
        raise ValueError(
            "`image_bytes` must be readable images to compare with. Received: "
            f"unreadable image_bytes at {refused[:8]}"
        )
    found |= exported.run("embed", image_bytes, batch_size)
    served = Served(
        model,
        exported.class_names,
        about["size"],
        about["resize"],
        output["activation"],
        decoder=about.get("decoder", EARLIER_DECODER),
    )
    pixels = np.stack([_pixels(served, data) for data in image_bytes])
    expected = _expected(
        served, pixels, output.get("temperature", 1.0), batch_size
    )
    return max(_apart(found[name], expected[name]) for name in COMPARED)


def _pixels(served, data):
    return np.asarray(
        decode_for_evaluation(
            data, served.image_size, served.resize, decoder=served.decoder
        )
    )


def _expected(served, pixels, temperature, batch_size=_BATCH):
    answer = answering(served, temperature)
    parts = [
        answer(tf.constant(pixels[start : start + batch_size]))
        for start in range(0, len(pixels), batch_size)
    ]
    names = [name for name in (*COMPARED, *_FLAGS) if name in parts[0]]
    return {
        name: np.concatenate([np.asarray(part[name]) for part in parts])
        for name in names
    }


def _answers(run, given, batch, kind):
    """What the exported file answers, batch by batch."""
    parts = []
    for start in range(0, len(given), batch):
        rows = given[start : start + batch]
        try:
            found = run(rows)
        except MemoryError:
            raise
        # Each runtime raises errors of its own.
        except Exception as error:
            raise ValueError(
                "An export must run at every size of a batch. Received: one "
                f"that does not, of {kind} at batch {len(rows)}: "
                f"{' '.join(str(error).split())[:300]}. Nothing was written."
            ) from error
        if not np.all(found.get("valid", True)):
            raise ValueError(
                "An export must decode what its run was trained on. Received: "
                "a picture that it answers with valid=false. Nothing was "
                "written."
            )
        parts.append(found)
    names = [name for name in _KEPT if name in parts[0]]
    return {n: np.concatenate([part[n] for part in parts]) for n in names}


def _figure(name, answers, expected):
    """The largest difference of one output."""
    if name == "probabilities" and name not in answers:
        labels = answers["labels"]
        if (labels < 0).any():
            return math.inf  # A name that is no class.
        chosen = expected[: len(labels)]
        chosen = np.take_along_axis(chosen, labels, axis=1)
        return _apart(answers["scores"], chosen)
    return _apart(answers[name], expected)


def _check_flags(served, answers, expected, where, tolerance):
    """Refuses sets and calls of unknown that no rounding explains."""
    rules = {}
    if served.sets is not None:
        least = np.asarray(served.sets.thresholds, "float64")
        rules["in_set"] = expected["probabilities"], least
    if served.known is not None:
        rules["known"] = expected["known_score"], served.known.threshold
    for name, (values, least) in rules.items():
        if name not in answers:
            continue
        found = np.asarray(answers[name], bool)
        rows = slice(len(found))
        room = tolerance * np.maximum(1, np.abs(least))
        clear = np.abs(values[rows] - least) > room
        wrong = (found != expected[name][rows]) & clear
        if wrong.any():
            raise ValueError(
                "An export must say of each picture what its model says. "
                f"Received: output {name!r} (input of {where}) that is "
                f"another in {int(wrong.sum())} places. Nothing was written; "
                "export to another format."
            )


def _apart(found, expected):
    difference = np.asarray(found, "float64") - expected[: len(found)]
    # Of what is no number the largest is none either.
    return float(np.abs(difference).max())


def _refuse(name, figure, kind, batch, tolerance):
    if figure <= tolerance:
        return
    what = "vectors of length 1" if name == "embedding" else name
    raise ValueError(
        "An export must answer as the model that it is made of, within "
        f"tolerance={tolerance:g}. Received: {what} (output {name!r}, input of "
        f"{kind}, batch {batch}) that are up to {figure:.3g} apart. Nothing "
        "was written. Half precision and roots of numbers near 0 round more "
        "than that: if it is good enough, say so with a larger `tolerance` "
        "(--tolerance); else export to another format."
    )
