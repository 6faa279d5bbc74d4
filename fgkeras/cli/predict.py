"""Classify image files with a run folder or an exported SavedModel.

fgkeras predict runs/birds photo.jpg
fgkeras predict runs/birds/saved_model photos/
fgkeras predict runs/birds photos/ --sets
fgkeras predict runs/birds photos/ --parents
"""

import json
import sys
import textwrap

from fgkeras.cli.options import add_views


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("model", metavar="RUN_OR_SAVED_MODEL")
    parser.add_argument("images", nargs="+", metavar="IMAGES")
    parser.add_argument("--top-k", type=int, default=3, metavar="K")
    add_views(parser)
    parser.add_argument(
        "--sets",
        action="store_true",
        help="show the prediction set of each image too",
    )
    parser.add_argument(
        "--parents",
        action="store_true",
        help="answer with the finest name that is sure enough: a class, or "
        "what is above it in classes.csv",
    )
    parser.add_argument(
        "--bound",
        type=float,
        metavar="P",
        help="the probability that is sure enough (0.9)",
    )
    parser.add_argument(
        "--accuracy",
        type=float,
        metavar="A",
        help="instead: the share of answers that are to be right, by the "
        "calibration images of a run",
    )
    parser.add_argument(
        "--levels",
        metavar="L,L",
        help="which columns of classes.csv are above the classes (all)",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="load a SavedModel without checksums: it is a program",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments):
    """Predicts and prints one line per image."""
    from fgkeras.data.images.depth import depth_notes
    from fgkeras.jobs.predict import predictions

    if not arguments.parents:
        for flag in ("bound", "accuracy", "levels"):
            if getattr(arguments, flag) is not None:
                raise ValueError(
                    f"--{flag} is of --parents. Received: it alone. Add "
                    "--parents, or leave it out."
                )
    if arguments.bound is not None and arguments.accuracy is not None:
        raise ValueError(
            "A bound is typed or fitted. Received: --bound "
            f"{arguments.bound} and --accuracy {arguments.accuracy}. Choose "
            "one."
        )
    levels = arguments.levels and arguments.levels.split(",")
    bound = 0.9 if arguments.bound is None else arguments.bound
    bits, notes = [], []
    rows = predictions(
        arguments.model,
        arguments.images,
        top_k=arguments.top_k,
        trust=arguments.trust,
        views=arguments.views,
        depth=bits.append,
        bound=bound if arguments.parents else None,
        levels=levels,
        accuracy=arguments.accuracy,
        notes=notes,
    )
    if arguments.json:
        good = print_list(rows)
    else:
        good = print_predictions(rows, arguments.sets)
    for note in (*notes, *depth_notes(bits)):
        # Apart from the answers, of which each has a line.
        print(f"note: {note}", file=sys.stderr)
    return 0 if good else 1


def print_list(rows):
    """Prints a JSON list, a row as it comes; returns whether all are good."""
    good, separator = True, "[\n"
    for row in rows:
        good &= row["valid"]
        text = json.dumps(row, indent=2, ensure_ascii=False)
        print(separator + textwrap.indent(text, "  "), end="")
        separator = ",\n"
    print("\n]")
    return good


def print_predictions(rows, sets=False):
    """Prints one line per image, as they come; returns whether all are good.

    Args:
        rows: As `fgkeras.jobs.predict.predictions` gives them.
        sets: Bool, whether prediction sets are shown. Defaults to `False`.

    Raises:
        ValueError: If sets are asked of a model that has none.
    """
    good = True
    for row in rows:
        good &= row["valid"]
        print(f"{row['image']}: {_line(row, sets)}")
    return good


def _line(row, sets):
    if not row["valid"]:
        return f"not an image that can be read: {row['reason']}"
    pairs = zip(row["classes"], row["scores"], strict=True)
    text = ", ".join(f"{name} {score:.3f}" for name, score in pairs)
    if "answer" in row:
        found = row["answer"]
        text = f"{found['name']} ({found['level']}, {found['probability']:.3f})"
    if sets:
        if "set" not in row:
            raise ValueError(
                "Prediction sets need calibration images, as many as their "
                "level asks for, and the center view. Received: --sets, a "
                "model without sets. Train with --set "
                "data.calibration_share=0.2 and more images; `fgkeras evaluate "
                "RUN --sets 0.8` says how many a level needs."
            )
        text += f"; set of {len(row['set'])}: {', '.join(row['set']) or '-'}"
    if not row.get("known", True):
        text += "; unlike the training images"
    return text
