"""What an export answers of pictures."""

import itertools

from fgkeras.data.images import image
from fgkeras.registries import VIEWS
from fgkeras.runs.scoring.answer_row import bad_row
from fgkeras.runs.scoring.answer_row import no_classes
from fgkeras.runs.views import View
from fgkeras.runs.views import batch_of
from fgkeras.runs.views import bytes_of

_SHOWN = ("valid", "classes", "scores", "set", "known", "known_score")


class ExportPredictor:
    """An exported SavedModel, asked as `fgkeras.runs.predictor.Predictor`.

    The files go into its graph as they are, so that it answers as it will
    where it is served: of JPEG, PNG, GIF and BMP. What that refuses, such as
    WebP and TIFF, goes in once more as the PNG that a training makes of it.

    Attributes:
        class_names: Tuple of strings, in label order; empty of an embedder.
        view: The `View` that its graph decodes.

    Args:
        path: Path of an export.
        trust: Bool, whether one without checksums is loaded: it is a program.
            Defaults to `False`.

    Raises:
        ValueError: If there is no export, or a file of it was changed.
    """

    def __init__(self, path, *, trust=False):
        from fgkeras.export import load_exported

        self.exported = load_exported(path, trust=trust)
        self.class_names = self.exported.class_names
        about = self.exported.metadata["input"]
        self.view = View(
            about["size"],
            about["resize"] or about["size"],
            decoder=about.get("decoder", image.EARLIER_DECODER),
        )
        views = self.exported.metadata["metadata"].get("views")
        size = self.view.batch_size
        self._batch = batch_of(size, views) if views in VIEWS else size

    @property
    def path(self):
        """Where it lies, a `pathlib.Path`."""
        return self.exported.path

    @property
    def box_margin(self):
        """The margin of the boxes it was trained on, `None` without them."""
        return self.exported.metadata["metadata"].get("box_margin")

    @property
    def hierarchy(self):
        """Dict of a level's name to the parent of each class."""
        return self.exported.metadata["metadata"].get("hierarchy") or {}

    @property
    def calibrated(self):
        """Whether its scores have a temperature."""
        return bool(self.exported.metadata["metadata"].get("calibration"))

    def stream(self, pictures, *, top_k=5, parents=None):
        """Names the likeliest classes of encoded pictures, as they come.

        Args:
            pictures: Iterable of bytes, or of callables that return them.
            top_k: Int at least 1; of an export of an earlier version at most
                as many as that returns. Defaults to `5`.
            parents: `fgkeras.runs.scoring.parents.Parents`, for an `answer` of
                each, or `None` (default).

        Yields:
            A dict per picture: `valid`, `classes` and `scores`, likeliest
            first, and where it is not valid the `reason`; and `set`, `known`,
            `known_score`, where the export has them.

        Raises:
            ValueError: If the export knows no classes.
        """
        if not self.class_names:
            raise ValueError(no_classes(self.exported.path))
        for row, reason in self._answers(pictures, top_k):
            if reason is not None:
                yield bad_row(reason)
                continue
            found = {name: row[name] for name in _SHOWN if name in row}
            if parents is not None:
                found["answer"] = parents.answer(row["probabilities"])
            yield found

    def stream_vectors(self, pictures):
        """Gives the vectors of encoded pictures, as they come.

        Args:
            pictures: As `stream` takes it.

        Yields:
            Tuples of a float32 array of length 1, or `None`, and `None` or the
            reason why there is no vector.
        """
        for row, reason in self._answers(pictures):
            if reason is None:
                yield row["embedding"], None
            else:
                yield None, reason

    def _answers(self, pictures, top_k=None):
        """Yields a row, and why there is none, a batch at a time."""
        size, pictures = self._batch, iter(pictures)
        while batch := list(itertools.islice(pictures, size)):
            read = [_read(picture) for picture in batch]
            # What was not read is no image either, and spoils only its row.
            rows = self.exported.predict(
                [data for data, _ in read], size, top_k
            )
            again = {}
            for i, (data, reason) in enumerate(read):
                if reason is None and not rows[i]["valid"]:
                    again[i], read[i] = self._rewritten(data)
            others = [data for data in again.values() if data]
            found = iter(self.exported.predict(others, size, top_k))
            for i, data in again.items():
                rows[i] = next(found) if data else rows[i]
            for (_, reason), row in zip(read, rows, strict=True):
                if reason is None and not row["valid"]:
                    reason = "the model's decoder refused it"
                yield row, reason

    def _rewritten(self, data):
        """What a training makes of bytes, and them with why it cannot."""
        try:
            out = image.normalize(data, decoder=self.view.decoder)
        except image.BadImage as error:
            return b"", (data, str(error))
        return out, (data, None)


def _read(picture):
    try:
        data = bytes_of(picture)
        image.inspect(data)
    except image.BadImage as error:
        return b"", str(error)
    return data, None
