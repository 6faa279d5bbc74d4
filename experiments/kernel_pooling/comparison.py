"""Average, bilinear, compact bilinear and kernel pooling (table 3.2).

    python -m experiments.kernel_pooling.comparison frozen --data DATA \
        --weights mobilenet_v2_imagenet.weights.h5
    python -m experiments.kernel_pooling.comparison finetune --data DATA \
        --weights mobilenet_v2_imagenet.weights.h5 --projection 256
    python -m experiments.kernel_pooling.comparison ablation --data DATA \
        --weights mobilenet_v2_imagenet.weights.h5
    python -m experiments.kernel_pooling.comparison table

DATA holds cub100.zip, cars196.zip and grocery.zip with train/CLASS/* and
test/CLASS/*. MobileNetV2 at `--size` pixels. `frozen`: pooled once, then 60
epochs of a linear head. `finetune`: the two steps of section 3.3.1, logistic
regression on frozen pooled features, then everything with gradients clipped to
[-1, 1]; predictions averaged over the crop and its mirror image. All methods
have the same budget; what `--projection` and `--layer` say holds for all of
them, and full bilinear pooling runs only with at most 320 channels.

Every row is written to `comparison.jsonl` when it is there, and a run that was
killed goes on; rows of one seed come before those of the next. `table` prints
means over seeds with 95 % intervals (Student's t over seeds).

Published, other bodies and all images (CUB-200, Cars): VGG-16 average 73.1 and
79.8, bilinear 84.1 and 91.3, compact 84.3 and 91.2, kernel pooling 86.2 and
92.4 per cent. Not comparable with these sets.
"""

import argparse
import json
import pathlib
import time

import numpy as np

from experiments.results import result_path
from fgkeras.training.reporter import SILENT

PATH = result_path(__file__, ".jsonl")
METHODS = {
    "average": {"model.pooling": "average"},
    "bilinear": {"model.pooling": "bilinear"},
    "compact_bilinear": {"model.pooling": "compact_bilinear"},
    "kernel_fixed": {"model.pooling": "kernel", "pooling.learn": False},
    "kernel_learned": {"model.pooling": "kernel", "pooling.learn": True},
}
CHANNELS = {"": 1280, "block_16_project_BN": 320, "block_13_expand_relu": 576}
CHANNELS["block_12_add"] = 96


def rows_to_run(options):
    """Yields the rows of a mode, those of seed 0 first."""
    channels = options.projection or CHANNELS.get(options.layer, 1280)
    for seed in range(options.seeds):
        for name in options.sets.split(","):
            if options.mode == "ablation":
                for order in (1, 2, 3, 4):
                    for dim in (512, 2048, 4096) if order > 1 else (4096,):
                        extra = {"order": order, "dim": dim}
                        yield name, "kernel_learned", seed, extra
                continue
            for method in options.methods.split(","):
                if method != "bilinear" or channels <= 320:
                    yield name, method, seed, {}


def head_on_maps(config, folder):
    """Trains a head, and the kernel, on maps that the body made once.

    What `train` does with frozen features, which runs the body once for each
    pooling; a map of 5x5 here serves all of them.
    """
    import keras

    from fgkeras.runs.classifier.task import ClassifierTask
    from fgkeras.runs.folder import RunFolder
    from fgkeras.runs.roles import Roles
    from fgkeras.training import extract_features

    class OnMaps(ClassifierTask):
        def extract(self, part, images, name, cached=True):
            inner = self.classifier.get_layer("pooling").input
            maps = extract_features(
                keras.Model(self.classifier.input, inner),
                images.evaluation,
                num_images=len(images),
                key=images.key(),
            )
            pool = keras.Model(inner, part.output)
            return pool.predict(maps, batch_size=64, verbose=0)

    config = config.resolved()
    keras.utils.set_random_seed(config.seed)
    folder = RunFolder(folder)
    folder.start(config, restart=True)
    run = OnMaps(config, folder, Roles.opened(config), reporter=SILENT)
    logits = run.fit()
    right = np.argmax(logits, axis=1) == run.test.labels
    return {"top1": {"value": float(right.mean())}, **run.kernel.metrics()}


def run(name, method, seed, extra, options):
    """Trains one row and returns its numbers."""
    from fgkeras.config import Config
    from fgkeras.jobs import train

    fine = options.mode == "finetune"
    overrides = {
        "data.source": f"zip:{options.data}/{name}.zip",
        "data.size": options.size,
        "evaluation.views": "mirror" if fine else "center",
        "model.backbone": "mobilenet_v2",
        "model.weights": options.weights,
        "model.pooled_layer": options.layer,
        "pooling.projection": options.projection,
        "train.mode": "finetune" if fine else "frozen",
        "train.validate_every": 100,
        "seed": seed,
        **METHODS[method],
        **{f"pooling.{k}": v for k, v in extra.items()},
    }
    if method.startswith("kernel"):
        overrides["pooling.gamma"] = options.gamma
    if fine:
        overrides |= {
            "train.head_solver": "logistic",
            "train.clip": 1.0,
            "train.epochs": options.epochs,
            "data.train_resize": round(1.15 * options.size),
        }
    elif options.epochs:
        overrides["train.epochs"] = options.epochs
    config = Config.read(changes=overrides)
    tag = "-".join(str(v) for v in extra.values())
    folder = pathlib.Path(options.out) / (
        f"{options.mode}-{name}-{method}-{options.projection}-"
        f"{options.layer}-{tag}-{options.epochs}-{options.size}-{seed}"
    )
    started = time.monotonic()
    if fine:
        _, metrics = train(config, folder, reporter=SILENT)
    else:
        metrics = head_on_maps(config, folder)
    return {
        "top1": round(100 * metrics["top1"]["value"], 2),
        "kernel": metrics.get("kernel", {}).get("after"),
        "seconds": round(time.monotonic() - started),
    }


def known_rows():
    """The rows that are there."""
    if not PATH.exists():
        return []
    return [json.loads(line) for line in PATH.read_text().splitlines()]


def key_of(row):
    """What names a row."""
    names = ("mode", "set", "method", "seed", "projection", "layer", "gamma")
    names += ("order", "dim", "epochs")
    return (*(row.get(n) for n in names), row.get("size", 160))


def print_table():
    """Means over seeds, with intervals where there are several."""
    from scipy import stats

    groups = {}
    for row in known_rows():
        key = {**row, "seed": None}
        groups.setdefault(key_of(key), []).append(row)
    print("| mode | set | px | method | pooled | top-1 % | seeds | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for rows in groups.values():
        row, values = rows[0], [r["top1"] for r in rows]
        method = row["method"]
        if row.get("order"):
            method += f" p={row['order']} d={row['dim']}"
        text = f"{np.mean(values):.1f}"
        if len(values) > 1:
            width = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
            text += f" ± {width:.1f}"
        seconds = round(np.mean([r["seconds"] for r in rows]))
        pooled = row["layer"] or "last map"
        if row["projection"]:
            pooled += f" to {row['projection']} channels"
        print(
            f"| {row['mode']} | {row['set']} | {row.get('size', 160)} | "
            f"{method} | {pooled} | {text} | {len(values)} | {seconds} |"
        )


def main():
    """Runs the rows that are missing."""
    parser = argparse.ArgumentParser()
    modes = ["frozen", "finetune", "ablation", "table"]
    parser.add_argument("mode", choices=modes)
    parser.add_argument("--data", default=".")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--sets", default="cub100,cars196,grocery")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--projection", type=int, default=0)
    parser.add_argument("--layer", default="", help="pooled layer")
    parser.add_argument("--size", type=int, default=160, help="pixels")
    parser.add_argument("--gamma", default="0.5")
    parser.add_argument("--out", default="runs/kernel_pooling")
    options = parser.parse_args()
    if options.mode == "table":
        print_table()
        return
    if options.mode == "finetune":
        options.epochs = options.epochs or 8
    done = {key_of(row) for row in known_rows()}
    for name, method, seed, extra in list(rows_to_run(options)):
        row = {
            "mode": options.mode,
            "set": name,
            "method": method,
            "seed": seed,
            "projection": options.projection,
            "layer": options.layer,
            "gamma": options.gamma,
            "epochs": options.epochs,
            "size": options.size,
            **extra,
        }
        if key_of(row) in done:
            continue
        row.update(run(name, method, seed, extra, options))
        with open(PATH, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
