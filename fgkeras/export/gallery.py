"""Labelled vectors beside a model, and the nearest of them."""

import json
import zipfile

import numpy as np

from fgkeras.export.packed_pictures import packed
from fgkeras.export.packed_pictures import unpacked
from fgkeras.storage import damaged_file
from fgkeras.storage import read_json

FOLDER = "gallery"
_THUMBNAILS = "thumbnails.npz"
_AGAIN = "Export the run again (fgkeras export RUN --out FOLDER)."
# Vectors multiplied at once, so that memory stays small with any gallery.
_BLOCK = 16_384
_UNIT = 1e-3


class Gallery:
    """Vectors of unit length with the class of each.

    Use it to say what pictures a new one is near to. The similarity of vectors
    `x` and `g` is their cosine, `x . g`, since both have length 1; the answer
    is exact.

    Args:
        vectors: Array of shape `(n, dim)`, float, rows of length 1.
        labels: Array of shape `(n,)`, int, index into `class_names` per row.
        class_names: Sequence of strings.
        ids: Sequence of `n` strings, what each picture is called.
        thumbnails: Sequence of bytes, a small JPEG of each of the first rows,
            for people to look at; empty (default) where there are none.

    Raises:
        ValueError: If the shapes do not fit, a label names no class, or a row
            is not of length 1.

    Example:

    >>> gallery = Gallery(np.eye(2), [0, 1], ["elm", "oak"], ["a", "b"])
    >>> indices, similarities = gallery.nearest([[0.6, 0.8]], 1)
    >>> gallery.ids[indices[0, 0]], round(float(similarities[0, 0]), 3)
    ('b', 0.8)
    """

    def __init__(self, vectors, labels, class_names, ids, thumbnails=()):
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.labels = np.asarray(labels, np.int64)
        self.class_names = tuple(str(name) for name in class_names)
        self.ids = tuple(str(one) for one in ids)
        self.thumbnails = tuple(thumbnails)
        # Of those alone that have one: a gallery may be large.
        shown = self.ids[: len(self.thumbnails)]
        self._shown = dict(zip(shown, self.thumbnails, strict=False))
        why = self._wrong()
        if why:
            raise ValueError(
                "A gallery has a row of length 1, a label and an id of each "
                f"picture. Received: {why}."
            )

    def __len__(self):
        return len(self.ids)

    def _wrong(self):
        if self.vectors.ndim != 2:
            return f"vectors of shape {self.vectors.shape}"
        count = len(self.vectors)
        if self.labels.shape != (count,) or len(self.ids) != count:
            return (
                f"{count} vectors, labels of shape {self.labels.shape}, "
                f"{len(self.ids)} ids"
            )
        if len(self.thumbnails) > count:
            return f"{len(self.thumbnails)} thumbnails of {count} pictures"
        if count and not (
            self.labels.min() >= 0 and self.labels.max() < len(self.class_names)
        ):
            return f"labels beyond the {len(self.class_names)} classes"
        lengths = np.linalg.norm(self.vectors, axis=1)
        # Not `>`: a length that is no number is wrong too.
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= _UNIT))
        if wrong.size:
            return f"row {wrong[0]} of length {lengths[wrong[0]]:.4g}"
        return None

    def nearest(self, vectors, k):
        """Finds the rows that are nearest to other vectors.

        Args:
            vectors: Array of shape `(m, dim)`, float, rows of length 1.
            k: Int at least 1; reduced to the rows there are.

        Returns:
            Tuple of an int64 array of row indices and a float32 array of
            cosines, both `(m, k)`, the nearest first; among equal ones the
            row that came first.

        Raises:
            ValueError: If the shapes do not fit, or `k` is below 1.
        """
        asked = np.asarray(vectors, np.float32)
        if asked.ndim != 2 or asked.shape[1] != self.vectors.shape[1]:
            raise ValueError(
                f"`vectors` must have {self.vectors.shape[1]} columns. "
                f"Received: shape {asked.shape}."
            )
        if k < 1:
            raise ValueError(f"`k` must be at least 1. Received: k={k}.")
        k = min(k, len(self))
        indices = np.empty((len(asked), 0), np.int64)
        found = np.empty((len(asked), 0), np.float32)
        for start in range(0, len(self), _BLOCK):
            block = self.vectors[start : start + _BLOCK]
            cosines = asked @ block.T
            places = _first(cosines, k)
            indices = np.concatenate([indices, places + start], axis=1)
            found = np.concatenate(
                [found, np.take_along_axis(cosines, places, 1)], axis=1
            )
            order = _first(found, k)
            indices = np.take_along_axis(indices, order, 1)
            found = np.take_along_axis(found, order, 1)
        return indices, np.clip(found, -1, 1)

    def thumbnail(self, identity):
        """Returns the small JPEG of a picture, or `None`.

        Args:
            identity: String, one of `ids`.
        """
        return self._shown.get(identity)

    def extended(self, vectors, names, ids):
        """Returns this gallery with more rows, of these classes or new ones.

        Args:
            vectors: Array of shape `(n, dim)`.
            names: Sequence of `n` strings, the class of each.
            ids: Sequence of `n` strings.
        """
        classes = tuple(dict.fromkeys((*self.class_names, *names)))
        place = {name: i for i, name in enumerate(classes)}
        more = np.asarray(vectors, np.float32).reshape(
            -1, self.vectors.shape[1]
        )
        return Gallery(
            np.concatenate([self.vectors, more]),
            np.concatenate([self.labels, [place[n] for n in names]]),
            classes,
            (*self.ids, *ids),
            self.thumbnails,
        )


def _first(values, k):
    """Columns of the `k` largest per row, in order, ties by their place."""
    k = min(k, values.shape[1])
    if k < values.shape[1]:
        # The k-th largest value; what equals it counts from the left.
        bound = -np.partition(-values, k - 1, axis=1)[:, k - 1 : k]
        above = values > bound
        equal = values == bound
        room = k - above.sum(axis=1, keepdims=True)
        kept = above | (equal & (np.cumsum(equal, axis=1) <= room))
        # A row with NaN has no order; its first columns stand for it.
        odd = kept.sum(axis=1) != k
        kept[odd] = np.arange(values.shape[1]) < k
        places = np.nonzero(kept)[1].reshape(len(values), k)
    else:
        places = np.broadcast_to(np.arange(k), (len(values), k))
    order = np.argsort(
        -np.take_along_axis(values, places, 1), axis=1, kind="stable"
    )
    return np.take_along_axis(places, order, 1)


def write_gallery(folder, gallery):
    """Writes `gallery/` into the folder of a version, before its checksums.

    Args:
        folder: `pathlib.Path` of the version that is being written.
        gallery: `Gallery`.

    Example:

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write_gallery(folder, Gallery(np.eye(2), [0, 0], ["elm"], ["a", "b"]))
    >>> read_gallery(folder).ids
    ('a', 'b')
    """
    place = folder / FOLDER
    place.mkdir()
    np.save(place / "vectors.npy", gallery.vectors, allow_pickle=False)
    if gallery.thumbnails:
        np.savez(place / _THUMBNAILS, **packed(gallery.thumbnails))
    about = {
        "classes": list(gallery.class_names),
        "labels": gallery.labels.tolist(),
        "ids": list(gallery.ids),
    }
    text = json.dumps(about, ensure_ascii=False) + "\n"
    (place / "gallery.json").write_text(text, encoding="utf-8", newline="\n")


def read_gallery(folder):
    """Reads what `write_gallery` wrote.

    Args:
        folder: `pathlib.Path` of a version.

    Returns:
        `Gallery`, or `None` if the version has none.

    Raises:
        ValueError: If it is damaged.

    Example:

    >>> import pathlib, tempfile
    >>> read_gallery(pathlib.Path(tempfile.mkdtemp())) is None
    True
    """
    place = folder / FOLDER
    if not place.is_dir():
        return None
    about = read_json(place / "gallery.json", _AGAIN)
    try:
        vectors = np.load(place / "vectors.npy", allow_pickle=False)
        return Gallery(
            vectors,
            about["labels"],
            about["classes"],
            about["ids"],
            _thumbnails(place / _THUMBNAILS),
        )
    except (
        OSError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
    ) as error:
        why = f"{type(error).__name__} {error}"
        raise ValueError(damaged_file(place, why, _AGAIN)) from error


def _thumbnails(path):
    if not path.exists():
        return ()
    with np.load(path, allow_pickle=False) as file:
        return unpacked(file["content"], file["lengths"])
