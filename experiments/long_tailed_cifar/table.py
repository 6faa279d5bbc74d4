"""Table 5.2 on CIFAR-10, CIFAR-100 and its superclasses, as one command.

    python -m experiments.long_tailed_cifar.table --budget frozen|short|full

Measures what is missing (`frozen.py`: heads on frozen features; `trained.py`:
`fgkeras train` from scratch) and prints the tables.
"""

import argparse
import pathlib

import numpy as np

from experiments import features
from experiments import tail_grid
from experiments.long_tailed_cifar import frozen
from experiments.long_tailed_cifar import trained


def grouped(found):
    """Returns the rows of each (set, imbalance), one for each seed."""
    out = {}
    order = sorted(found, key=lambda k: (k.split("/")[0], int(k.split("/")[1])))
    for key in order:
        rows = found[key]
        out.setdefault(tuple(key.split("/")[:2]), []).append(rows)
    return out


def best_of(rows, names):
    """Returns the name that the validation images choose."""
    return max(names, key=lambda n: rows[n]["val"])


def frozen_tables(found):
    """Prints the grid, what was chosen, and the claims of chapter 5."""
    cells = grouped(found)
    there = next(iter(cells.values()))[0]
    adjusted = [f"adjusted {tau:g}" for tau in tail_grid.TAUS]
    names = [n for n in (*tail_grid.grid(), *adjusted) if n in there]
    plain = tail_grid.PLAIN
    families = list(dict.fromkeys(tail_grid.family(n) for n in names))
    for name in dict.fromkeys(s for s, _ in cells):
        these = {i: r for (s, i), r in cells.items() if s == name}
        print(f"\n{name}, test error %, mean over seeds\n")
        print("| setting | " + " | ".join(these) + " |")
        print("| --- |" + " --- |" * len(these))
        # Sets that were measured before a setting came do not have it.
        for setting in names:
            if not all(setting in r for rows in these.values() for r in rows):
                continue
            cells_of = [
                100 - 100 * np.mean([r[setting]["test"] for r in rows])
                for rows in these.values()
            ]
            print(
                f"| {setting} | "
                + " | ".join(f"{v:.2f}" for v in cells_of)
                + " |"
            )
        print(
            f"\n{name}: setting chosen on validation images, points above "
            "plain softmax ± half of the 95 % interval over test images\n"
        )
        print("| kind | " + " | ".join(these) + " |")
        print("| --- |" + " --- |" * len(these))
        for kind in families:
            line = []
            for rows in these.values():
                gains = [
                    100
                    * (r[best_of(r, _of(r, kind))]["test"] - r[plain]["test"])
                    for r in rows
                ]
                half = 100 * np.mean(
                    [r[best_of(r, _of(r, kind))]["noise"][0] for r in rows]
                )
                mean = np.mean(gains)
                line.append(f"{mean:+.2f} ± {half:.2f}")
            print(f"| {kind} | " + " | ".join(line) + " |")
        print(f"\n{name}: beta by loss, chosen on validation / best on test\n")
        print("| loss | " + " | ".join(these) + " |")
        print("| --- |" + " --- |" * len(these))
        for kind in ("softmax", "sigmoid", "focal"):
            line = [_betas(rows, kind) for rows in these.values()]
            print(f"| {kind} | " + " | ".join(line) + " |")


def _of(rows, kind):
    return [n for n in rows if tail_grid.family(n) == kind]


def _betas(rows, kind):
    out = []
    for key in ("val", "test"):
        mean = {
            n: np.mean([r[n][key] for r in rows]) for n in _of(rows[0], kind)
        }
        out.append(max(mean, key=mean.get).split(" ")[-1])
    return " / ".join(out)


def trained_table(found, budget):
    """Prints what the trainings from scratch measured."""
    print("| set, imbalance, seed | setting | top-1 % | head | medium | tail |")
    print("| --- | --- | --- | --- | --- | --- |")
    for key, row in found.items():
        asked, name, imbalance, seed, setting = key.split("/")
        if asked == budget:
            numbers = " | ".join(f"{100 * v:.1f}" for v in row["test"])
            print(f"| {name}, {imbalance}, {seed} | {setting} | {numbers} |")
    for key, row in found.items():
        if key.startswith(f"{budget}/"):
            path = " ".join(f"{100 * v:.0f}" for v in row["by_epoch"])
            print(f"{key}: {path}")


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    features.add_arguments(parser)
    parser.add_argument(
        "--budget", choices=("frozen", *trained.SCHEDULES), default="frozen"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", default=frozen.SETS)
    parser.add_argument(
        "--imbalances", nargs="+", type=int, default=frozen.IMBALANCES
    )
    parser.add_argument(
        "--runs",
        default=str(pathlib.Path(features.CACHE) / "long_tailed_cifar"),
        help="run folders of short and full",
    )
    parser.add_argument(
        "--epochs", type=int, default=0, help="other than the budget's"
    )
    args = parser.parse_args()
    if args.budget == "frozen":
        frozen_tables(frozen.measure(args))
    else:
        trained_table(trained.measure(args), args.budget)


if __name__ == "__main__":
    main()
