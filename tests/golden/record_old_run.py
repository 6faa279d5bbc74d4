"""Records a run folder as an earlier version of the library left it.

Command, from the root of the repository, once for each line of `RUNS`:

    git worktree add --detach /tmp/earlier COMMIT
    PYTHONPATH=/tmp/earlier python tests/golden/record_old_run.py NAME

Takes half a minute on a CPU and writes `tests/golden/old_runs/NAME`, without
checkpoints and report; `tests/golden/old_runs_test.py` opens copies of it.
Nothing of a folder is written by hand: the options are as that version named
them, 0 stands for what is `auto` now. The pictures lie beside them, so that no
other version draws or encodes them otherwise.
"""

import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

from PIL import Image

PLACE = pathlib.Path(__file__).with_name("old_runs")
FLORA = "flora:species=3,images=8,imbalance=1,val=0,test=4,size=32"
SMALL = {
    "data.source": "zip:pictures.zip",
    "data.size": 24,
    "model.pooled_layer": "block1_bn",
    "train.epochs": 8,
    "bootstrap": 20,
    "seed": 3,
}
# Name -> commit, options.
RUNS = {
    # Before data.json.
    "classifier_fa44eb5": (
        "fa44eb5",
        {
            "data.long_tail": "exponential:2",
            "loss.name": "focal",
            "loss.beta": 0.9,
            "train.head_epochs": 1,
        },
    ),
    # Format 1 of data.json, config.json without a format.
    "classifier_b8c3370": (
        "b8c3370",
        {"train.mode": "frozen", "data.resize": 28, "data.mirror_test": "yes"},
    ),
    "embedding_b8c3370": (
        "b8c3370",
        {
            "method.name": "triplet",
            "method.dim": 8,
            "data.classes": "0:2",
            "data.test_classes": "0:2",
        },
    ),
}
KEPT = (
    "classes.json",
    "config.json",
    "data.json",
    "embeddings.npz",
    "environment.json",
    "history.csv",
    "metrics.json",
    "model.keras",
    "predictions.npz",
    "training_ids.txt",
)


def draw(path):
    """Writes the pictures, as PNG: every decoder gives the same pixels."""
    from fgkeras.data import open as open_source

    source = open_source(FLORA)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for split in ("train", "test"):
            for image_id in source.split(split).ids:
                image = Image.open(io.BytesIO(source.read(image_id)))
                data = io.BytesIO()
                image.resize((24, 24)).save(data, "png", optimize=True)
                member = zipfile.ZipInfo(f"{image_id}.png")
                out.writestr(member, data.getvalue())


def main(name):
    _, options = RUNS[name]
    pictures = PLACE / "pictures.zip"
    if not pictures.exists():
        PLACE.mkdir(exist_ok=True)
        draw(pictures)
    command = [sys.executable, "-m", "fgkeras", "train", "--quiet"]
    for option, value in {**SMALL, **options}.items():
        command += ["--set", f"{option}={value}"]
    with tempfile.TemporaryDirectory() as made:
        # The pictures are not where the run found them when it is opened.
        shutil.copy(pictures, made)
        subprocess.run([*command, "--out", "run"], cwd=made, check=True)
        shutil.rmtree(PLACE / name, ignore_errors=True)
        (PLACE / name).mkdir()
        for file in KEPT:
            if (pathlib.Path(made) / "run" / file).exists():
                shutil.copy(pathlib.Path(made) / "run" / file, PLACE / name)


if __name__ == "__main__":
    main(sys.argv[1])
