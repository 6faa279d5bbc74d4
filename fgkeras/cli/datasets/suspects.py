"""Errors in a set of images, the surest first."""

import json

from fgkeras.cli.datasets import LISTED
from fgkeras.cli.granularity import add_feature_arguments
from fgkeras.cli.reporting import reporter_of


def add_arguments(verbs):
    """Adds the verb below `data`."""
    parser = verbs.add_parser(
        "suspects", help="wrong labels, near copies, blank and outlying images"
    )
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument(
        "--weights",
        default="imagenet",
        metavar="W",
        help="imagenet (default) or a .weights.h5 file; none: copies and blank "
        "pictures alone",
    )
    parser.add_argument(
        "--least",
        type=float,
        default=1.0,
        metavar="S",
        help="lowest score that is listed (default 1); below are more labels "
        "and outlying pictures, and fewer that are wrong",
    )
    parser.add_argument(
        "--detector",
        choices=("features", "out-of-fold", "both"),
        default="features",
        help="who judges labels: features (default): the nearest pictures and "
        "a linear classifier; out-of-fold: a logistic regression fitted to "
        "the other images, five times; both: the mean of their scores",
    )
    parser.add_argument("--out", metavar="FOLDER", help="suspects/NAME")
    add_feature_arguments(parser, split="all of them, together")
    parser.set_defaults(run=run)


def run(arguments):
    """Looks for errors, and prints the surest."""
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.suspects import suspects

    none = arguments.weights.lower() == "none"
    found, folder = suspects(
        arguments.source,
        weights=None if none else arguments.weights,
        backbone=arguments.backbone,
        split=arguments.split,
        size=arguments.size,
        max_images=arguments.max_images or 0,
        least=arguments.least,
        detector=arguments.detector,
        out=arguments.out,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        seed=arguments.seed,
        reporter=reporter_of(arguments),
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    seen = found["looked_at"]
    print(
        f"{seen['images']} images, {seen['by_the_network']} seen by the "
        f"network, {seen['labels']} labels judged"
    )
    if seen["counted_wrong"] is not None:
        print(
            f"confident learning counts {seen['counted_wrong']} wrong labels: "
            "too many where classes are alike"
        )
    for kind, count in found["counts"].items():
        print(f"{kind.replace('_', ' ')}: {count}")
    if found["rows"]:
        print_rows(
            [
                {
                    "score": f"{row['score']:.2f}",
                    "kind": row["kind"].replace("_", " "),
                    "file": row["file"],
                    "class": row["class"] or "",
                    "other class": row["other_class"] or "",
                    **(
                        {"found by": ", ".join(row.get("found_by", ()))}
                        if arguments.detector == "both"
                        else {}
                    ),
                }
                for row in found["rows"][:LISTED]
            ]
        )
    if len(found["rows"]) > LISTED:
        print(f"and {len(found['rows']) - LISTED} more")
    print(f"page: {folder}/suspects.html ({found['seconds']} s)")
    return 0
