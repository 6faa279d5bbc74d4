"""Options of a run on the command line: flags, and NAME=VALUE."""

from fgkeras.config import OPTIONS
from fgkeras.config.kinds import Flag
from fgkeras.registries import VIEWS


def with_flags():
    """Returns the names of all options that have a flag, a tuple."""
    return tuple(name for name, option in OPTIONS.items() if option.flag)


def add_options(parser, names):
    """Adds the flags of some options, and `--set` for all.

    Args:
        parser: `argparse.ArgumentParser`.
        names: Dotted names.
    """
    for name in names:
        option = OPTIONS[name]
        text = option.meaning
        if isinstance(option.kind, Flag):
            more = {"action": "store_true", "default": None}
        else:
            more = {"metavar": "X"}
            text = f"{text} ({option.kind})"
        parser.add_argument(
            option.flag, dest=name, help=text.replace("%", "%%"), **more
        )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="A.B=C",
        help="set any option of the run; fgkeras train --list-options",
    )


def add_reading(parser):
    """Adds what every verb that opens a source takes: what to leave out."""
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out, and list, what cannot be used",
    )
    parser.add_argument(
        "--ignore",
        type=lambda text: OPTIONS["data.ignore"].read("--ignore", text),
        default=(),
        metavar="GLOB,GLOB",
        help="pass over files and folders, such as '*.mov,old/*'",
    )


def add_views(parser):
    """Adds what every verb that asks a classifier takes: its views."""
    parser.add_argument(
        "--views",
        metavar="V",
        help=f"{', '.join(VIEWS.names())}, instead of the run's",
    )


def changes_of(arguments, names):
    """Returns the options that a command line asks for, by dotted name.

    Args:
        arguments: What the parser returned.
        names: The names given to `add_options`.

    Raises:
        ValueError: If a `--set` is not written NAME=VALUE.
    """
    given = vars(arguments)
    out = {name: given[name] for name in names if given[name] is not None}
    return {**out, **pairs(arguments.set)}


def pairs(texts):
    """Reads `["a.b=1"]` into a dict.

    >>> pairs(["train.epochs=20"])
    {'train.epochs': '20'}
    """
    out = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(
                f"Options are written NAME=VALUE. Received: {text}. "
                "Write for example --set train.epochs=20."
            )
        out[name.strip()] = value.strip()
    return out
