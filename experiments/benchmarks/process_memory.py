"""Memory that trainings and predictions leave behind in one process.

    python -m experiments.benchmarks.process_memory
    python -m experiments.benchmarks.process_memory --trainings 6

Trains a small network on frozen features again and again, and asks a SavedModel
for the class of a picture. Ends with status 1 if the process has grown by more
than 50 MB after the third time.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile

from experiments.machine import memory_mb
from experiments.results import result_path
from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.training.reporter import SILENT

FLORA = "flora:species=3,images=6,test=2,size=16"
OPTIONS = {
    "data.source": FLORA,
    "data.size": 16,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}
WARM, LIMIT = 3, 50.0


def growth(name, work, count):
    """Does a work again and again; returns a row of the table."""
    found = []
    for i in range(count):
        work()
        found.append(memory_mb())
        if (i + 1) % 10 == 0:
            print(f"{name} {i + 1}: {found[-1]:.0f} MB", flush=True)
    grown = found[-1] - found[WARM - 1]
    return {
        "work": name,
        "times": count,
        "first_mb": round(found[WARM - 1]),
        "last_mb": round(found[-1]),
        "grown_mb": round(grown, 1),
        "each_mb": round(grown / max(count - WARM, 1), 3),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=50)
    parser.add_argument("--predictions", type=int, default=300)
    arguments = parser.parse_args()
    config = Config.read(changes=OPTIONS)
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)

        def one_training():
            shutil.rmtree(root / "run", ignore_errors=True)
            train(config, root / "run", reporter=SILENT)

        rows = [growth("jobs.train", one_training, arguments.trainings)]
        source = open_source(FLORA)
        picture = root / "a.png"
        picture.write_bytes(source.read(source.split("test").ids[0]))
        place = export(root / "run", root / "export")
        rows.append(
            growth(
                "jobs.predict of a SavedModel",
                lambda: predict(place, [picture]),
                arguments.predictions,
            )
        )
    result_path(__file__).write_text(json.dumps(rows, indent=1) + "\n")
    print(json.dumps(rows, indent=1))
    return 1 if any(row["grown_mb"] > LIMIT for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
