"""A made-up flora: look-alike flower species, drawn when they are read."""

import warnings

import numpy as np

from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.data.flora.cache import FloraCache
from fgkeras.data.flora.painter import FloraPainter
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

# Name -> default, smallest, largest; the type is that of the default.
_OPTIONS = {
    "species": (40, 2, 4000),
    "images": (50, 1, 100000),
    "val": (5, 0, 100000),
    "test": (20, 0, 100000),
    "imbalance": (50.0, 1.0, 1e6),
    "difficulty": (0.5, 0.0, 1.0),
    "seed": (0, 0, 2**31 - 1),
    "size": (96, 16, 1024),
    "distractors": (0, 0, 1000000),
}


def _parse(spec):
    options = {name: row[0] for name, row in _OPTIONS.items()}
    for part in filter(None, (p.strip() for p in spec.split(","))):
        name, _, text = part.partition("=")
        if name not in _OPTIONS:
            raise ValueError(
                f"flora: takes the options {', '.join(_OPTIONS)}, written "
                f"flora:species=40,images=50. Received: {part!r}."
            )
        default, low, high = _OPTIONS[name]
        try:
            value = type(default)(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise ValueError(
                f"flora: needs `{name}` as {type(default).__name__} in "
                f"[{low}, {high}]. Received: {part!r}."
            )
        options[name] = value
    return options


class FloraSource(Source):
    """Invented flower species in genera, with a long tail and no download.

    For demos, tests and studies of methods: every picture is drawn on `read`
    from `(seed, id)` alone, so no picture depends on which others exist, and a
    source with more images holds those of a smaller one. Species of a genus
    differ in few traits (number and outline of petals, hue, pattern, centre);
    pictures of a species differ in pose, light, background, focus and in what
    hides the flower.

    Splits: `train` falls exponentially from `images` (class 0) by
    `imbalance`; which species is large is random with respect to genus. `val`
    and `test` are balanced. `distractors`, only where asked for, holds
    pictures without a flower, all with label -1: `counts("distractors")` is
    zero everywhere.

    Args:
        species: Integer, number of classes. Defaults to 40.
        images: Integer, training images of the largest class.
        val: Integer, validation images of every class.
        test: Integer, test images of every class.
        imbalance: Float, largest over smallest class. Defaults to 50.
        difficulty: Float in [0, 1]: how alike species of a genus are and how
            much their pictures vary. Defaults to 0.5.
        seed: Non-negative integer: another seed is another flora.
        size: Integer, pixels of each side. Defaults to 96.
        distractors: Integer, pictures without a flower. Defaults to 0.

    Example:

    >>> source = FloraSource.from_spec("species=8,images=4,test=1,size=32")
    >>> source.num_classes, source.read(source.split("test").ids[0])[:2]
    (8, b'\\xff\\xd8')
    """

    may_hold_bad = False

    def __init__(self, **options):
        text = ",".join(f"{name}={value}" for name, value in options.items())
        options = _parse(text)
        self.options = options
        self._painter = FloraPainter(options)
        self.species = self._painter.species
        names = [s.name for s in self.species]
        train = exponential_counts(
            options["species"], options["images"], options["imbalance"]
        )
        # Rounding down may leave a tail class empty; one image stays.
        counts = {"train": np.maximum(train, 1)}
        for split in ("val", "test"):
            counts[split] = np.full(len(names), options[split])
        splits = {}
        for split, row in counts.items():
            ids = [
                f"{split}/{name.replace(' ', '_')}/{k:05d}"
                for name, number in zip(names, row, strict=True)
                for k in range(number)
            ]
            labels = np.repeat(np.arange(len(names), dtype="int64"), row)
            splits[split] = Split(tuple(ids), labels)
        if options["distractors"]:
            ids = [
                f"distractors/{k:05d}" for k in range(options["distractors"])
            ]
            labels = np.full(len(ids), -1, dtype="int64")
            splits["distractors"] = Split(tuple(ids), labels)
        changed = {k: v for k, v in options.items() if v != _OPTIONS[k][0]}
        spec = "flora:" + ",".join(f"{k}={v}" for k, v in changed.items())
        genera = [s.genus for s in self.species]
        super().__init__(spec, names, splits, {"genus": genera})
        self._cache = FloraCache(
            options, [i for split in splits.values() for i in split.ids]
        )

    @classmethod
    def from_spec(cls, text, *, skip_bad=False):
        """Reads `"species=40,images=50"`; empty for the defaults.

        Args:
            text: String of `option=value`, separated by commas.
            skip_bad: Boolean, no matter: every picture is drawn.

        Returns:
            `FloraSource`.

        Raises:
            ValueError: An option is unknown or its value out of range.
        """
        del skip_bad
        return cls(**_parse(text))

    def render(self, image_id):
        """Draws one picture, whether a cache holds it or not."""
        return self._painter.render(image_id)

    def read(self, image_id):
        """Returns the JPEG bytes of one picture. Thread-safe."""
        data = self._cache.get(image_id)
        return self.render(image_id) if data is None else data

    def prepare(self, progress=None, *, workers=None):
        """Draws all pictures once, in parallel, into a cache file.

        Later `read`s, also those of other processes, take the bytes from
        `$FGKERAS_CACHE` (or `~/.cache/fgkeras`). Does nothing when the file
        is there. Where the cache is full or read-only, pictures are drawn
        whenever they are read, and a warning says so.

        Args:
            progress: `None` or a callable of `(done, total)`.
            workers: Integer, processes. Defaults to the number of cores.

        Returns:
            Path of the cache file, or `None` if it could not be written.
        """
        try:
            return self._cache.fill(progress, workers)
        except OSError as error:
            warnings.warn(
                "Pictures are not cached and drawn anew at every reading: "
                f"{error}. Set FGKERAS_CACHE to a folder with room.",
                stacklevel=2,
            )
            return None
