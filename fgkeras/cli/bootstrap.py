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

Likely label errors of a set are settled on the same page:

  fgkeras data suspects folder:photos --out found
  fgkeras bootstrap settle PROJECT --data folder:photos --suspects found
"""

import functools

from fgkeras.cli.bootstrapping.begin import add_begin
from fgkeras.cli.bootstrapping.files import add_files
from fgkeras.cli.bootstrapping.people import add_people
from fgkeras.cli.bootstrapping.round import add_round
from fgkeras.cli.reporting import add_quiet


def add_arguments(parser):
    """Adds the verbs below `bootstrap`."""
    verbs = parser.add_subparsers(dest="bootstrap_verb", metavar="VERB")
    verbs.required = True

    def add(name, help_, run, place=True, light=False):
        sub = verbs.add_parser(name, help=help_, description=help_)
        if place:
            sub.add_argument("project", metavar="PROJECT")
        sub.add_argument("--json", action="store_true", help="print JSON")
        add_quiet(sub)
        heavy = functools.partial(_with_framework, run)
        sub.set_defaults(run=run if light else heavy)
        return sub

    add_begin(add)
    add_round(add)
    add_people(add)
    add_files(add)


def _with_framework(run, arguments):
    """Runs a verb that needs Keras, imported without its notices."""
    from fgkeras.cli.main import import_quietly

    import_quietly()
    return run(arguments)
