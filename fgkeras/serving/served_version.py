"""One version of an export, loaded and warm."""

import hashlib

import numpy as np

from fgkeras.data.images import image
from fgkeras.export.folder import CHECKSUMS
from fgkeras.export.folder import check_checksums
from fgkeras.export.gallery import Gallery
from fgkeras.export.gallery import read_gallery
from fgkeras.export.load import ExportedClassifier
from fgkeras.export.runner import SignatureRunner

_DEFAULT = "serving_default"


class UndecodedPicture(ValueError):
    """A picture that a model does not decode.

    Args:
        index: Int, its place in what was asked.

    Example:

    >>> UndecodedPicture(3).index
    3
    """

    def __init__(self, index):
        super().__init__(
            "Pictures are whole JPEG, PNG, GIF or BMP files of at most 64 "
            f"megapixels. Received: picture {index}, which the model does not "
            "decode."
        )
        self.index = index


class ServedVersion:
    """A version that answers: its signatures, classes and gallery.

    Use it through `Versions`. The files are held to `SHA256SUMS` before the
    program in them is loaded.

    Args:
        path: `pathlib.Path` of the version, such as `saved_model/3`.
        number: Int, the version.

    Attributes:
        class_names: Tuple of strings.
        signatures: Dict of name to `SignatureRunner`.
        gallery: `Gallery` of the files and of what was added, or `None`.
        model: String, SHA-256 of the checksums: equal for equal files.

    Raises:
        ValueError: If a file was changed, is missing or damaged.

    Example:

    >>> version = ServedVersion(path, 3)  # doctest: +SKIP
    >>> version.warm([1, 4])  # doctest: +SKIP
    >>> version.embed([photo]).shape  # doctest: +SKIP
    (1, 192)
    """

    def __init__(self, path, number):
        check_checksums(path)
        self.path = path
        self.number = number
        self.model = hashlib.sha256((path / CHECKSUMS).read_bytes()).hexdigest()
        exported = ExportedClassifier(path)
        self.class_names = exported.class_names
        self.metadata = exported.metadata
        self.signatures = {
            name: SignatureRunner(exported, name)
            for name in sorted(exported._signatures)
        }
        if _DEFAULT not in self.signatures:
            raise ValueError(
                f"An export has a signature {_DEFAULT}. Received: {path}, "
                f"which has {sorted(self.signatures)}. Export the run again."
            )
        self.files = read_gallery(path)
        self.gallery = self.files

    def warm(self, batch_sizes):
        """Runs each signature of encoded pictures on a gray one.

        The first call of a graph at a size takes longer than those after it.

        Args:
            batch_sizes: Sequence of ints.
        """
        gray = _gray(self.metadata["input"]["size"])
        for runner in self.signatures.values():
            if runner.input.dtype != "string":
                continue
            for count in dict.fromkeys(batch_sizes):
                runner(encoded_rows([gray] * count))

    def embed(self, pictures):
        """Returns the vectors of encoded pictures, one at a time.

        Args:
            pictures: List of bytes.

        Returns:
            Float32 array of shape `(n, dim)`.

        Raises:
            UndecodedPicture: If the model does not decode one.
        """
        runner = self.signatures.get("embed") or self.signatures[_DEFAULT]
        vectors = []
        for index, data in enumerate(pictures):
            found = runner(encoded_rows([data]))
            if not found["valid"][0]:
                raise UndecodedPicture(index)
            vectors.append(found["embedding"][0])
        if not vectors:
            size = self.metadata["output"].get("embedding_size", 0)
            return np.empty((0, size), np.float32)
        return np.stack(vectors).astype(np.float32)

    def with_added(self, vectors, names, ids):
        """Makes `gallery` that of the files and these rows.

        Args:
            vectors: Array of shape `(n, dim)`.
            names: Sequence of `n` strings, the class of each.
            ids: Sequence of `n` strings.
        """
        base = self.files
        if base is None and len(names):
            empty = np.empty((0, np.shape(vectors)[1]), np.float32)
            base = Gallery(empty, [], (), ())
        if base is not None:
            self.gallery = base.extended(vectors, names, ids)


def encoded_rows(pictures):
    """Returns encoded pictures as an array that a session takes.

    Args:
        pictures: List of bytes.

    Example:

    >>> encoded_rows([b"a", b"b"]).dtype
    dtype('O')
    """
    rows = np.empty(len(pictures), object)
    rows[:] = pictures
    return rows


def pixels_of(data):
    """Returns how many pixels decoding a picture takes, by its header.

    Args:
        data: Bytes.

    Returns:
        Int, 0 where the header is none that would be decoded.

    Example:

    >>> pixels_of(b"no picture")
    0
    """
    try:
        found = image.inspect(data)
    except image.BadImage:
        return 0
    return found.width * found.height


def _gray(size):
    return image.encode_png(np.full((size, size, 3), 127, np.uint8))
