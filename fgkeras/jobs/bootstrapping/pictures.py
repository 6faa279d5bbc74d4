"""The pictures of a project, from the sources that it was begun with."""

import functools

from fgkeras.bootstrap.ingest import KeptPictures
from fgkeras.data.open import open as open_source


def pictures_of(project):
    """Returns the `KeptPictures` of a project.

    A source is opened once something of it is read.

    Args:
        project: `Project`.
    """
    specs = project.store.setting("sources", {})

    def opened(spec):
        return open_source(spec, needs=("images",))

    return KeptPictures(
        project.path,
        {
            origin: functools.partial(opened, specs[spec])
            for origin, spec in (
                ("seed", "seed"),
                ("test", "seed"),
                ("pool", "pool"),
                ("negative", "negatives"),
            )
            if spec in specs
        },
    )
