"""Evaluate a run on its own test split, or on other data.

fgkeras evaluate runs/birds
fgkeras evaluate runs/birds --data folder:new_photos
"""

from fgkeras.cli.options import add_reading
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folder", metavar="RUN")
    parser.add_argument("--data", metavar="SOURCE", help="other data")
    parser.add_argument("--split", help="a split of the data")
    parser.add_argument("--out", metavar="FOLDER", help="where to write")
    add_reading(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Evaluates and prints."""
    from fgkeras.cli.show import print_metrics
    from fgkeras.runs.evaluate import evaluate

    metrics, folder = evaluate(
        arguments.run_folder,
        arguments.data,
        arguments.split,
        out=arguments.out,
        reporter=reporter_of(arguments),
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
    )
    print_metrics(metrics, folder, arguments.json)
    return 0
