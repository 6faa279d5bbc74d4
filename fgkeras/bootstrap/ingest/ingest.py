"""Images of a source into the store, each looked at once."""

import concurrent.futures
import dataclasses
import hashlib
import json

import numpy as np

from fgkeras.bootstrap.duplicates import perceptual_hash
from fgkeras.bootstrap.ingest.signed_bits import signed
from fgkeras.data.images.gray_thumbnail import gray_thumbnail
from fgkeras.data.images.image import BadImage
from fgkeras.data.images.image import inspect
from fgkeras.data.images.image import normalize
from fgkeras.data.images.screened import map_in_order

_CHUNK = 256
_THREADS = 4
_SIDE = 32
# What columns of images are usually called.
_PROVENANCE = {
    "licence": ("licence", "license", "rights"),
    "author": ("author", "photographer", "creator", "credit", "owner"),
    "url": ("url", "link", "source_url", "coco_url", "flickr_url", "page"),
}


@dataclasses.dataclass(frozen=True)
class Ingested:
    """What became of the images of a source.

    Attributes:
        count: Int, images of the source.
        added: Int, those that were not in the store before.
        refused: List of `(name, reason)`: what no decoder can read.
    """

    count: int
    added: int
    refused: list


def ingest(store, source, origin, split, *, classes=None, progress=None):
    """Adds the images of a split to the store.

    Of each its bytes are read once: their SHA-256, the size once upright, and a
    perceptual hash of the picture and its mirror image are kept, with its
    licence, author and address where the source has such columns. What cannot
    be decoded is listed, and stays out of all that follows. A call that was
    killed goes on where it stopped.

    Args:
        store: `Store`.
        source: `Source`.
        origin: String: `"seed"`, `"test"`, `"pool"` or `"negative"`.
        split: `Split` of the source.
        classes: Sequence of ints, the project's class of each label of the
            source; `None` (default) leaves labels alone.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `Ingested`.
    """
    with store.reading() as db:
        known = {
            row["name"]
            for row in db.execute(
                "SELECT name FROM image WHERE origin = ?", (origin,)
            )
        }
    places = [i for i, name in enumerate(split.ids) if name not in known]
    done = len(split) - len(places)
    total = len(split)
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        looks = map_in_order(
            pool,
            lambda place: _look(source, split.ids[place]),
            places,
            4 * _THREADS,
        )
        held = []
        for place, look in zip(places, looks, strict=True):
            held.append((place, look))
            if len(held) == _CHUNK:
                _add(store, source, origin, split, classes, held)
                done, held = done + len(held), []
                if progress:
                    progress(done, total)
        if held:
            _add(store, source, origin, split, classes, held)
    if progress:
        progress(total, total)
    with store.reading() as db:
        refused = [
            tuple(row)
            for row in db.execute(
                "SELECT name, reason FROM image "
                "WHERE origin = ? AND state = 'refused' ORDER BY name",
                (origin,),
            )
        ]
    return Ingested(total, len(places), refused)


@dataclasses.dataclass(frozen=True)
class _Look:
    sha256: str
    width: int = 0
    height: int = 0
    levels: np.ndarray | None = None
    reason: str = ""


def _look(source, name):
    """What there is to know of one picture."""
    try:
        data = source.read(name)
    except BadImage as error:
        return _Look("", reason=str(error))
    digest = hashlib.sha256(data).hexdigest()
    try:
        # The header is held against the limits before a pixel is decoded.
        width, height = inspect(data).upright_size
        levels = gray_thumbnail(normalize(data), _SIDE)
    except BadImage as error:
        return _Look(digest, reason=str(error))
    return _Look(digest, width, height, levels)


def _add(store, source, origin, split, classes, held):
    """Adds rows of some images, in one transaction."""
    sound = [look for _, look in held if look.levels is not None]
    hashes = iter(())
    if sound:
        hashes = iter(
            perceptual_hash(np.stack([look.levels for look in sound])).tolist()
        )
    rows = []
    for place, look in held:
        pair = (None, None)
        if look.levels is not None:
            pair = tuple(map(signed, next(hashes)))
        label = int(split.labels[place])
        number = None
        if classes is not None and label >= 0:
            number = classes[label]
        columns = {
            name: _text(values[place]) for name, values in split.columns.items()
        }
        rows.append(
            (
                origin, split.ids[place], look.sha256, *pair,
                look.width, look.height, number,
                "refused" if look.reason else "in", look.reason, source.spec,
                *(_provenance(columns, key) for key in _PROVENANCE),
                json.dumps(columns, ensure_ascii=False, sort_keys=True),
            )
        )  # fmt: skip
    with store.writing() as db:
        db.executemany(
            "INSERT OR IGNORE INTO image (origin, name, sha256, hash, "
            "mirror_hash, width, height, class, state, reason, source, "
            "licence, author, url, columns) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def _provenance(columns, key):
    lower = {name.lower(): text for name, text in columns.items()}
    return next((lower[n] for n in _PROVENANCE[key] if n in lower), "")


def _text(value):
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str) else str(value)
