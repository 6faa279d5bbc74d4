"""The labelling page, killed 50 times while three people label.

    python -m experiments.bootstrapping.kills
    python -m experiments.bootstrapping.kills --kills 5 --answers 500

A server in a process of its own is ended by SIGKILL at random moments and
started again. Three clients answer cards, commit pages, take back and settle
disagreements over HTTP; what was not acknowledged they send again, under the
same id, as the page does. Each keeps in memory what it was told was kept.

Counted as lost is every acknowledged request that the store does not hold with
the same answers. Compared at the end: the votes of each with those that the
memory comes to, the view `effective_vote`, the counts with a recount, and the
file's integrity after each kill. The goal: 0 lost of at least 5,000.
"""

import argparse
import http.client
import json
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time

from experiments.bootstrapping.served_project import Client
from experiments.bootstrapping.served_project import Server
from experiments.bootstrapping.served_project import make
from experiments.machine import processor
from experiments.results import result_path
from fgkeras.bootstrap.store import FILE

NAMES = ("Ada", "Bob", "Cem")
_OTHER = {"right": ("tp", "fp"), "wrong": ("fp", "tp")}


class Labeller(threading.Thread):
    """Labels until told to stop; remembers what was acknowledged."""

    def __init__(self, store, name, port):
        super().__init__(daemon=True)
        self.client = Client(store, name)
        self.name, self.port = name, port
        self.draw = random.Random(name)
        self.acknowledged = {}
        # Requests in their order: (mode, answers), or None once taken back.
        self.done = []
        self.sent_again = 0
        self.stopping = threading.Event()
        self.trouble = []

    def run(self):
        try:
            while not self.stopping.is_set():
                self.act()
        except Exception as error:
            self.trouble.append(repr(error))

    def call(self, send):
        """Sends until there is an answer, whatever becomes of servers."""
        again = False
        while True:
            try:
                self.client.connect(self.port[0])
                status, content = send()
            except (OSError, http.client.HTTPException, ValueError):
                again = True
                time.sleep(0.02)
                continue
            self.sent_again += again
            if status != 200:
                raise RuntimeError(f"{status}: {content}")
            return content

    def tell(self, path, **content):
        request = f"{self.name}/{len(self.acknowledged)}"
        content = {"request": request, **content}
        found = self.call(lambda: self.client.tell(path, content))
        self.acknowledged[request] = found
        return found["answers"]

    def act(self):
        kind = self.draw.random()
        if kind < 0.6:
            cards = self.call(lambda: self.client.ask("/api/cards?count=2"))
            if not cards["cards"]:
                return
            candidate = cards["cards"][0]["candidate"]
            verdict = self.draw.choice(("tp", "fp", "fp", "unsure", "bad"))
            self.tell("/api/decide", candidate=candidate, verdict=verdict)
            self.done.append(("card", [(candidate, verdict)]))
        elif kind < 0.8:
            page = self.call(lambda: self.client.ask("/api/page?size=24"))
            if page["page"] is None:
                return
            cells = [cell["candidate"] for cell in page["cells"]]
            marked = self.draw.sample(cells, min(len(cells), 2))
            self.tell("/api/commit", page=page["page"], marked=marked)
            mark, rest = _OTHER[page["mark"]]
            self.done.append(
                ("page", [(c, mark if c in marked else rest) for c in cells])
            )
        elif kind < 0.95:
            taken = self.tell("/api/undo")
            standing = [i for i, one in enumerate(self.done) if one]
            if standing:
                one = self.done[standing[-1]]
                self.done[standing[-1]] = None
                if [a["candidate"] for a in taken] != [c for c, _ in one[1]]:
                    raise RuntimeError(f"{one} was not taken back: {taken}")
            elif taken:
                raise RuntimeError(f"More was taken back: {taken}")
        else:
            found = self.call(lambda: self.client.ask("/api/conflicts"))
            if found["cards"]:
                candidate = found["cards"][0]["candidate"]
                self.tell("/api/adjudicate", candidate=candidate, verdict="fp")
                self.done.append(("adjudicate", [(candidate, "fp")]))

    def votes(self):
        """What the memory comes to, a dict of candidate to verdict."""
        found = {}
        for one in self.done:
            found |= dict(one[1]) if one else {}
        return found


def opened(folder):
    db = sqlite3.connect(folder / FILE)
    db.execute("PRAGMA busy_timeout = 10000")
    return db


def lost(db, labellers):
    """How many acknowledged requests the store does not hold as they were."""
    kept = {}
    for request, decision, candidate, verdict in db.execute(
        "SELECT r.id, d.id, d.candidate, d.verdict FROM request AS r "
        "LEFT JOIN decision AS d ON d.request = r.serial "
        "ORDER BY r.serial, d.place"
    ):
        rows = kept.setdefault(request, [])
        if decision is not None:
            rows.append((decision, candidate, verdict))
    count = 0
    for labeller in labellers:
        for request, found in list(labeller.acknowledged.items()):
            told = [
                (a["decision"], a["candidate"], a["verdict"])
                for a in found["answers"]
            ]
            count += kept.get(request) != told
    return count


def compared(db, labellers):
    """Returns what is not as the memory says, a list of sentences."""
    wrong = []
    for labeller in labellers:
        found = dict(
            db.execute(
                "SELECT candidate, verdict FROM vote WHERE labeller = ?",
                (labeller.client.person,),
            ).fetchall()
        )
        if found != labeller.votes():
            wrong.append(f"votes of {labeller.name}")
    columns = "round, class, kind, state, outcome"
    for name, one, other in (
        (
            "effective_vote",
            "SELECT candidate, labeller, decision FROM vote ORDER BY 1, 2",
            "SELECT * FROM effective_vote ORDER BY 1, 2",
        ),
        (
            "tally",
            f"SELECT {columns}, count FROM tally WHERE count > 0 "
            f"ORDER BY {columns}",
            f"SELECT {columns}, count(*) FROM candidate GROUP BY {columns} "
            f"ORDER BY {columns}",
        ),
    ):
        if db.execute(one).fetchall() != db.execute(other).fetchall():
            wrong.append(name)
    return wrong


def tried(kills, answers, seed=0):
    """Returns a dict of what was found.

    Args:
        kills: Int, at least so many.
        answers: Int, requests that must be acknowledged.
        seed: Int, of the moments. Defaults to `0`.
    """
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        store = make(folder, 10 * answers, wanted=2)
        port = [None]
        labellers = [Labeller(store, name, port) for name in NAMES]
        store.close()
        began, count, missing, unsound = time.monotonic(), 0, 0, 0
        per_kill = answers / kills
        while True:
            server = Server(folder)
            port[0] = server.port
            for labeller in labellers:
                if not labeller.is_alive() and not labeller.trouble:
                    labeller.start()
            known = sum(len(one.acknowledged) for one in labellers)
            wanted = per_kill * draw.uniform(0.5, 1.6)
            while sum(
                len(one.acknowledged) for one in labellers
            ) < known + wanted and not any(one.trouble for one in labellers):
                time.sleep(0.001)
            time.sleep(draw.uniform(0, 0.02))
            server.kill()
            count += 1
            db = opened(folder)
            (sound,) = db.execute("PRAGMA integrity_check").fetchone()
            unsound += sound != "ok"
            missing += lost(db, labellers)
            db.close()
            known = sum(len(one.acknowledged) for one in labellers)
            print(f"kill {count}: {known} acknowledged", flush=True)
            if any(one.trouble for one in labellers):
                break
            if count >= kills and known >= answers:
                break
        server = Server(folder)
        port[0] = server.port
        for labeller in labellers:
            labeller.stopping.set()
        for labeller in labellers:
            labeller.join(120)
        server.stop()
        db = opened(folder)
        (sound,) = db.execute("PRAGMA integrity_check").fetchone()
        found = {
            "kills": count,
            "acknowledged": sum(len(one.acknowledged) for one in labellers),
            "sent_again": sum(one.sent_again for one in labellers),
            "decisions": db.execute("SELECT count(*) FROM decision").fetchone()[
                0
            ],
            "lost": missing + lost(db, labellers),
            "integrity_failures": unsound + (sound != "ok"),
            "differences": compared(db, labellers),
            "trouble": [t for one in labellers for t in one.trouble],
            "seconds": round(time.monotonic() - began),
            "processor": processor(),
        }
        db.close()
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--answers", type=int, default=5000)
    arguments = parser.parse_args()
    found = tried(arguments.kills, arguments.answers)
    path = result_path(__file__)
    path.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    good = (
        found["acknowledged"] >= arguments.answers
        and not found["lost"]
        and not found["integrity_failures"]
        and not found["differences"]
        and not found["trouble"]
    )
    print(
        f"{found['lost']} lost of {found['acknowledged']} acknowledged; the "
        f"goal is 0 of {arguments.answers}: {'reached' if good else 'MISSED'}."
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
