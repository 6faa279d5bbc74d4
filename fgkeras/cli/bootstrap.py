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

from fgkeras.cli.bootstrapping.files import add_files
from fgkeras.cli.reporting import add_quiet


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
    settle = add("settle", "settle likely label errors of a set", run_settle)
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
    add("status", "say where it stands, and what comes next", run_status)
    apply = add("apply", "take the decisions into the sets", run_apply)
    apply.add_argument(
        "--consensus",
        type=float,
        metavar="P",
        help="first end disagreements of which answers and scores together "
        "are as sure as this",
    )
    add_files(add)
