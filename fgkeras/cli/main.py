"""`fgkeras VERB`: parses, calls a job, prints."""

import argparse
import os
import sys

from fgkeras.cli.endings.errors import in_words
from fgkeras.cli.endings.interrupts import Interrupts
from fgkeras.registries import VERBS


def parser():
    """Builds the parser of all verbs without importing anything heavy."""
    out = argparse.ArgumentParser(
        prog="fgkeras",
        description="Fine-grained and long-tailed recognition for Keras.",
    )
    out.add_argument("--version", action="store_true", help="print the version")
    out.add_argument(
        "--debug", action="store_true", help="show tracebacks of errors"
    )
    verbs = out.add_subparsers(dest="verb", metavar="VERB")
    for name in VERBS.names():
        add_arguments = VERBS.load(name)
        add_arguments(
            verbs.add_parser(
                name,
                help=VERBS.fact(name, "help"),
                description=sys.modules[add_arguments.__module__].__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return out


def main(argv=None):
    """Runs one verb and returns the exit code: 0, 1 (problem), 2 (usage)."""
    top = parser()
    arguments = parsed(sys.argv[1:] if argv is None else list(argv), top)
    if arguments.version:
        import fgkeras

        print(fgkeras.__version__)
        return 0
    if arguments.verb is None:
        top.print_help()
        return 2
    try:
        with Interrupts():
            if hasattr(arguments, "check"):
                # What is wrong with the options is said at once.
                arguments.check(arguments)
            if not VERBS.fact(arguments.verb, "light"):
                import_quietly()
            return arguments.run(arguments) or 0
    except KeyboardInterrupt:
        print("\nfgkeras: stopped; the same command goes on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if arguments.debug:
            raise
        from fgkeras.data.sources.file_names import printable

        # Names of files may hold what a terminal takes as commands.
        lines = map(printable, in_words(error).split("\n"))
        print("fgkeras: " + "\n".join(lines), file=sys.stderr)
        return 1


def parsed(argv, top=None):
    """Returns the arguments, and as `rest` what stands behind `--`.

    Args:
        argv: List of strings.
        top: What `parser` returned; `None` (default) makes one.
    """
    top = top or parser()
    head, mark, rest = argv, [], []
    if "--" in argv:
        place = argv.index("--")
        head, mark, rest = argv[:place], argv[place:], argv[place + 1 :]
    if head[:1] != ["bootstrap"]:
        return top.parse_args(head + mark)
    arguments = top.parse_args(head)
    if rest and not hasattr(arguments, "rest"):
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    return arguments


def import_quietly():
    """Imports the framework without the notices that its C++ part prints.

    They are written before any logging level applies, so standard error is
    closed for them, and for them only.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
