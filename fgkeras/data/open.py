"""Opening image sources by a short text, such as `folder:photos`."""

from fgkeras.data.images.screened import screened
from fgkeras.data.spec import kind_of


def open(spec, *, skip_bad=False):
    """Opens a source of labelled images.

    | text | what |
    | --- | --- |
    | `folder:PATH` | `CLASS/*.jpg` or `{train,val,test}/CLASS/*.jpg` |
    | `zip:PATH` | the same inside a zip file, read in place |
    | `csv:PATH` | a list `path,label[,split]` |
    | `tfds:NAME[:VERSION][?data_dir=DIR]` | a set of `tensorflow_datasets` |
    | `records:PATH` | converted TFRecord shards |
    | `flora:OPTIONS` | synthetic flowers, such as `flora:species=40` |

    A bare path is guessed: a folder with a `manifest.json` is `records:`, any
    other `folder:`, a `.zip` file `zip:`, a `.csv` file `csv:`.

    Args:
        spec: String or path.
        skip_bad: Boolean. By default anything that cannot be used stops with
            an error that names it. If True, it is left out and listed in the
            source's `refused`: stray files, empty class folders, and, after
            reading each image once, those that cannot be decoded (`folder:`,
            `zip:`, `csv:`, `tfds:`).

    Returns:
        `Source`.

    Raises:
        ValueError: if the kind is unknown, or what the kind says.

    Example:

    >>> open("photos:x")
    Traceback (most recent call last):
    ...
    ValueError: The kind before `:` must be one of folder, zip, csv, tfds, \
records, flora. Received: spec='photos:x'.
    """
    kind, rest = kind_of(spec)
    if kind == "folder":
        from fgkeras.data.sources.folder import FolderSource

        source = FolderSource(rest, skip_bad=skip_bad)
    elif kind == "zip":
        from fgkeras.data.sources.zip import ZipSource

        source = ZipSource(rest, skip_bad=skip_bad)
    elif kind == "csv":
        from fgkeras.data.sources.csv import CsvSource

        source = CsvSource(rest, skip_bad=skip_bad)
    elif kind == "tfds":
        from fgkeras.data.sources.tfds import TfdsSource

        source = TfdsSource.from_spec(rest)
    elif kind == "records":
        from fgkeras.data.records.source import RecordsSource

        return RecordsSource(rest)
    else:
        from fgkeras.data.flora.source import FloraSource

        return FloraSource.from_spec(rest)
    return screened(source) if skip_bad else source
