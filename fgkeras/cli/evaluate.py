"""Evaluate a run on its own test split, or on other data.

fgkeras evaluate runs/birds
fgkeras evaluate runs/birds --data folder:new_photos
fgkeras evaluate runs/birds --adjust logit:1
fgkeras evaluate runs/birds runs/more_birds --ensemble runs/both
"""

from fgkeras.cli.options import add_reading
from fgkeras.cli.options import add_views
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folders", nargs="+", metavar="RUN")
    parser.add_argument("--data", metavar="SOURCE", help="other data")
    parser.add_argument("--split", help="a split of the data")
    parser.add_argument("--out", metavar="FOLDER", help="where to write")
    parser.add_argument(
        "--adjust",
        metavar="A",
        help="from now on: logit:TAU, tau-norm:TAU, auto (on validation "
        "images) or none",
    )
    parser.add_argument(
        "--sets",
        metavar="S",
        help="from now on: prediction sets of a level, such as 0.9 or "
        "0.9:plain, or none",
    )
    parser.add_argument(
        "--known",
        metavar="K",
        help="from now on: unknown pictures are told by nearest, energy or "
        "none",
    )
    add_views(parser)
    parser.add_argument(
        "--groups",
        metavar="N",
        help="limits of head and tail in training images, such as 20,100",
    )
    parser.add_argument(
        "--ensemble",
        metavar="FOLDER",
        help="write the mean of the scores of several runs there",
    )
    add_reading(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Evaluates and prints."""
    from fgkeras.cli.show import print_metrics
    from fgkeras.runs.evaluate import evaluate
    from fgkeras.runs.scoring.ensemble import evaluate_ensemble

    shared = {
        "reporter": reporter_of(arguments),
        "skip_bad": arguments.skip_bad,
        "ignore": arguments.ignore,
        "views": arguments.views,
        "groups": arguments.groups,
    }
    where = arguments.data, arguments.split
    folders = arguments.run_folders
    if arguments.ensemble is not None:
        own = {"--out": arguments.out, "--adjust": arguments.adjust}
        own |= {"--sets": arguments.sets, "--known": arguments.known}
        for flag, value in own.items():
            if value is not None:
                raise ValueError(
                    f"{flag} is of one run. Received: {flag} {value} with "
                    "--ensemble. Leave it out; each run keeps its own "
                    "adjustment."
                )
        out = arguments.ensemble
        metrics, folder = evaluate_ensemble(folders, out, *where, **shared)
    elif len(folders) > 1:
        raise ValueError(
            "Several runs are evaluated together with --ensemble FOLDER. "
            f"Received: {len(folders)} runs without it. Name a folder, or one "
            "run."
        )
    else:
        more = {"out": arguments.out, "adjust": arguments.adjust}
        more |= {"sets": arguments.sets, "known": arguments.known}
        metrics, folder = evaluate(folders[0], *where, **more, **shared)
    print_metrics(metrics, folder, arguments.json)
    return 0
