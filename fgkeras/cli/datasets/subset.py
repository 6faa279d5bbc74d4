"""Classes of a source that are worth taking, as a list to train on."""

import json

from fgkeras.cli.granularity import add_feature_arguments
from fgkeras.cli.reporting import reporter_of


def add_arguments(verbs):
    """Adds the verb below `data`."""
    parser = verbs.add_parser(
        "subset", help="classes nearest to targets, hardest or easiest"
    )
    parser.add_argument("source", metavar="SOURCE", help="A+B joins sources")
    rule = parser.add_mutually_exclusive_group(required=True)
    rule.add_argument(
        "--nearest",
        nargs="+",
        default=(),
        metavar="TARGET",
        help="classes nearest to each of these sets (or .npz files that "
        "similarity --save wrote), and their union; --count says how many",
    )
    rule.add_argument(
        "--hardest",
        type=int,
        metavar="K",
        help="K classes that are fine-grained among themselves",
    )
    rule.add_argument(
        "--easiest",
        type=int,
        metavar="K",
        help="K classes that are coarse-grained among themselves",
    )
    parser.add_argument(
        "--count",
        type=int,
        nargs="+",
        default=(),
        metavar="K",
        help="classes for each target: one number, or one for each",
    )
    parser.add_argument(
        "--weights",
        default="imagenet",
        metavar="W",
        help="imagenet (default), or a .weights.h5 file",
    )
    parser.add_argument(
        "--min-images",
        type=int,
        default=1,
        metavar="N",
        help="leave out source classes of fewer images",
    )
    parser.add_argument("--out", metavar="FOLDER", help="subset/NAME")
    add_feature_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Chooses, writes the list and its page, and prints what was taken."""
    from fgkeras.cli.show import print_rows
    from fgkeras.cli.show import with_interval
    from fgkeras.jobs.subset import subset

    found, folder = subset(
        arguments.source,
        nearest=tuple(arguments.nearest),
        count=tuple(arguments.count),
        hardest=arguments.hardest,
        easiest=arguments.easiest,
        weights=arguments.weights,
        backbone=arguments.backbone,
        split=arguments.split,
        size=arguments.size,
        min_images=arguments.min_images,
        max_images=arguments.max_images or 0,
        out=arguments.out,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        seed=arguments.seed,
        reporter=reporter_of(arguments),
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print(
        f"{len(found['classes'])} of {found['of_classes']} classes, "
        f"{found['images']} of {found['of_images']} images of {found['split']}"
    )
    if found["left_out"]:
        print(
            f"left out: {found['left_out']} classes of fewer than "
            f"{found['min_images']} images"
        )
    if found["targets"]:
        print_rows(
            [
                {
                    "target": target["title"],
                    "classes taken": str(len(target["classes"])),
                    "distance": f"{target['classes'][0]['distance']:.3f} to "
                    f"{target['classes'][-1]['distance']:.3f}",
                    "nearest": ", ".join(
                        row["name"] for row in target["classes"][:3]
                    ),
                }
                for target in found["targets"]
            ]
        )
    else:
        print_rows(
            [
                {
                    "classes": name,
                    "RankM": with_interval(found["granularity"][key]),
                }
                for key, name in (
                    ("chosen", found["rule"]),
                    ("random", "as many at random"),
                    ("all", "all"),
                )
            ]
        )
        print(f"{found['rule']} first: {', '.join(found['order'][:10])}")
    print(f"classes: {folder}/classes.txt")
    print(f"page: {folder}/subset.html ({found['seconds']} s)")
    print(f"train on them: {found['command']}")
    return 0
