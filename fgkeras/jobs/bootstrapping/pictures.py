"""The pictures of a project, from the sources that it was begun with."""

import functools

from fgkeras.bootstrap.ingest import KeptPictures
from fgkeras.data.sources.joined import joined
from fgkeras.data.spec import kind_of
from fgkeras.data.spec import parts_of
from fgkeras.registries import SOURCES


def pictures_of(project):
    """Returns the `KeptPictures` of a project.

    A source is opened once something of it is read.

    Args:
        project: `Project`.
    """
    specs = project.store.setting("sources", {})

    return KeptPictures(
        project.path,
        {
            origin: functools.partial(leniently_opened, specs[spec])
            for origin, spec in (
                ("seed", "seed"),
                ("test", "seed"),
                ("pool", "pool"),
                ("negative", "negatives"),
            )
            if spec in specs
        },
    )


def leniently_opened(spec):
    """Returns a source of images in which stray files stop nothing.

    They are listed in its `refused`. Pictures that do not decode are among the
    others: whoever reads them finds out.

    Args:
        spec: String that opens a source.

    Raises:
        ValueError: If there is no such source, or no picture in it.
    """
    opened = []
    for part in parts_of(spec):
        kind, rest = kind_of(part)
        source = SOURCES.load(kind).from_spec(rest, skip_bad=True)
        if source.kind != "images":
            raise ValueError(
                "This needs images. Received: "
                f"{source.spec}, which holds {source.kind}."
            )
        opened.append(source)
    return opened[0] if len(opened) == 1 else joined(*opened)
