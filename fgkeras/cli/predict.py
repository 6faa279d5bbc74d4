"""Classify image files with a run folder or an exported SavedModel.

fgkeras predict runs/birds photo.jpg
fgkeras predict runs/birds/saved_model photos/
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

    bits = []
    rows = predictions(
        arguments.model,
        arguments.images,
        top_k=arguments.top_k,
        trust=arguments.trust,
        views=arguments.views,
        depth=bits.append,
    )
    show = print_list if arguments.json else print_predictions
    good = show(rows)
    for note in depth_notes(bits):
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


def print_predictions(rows):
    """Prints one line per image, as they come; returns whether all are good."""
    good = True
    for row in rows:
        good &= row["valid"]
        if row["valid"]:
            text = ", ".join(
                f"{name} {score:.3f}"
                for name, score in zip(
                    row["classes"], row["scores"], strict=True
                )
            )
        else:
            text = f"not an image that can be read: {row['reason']}"
        print(f"{row['image']}: {text}")
    return good
