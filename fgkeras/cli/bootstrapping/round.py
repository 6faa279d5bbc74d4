"""A round: train, score, and take in what people said."""

import os

from fgkeras.cli.bootstrapping.sayings import printed
from fgkeras.cli.bootstrapping.sayings import say_next
from fgkeras.cli.bootstrapping.training import add_training
from fgkeras.cli.bootstrapping.training import changes_of_training
from fgkeras.cli.reporting import reporter_of


def add_round(add):
    """Adds `train`, `score` and `apply`.

    Args:
        add: Callable of a name, its help and what runs, that returns a parser.
    """
    train = add("train", "train on what is accepted and rejected", run_train)
    train.add_argument("--config", metavar="FILE", help="TOML (or JSON)")
    train.add_argument(
        "--restart", action="store_true", help="begin this training anew"
    )
    add_training(train)
    _add_score(add("score", "score a part, open a round", run_score))
    apply = add(
        "apply", "take the decisions into the sets", run_apply, light=True
    )
    apply.add_argument(
        "--consensus",
        type=float,
        metavar="P",
        help="first end disagreements of which answers and scores together "
        "are as sure as this",
    )


def _add_score(parser):
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out for good what cannot be read any more",
    )
    parser.add_argument(
        "--strategy",
        default="threshold",
        metavar="S",
        help="threshold (default), margin, entropy or lsun",
    )
    parser.add_argument(
        "--threshold", type=float, default=0.5, metavar="P",
        help="offered is what scores above it",
    )  # fmt: skip
    parser.add_argument(
        "--count", type=int, default=500, metavar="N",
        help="offered by the other strategies",
    )  # fmt: skip
    parser.add_argument(
        "--cap", type=int, default=0, metavar="N", help="most of a class"
    )
    parser.add_argument(
        "--audit", type=float, default=0.02, metavar="P",
        help="share drawn of what is not offered",
    )  # fmt: skip
    parser.add_argument(
        "--accept", action="store_true",
        help="of lsun: take what is above the upper threshold unseen",
    )  # fmt: skip
    parser.add_argument(
        "--overlap", type=int, default=1, metavar="N",
        help="how many people are asked about each",
    )  # fmt: skip
    parser.add_argument(
        "--gold", type=float, default=0.05, metavar="P",
        help="share of hidden pictures whose answer is known",
    )  # fmt: skip
    parser.add_argument(
        "--skip", default="others", metavar="S",
        help="who is asked what somebody skips: others (default), me, or "
        "nobody (drop)",
    )  # fmt: skip
    parser.add_argument(
        "--copies", type=float, default=None, metavar="COSINE",
        help="vectors as near as this are copies; 0 looks for none",
    )  # fmt: skip


def _give_way():
    """Lets people who label meanwhile go first."""
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))


def run_train(arguments):
    """Trains on the sets."""
    _give_way()
    from fgkeras.cli.show import print_metrics
    from fgkeras.jobs.bootstrapping.train import train

    folder, metrics = train(
        arguments.project,
        changes_of_training(arguments.rest),
        config=arguments.config,
        restart=arguments.restart,
        reporter=reporter_of(arguments),
    )
    print_metrics(metrics, folder.path, arguments.json)
    return 0 if arguments.json else say_next(arguments)


def run_score(arguments):
    """Scores a part and opens a round."""
    _give_way()
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.bootstrapping.forecast import CARD_SECONDS
    from fgkeras.jobs.bootstrapping.forecast import GRID_SECONDS
    from fgkeras.jobs.bootstrapping.offers import Strategy
    from fgkeras.jobs.bootstrapping.score import COPIES
    from fgkeras.jobs.bootstrapping.score import score

    found = score(
        arguments.project,
        strategy=Strategy(
            arguments.strategy,
            arguments.threshold,
            arguments.count,
            arguments.cap,
            arguments.audit,
            arguments.accept,
        ),
        overlap=arguments.overlap,
        gold=arguments.gold,
        skip=arguments.skip,
        copies=COPIES if arguments.copies is None else arguments.copies,
        skip_bad=arguments.skip_bad,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(
        f"round {found['round']}: {found['offered']} of {found['part']} images "
        f"are offered, {found['audit']} drawn from the others"
    )
    if found["copies"] or found["leaks"]:
        print(
            f"left out: {found['copies']} copies, {found['leaks']} of test "
            "images"
        )
    if found["refused"]:
        print(f"left out: {len(found['refused'])} that cannot be read")
    rows = sorted(found["classes"], key=lambda row: -row["offered"])
    if not rows:
        return say_next(arguments)
    print_rows(
        [
            {
                "class": row["name"],
                "asked about": row["offered"],
                "expected right": round(row["expected"] * row["offered"], 1),
                "minutes, cards": round(row["card_minutes"], 1),
                "minutes, pages": round(row["grid_minutes"], 1),
            }
            for row in rows[:30]
        ]
    )
    if len(rows) > 30:
        print(f"and {len(rows) - 30} classes more: --json")
    minutes = [
        sum(row[key] for row in rows)
        for key in ("card_minutes", "grid_minutes")
    ]
    print(
        f"all: {minutes[0]:.1f} minutes one by one, {minutes[1]:.1f} by pages "
        f"(if a card takes {CARD_SECONDS} s, a picture of a page "
        f"{GRID_SECONDS} s)"
    )
    return say_next(arguments)


def run_apply(arguments):
    """Takes decisions into the sets."""
    from fgkeras.jobs.bootstrapping.apply import apply

    found = apply(
        arguments.project,
        consensus=arguments.consensus,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    if "ended" in found:
        print(
            f"{found['ended']} disagreements ended by consensus, "
            f"{found['disputed']} left"
        )
    if "images" in found:
        print(
            f"{found['kept']} kept, {found['renamed']} renamed, "
            f"{found['removed']} removed: {found['images']} images"
        )
        if found.get("listed_once"):
            print(
                f"{found['listed_once']} are the same picture under the same "
                "label of the same split as another: left out, see edits.csv"
            )
        return say_next(arguments)
    for row in found["rounds"]:
        neither = sum(row[k] for k in ("unsure", "skip", "bad", "dup"))
        print(
            f"round {row['round']}: {row['right']} right + {row['wrong']} "
            f"wrong + {neither} neither + {row['undecided']} undecided = "
            f"{row['offered']} asked about"
        )
    print(
        f"sets {found['number']}: {found['accepted']} accepted, "
        f"{found['rejected']} rejected"
    )
    return say_next(arguments)
