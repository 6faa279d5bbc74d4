"""Compare finished runs on the test images that they share.

A table of accuracies with intervals, and of their differences on the same
images; a page and the numbers as JSON go into --out. Nothing is trained: each
run keeps what it answered. Others are compared to the run named first.

fgkeras compare runs/softmax runs/focal
fgkeras compare runs/birds runs/birds/evaluations/*
"""

import json

from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folders", nargs="+", metavar="RUN")
    parser.add_argument(
        "--out", metavar="FOLDER", help="where to write; comparisons/NAME"
    )
    parser.add_argument(
        "--groups",
        default="auto",
        metavar="N",
        help="limits of head and tail in training images, such as 20,100",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run, check=groups_of)


def groups_of(arguments):
    """Returns the limits of head and tail that were typed."""
    from fgkeras.config import OPTIONS

    return OPTIONS["evaluation.groups"].read("--groups", arguments.groups)


def run(arguments):
    """Compares and prints."""
    from fgkeras.cli.show import print_comparison
    from fgkeras.jobs.compare import compare

    found, folder = compare(
        arguments.run_folders,
        arguments.out,
        groups=groups_of(arguments),
        reporter=reporter_of(arguments),
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_comparison(found, folder)
    return 0
