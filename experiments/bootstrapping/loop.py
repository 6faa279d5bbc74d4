"""Rounds of train, score, label and apply with simulated people.

Command: python -m experiments.bootstrapping.loop --data DATA --work FOLDER
Time: see README.md.
Resumable: projects lie in `--work` and go on where they were killed; a line of
    `loop.jsonl` for each that is done; table in `loop.md`.

The seed is 10 training images of each of 50 birds, the pool the other 1,000
among 2,000 pictures of other birds, cars and groceries, under numbers in random
order. Three rounds through the verbs of `fgkeras bootstrap` on a frozen body
with ImageNet's weights; a simulated labeller answers all that is asked, one by
one. Afterwards the last sets are trained on in other ways too, and, as what can
be reached, the seed with every true image of the pool.
"""

import argparse
import json
import pathlib
import time

import numpy as np

from experiments.bootstrapping import sets
from experiments.bootstrapping.loop_tables import CUTS
from experiments.bootstrapping.loop_tables import METHODS
from experiments.bootstrapping.loop_tables import tables
from experiments.results import keep_row
from experiments.results import kept_rows
from experiments.results import result_path
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.simulated import SimulatedLabeller
from fgkeras.bootstrap.simulated import StoreLabeller
from fgkeras.bootstrap.simulated import candidate_truth
from fgkeras.bootstrap.snapshot import TRAINING
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.config import Config
from fgkeras.jobs.bootstrapping.apply import apply
from fgkeras.jobs.bootstrapping.init import init
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.jobs.bootstrapping.score import score
from fgkeras.jobs.bootstrapping.train import train
from fgkeras.report import embedding_map
from fgkeras.runs.train import train as train_run
from fgkeras.storage import whole_file
from fgkeras.training.reporter import Reporter

DISTRACTORS = {"cub100b": 1500, "cars196": 250, "grocery": 250}
ACCURACIES = (1.0, 0.95)
QUIET = Reporter()

# The map of neighbours in the report of each run takes longer than the rest.
embedding_map._neighbouring = lambda x, seed: embedding_map._principal(x)[0]


def changes_of(method, args):
    """Returns the options of a training."""
    return {
        "model.backbone": "mobilenet_v2",
        "model.weights": f"{args.data}/weights/mobilenet_v2_imagenet"
        ".weights.h5",
        "data.size": args.size,
        "train.mode": "frozen",
        "method.name": method,
        **({"train.epochs": args.epochs} if args.epochs else {}),
    }


def accuracy_of(folder):
    """Returns the accuracy on the test images that a run measured, in %."""
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    return 100 * metrics["top1"]["value"]


def grown(path, truths, method, accuracy, seed, args):
    """Runs a project to its end, from wherever it stands; returns it."""
    drawn = args.work / f"seed_{seed}"
    init(
        path, f"folder:{drawn / 'seed'}", f"images:{drawn / 'pool'}",
        rounds=args.rounds, random_seed=seed, reporter=QUIET,
    )  # fmt: skip
    project = Project(path)
    person = Labellers(project.store).add("me")
    labeller = SimulatedLabeller(accuracy, seed=seed)
    waited = 0.0
    project.store.clock = lambda: time.time() + waited
    while (step := next_step(project)).verb != "report":
        start = time.time()
        if step.verb == "train":
            train(path, changes_of(method, args), reporter=QUIET)
        elif step.verb == "score":
            score(
                path,
                strategy=Strategy(threshold=args.cut),
                copies=args.copies,
                reporter=QUIET,
            )
        elif step.verb == "label":
            truth = candidate_truth(project.store, truths)
            done = StoreLabeller(project.store, person, labeller, truth).work()
            if done.paused:
                raise SystemExit(f"{path}: {done.paused}")
            waited += 60.0  # A class that seemed done is asked again.
        else:
            apply(path, reporter=QUIET)
        print(
            f"{path.name} {step.verb}: {time.time() - start:.0f} s", flush=True
        )
    return project


def rounds_of(project, truths):
    """Returns what each round offered and brought, beside the truth."""
    names = project.class_names()
    out = []
    for number in project.rounds():
        with project.store.reading() as db:
            rows = db.execute(
                "SELECT c.kind, c.class, c.outcome, c.weight, i.sha256 "
                "FROM candidate AS c JOIN image AS i ON i.id = c.image "
                "WHERE c.round = ? AND c.kind <> 'gold'",
                (number,),
            ).fetchall()
            part = dict(
                db.execute(
                    "SELECT id, sha256 FROM image "
                    "WHERE part = ? AND state = 'in'",
                    (number,),
                ).fetchall()
            )
        said = project.store.setting(f"scored_{number}")
        scored = [
            (truths[part[int(image)]], names[top], score)
            for file in sorted(project.round(number).glob("part-*.npz"))
            for image, top, score in zip(*_scored(file), strict=True)
            if int(image) in part
        ]
        offered = [row for row in rows if row["kind"] == "offer"]
        audit = [row for row in rows if row["kind"] == "audit"]
        out.append(
            {
                "part": said["part"],
                "copies": said["copies"] + said["leaks"],
                "offered": len(offered),
                "accepted": sum(row["outcome"] == "tp" for row in offered),
                "right": sum(
                    truths[row["sha256"]] == names[row["class"]]
                    for row in offered
                ),
                "audit": len(audit),
                "audit accepted": sum(r["outcome"] == "tp" for r in audit),
                "weight": audit[0]["weight"] if audit else 0.0,
                "of a class": sum(true is not None for true, *_ in scored),
                "named right": sum(true == top for true, top, _ in scored),
                "cuts": [
                    [
                        cut,
                        int(sum(score > cut for *_, score in scored)),
                        int(sum(t == k and s > cut for t, k, s in scored)),
                    ]
                    for cut in CUTS
                ],
            }
        )
    return out


def _scored(file):
    with np.load(file) as arrays:
        return arrays["image"], arrays["top"], arrays["score"]


def gold_of(project):
    """Returns how many known pictures were accepted, and of how many.

    Two pairs: of those that are of the class, and of those that are not.
    """
    with project.store.reading() as db:
        return [
            list(
                db.execute(
                    "SELECT coalesce(sum(v.verdict = 'tp'), 0), count(*) "
                    "FROM vote AS v JOIN candidate AS c ON c.id = v.candidate "
                    "WHERE c.kind = 'gold' AND c.truth = ?",
                    (truth,),
                ).fetchone()
            )
            for truth in ("tp", "fp")
        ]


def trained_otherwise(project, name, source, method, args):
    """Trains on other images, or in another way; returns the accuracy."""
    folder = project.path / "other" / name
    if not (folder / "metrics.json").is_file():
        changes = {**changes_of(method, args), "data.source": source}
        train_run(Config.read(None, changes), folder, reporter=QUIET)
    return accuracy_of(folder)


def purity(project, truths):
    """Returns how many images S took from the pool, and how many fit."""
    names = dict(enumerate(project.class_names()))
    with project.store.reading() as db:
        inside, outside = accepted_and_rejected(db)
        digests = dict(
            db.execute(
                "SELECT id, sha256 FROM image WHERE origin = 'pool'"
            ).fetchall()
        )
    taken = [m for m in inside if m.image in digests]
    kept_out = [m for m in outside if m.image in digests]
    return {
        "taken": len(taken),
        "taken right": sum(
            truths[digests[m.image]] == names[m.of_class] for m in taken
        ),
        "rejected": len(kept_out),
        "rejected right": sum(
            truths[digests[m.image]] != names[m.of_class] for m in kept_out
        ),
    }


def measure(method, accuracy, seed, args):
    """Runs one project; returns its row."""
    drawn = args.work / f"seed_{seed}"
    counts = {k: n // args.shrink for k, n in DISTRACTORS.items()}
    truths = sets.make(
        args.data, drawn, seed, args.classes, args.per_class, counts
    )
    path = args.work / f"{method}_{100 * accuracy:.0f}_{seed}"
    if args.cut != 0.5:
        path = path.with_name(f"{path.name}_{args.cut}")
    project = grown(path, truths, method, accuracy, seed, args)
    with project.store.reading() as db:
        person = db.execute(
            "SELECT id FROM labeller WHERE name = 'me'"
        ).fetchone()["id"]
        numbers = [
            row["number"]
            for row in db.execute("SELECT number FROM applied ORDER BY 1")
        ]
        pool = db.execute(
            "SELECT count(*) FROM image WHERE origin = 'pool' "
            "AND state IN ('in', 'duplicate', 'leak')"
        ).fetchone()[0]
    row = {
        "rounds": rounds_of(project, truths),
        "accuracies": [accuracy_of(project.run(n)) for n in numbers],
        "pool": pool,
        "true": sum(true is not None for true in truths.values()),
        "decisions": labeller_facts(project.store, person)["decisions"],
        "gold": gold_of(project),
        **purity(project, truths),
    }
    seed_alone = f"csv:{project.sets(numbers[0]) / TRAINING}"
    source = f"csv:{project.sets(numbers[-1]) / TRAINING}"
    for other in METHODS:
        row[f"seed {other}"] = trained_otherwise(
            project, f"seed_{other}", seed_alone, other, args
        )
        # That of the same method is trained again, without what was rejected.
        row[f"then {other}"] = trained_otherwise(
            project, f"then_{other}", source, other, args
        )
    if accuracy == 1:
        whole = sets.all_labelled(args.data, args.work / "all", args.classes)
        row["all"] = trained_otherwise(
            project, "all", f"folder:{whole}", method, args
        )
    project.close()
    return row


def main():
    """Runs what is not there yet, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--size", type=int, default=96, help="pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--classes", type=int, default=50)
    parser.add_argument("--shrink", type=int, default=1, help="distractors")
    parser.add_argument("--epochs", type=int, default=0, help="0 is usual")
    parser.add_argument("--cut", type=float, default=0.5)
    parser.add_argument("--copies", type=float, default=0.0)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument(
        "--accuracies", nargs="+", type=float, default=ACCURACIES
    )
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows = kept_rows(path)
    for seed in range(args.seeds):
        for method in args.methods:
            for accuracy in args.accuracies:
                name = f"{method} {accuracy} {seed} {args.cut}"
                if name in rows:
                    continue
                start = time.time()
                rows[name] = {
                    "name": name,
                    "method": f"{method}, cut {args.cut}",
                    "labeller": accuracy,
                    "seed": seed,
                    **measure(method, accuracy, seed, args),
                    "seconds": round(time.time() - start),
                }
                keep_row(path, rows[name])
                with whole_file(result_path(__file__, ".md")) as file:
                    file.write(tables(rows.values()).encode("utf-8"))
                print(rows[name], flush=True)
    print(tables(rows.values()))


if __name__ == "__main__":
    main()
