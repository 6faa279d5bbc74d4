"""The pictures of a project, from the sources that it was begun with."""

import functools

from fgkeras.bootstrap.ingest import KeptPictures
from fgkeras.data.open import open as open_source

# Stray files of a pool stop nothing; what does not decode is found on reading.
LENIENT = {"needs": ("images",), "skip_bad": True, "decoded": False}


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
            origin: functools.partial(open_source, specs[spec], **LENIENT)
            for origin, spec in (
                ("seed", "seed"),
                ("test", "seed"),
                ("pool", "pool"),
                ("negative", "negatives"),
            )
            if spec in specs
        },
    )
