"""`fgkeras VERB`: parses, calls a job, prints."""

import argparse
import importlib
import os
import sys

VERBS = {
    "demo": "train, evaluate, report and export on built-in images",
    "train": "train a classifier on your images",
    "evaluate": "evaluate a run and write its report",
    "export": "write a run as a SavedModel",
    "predict": "classify image files with a run or a SavedModel",
    "retrieve": "show the images nearest to query images",
    "granularity": "measure how fine-grained a set is",
    "similarity": "measure how near sets are to each other",
    "audit": "look at a set before training: faults, hardness, recipe",
    "reality-check": "compare a metric loss fairly, on unseen classes",
    "data": "look at, convert and verify image sets",
    "cache": "show what is kept to be fast, and make room",
}
# They need no framework.
LIGHT = ("cache", "data")


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
    for name, text in VERBS.items():
        module = importlib.import_module(
            f"fgkeras.cli.{name.replace('-', '_')}"
        )
        module.add_arguments(
            verbs.add_parser(
                name,
                help=text,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return out


def main(argv=None):
    """Runs one verb and returns the exit code: 0, 1 (problem), 2 (usage)."""
    top = parser()
    arguments = top.parse_args(argv)
    if arguments.version:
        import fgkeras

        print(fgkeras.__version__)
        return 0
    if arguments.verb is None:
        top.print_help()
        return 2
    try:
        if arguments.verb not in LIGHT:
            _import_quietly()
        return arguments.run(arguments) or 0
    except KeyboardInterrupt:
        print("\nfgkeras: stopped; the same command goes on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        if arguments.debug:
            raise
        print(f"fgkeras: {error}", file=sys.stderr)
        return 1


def _import_quietly():
    """Imports the framework without the notices its C++ part prints.

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
