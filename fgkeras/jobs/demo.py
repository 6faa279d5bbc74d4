"""The whole main job on the built-in flowers, in a few minutes."""

import hashlib
import json
import pathlib

import numpy as np

from fgkeras.config import Config
from fgkeras.data.flora.source import FloraSource
from fgkeras.data.images.contact_sheet import contact_sheet
from fgkeras.data.records.own_files import is_regular
from fgkeras.data.records.own_files import is_there
from fgkeras.jobs.compare import KIND
from fgkeras.jobs.compare import check_comparison_place
from fgkeras.jobs.compare import compare
from fgkeras.jobs.export import export
from fgkeras.jobs.predict import predict
from fgkeras.runs.evaluate import check_place
from fgkeras.runs.evaluate import evaluate
from fgkeras.runs.train import train
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import SILENT

SOURCE = (
    "flora:species=20,images=200,test=20,imbalance=40,"
    "size=64,difficulty=0.3,seed=1"
)
WRITTEN = "images.json"  # the images that a demo put there, by SHA-256
COMPARISON = "comparison.json"
METHODS = {
    "softmax": {"loss.name": "softmax"},
    "class-balanced softmax": {"loss.name": "softmax", "loss.beta": 0.999},
    "class-balanced focal": {
        "loss.name": "focal",
        "loss.beta": 0.999,
        "loss.gamma": 0.5,
    },
}


def row_of(name, run):
    """Returns the comparison table's row of one method, in percent.

    Args:
        name: String, the method.
        run: Dict, one of the `runs` that `compare` returns.
    """
    shown = ("overall", "head", "medium", "tail")
    return {
        "method": name,
        **{
            name: entry and round(100.0 * entry["value"], 1)
            for name, entry in run["numbers"].items()
            if name in shown
        },
    }


def demo(
    out="runs/demo", *, seed=0, epochs=12, reporter=CONSOLE, restart=False
):
    """Trains with three losses on long-tailed flowers, reports and exports.

    Args:
        out: Path of the folder for the runs. Defaults to `"runs/demo"`.
        seed: Int. Defaults to `0`.
        epochs: Int. Defaults to `12`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        restart: Bool, whether earlier runs in `out` are replaced. Defaults
            to `False`.

    Returns:
        Dict with the comparison `rows`, the `report`, the `comparison` with
        its page, the `saved_model` and `predictions` on held-back images.

    Raises:
        ValueError: If a file of another origin has a name that is needed.

    Example:

    >>> found = demo("runs/demo")  # doctest: +SKIP
    >>> [row["method"] for row in found["rows"]]  # doctest: +SKIP
    ['softmax', 'class-balanced softmax', 'class-balanced focal']
    """
    out = pathlib.Path(out)
    check_place(out / "report")
    check_comparison_place(out / "compared")
    source = FloraSource.from_spec(SOURCE.partition(":")[2])
    with reporter.bar("drawing flowers") as progress:
        source.prepare(progress)
    held_back = hold_back(source, out, seed)
    sheet = contact_sheet(source, 6, 10)
    paths = []
    for name, options in METHODS.items():
        config = Config.read(
            changes={
                "data.source": SOURCE,
                "data.augmentation": "random_crop",
                "data.size": 64,
                "data.batch_size": 64,
                "model.backbone": "small_cnn",
                "train.epochs": epochs,
                "train.learning_rate": 0.002,
                "train.warmup_epochs": 1,
                "train.weight_decay": 1e-4,
                "seed": seed,
                **options,
            }
        )
        path = out / name.replace(" ", "_").replace("-", "_")
        reporter.say(f"{name}:")
        last, _ = train(config, path, reporter=reporter, restart=restart)
        paths.append(path)
    found, compared = compare(paths, out / "compared", reporter=SILENT)
    rows = [
        row_of(name, run)
        for name, run in zip(METHODS, found["runs"], strict=True)
    ]
    write_json(out / COMPARISON, rows)
    evaluate(
        last.path,
        out=out / "report",
        reporter=SILENT,
        sample_sheet=sheet,
        comparison=rows,
    )
    saved = export(last.path, overwrite=True)
    return {
        "rows": rows,
        "report": str(out / "report" / "report.html"),
        "comparison": str(compared / f"{KIND}.html"),
        "saved_model": str(saved),
        "predictions": predict(saved, held_back, top_k=3),
    }


def hold_back(source, out, seed, count=6):
    """Writes some test images as files, named by their species.

    Those of an earlier demo are removed: regular files of the names and the
    contents that it noted in `images.json`, and nothing else.

    Args:
        source: A `Source` with the split `test`.
        out: Path of the demo's folder.
        seed: Int.
        count: Int, how many images. Defaults to `6`.

    Returns:
        List of the paths of the images.

    Raises:
        ValueError: If something else has a name that is needed.
    """
    out = pathlib.Path(out)
    split = source.split("test")
    chosen = np.random.default_rng(seed).permutation(len(split))[:count]
    images = {}
    for number, i in enumerate(chosen):
        species = source.class_names[split.labels[i]].replace(" ", "_")
        images[f"{species}-{number}.jpg"] = source.read(split.ids[i])
    folder = out / "images"
    noted = _read_json(out / WRITTEN, _is_note, {})
    earlier = [
        name
        for name, checksum in (noted or {}).items()
        if _holds(folder, name, checksum)
    ]
    foreign = [
        name
        for name, data in images.items()
        if is_there(folder / name)
        and name not in earlier
        and not _holds(folder, name, _checksum(data))
    ]
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        foreign.append(folder.name)
    if noted is None:
        foreign.append(WRITTEN)
    if _read_json(out / COMPARISON, _is_comparison, []) is None:
        foreign.append(COMPARISON)
    if foreign:
        raise ValueError(
            "The demo replaces only files that it wrote. Received: "
            f"out={str(out)!r} with {', '.join(foreign[:3])} of another "
            "origin. Nothing was changed. Choose another folder (--out), or "
            "move that away."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in earlier:
        (folder / name).unlink()
    # Noted before they are there, so that a kill leaves none unknown.
    checksums = {name: _checksum(data) for name, data in images.items()}
    write_json(out / WRITTEN, checksums)
    for name, data in images.items():
        (folder / name).write_bytes(data)
    return sorted(folder / name for name in images)


def _holds(folder, name, checksum):
    """Whether a file of this name and content lies in a folder itself."""
    path = folder / name
    return (
        pathlib.PurePath(name).name == name
        and not folder.is_symlink()
        and is_regular(path)
        and _checksum(path.read_bytes()) == checksum
    )


def _checksum(data):
    return hashlib.sha256(data).hexdigest()


def _read_json(path, accepts, default):
    """Returns what a file holds, `None` if it is not a demo's."""
    if not is_there(path):
        return default
    try:
        found = json.loads(path.read_bytes()) if is_regular(path) else None
    except ValueError:
        return None
    return found if accepts(found) else None


def _is_note(found):
    return isinstance(found, dict) and all(
        isinstance(checksum, str) for checksum in found.values()
    )


def _is_comparison(found):
    return isinstance(found, list) and all(
        isinstance(row, dict) and row.get("method") in METHODS for row in found
    )
