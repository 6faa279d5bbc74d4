"""Is the command that the audit prints better than what one would type else?

Command: python -m experiments.audit.recipe
Time: see README.md.
Resumable: every (set, cut, way, seed) is a line of `recipe.json`.

Each set is laid out as a folder of pictures, as it is and with its training
images cut to a long tail (as in `loss_weight.py`), and audited with three
pre-trainings to choose from. The commands that the audit prints are run word by
word, with a seed and a folder for the run added, beside

- plain: `fgkeras train --mode frozen` from ImageNet, without a recipe;
- beta .999: the recipe's pre-training with class-balanced softmax;
- cold: the recipe without `--mode frozen` (`--tuned` alone): all is trained at
  once, from a head that knows nothing;
- tuned: the second command of the audit (`--tuned` alone).
"""

import argparse
import json
import os
import pathlib
import shlex
import tempfile
import zipfile

import numpy as np

from experiments import features
from experiments.audit.loss_weight import cut
from experiments.results import result_path
from fgkeras.cli.main import main as fgkeras
from fgkeras.data import open as open_source
from fgkeras.jobs import audit
from fgkeras.runs.folder import RunFolder

SETS = ("cub100", "cub100b", "cars196", "grocery")
FACTORS = (1, 10)
FROZEN = ("recipe", "plain", "beta .999")
TUNED = ("cold", "tuned")


def laid_out(data, name, factor, folder):
    """Returns a folder of `train` and `test` pictures, some cut away."""
    path = pathlib.Path(folder) / f"{name}_{factor}"
    if (path / "done").exists():
        return path / "photos"
    archive = pathlib.Path(data) / name / f"{name}.zip"
    source = open_source(f"zip:{archive}")
    with zipfile.ZipFile(archive) as file:
        for split in ("train", "test"):
            part = source.split(split)
            kept = np.ones(len(part), bool)
            if split == "train":
                kept = cut(part.labels, factor)
            for i in np.flatnonzero(kept):
                file.extract(part.ids[i], path / "photos")
    (path / "done").touch()
    return path / "photos"


def words_of(way, found, weights):
    """Returns the words of a way to train, without seed and folder."""
    first, second = (row["command"] for row in found["commands"])
    words = {
        "recipe": first,
        "tuned": second,
        "cold": first.replace(" --mode frozen", ""),
    }
    if way in words:
        return shlex.split(words[way])
    start = ["fgkeras", "train", "--data", found["source"]]
    start += ["--backbone", "mobilenet_v2", "--mode", "frozen", "--weights"]
    if way == "plain":
        return [*start, weights[0]]
    chosen = [r for r in found["recipe"] if r["what"] == "Pre-training"]
    body = shlex.split(chosen[0]["option"])[1] if chosen else weights[0]
    return [*start, body, "--loss", "softmax", "--beta", "0.999"]


def measure(words, seed, folder):
    """Runs a command and returns what came of it."""
    assert fgkeras([*words[1:], "--seed", str(seed), "--out", folder]) == 0
    metrics = RunFolder(folder).metrics()
    return {
        "class mean": metrics["mean_per_class"]["value"],
        "top1": metrics["top1"]["value"],
        "low": metrics["mean_per_class"]["low"],
        "high": metrics["mean_per_class"]["high"],
        "seconds": metrics["seconds"],
    }


def table(rows):
    """Prints a line for each set: means over the seeds."""
    ways = (*FROZEN, *TUNED)
    print(
        "| set, imbalance | recipe | first guess | minutes said, taken | "
        + " | ".join(ways)
        + " |"
    )
    print("|" + " --- |" * (4 + len(ways)))
    for key, told in rows["audits"].items():
        cells = []
        for way in ways:
            found = [
                row
                for name, row in rows["runs"].items()
                if name.startswith(f"{key}/{way}/")
            ]
            values = [100 * row["class mean"] for row in found]
            text = f"{np.mean(values):.1f}" if values else ""
            if len(values) > 1:
                text += f" ± {np.std(values, ddof=1):.1f}"
            cells.append(text)
        taken = rows["runs"].get(f"{key}/recipe/0", {}).get("seconds", 0) / 60
        print(
            f"| {key} | {told['recipe']} | {100 * told['told']:.1f} | "
            f"{told['minutes']}, {taken:.1f} | " + " | ".join(cells) + " |"
        )


def main():
    """Measures what is not there yet and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--factors", nargs="*", type=int, default=FACTORS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--bodies", nargs="*", default=features.BODIES)
    parser.add_argument(
        "--tuned", action="store_true", help="the ways that take long, too"
    )
    parser.add_argument(
        "--work",
        default=f"{tempfile.gettempdir()}/fgkeras_recipe",
        help="folder of pictures, audits and runs",
    )
    args = parser.parse_args()
    path = result_path(__file__)
    rows = {"audits": {}, "runs": {}}
    if path.exists():
        rows = json.loads(path.read_text("utf-8"))

    def keep():
        text = json.dumps(rows, indent=1, sort_keys=True)
        path.write_text(text + "\n", "utf-8")

    weights = [
        os.path.abspath(f"{args.data}/weights/mobilenet_v2_{b}.weights.h5")
        for b in args.bodies
    ]
    work = pathlib.Path(args.work)
    for name in args.sets:
        for factor in args.factors:
            key = f"{name}, {factor}"
            photos = laid_out(args.data, name, factor, work)
            found, _ = audit(
                f"folder:{photos}",
                sources=weights,
                out=work / f"audit_{name}_{factor}",
            )
            if key not in rows["audits"]:
                rows["audits"][key] = {
                    "recipe": "; ".join(r["choice"] for r in found["recipe"]),
                    "told": found["told_by_class_means"],
                    "minutes": found["commands"][0]["minutes"],
                    "minutes, tuned": found["commands"][1]["minutes"],
                }
                keep()
            ways = dict.fromkeys(FROZEN, args.seeds)
            if args.tuned:
                ways |= dict.fromkeys(TUNED, 1)
            for way, seeds in ways.items():
                words = words_of(way, found, weights)
                for seed in range(seeds):
                    cell = f"{key}/{way}/{seed}"
                    if cell not in rows["runs"]:
                        run = work / cell.replace(" ", "")
                        rows["runs"][cell] = measure(words, seed, str(run))
                        keep()
                        print(cell, rows["runs"][cell], flush=True)
    table(rows)


if __name__ == "__main__":
    main()
