"""Memory of the labelling page over four hours of work, compressed.

    python -m experiments.bootstrapping.labelling_hours
    python -m experiments.bootstrapping.labelling_hours --decisions 600

In four hours two people make about 15,000 decisions: one a third of them card
by card, each with its picture, the other two thirds on pages of 36 small
pictures, with a look at the history and the progress now and then, and with one
answer in 50 taken back. A client asks for all that a browser would ask for, as
fast as it is answered. The pictures are 2,000 different ones. The memory that
the server holds is read after every 500 decisions; what it grows by after the
first 1,500, when every thread has its connection, must stay below 50 MB.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

from experiments.bootstrapping.served_project import Client
from experiments.bootstrapping.served_project import Server
from experiments.bootstrapping.served_project import make
from experiments.machine import processor
from experiments.results import result_path

GOAL_MB, _WARM, _EVERY = 50.0, 1500, 500


class Browser:
    """Does what a browser does, and counts it."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        self.requests = self.decisions = self.pictures = 0

    def ask(self, path):
        return self._counted(self.client.ask(path), path)

    def tell(self, path, **content):
        content = {"request": f"{self.name}/{self.requests}", **content}
        return self._counted(self.client.tell(path, content), path)

    def _counted(self, answer, path):
        self.requests += 1
        status, content = answer
        if status != 200:
            raise RuntimeError(f"{path}: {status} {content}")
        return content

    def show(self, cells, size):
        for cell in cells:
            data = self.ask(f"{cell['image']}?size={size}")
            self.pictures += data[:2] == b"\xff\xd8"

    def cards(self, count):
        """Decides some cards, six at a time ahead."""
        self.ask("/card")
        for i in range(count):
            cards = self.ask("/api/cards?count=6")["cards"]
            if i == 0:
                self.ask(f"/api/exemplars?class={cards[0]['class']}")
            self.show(cards[:1], "card")
            self.tell(
                "/api/decide", candidate=cards[0]["candidate"],
                verdict="fp" if self.decisions % 20 else "tp", dwell_ms=900,
            )  # fmt: skip
            self.decisions += 1
            if self.decisions % 50 == 0:
                self.tell("/api/undo")
                self.ask("/history")
                self.ask("/api/history?count=50")

    def page(self):
        """Decides a page."""
        self.ask("/grid")
        page = self.ask("/api/page?size=36")
        self.show(page["cells"], "tile")
        self.tell(
            "/api/commit", page=page["page"], dwell_ms=20_000,
            marked=[cell["candidate"] for cell in page["cells"][:2]],
        )  # fmt: skip
        self.decisions += len(page["cells"])
        self.ask("/")
        self.ask("/api/progress")


def worked(decisions):
    """Returns a dict of what was found."""
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        store = make(folder, 2 * decisions, pictures=min(2000, decisions))
        people = [Browser(Client(store, name), name) for name in "AB"]
        store.close()
        server = Server(folder)
        for one in people:
            one.client.connect(server.port)
        begun, memory, due = time.monotonic(), [], 0
        done = 0
        while done < decisions:
            people[0].cards(18)
            people[1].page()
            done = sum(one.decisions for one in people)
            if done >= due:
                memory.append((done, round(server.memory(), 1)))
                print(*memory[-1], "MB", flush=True)
                due += _EVERY
        memory.append((done, round(server.memory(), 1)))
        server.stop()
    warm = next((mb for n, mb in memory if n >= _WARM), memory[0][1])
    return {
        "decisions": done,
        "requests": sum(one.requests for one in people),
        "pictures": sum(one.pictures for one in people),
        "seconds": round(time.monotonic() - begun),
        "memory_mb": memory,
        "grown_mb": round(memory[-1][1] - warm, 1),
        "most_grown_mb": round(
            max(mb for n, mb in memory if n >= min(_WARM, done)) - warm, 1
        ),
        "processor": processor(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=15_000)
    arguments = parser.parse_args()
    found = worked(arguments.decisions)
    result_path(__file__).write_text(json.dumps(found, indent=1) + "\n")
    good = found["most_grown_mb"] < GOAL_MB
    print(
        f"{found['decisions']} decisions, {found['requests']} requests, "
        f"{found['pictures']} pictures: {found['most_grown_mb']} MB more at "
        f"most; the goal is less than {GOAL_MB:.0f}: "
        f"{'reached' if good else 'MISSED'}."
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
