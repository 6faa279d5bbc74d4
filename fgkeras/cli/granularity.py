"""Measure how fine-grained a set is, before training.

fgkeras granularity folder:photos --weights imagenet
fgkeras granularity zip:birds.zip --weights a.weights.h5 b.weights.h5
fgkeras granularity zip:birds.zip --weights imagenet --by family
fgkeras granularity zip:birds.zip --weights imagenet --classes-drawn 50
"""

import json

from fgkeras.cli.options import add_reading
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of
from fgkeras.cli.show import add_page
from fgkeras.cli.show import check_output


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("source", metavar="SOURCE")
    add_feature_arguments(parser)
    parser.add_argument(
        "--weights",
        nargs="+",
        required=True,
        metavar="W",
        help="imagenet, or .weights.h5 files of the backbone",
    )
    parser.add_argument(
        "--index",
        nargs="+",
        default=["rankm"],
        metavar="I",
        help="rankm (default), rsm, rs, rank",
    )
    parser.add_argument("--by", metavar="COLUMN", help="labels one level up")
    parser.add_argument(
        "--classes-drawn",
        type=int,
        metavar="K",
        help="also measure on K classes, drawn 50 times, to compare with a set "
        "of K classes",
    )
    parser.add_argument(
        "--images-drawn",
        type=int,
        metavar="N",
        help="images of each class in these draws; all by default",
    )
    parser.add_argument("--count", type=int, default=10, metavar="N")
    add_page(parser)
    parser.set_defaults(run=run)


def add_feature_arguments(parser, split="train, else the first one"):
    """Adds what all verbs that look at frozen features share."""
    parser.add_argument("--backbone", default="mobilenet_v2", metavar="NAME")
    parser.add_argument("--split", help=split)
    parser.add_argument("--size", type=int, default=160, metavar="PX")
    parser.add_argument(
        "--max-images",
        type=int,
        metavar="N",
        help="at most so many, drawn evenly within all classes, two of each at "
        "least; 0: all",
    )
    add_reading(parser)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)


def run(arguments):
    """Measures and prints."""
    check_output("--html", arguments.html, ".html")
    from fgkeras.cli.show import print_rows
    from fgkeras.cli.show import with_interval
    from fgkeras.jobs.granularity import granularity

    found = granularity(
        arguments.source,
        weights=arguments.weights,
        backbone=arguments.backbone,
        split=arguments.split,
        size=arguments.size,
        indices=arguments.index,
        by=arguments.by,
        count=arguments.count,
        max_images=arguments.max_images or 0,
        classes_drawn=arguments.classes_drawn,
        images_drawn=arguments.images_drawn,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        seed=arguments.seed,
        html=arguments.html,
        reporter=reporter_of(arguments),
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    drawn = found["drawn"]
    print(
        f"{found['source']} {drawn['split']}: {drawn['images']} of "
        f"{drawn['of_images']} images, {drawn['classes']} of "
        f"{drawn['of_classes']} classes, labels: {found['labels']}"
    )
    least, middle, most = drawn["images_of_a_class"]
    print(
        f"{least} to {most} images a class, median {middle:g}. Sets with other "
        "numbers of classes, or of few images a class, do not compare"
        + (": --classes-drawn K" if found["drawn_again"] is None else "")
    )
    for note in found["notes"]:
        print(note)
    compared = found["compared"]
    if compared["classes"] < compared["of_classes"]:
        print(
            f"measured over {compared['classes']} of "
            f"{compared['of_classes']} classes, the others have one image"
        )
    ordered = sorted(
        found["weights"].items(),
        key=lambda item: item[1][arguments.index[0]]["value"],
    )
    print_rows(
        [
            {
                "pre-training": name,
                **{
                    index: with_interval(row[index])
                    for index in arguments.index
                },
            }
            for name, row in ordered
        ]
    )
    again = found["drawn_again"]
    if again:
        of_each = again["images_of_a_class"] or "all"
        print(
            f"Of {again['classes']} classes, {of_each} images of each, drawn "
            f"{again['draws']} times: mean (95 % of the draws)"
        )
        print_rows(
            [
                {
                    "pre-training": name,
                    **{
                        i: with_interval(n)
                        for i, n in row["drawn_again"].items()
                    },
                }
                for name, row in ordered
            ]
        )
    name, row = ordered[0]
    print(f"Hardest pairs with {name} (share of images nearer to the other):")
    for pair in row["hardest_pairs"]:
        print(f"  {100 * pair['rankm']:5.1f} %  {' / '.join(pair['classes'])}")
    if arguments.html:
        print(f"page: {arguments.html}")
    return 0
