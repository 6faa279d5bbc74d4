"""Try options and keep the best: fgkeras tune --data folder:photos

Trains a classifier with every value of some options, chooses on validation
images, trains the best on all images and tests it once. Without --over it goes
over losses, betas and gammas. Every flag of fgkeras train says what all trials
share; every option, by its flag or its dotted name, may be gone over:

  fgkeras tune --data folder:photos --mode frozen --out sweeps/photos
  fgkeras tune --data zip:birds.zip --backbone mobilenet_v2 --mode frozen \\
      --over loss=softmax,focal beta=0,0.99,0.9999 gamma=0.5,1,2 --out sweeps/b
  fgkeras tune --data flora: --search random --trials 12 --out sweeps/c \\
      --over learning-rate=1e-4..1e-1:log data.flip=yes,no

A sweep that was killed goes on when the same command is typed again. Typed in
a second terminal too, both share the trials. --dry says which trials there are
and how long they take.
"""

import argparse
import json
import os
import sys

from fgkeras.cli.options import add_options
from fgkeras.cli.options import changes_of
from fgkeras.cli.options import with_flags
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of
from fgkeras.tuning.objective import OBJECTIVES
from fgkeras.tuning.objective import SEARCHES


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument(
        "--over",
        nargs="+",
        metavar="A=X,Y",
        help="what is tried: NAME=VALUE,VALUE or NAME=LOW..HIGH[:log]; "
        "without it losses, betas and gammas",
    )
    parser.add_argument("--out", metavar="SWEEP", help="the sweep's folder")
    parser.add_argument(
        "--search",
        choices=SEARCHES,
        default="grid",
        help="which trials are made (default grid: all)",
    )
    parser.add_argument(
        "--objective",
        choices=tuple(OBJECTIVES),
        default="class-mean",
        help="what is best by, on validation images (default class-mean)",
    )
    parser.add_argument(
        "--trials",
        type=int,
        metavar="N",
        help="trials at most (default: all of a grid, else 20)",
    )
    repeated = parser.add_mutually_exclusive_group()
    repeated.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="train each trial so often, each time by another seed",
    )
    repeated.add_argument(
        "--folds",
        type=int,
        metavar="K",
        help="train each trial K times, each time without another part",
    )
    parser.add_argument(
        "--refit",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="train the winner again on all images before it is tested "
        "(default)",
    )
    parser.add_argument(
        "--dry",
        action="store_true",
        help="print trials and expected time; of a new sweep the first trial "
        "is trained for an epoch, which is kept",
    )
    add_options(parser, with_flags())
    parser.add_argument("--config", metavar="FILE", help="TOML (or JSON)")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="let --config name a module: it is a program",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run, check=check)


def check(arguments):
    """Refuses options that no run has, before a framework is imported."""
    config_of(arguments)


def config_of(arguments):
    """Returns the `Config` that was typed for all trials.

    Raises:
        ValueError: If an option is wrong, or images or folder are not named.
    """
    from fgkeras.config import Config

    changes = changes_of(arguments, with_flags())
    if not (arguments.config or "data.source" in changes):
        raise ValueError(
            "A sweep needs images. Received: no --data. Write for example "
            "--data folder:photos, or --data flora: for the built-in flowers."
        )
    if arguments.out is None:
        raise ValueError(
            "A sweep is a folder. Received: no --out. Write for example "
            "--out sweeps/photos."
        )
    return Config.read(arguments.config, changes, trust=arguments.trust)


def run(arguments):
    """Tunes and prints the winner."""
    config = config_of(arguments)
    if ":" in str(config["model.backbone"]):
        # A module beside which the command was typed.
        sys.path.insert(0, os.getcwd())
    from fgkeras.tuning.space import THESIS

    facts = {
        "over": arguments.over or THESIS,
        "out": arguments.out,
        "search": arguments.search,
        "objective": arguments.objective,
        "trials": arguments.trials,
        "seeds": arguments.seeds,
        "folds": arguments.folds,
    }
    reporter = reporter_of(arguments)
    if arguments.dry:
        return _dry(config, facts, reporter, arguments.json)
    from fgkeras.tuning.tuned import tune

    tuned = tune(config, **facts, refit=arguments.refit, reporter=reporter)
    if arguments.json:
        print(json.dumps(tuned.report.as_json(), indent=2, ensure_ascii=False))
        return 0
    tuned.report.show()
    return 0


def _dry(config, facts, reporter, as_json):
    from fgkeras.tuning.plan import plan
    from fgkeras.tuning.sweep import Sweep

    found = plan(Sweep.of(config, **facts), reporter)
    if as_json:
        print(json.dumps(found._asdict(), indent=2, ensure_ascii=False))
        return 0
    for number, text in enumerate(found.trials, 1):
        print(f"{number:4}  {text}")
    for size, start, stop in found.rungs:
        print(f"{size:4} trainings from epoch {start} to {stop}")
    print(
        f"{found.total} trials, {found.ended} ended; about "
        f"{found.seconds / 60:.1f} minutes are left for one worker"
    )
    return 0
