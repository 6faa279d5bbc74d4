"""The pages of all options and of all verbs."""

import argparse
import functools

from docstrings import markdown

import fgkeras.config.stages
from fgkeras.cli.main import parser
from fgkeras.config import OPTIONS
from fgkeras.config.methods import describe_options
from fgkeras.config.stages import OWN
from fgkeras.config.stages import STAGED
from fgkeras.registries import METHODS

_OPTIONS_HEAD = """# Options of a run

`--set NAME=VALUE` sets an option, and so do the file of `--config` and its
flag, where it has one. `auto` is decided by the other options: `fgkeras train
--list-options`, typed with them, prints what it becomes. An option that a run
would not use is refused.
"""


def options_page():
    """Every option of a run, by its section."""
    lines, section = [_OPTIONS_HEAD], None
    for name, option in OPTIONS.items():
        if name.partition(".")[0] != section:
            section = name.partition(".")[0]
            lines.append(f"## {section}")
        lines.append(option_entry(name, option))
    lines += ["## stages", markdown(fgkeras.config.stages.__doc__)]
    for name, option in OWN.items():
        lines.append(option_entry(f"stages.NAME.{name}", option))
    lines.append(f"A stage may also set {', '.join(f'`{n}`' for n in STAGED)}.")
    lines.append("## method.options by method")
    for name in METHODS:
        taken = [f"`{line}`" for line in describe_options(name)]
        lines += [f"`{name}`: {', '.join(taken)}."] if taken else []
    return "\n\n".join(lines) + "\n"


def option_entry(name, option):
    """Name, values, default and unit, what it is for, when it is used."""
    shown = option.default
    if isinstance(shown, bool):
        shown = "yes" if shown else "no"
    default = "empty" if shown in ("", []) else f"`{shown}` {option.unit}"
    rows = [f"```{{confval}} {name}"]
    if str(option.kind):
        rows.append(f":type: {option.kind}")
    rows.append(f":default: {default.strip()}")
    text = option.meaning[:1].upper() + option.meaning[1:]
    text += "" if text.endswith(".") else "."
    used = getattr(option.used, "all_words", "")
    if used:
        text += f" Used {used}."
    if option.flag:
        text += f" Flag: `{option.flag}`."
    return "\n".join([*rows, "", text.replace("*", r"\*"), "```"])


def verbs_page():
    """The help of every verb."""
    lines = ["# Verbs", "What `fgkeras VERB --help` prints."]
    for verb, one in below(parser()).items():
        lines += [f"## fgkeras {verb}", help_block(one)]
        for inner, last in below(one).items():
            lines += [f"### fgkeras {verb} {inner}", help_block(last)]
    return "\n\n".join(lines) + "\n"


def below(of):
    """The parsers of the verbs below a parser, by name."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return {}


def help_block(of):
    """What a parser prints when it is asked for help."""
    # As wide as a page, whatever terminal builds it.
    of.formatter_class = functools.partial(of.formatter_class, width=79)
    return f"```text\n{of.format_help().rstrip()}\n```"
