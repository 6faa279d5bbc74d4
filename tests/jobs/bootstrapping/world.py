"""A small world of colours: a seed, a pool with strangers, and the truth."""

import hashlib
import io

import numpy as np
from PIL import Image

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.jobs.bootstrapping import init
from fgkeras.jobs.bootstrapping import train
from fgkeras.training.reporter import SILENT

COLOURS = {
    "blue": (20, 40, 220),
    "green": (30, 180, 60),
    "red": (220, 30, 30),
    "grey": (120, 120, 120),
}
KNOWN = ("blue", "green", "red")
NCM = {
    "method.name": "ncm",
    "model.backbone": "small_cnn",
    "data.size": 32,
    "train.mode": "frozen",
}


def photo(colour, seed):
    """Coarse texture of one colour as JPEG: no two are copies."""
    rng = np.random.default_rng(seed)
    texture = rng.uniform(0.35, 1, (12, 12, 1)) * np.array(colour)
    image = Image.fromarray(texture.astype("uint8"))
    file = io.BytesIO()
    image.resize((48, 48), Image.Resampling.BICUBIC).save(file, "JPEG")
    return file.getvalue()


def write(root, seeds=6, tests=3, pool=12):
    """Writes `seed` and `pool` under `root`; returns the truth by checksum."""
    truth = {}
    for k, (name, colour) in enumerate(COLOURS.items()):
        for i in range(seeds + tests + pool):
            data = photo(colour, 1000 * k + i)
            if i < seeds + tests:
                if name not in KNOWN:
                    continue
                split = "train" if i < seeds else "test"
                place = root / "seed" / split / name / f"{i}.jpg"
            else:
                place = root / "pool" / f"{k}{i}.jpg"
                truth[hashlib.sha256(data).hexdigest()] = name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return truth


def begun(root, **more):
    """Returns a `Project` with a trained model, and the truth of its pool."""
    truth = write(root)
    place = root / "project"
    init(place, f"folder:{root / 'seed'}", f"images:{root / 'pool'}",
         reporter=SILENT, **more)  # fmt: skip
    train(place, NCM, reporter=SILENT)
    return Project(place), truth


def label_all(project, truth, name="me"):
    """Answers all that is open by the truth; returns how many."""
    person = Labellers(project.store).add(name)
    names = project.class_names()
    count = 0
    while True:
        cards = next_cards(project.store, person, 8)
        if not cards:
            return count
        for card in cards:
            with project.store.reading() as db:
                row = db.execute(
                    "SELECT i.sha256, i.class, i.origin FROM candidate AS c "
                    "JOIN image AS i ON i.id = c.image WHERE c.id = ?",
                    (card["candidate"],),
                ).fetchone()
            of = truth.get(row["sha256"])
            if row["origin"] == "seed":
                of = names[row["class"]]
            right = of == names[card["class"]]
            decide(
                project.store, person, f"{name}{card['candidate']}",
                Answer(card["candidate"], "tp" if right else "fp"),
            )  # fmt: skip
            count += 1
