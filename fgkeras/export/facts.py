"""What an export says of itself: its labels and metadata, checked."""

import hashlib

from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.storage import damaged_file
from fgkeras.storage import read_json

AGAIN = "Export the run again (fgkeras export RUN --out FOLDER)."
_LARGEST = 2**16


def read_facts(folder):
    """Returns the class names and the metadata of an export.

    Args:
        folder: `pathlib.Path` of a version, such as `saved_model/1`.

    Returns:
        Tuple of a tuple of strings, in label order, and of a dict, the content
        of `model-metadata.json`.

    Raises:
        ValueError: If one of the two files is damaged, or they are not of one
            export.
    """
    labels, about = folder / "labels.json", folder / "model-metadata.json"
    names = read_json(labels, AGAIN, list)
    metadata = read_json(about, AGAIN)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(damaged_file(labels, "it must hold texts", AGAIN))
    why = _wrong(metadata)
    if why:
        raise ValueError(damaged_file(about, why, AGAIN))
    # An embedder has no classes, and says nothing of them.
    known = metadata["output"].get("class_names_sha256")
    text = "".join(f"{name}\n" for name in names)
    if known not in (None, hashlib.sha256(text.encode()).hexdigest()):
        why = "its classes are not those of model-metadata.json"
        raise ValueError(damaged_file(labels, why, AGAIN))
    return tuple(names), metadata


def _wrong(metadata):
    """Says what is wrong with what pictures are decoded by, or `None`."""
    found = metadata.get("input")
    if not isinstance(found, dict):
        return "`input` must be an object"
    if not isinstance(metadata.get("output"), dict):
        return "`output` must be an object"
    size, resize = found.get("size"), found.get("resize", "")
    if not _is_side(size) or not (resize is None or _is_side(resize)):
        return "`size` and `resize` must be pixels"
    # Earlier exports do not say by which one they decode.
    decoder = found.get("decoder", EARLIER_DECODER)
    if type(decoder) is not int or decoder not in (
        EARLIER_DECODER,
        DECODER_VERSION,
    ):
        return f"`decoder` is {EARLIER_DECODER} or {DECODER_VERSION}"
    return None


def _is_side(value):
    return type(value) is int and 0 < value <= _LARGEST
