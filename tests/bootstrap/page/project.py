"""A little project to label, with pictures made here."""

import hashlib
import pathlib

import numpy as np
from starlette.testclient import TestClient

from fgkeras.bootstrap.page import label_app
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round
from fgkeras.data.images import image

NAMES = ("elm", "oak", "fir")


def picture(seed, size=(60, 40)):
    """PNG bytes of a noise that is new for each seed."""
    rng = np.random.default_rng(seed)
    width, height = size
    return image.encode_png(rng.integers(0, 255, (height, width, 3), "uint8"))


class Project:
    """A store with a round, and what is needed to look at it.

    Candidates of class k have its pictures' numbers from 1000 k on; the seed
    has ten pictures of each class.
    """

    def __init__(
        self,
        folder,
        *,
        names=NAMES,
        per_class=8,
        wanted=1,
        gold=0.0,
        rates=None,
        kind=None,
        skip="others",
        facts=None,
    ):
        self.folder = pathlib.Path(folder)
        self.store = Store(self.folder / FILE, create=True)
        self.people = Labellers(self.store)
        self.files = {}
        facts = facts or {}
        if kind:
            self.store.set("kind", kind)
        found = []
        with self.store.writing() as db:
            for k, name in enumerate(names):
                db.execute(
                    "INSERT INTO class VALUES (?, ?, ?)",
                    (k, name, facts.get("description", f"All of {name}.")),
                )
            for k in range(len(names)):
                for n in range(10 + per_class):
                    number = self._add(db, k, n, n < 10, facts)
                    rival = (k + 1) % len(names) if len(names) > 1 else None
                    if n >= 10:
                        found.append(
                            Candidate(
                                number, k, rival, 0.7, 0.2, n, wanted=wanted
                            )
                        )
                    elif gold and n >= 7:
                        found.append(
                            Candidate(
                                number, k, rival, None, None, 0,
                                kind="gold", truth="tp",
                            )
                        )  # fmt: skip
        open_round(self.store, 1, {}, found, rates=rates, gold=gold, skip=skip)

    def _add(self, db, k, n, seed, facts):
        name = facts.get("file", "{}.png").format(f"{k}-{n}")
        data = picture(1000 * k + n)
        self.files[name] = data
        return db.execute(
            "INSERT INTO image (origin, name, sha256, width, height, class, "
            "licence, author, url) VALUES (?, ?, ?, 60, 40, ?, ?, ?, ?)",
            (
                "seed" if seed else "pool", name,
                hashlib.sha256(data).hexdigest(), k if seed else None,
                facts.get("licence", "CC0"), facts.get("author", "Nobody"),
                facts.get("url", "https://example.org/a"),
            ),
        ).lastrowid  # fmt: skip

    def read(self, row):
        if row["name"] not in self.files:
            raise OSError("gone")
        return self.files[row["name"]]

    def app(self, **options):
        return label_app(
            self.store,
            self.read,
            title="Trees",
            thumbnails=self.folder / "small",
            **options,
        )

    def client(self, name="Ada", app=None):
        client = TestClient(
            app or self.app(),
            base_url="http://localhost",
            raise_server_exceptions=False,
        )
        token = self.people.invite(name)
        assert client.get(f"/?token={token}").status_code == 200
        client.headers["sec-fetch-site"] = "same-origin"
        return client

    def rows(self, query, *values):
        with self.store.reading() as db:
            return [tuple(row) for row in db.execute(query, values)]

    def votes(self):
        return dict(self.rows("SELECT candidate, verdict FROM vote"))


def decide(client, candidate, verdict="tp", request=None, **more):
    """Answers one candidate, under a request id of its own."""
    content = {
        "request": request or f"r{candidate}{verdict}",
        "candidate": candidate,
        "verdict": verdict,
        **more,
    }
    return client.post("/api/decide", json=content)
