"""The labelling page that `http_labeller_test.py` starts as a process."""

import pathlib
import sys

from fgkeras.bootstrap.page import label_app
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Store
from fgkeras.web import serve


def unreadable(row):
    raise ValueError("There are no pictures here.")


def main(folder, port):
    folder = pathlib.Path(folder)
    app = label_app(
        Store(folder / FILE), unreadable, title="Trees",
        thumbnails=folder / "small",
    )  # fmt: skip
    serve(app, port=int(port), ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
