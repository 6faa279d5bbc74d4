"""A small project whose labellers follow a script: no model, no network."""

import hashlib

import numpy as np

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store import partition
from fgkeras.bootstrap.store import undo
from fgkeras.jobs.bootstrapping.init import init
from fgkeras.training.reporter import SILENT

CLASSES = ("élan, vital", '"><img onerror=alert(1)>', "elm")
HOSTILE = "<script>alert(1)</script>, \u201cA\u201d"
MODEL = hashlib.sha256(b"model").hexdigest()


def sha(text):
    return hashlib.sha256(str(text).encode()).hexdigest()


def empty_project(folder, seeds=4, pool=60, names=CLASSES):
    """A project with images that are rows alone, and no round yet."""
    project = Project.create(folder)
    store = project.store
    rows = [
        ("seed", f"{k}/{i}.jpg", k)
        for k in range(len(names))
        for i in range(seeds)
    ] + [("pool", f"{i}, =x.jpg", None) for i in range(pool)]
    with store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')", list(enumerate(names))
        )
        db.executemany(
            "INSERT INTO image (origin, name, sha256, class, part, source, "
            "licence, author, url, columns) "
            "VALUES (?, ?, ?, ?, ?, 'images:x', 'CC-BY', ?, ?, ?)",
            [
                (origin, name, sha((origin, name)), k,
                 1 + i % 3 if origin == "pool" else None, HOSTILE,
                 "javascript:alert(1)", '{"note": "=1+1"}')
                for i, (origin, name, k) in enumerate(rows)
            ],
        )  # fmt: skip
    for key, value in {"rounds": 3, "seed": 0, "begun": True}.items():
        store.set(key, value)
    return project


def open_scripted_round(project, number=1, *, overlap=1, gold=0.0, seed=0):
    """Opens a round on the images of its part."""
    rng = np.random.default_rng((seed, number))
    with project.store.reading() as db:
        part = [
            row["id"]
            for row in db.execute(
                "SELECT id FROM image WHERE part = ? ORDER BY id", (number,)
            )
        ]
        seeds = db.execute(
            "SELECT id, class FROM image WHERE origin = 'seed' ORDER BY id"
        ).fetchall()
        count = db.execute("SELECT count(*) FROM class").fetchone()[0]
    candidates = []
    for rank, image in enumerate(part):
        k = int(rng.integers(count))
        audit = rank % 5 == 4
        score = rng.uniform(0.1, 0.5) if audit else rng.uniform(0.5001, 1)
        candidates.append(
            Candidate(
                image, k, (k + 1) % count, float(score),
                float((1 - score) / 2), rank, "audit" if audit else "offer",
                2.5 if audit else 1.0, None, overlap,
            )
        )  # fmt: skip
    if gold:
        for rank, row in enumerate(seeds):
            for k in (row["class"], (row["class"] + 1) % count):
                candidates.append(
                    Candidate(
                        row["id"], k, None, None, None, rank, "gold", 1.0,
                        "tp" if k == row["class"] else "fp",
                    )
                )  # fmt: skip
    manifest = {
        "round": number, "model": MODEL, "strategy": {
            "name": "threshold", "threshold": 0.5, "audit": 0.4,
        }, "below": 10,
    }  # fmt: skip
    return open_round(
        project.store, number, manifest, candidates,
        rates=dict.fromkeys(range(count), 0.3), gold=gold,
    )  # fmt: skip


def label_all(project, people, *, seed=0, undos=3, steps=400):
    """Lets people answer cards and pages until nothing is left."""
    rng = np.random.default_rng(seed)
    store, made = project.store, 0
    with store.reading() as db:
        gold = dict(
            db.execute(
                "SELECT id, truth FROM candidate WHERE kind = 'gold'"
            ).fetchall()
        )
    numbers = [Labellers(store).add(name) for name in people]

    def request():
        nonlocal made
        made += 1
        return f"{seed}-{made}-{len(numbers)}"

    for _ in range(steps):
        person = numbers[int(rng.integers(len(numbers)))]
        if rng.random() < 0.5:
            cards = next_cards(store, person)
            for card in cards:
                answer = _answer(card, rng, gold)
                decide(store, person, request(), answer)
        else:
            page = next_page(store, person, 6)
            if page is not None:
                cells = [c["candidate"] for c in page["cells"]]
                wanted = {"right": "tp", "wrong": "fp"}[page["mark"]]
                marked = [
                    c
                    for c in cells
                    if gold.get(c, rng.choice(["tp", "fp"])) == wanted
                ]
                commit(
                    store, person, request(), page["page"], marked,
                    dwell_ms=900 * len(cells),
                )  # fmt: skip
        if undos and rng.random() < 0.1:
            undos -= 1
            undo(store, person, request())
    return numbers


def settle_conflicts(project, person, seed=0):
    """Ends every disagreement, the first one as another class."""
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT id FROM candidate WHERE state = 'conflict' ORDER BY id"
        ).fetchall()
    for row in rows:
        adjudicate(
            project.store, person, f"end-{seed}-{row['id']}",
            Answer(row["id"], "fp", None, 1200),
        )  # fmt: skip


def _answer(card, rng, gold):
    """Known ones are answered right, but for one in ten."""
    if card["candidate"] in gold:
        known = gold[card["candidate"]]
        said = known if rng.random() < 0.9 else "unsure"
        return Answer(card["candidate"], said, None, 800)
    verdict = rng.choice(
        ["tp", "fp", "unsure", "skip", "bad", "dup"],
        p=[0.3, 0.5, 0.08, 0.04, 0.04, 0.04],
    )
    instead = card["rival"] if verdict == "fp" and rng.random() < 0.3 else None
    dwell = int(rng.integers(300, 4000))
    return Answer(card["candidate"], str(verdict), instead, dwell)


def scripted_project(folder, rounds=2, **changes):
    """A project with answered rounds, two people and gold."""
    project = empty_project(folder)
    for number in range(1, rounds + 1):
        open_scripted_round(project, number, **{"gold": 0.2, **changes})
        people = label_all(project, ["Ada", HOSTILE], seed=number)
        settle_conflicts(project, people[0], number)
    return project


def pictured_project(folder, rounds=2, *, species=3, size=32, **changes):
    """As `scripted_project`, of drawn flowers: its pictures can be read."""
    size = f"species={species},size={size},imbalance=1,val=0"
    init(
        folder,
        f"flora:{size},images=5,test=2",
        f"flora:{size},images=10,test=0,seed=1",
        rounds=3,
        reporter=SILENT,
    )
    project = Project(folder)
    partition(project.store, 3)
    for number in range(1, rounds + 1):
        open_scripted_round(project, number, **{"gold": 0.2, **changes})
        people = label_all(project, ["Ada", HOSTILE], seed=number)
        settle_conflicts(project, people[0], number)
    return project
