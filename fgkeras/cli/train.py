"""Train a classifier: fgkeras train --data folder:photos

Every option of a run has a dotted name: --set train.epochs=20. The named
options below are short for the ones used most. A run that was killed goes on
when the same command is typed again.

  fgkeras train --data folder:photos --backbone mobilenet_v2 --weights imagenet
  fgkeras train --data zip:birds.zip --mode frozen --weights body.weights.h5
  fgkeras train --data flora: --loss focal --beta 0.999

A training may have stages, in a file as [[stages]] or by name:

  fgkeras train --data zip:birds.zip --set stages.whole.tune=all \\
      --set stages.balanced.tune=all --set stages.balanced.data.cut=cap:50 \\
      --set stages.balanced.train.learning_rate=1e-6

Where classes have few images, each is tested once by folds of all of them:

  fgkeras train --data folder:photos --mode frozen --weights imagenet \\
      --backbone mobilenet_v2 --folds 5

Nearest class means (or neighbours: knn) need no training, and classes are added
to a run by them:

  fgkeras train --data zip:birds.zip --method ncm --weights body.weights.h5
  fgkeras train --from runs/birds --method ncm --data folder:new_species

With any other --method an embedding is trained, and tested by retrieval and
clustering; test classes may be others than those trained on.

  fgkeras train --data zip:birds.zip --method triplet-a --mode frozen ...
  fgkeras train --data zip:cars.zip --method multi-similarity \\
      --classes 0:98 --test-classes 98:196 --test-split '*' ...

What a method takes, with kinds and defaults, is in its list of options; --set
method.options sets it:

  fgkeras train --method dvml-triplet --list-options
  fgkeras train --data zip:cars.zip --method dvml-triplet --set \\
      method.options=first_steps=500,second_weights=synthetic:0.4+kl:0.5 ...
"""

import os
import sys

from fgkeras.cli.options import add_options
from fgkeras.cli.options import changes_of
from fgkeras.cli.options import with_flags
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verb's options."""
    add_options(parser, with_flags())
    parser.add_argument(
        "--folds",
        metavar="K",
        help="test each image once, by one of K heads trained without its "
        "fold; the run is trained on all (evaluation.folds, --mode frozen)",
    )
    parser.add_argument("--config", metavar="FILE", help="TOML (or JSON)")
    parser.add_argument("--out", metavar="RUN", help="the run folder")
    parser.add_argument(
        "--restart", action="store_true", help="replace the run in --out"
    )
    parser.add_argument(
        "--list-options", action="store_true", help="print every option"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="let --config name a module: it is a program",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--from",
        dest="from_run",
        metavar="RUN",
        help="join --data to the images of a run, whose body stays "
        "(--method ncm or knn)",
    )
    add_quiet(parser)
    parser.set_defaults(run=run, check=check)


def check(arguments):
    """Refuses what no run has, before a framework is imported."""
    import fgkeras.data
    from fgkeras.data.spec import parts_of
    from fgkeras.data.spec import path_of

    if arguments.from_run or arguments.list_options:
        return
    config = config_of(arguments).resolved()
    for part in parts_of(config.data.source):
        path = path_of(part)
        if path is not None and not os.path.exists(path):
            # Says what is not there, as the training would.
            fgkeras.data.open(part)


def config_of(arguments):
    """Returns the `Config` that was typed.

    Raises:
        ValueError: If an option is wrong, or nothing names images.
    """
    from fgkeras.config import Config

    changes = changes_of(arguments, with_flags())
    if arguments.folds is not None:
        changes["evaluation.folds"] = arguments.folds
    named = arguments.config or "data.source" in changes
    if not named and not arguments.list_options:
        raise ValueError(
            "A training needs images. Received: no --data. Write for example "
            "--data folder:photos, or --data flora: for the built-in flowers."
        )
    if arguments.from_run:
        from fgkeras.runs.classifier.from_run import changes_from

        if arguments.config or "data.source" not in changes:
            raise ValueError(
                "Images are joined to those of a run by --from RUN --data "
                f"MORE, without --config. Received: --from "
                f"{arguments.from_run}, --data {changes.get('data.source')}, "
                f"--config {arguments.config}."
            )
        changes = changes_from(arguments.from_run, changes)
    return Config.read(arguments.config, changes, trust=arguments.trust)


def run(arguments):
    """Trains and prints the result."""
    config = config_of(arguments)
    if ":" in config.model.backbone:
        # A module beside which the command was typed.
        sys.path.insert(0, os.getcwd())
    if arguments.list_options:
        print_options(config)
        return 0
    from fgkeras.cli.show import print_metrics
    from fgkeras.runs.train import train

    folder, metrics = train(
        config,
        arguments.out,
        restart=arguments.restart,
        reporter=reporter_of(arguments),
    )
    print_metrics(metrics, folder.path, arguments.json)
    return 0


def print_options(config):
    """Prints every option: its value, what it may be, what it is for."""
    from fgkeras.config import OPTIONS
    from fgkeras.config.methods import describe_options
    from fgkeras.config.stages import OWN
    from fgkeras.config.stages import STAGED

    for name, option in OPTIONS.items():
        unit = f" {option.unit}" if option.unit else ""
        flag = f" {option.flag}" if option.flag else ""
        print(f"{name} = {config[name]}{unit}{flag}")
        used = getattr(option.used, "all_words", "")
        used = f"; used {used}" if used else ""
        staged = "; a stage may set it" if name in STAGED else ""
        print(f"    {option.meaning} ({option.kind}){used}{staged}")
        if name == "method.options":
            for line in describe_options(config["method.name"]):
                print(f"    {config['method.name']}: {line}")
    for name, option in OWN.items():
        print(f"stages.NAME.{name} = {option.default}")
        print(f"    {option.meaning} ({option.kind})")
