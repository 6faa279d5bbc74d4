"""List the bodies that a run can have: --backbone NAME.

Parameters are of the body alone, without a head; a weights file has four bytes
of each. A body of your own is --backbone module:function.

fgkeras backbones
fgkeras backbones resnet     # those whose names hold it
"""

import json


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("part", nargs="?", default="", metavar="PART")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments):
    """Prints a line for each body."""
    found = known_backbones(arguments.part)
    if not found:
        from fgkeras.registries import BACKBONES

        raise ValueError(
            "PART is a part of the name of a backbone. Received: "
            f"{arguments.part}. There are {', '.join(BACKBONES.names())}."
        )
    if arguments.json:
        print(json.dumps(found, indent=2))
        return 0
    from fgkeras.storage import size_in_words

    print(f"{'backbone':22s} {'input':>8s} {'parameters':>12s} {'size':>8s}")
    for row in found:
        count = row["parameters"]
        side = f"{row['side']} px" if row["side"] else "any"
        print(
            f"{row['name']:22s} {side:>8s} "
            f"{'-' if count is None else f'{count:,}':>12s} "
            f"{'-' if count is None else size_in_words(row['bytes']):>8s}"
            f"{'   imagenet' if row['imagenet'] else ''}"
        )
    print(
        "input: the side where --size does not say another; any: 160 with "
        "weights, else 64"
    )
    print("imagenet: --weights imagenet is downloaded by Keras")
    return 0


def known_backbones(part=""):
    """Returns what is known of the bodies without building one.

    Args:
        part: String, what their names hold. Defaults to `""`, all.

    Returns:
        List of dicts ready for JSON: `name`; `side`, the input side that it
        is for, or `None` for any; `parameters` and `bytes` of the body, or
        `None` of one that somebody registered; `imagenet`, whether there are
        such weights to download.

    Example:

    >>> [row["name"] for row in known_backbones("squeeze")]
    ['squeezenet']
    """
    from fgkeras.registries import BACKBONES

    out = []
    for name in BACKBONES.names():
        if part not in name:
            continue
        count = BACKBONES.fact(name, "parameters")
        out.append(
            {
                "name": name,
                "side": BACKBONES.fact(name, "side"),
                "parameters": count,
                "bytes": None if count is None else 4 * count,
                "imagenet": BACKBONES.fact(name, "family") != "own",
            }
        )
    return out
