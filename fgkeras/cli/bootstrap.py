"""Grow a set of labelled images: a model proposes, people decide.

A project is a folder. Each verb may be killed and typed again, and says what
comes next.

  fgkeras bootstrap demo
  fgkeras bootstrap init PROJECT --data folder:seed --pool images:photos
  fgkeras bootstrap filter PROJECT --negatives images:others
  fgkeras bootstrap train PROJECT -- --weights body.weights.h5 --mode frozen
  fgkeras bootstrap score PROJECT
  fgkeras bootstrap label PROJECT --open
  fgkeras bootstrap apply PROJECT
  fgkeras bootstrap report PROJECT
  fgkeras bootstrap export PROJECT --format jsonl --out project.jsonl
"""

from fgkeras.cli.bootstrapping.files import add_files
from fgkeras.cli.bootstrapping.sayings import printed
from fgkeras.cli.bootstrapping.sayings import say_next
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verbs below `bootstrap`."""
    verbs = parser.add_subparsers(dest="bootstrap_verb", metavar="VERB")
    verbs.required = True

    def add(name, help_, run, place=True):
        sub = verbs.add_parser(name, help=help_, description=help_)
        if place:
            sub.add_argument("project", metavar="PROJECT")
        sub.add_argument("--json", action="store_true", help="print JSON")
        add_quiet(sub)
        sub.set_defaults(run=run)
        return sub

    init = add("init", "begin with labelled images and a pool", run_init)
    init.add_argument("--data", required=True, metavar="SEED")
    init.add_argument("--pool", required=True, metavar="POOL")
    init.add_argument("--rounds", type=int, default=3, metavar="K")
    init.add_argument("--split", metavar="S", help="of the seed; else train")
    init.add_argument("--pool-split", default="*", metavar="S")
    init.add_argument("--seed", type=int, default=0, metavar="N")
    filter_ = add("filter", "leave out what is of no class", run_filter)
    filter_.add_argument("--negatives", required=True, metavar="SOURCE")
    filter_.add_argument("--threshold", type=float, default=0.5, metavar="P")
    _add_training(filter_)
    train = add("train", "train on what is accepted and rejected", run_train)
    train.add_argument("--config", metavar="FILE", help="TOML (or JSON)")
    _add_training(train)
    _add_score(add("score", "score a part, open a round", run_score))
    label = add("label", "serve the labelling page", run_label)
    label.add_argument(
        "--name", default="me", metavar="NAME", help="who labels"
    )
    label.add_argument("--port", type=int, metavar="N")
    label.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="another address of this machine lets others in (plain HTTP)",
    )
    label.add_argument("--open", action="store_true", help="open the page")
    invite = add("invite", "print a link of one use for a person", run_invite)
    invite.add_argument("name", metavar="NAME")
    invite.add_argument(
        "--resume", action="store_true", help="who was paused may go on"
    )
    add("status", "say where it stands, and what comes next", run_status)
    add("apply", "take the decisions into the sets", run_apply)
    add_files(add)


def _add_score(parser):
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
        help="what is skipped goes to others (default), me, or is dropped",
    )  # fmt: skip
    parser.add_argument(
        "--copies", type=float, default=None, metavar="COSINE",
        help="vectors as near as this are copies; 0 looks for none",
    )  # fmt: skip


def _add_training(parser):
    parser.add_argument(
        "options",
        nargs="*",
        metavar="-- OPTION",
        help="any option of fgkeras train, behind --",
    )


def changes_of_training(texts):
    """Returns the options of `fgkeras train` that were typed behind `--`.

    Args:
        texts: List of strings.

    Raises:
        ValueError: If one is none, or names the images.
    """
    import argparse

    from fgkeras.cli.options import add_options
    from fgkeras.cli.options import changes_of
    from fgkeras.cli.options import with_flags

    class Parser(argparse.ArgumentParser):
        def error(self, message):
            raise ValueError(
                "Behind -- stand options of fgkeras train. Received: "
                f"{' '.join(texts)!r}: {message}."
            )

    parser = Parser(add_help=False, allow_abbrev=False)
    add_options(parser, with_flags())
    return changes_of(parser.parse_args(texts), with_flags())


def run_init(arguments):
    """Begins a project."""
    from fgkeras.data.sources.file_names import printable
    from fgkeras.jobs.bootstrapping.init import init

    found = init(
        arguments.project,
        arguments.data,
        arguments.pool,
        rounds=arguments.rounds,
        split=arguments.split,
        pool_split=arguments.pool_split,
        random_seed=arguments.seed,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(
        f"{found['classes']} classes, {found['seed']} seed images, "
        f"{found['test']} held out, {found['pool']} candidates"
    )
    print(
        f"left out: {found['duplicates']} copies, {found['leaks']} of test "
        f"images, {len(found['refused'])} that cannot be read"
    )
    if found["seed_leaks"]:
        print(f"of the seed {found['seed_leaks']} are test images: left out")
    for name, reason in found["refused"][:20]:
        print(f"bad image: {printable(name)}: {reason}")
    if len(found["refused"]) > 20:
        print(f"and {len(found['refused']) - 20} more: --json")
    return say_next(arguments)


def run_filter(arguments):
    """Thins the pool."""
    from fgkeras.jobs.bootstrapping.filter import filter_pool

    found = filter_pool(
        arguments.project,
        arguments.negatives,
        threshold=arguments.threshold,
        changes=changes_of_training(arguments.options),
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(f"{found['kept']} candidates stay, {found['left_out']} are left out")
    for name in ("precision", "recall"):
        value = found[name]
        if value["value"] is not None:
            print(
                f"{name} {100 * value['value']:.1f} % "
                f"({100 * value['low']:.1f} to {100 * value['high']:.1f}) on "
                f"{found['held_back']} images held back"
            )
    return say_next(arguments)


def run_train(arguments):
    """Trains on the sets."""
    from fgkeras.cli.show import print_metrics
    from fgkeras.jobs.bootstrapping.train import train

    folder, metrics = train(
        arguments.project,
        changes_of_training(arguments.options),
        config=arguments.config,
        reporter=reporter_of(arguments),
    )
    print_metrics(metrics, folder.path, arguments.json)
    return 0 if arguments.json else say_next(arguments)


def run_score(arguments):
    """Scores a part and opens a round."""
    from fgkeras.cli.show import print_rows
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
        skip={"dropped": "drop"}.get(arguments.skip, arguments.skip),
        copies=COPIES if arguments.copies is None else arguments.copies,
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
    rows = sorted(found["classes"], key=lambda row: -row["offered"])
    print_rows(
        [
            {
                "class": row["name"],
                "offered": row["offered"],
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
        f"all: {minutes[0]:.0f} minutes one by one, {minutes[1]:.0f} by pages "
        "(at 1.7 s a card and .35 s a picture of a page)"
    )
    return say_next(arguments)


def run_label(arguments):
    """Serves the page."""
    from fgkeras.jobs.bootstrapping.label import label

    label(
        arguments.project,
        name=arguments.name,
        host=arguments.host,
        port=arguments.port,
        browser=arguments.open,
        say=lambda text: print(text, flush=True),
    )
    return say_next(arguments)


def run_invite(arguments):
    """Prints a link."""
    from fgkeras.jobs.bootstrapping.label import invite

    link = invite(arguments.project, arguments.name, resume=arguments.resume)
    if not printed(arguments, {"name": arguments.name, "link": link}):
        print(f"For {arguments.name}, once: {link}")
    return 0


def run_status(arguments):
    """Says where a project stands."""
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.bootstrapping.status import status

    found = status(arguments.project)
    if printed(arguments, found):
        return 0
    for origin, states in found["images"].items():
        words = ", ".join(
            f"{count} {'used' if state == 'in' else state}"
            for state, count in states.items()
        )
        print(f"{origin}: {words}")
    if found["rounds"]:
        print_rows(found["rounds"])
    if found["sets"]:
        print(
            f"sets: {found['sets']['accepted']} accepted, "
            f"{found['sets']['rejected']} rejected"
        )
    people = [p for p in found["labellers"] if p["decisions"]]
    for person in people:
        gold = ""
        if person["gold_answered"]:
            gold = (
                f", {person['gold_right']} of {person['gold_answered']} known "
                "ones right"
            )
        paused = f", paused: {person['paused']}" if person["paused"] else ""
        print(
            f"{person['name']}: {person['decisions']} decisions{gold}{paused}"
        )
    return say_next(arguments)


def run_apply(arguments):
    """Takes decisions into the sets."""
    from fgkeras.jobs.bootstrapping.apply import apply

    found = apply(arguments.project, reporter=reporter_of(arguments))
    if printed(arguments, found):
        return 0
    for row in found["rounds"]:
        neither = sum(row[k] for k in ("unsure", "skip", "bad", "dup"))
        print(
            f"round {row['round']}: {row['right']} right + {row['wrong']} "
            f"wrong + {neither} neither + {row['undecided']} undecided = "
            f"{row['offered']} offered"
        )
    print(
        f"sets {found['number']}: {found['accepted']} accepted, "
        f"{found['rejected']} rejected"
    )
    return say_next(arguments)
