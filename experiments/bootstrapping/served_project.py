"""A project of drawn pictures, its page in a process of its own, and a client.

The other scripts of this folder use it. As a program it serves a folder:

    python -m experiments.bootstrapping.served_project FOLDER
"""

import hashlib
import http.client
import io
import json
import pathlib
import signal
import subprocess
import sys

import numpy as np
from PIL import Image

from experiments.machine import memory_mb
from fgkeras.bootstrap.page import label_app
from fgkeras.bootstrap.page.queries import project_id
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round
from fgkeras.web import serve

_CHUNK = 20_000


def picture(number, size=(480, 360)):
    """Returns the bytes of the picture of a number, always the same."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(0, 256, (6, 8, 3), "uint8")
    file = io.BytesIO()
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def make(folder, offers, *, classes=20, gold=0, wanted=1, pictures=1, rate=0.0):
    """Makes a project with one open round.

    Args:
        folder: Path of a folder that is there.
        offers: Int, candidates, without gold.
        classes: Int. Defaults to `20`.
        gold: Int, known pictures. Defaults to `0`.
        wanted: Int, votes that each takes. Defaults to `1`.
        pictures: Int, how many different ones there are. Defaults to `1`.
        rate: Float, the share of known ones that is served. Defaults to `0`.

    Returns:
        `Store`.
    """
    store = Store(folder / FILE, create=True)
    sums = [hashlib.sha256(picture(n)).hexdigest() for n in range(pictures)]
    with store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')",
            [(k, f"class {k}") for k in range(classes)],
        )
    total = offers + gold
    for start in range(0, total, _CHUNK):
        with store.writing() as db:
            db.executemany(
                "INSERT INTO image (id, origin, name, sha256, width, height, "
                "class, part) VALUES (?, ?, ?, ?, 480, 360, ?, ?)",
                [
                    (
                        i + 1,
                        "pool" if i < offers else "seed",
                        f"{i % pictures}/{i}",
                        sums[i % pictures],
                        None if i < offers else i % classes,
                        1 if i < offers else None,
                    )
                    for i in range(start, min(start + _CHUNK, total))
                ],
            )
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.5, 1.0, total).tolist()
    open_round(
        store,
        1,
        {"round": 1, "offers": offers},
        [
            Candidate(i + 1, i % classes, (i + 1) % classes, scores[i],
                      1 - scores[i], i // classes, wanted=wanted)
            if i < offers
            else Candidate(i + 1, i % classes, None, None, None,
                           (i - offers) * offers // max(gold, 1) // classes,
                           "gold", truth=("tp", "fp")[i % 2])
            for i in range(total)
        ],
        rates={k: 0.05 for k in range(classes)},
        gold=rate,
    )  # fmt: skip
    return store


def read(row):
    """Returns the bytes of an image of such a project."""
    return picture(int(row["name"].split("/")[0]))


class Server:
    """The labelling page of a folder, in a process of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith("http"):
            raise RuntimeError(f"The server did not start. It said: {line!r}.")
        self.port = int(line.strip().rpartition(":")[2])

    def kill(self):
        """Ends it as a failing machine would, at any moment."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it as Ctrl+C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process.stdout.close()

    def memory(self):
        """Returns the memory that it holds, in MB."""
        return memory_mb(pid=self.process.pid)


class Client:
    """One labeller's browser, which stays the same through restarts.

    Args:
        store: `Store`.
        name: String, the labeller.
    """

    def __init__(self, store, name):
        labellers = Labellers(store)
        self.person, cookie = labellers.redeem(labellers.invite(name))
        project = project_id(store)
        self.headers = {"Cookie": f"fgkeras-{project}={cookie}"}
        self._connection = None

    def connect(self, port):
        """Speaks to another server from now on."""
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=60
        )

    def ask(self, path):
        """Returns the status and the content of an address."""
        self._connection.request("GET", path, headers=self.headers)
        return self._content()

    def tell(self, path, content):
        """Returns the status and the content of what a request answers."""
        self._connection.request(
            "POST",
            path,
            json.dumps(content),
            {**self.headers, "Content-Type": "application/json"},
        )
        return self._content()

    def _content(self):
        response = self._connection.getresponse()
        data = response.read()
        kind = response.getheader("Content-Type", "")
        if kind.startswith("application/json"):
            data = json.loads(data)
        return response.status, data


def main(folder):
    folder = pathlib.Path(folder)
    app = label_app(
        Store(folder / FILE), read, title="Stress",
        thumbnails=folder / "thumbnails",
    )  # fmt: skip
    serve(app, ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main(sys.argv[1])
