"""The whole main job on the built-in flowers, in a few minutes."""

import pathlib

import numpy as np

from fgkeras.data.contact_sheet import contact_sheet
from fgkeras.data.flora import FloraSource
from fgkeras.jobs.config import RunConfig
from fgkeras.jobs.evaluate import evaluate
from fgkeras.jobs.export import export
from fgkeras.jobs.export import predict
from fgkeras.jobs.run_folder import write_json
from fgkeras.jobs.train import train
from fgkeras.training.progress import progress_bar

SOURCE = (
    "flora:species=20,images=200,test=20,imbalance=40,"
    "size=64,difficulty=0.3,seed=1"
)
METHODS = {
    "softmax": {"loss.name": "softmax"},
    "class-balanced softmax": {"loss.name": "softmax", "loss.beta": 0.999},
    "class-balanced focal": {
        "loss.name": "focal",
        "loss.beta": 0.999,
        "loss.gamma": 0.5,
    },
}


def row_of(name, metrics):
    """Returns the comparison table's row of one method, in percent."""

    def percent(entry):
        return None if entry is None else round(100.0 * entry["value"], 1)

    groups = metrics["groups"]
    return {
        "method": name,
        "overall": percent(metrics["top1"]),
        **{g: percent(groups[g]["class_mean"]) for g in groups},
    }


def demo(out="runs/demo", *, seed=0, epochs=12, quiet=False, restart=False):
    """Trains with three losses on long-tailed flowers, reports and exports.

    Args:
        out: Path of the folder for the runs. Defaults to `"runs/demo"`.
        seed: Int. Defaults to `0`.
        epochs: Int. Defaults to `12`.
        quiet: Bool, nothing is printed. Defaults to `False`.
        restart: Bool, whether earlier runs in `out` are replaced. Defaults
            to `False`.

    Returns:
        Dict with the comparison `rows`, the `report`, the `saved_model` and
        `predictions` on held-back images.
    """
    out = pathlib.Path(out)
    source = FloraSource.from_spec(SOURCE.partition(":")[2])
    with progress_bar("drawing flowers", quiet=quiet) as progress:
        source.prepare(progress)
    sheet = contact_sheet(source, 6, 10)
    rows = []
    for name, options in METHODS.items():
        config = RunConfig.build(
            overrides={
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
        if not quiet:
            print(f"{name}:", flush=True)
        last, metrics = train(config, path, quiet=quiet, restart=restart)
        rows.append(row_of(name, metrics))
    write_json(out / "comparison.json", rows)
    evaluate(
        last.path,
        out=out / "report",
        quiet=True,
        sample_sheet=sheet,
        comparison=rows,
    )
    saved = export(last.path, overwrite=True)
    held_back = _hold_back(source, out / "images", seed)
    return {
        "rows": rows,
        "report": str(out / "report" / "report.html"),
        "saved_model": str(saved),
        "predictions": predict(saved, [held_back], top_k=3),
    }


def _hold_back(source, folder, seed, count=6):
    """Writes a few test images as files, named by their species."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    split = source.split("test")
    chosen = np.random.default_rng(seed).permutation(len(split))[:count]
    for number, i in enumerate(chosen):
        species = source.class_names[split.labels[i]].replace(" ", "_")
        path = folder / f"{species}-{number}.jpg"
        path.write_bytes(source.read(split.ids[i]))
    return folder
