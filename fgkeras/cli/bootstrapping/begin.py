"""How a project begins: seed and pool, a filter, suspects, a demo."""

from fgkeras.cli.bootstrapping.sayings import printed
from fgkeras.cli.bootstrapping.sayings import say_next
from fgkeras.cli.bootstrapping.training import add_training
from fgkeras.cli.bootstrapping.training import changes_of_training
from fgkeras.cli.reporting import reporter_of


def add_begin(add):
    """Adds `init`, `filter`, `settle` and `demo`.

    Args:
        add: Callable of a name, its help and what runs, that returns a parser.
    """
    init = add(
        "init", "begin with labelled images and a pool", run_init, light=True
    )
    init.add_argument("--data", required=True, metavar="SEED")
    init.add_argument("--pool", required=True, metavar="POOL")
    init.add_argument("--rounds", type=int, default=3, metavar="K")
    init.add_argument("--split", metavar="S", help="of the seed; else train")
    init.add_argument("--pool-split", default="*", metavar="S")
    init.add_argument("--seed", type=int, default=0, metavar="N")
    filter_ = add("filter", "leave out what is of no class", run_filter)
    filter_.add_argument("--negatives", required=True, metavar="SOURCE")
    filter_.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out for good what cannot be read any more",
    )
    filter_.add_argument("--threshold", type=float, default=0.5, metavar="P")
    add_training(filter_)
    settle = add(
        "settle", "settle likely label errors of a set", run_settle, light=True
    )
    settle.add_argument("--data", required=True, metavar="SOURCE")
    settle.add_argument(
        "--suspects",
        required=True,
        metavar="FOLDER",
        help="what fgkeras data suspects wrote",
    )
    demo = add("demo", "drawn flowers, ready to label", run_demo, place=False)
    demo.add_argument("--out", default="runs/bootstrap_demo", metavar="FOLDER")
    demo.add_argument("--port", type=int, metavar="N")
    demo.add_argument("--open", action="store_true", help="open the page")
    demo.add_argument(
        "--no-server", action="store_true", help="make the project alone"
    )


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
    if not found["test"]:
        print(
            "no test split: each training holds back a fifth of its set to "
            "test on, so that accuracies of rounds are of different images"
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
        changes=changes_of_training(arguments.rest),
        skip_bad=arguments.skip_bad,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(f"{found['kept']} candidates stay, {found['left_out']} are left out")
    print(f"negatives: {found['negatives']}")
    of = found["held_back_of"]
    for name in ("precision", "recall"):
        value = found[name]
        if value["value"] is not None:
            print(
                f"{name} {100 * value['value']:.1f} % "
                f"({100 * value['low']:.1f} to {100 * value['high']:.1f}) on "
                f"{of['relevant']} of the classes and {of['other']} others, "
                "held back"
            )
    return say_next(arguments)


def run_settle(arguments):
    """Begins a project that settles label errors."""
    from fgkeras.jobs.bootstrapping.settle import settle

    found = settle(
        arguments.project,
        arguments.data,
        arguments.suspects,
        reporter=reporter_of(arguments),
    )
    if printed(arguments, found):
        return 0
    print(
        f"{found['suspects']} suspects among {found['images']} images of "
        f"{found['classes']} classes"
    )
    return say_next(arguments)


def run_demo(arguments):
    """Makes the demo's project and serves its page."""
    from fgkeras.jobs.bootstrapping.demo import demo
    from fgkeras.jobs.bootstrapping.label import label

    arguments.project = demo(arguments.out, reporter=reporter_of(arguments))
    if arguments.no_server:
        if printed(arguments, {"project": str(arguments.project)}):
            return 0
        return say_next(arguments)
    label(
        arguments.project,
        port=arguments.port,
        browser=arguments.open,
        say=lambda text: print(text, flush=True),
    )
    return say_next(arguments)
