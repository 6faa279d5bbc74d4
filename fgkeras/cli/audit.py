"""Audit a set before training: one page that says what it is and what to do.

fgkeras audit folder:photos --sources imagenet
fgkeras audit zip:birds.zip --sources a.weights.h5 b.weights.h5 --out audits/b
"""

import json

from fgkeras.cli.options import add_reading
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument(
        "--sources",
        nargs="+",
        default=[],
        metavar="W",
        help="pre-trainings to choose from: imagenet, or .weights.h5 files",
    )
    parser.add_argument(
        "--source-sets",
        nargs="+",
        default=[],
        metavar="SET",
        help="image sets whose similarity to this one is shown",
    )
    parser.add_argument("--backbone", default="mobilenet_v2", metavar="NAME")
    parser.add_argument("--size", type=int, default=160, metavar="PX")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[],
        metavar="PX",
        help="further sizes to try with the best pre-training, such as 224",
    )
    parser.add_argument(
        "--max-images",
        type=int,
        metavar="N",
        help="images that features are computed of, drawn within all classes, "
        "two of each at least (default 3000, or two of each class); 0: all, "
        "and a training with --mode frozen finds them",
    )
    parser.add_argument(
        "--box-margin",
        type=float,
        metavar="SHARE",
        help="look at images cropped to their boxes, with so much more on each "
        "side (0: the boxes alone), as data.crop_to_box trains on them",
    )
    parser.add_argument("--out", metavar="FOLDER", help="audits/NAME")
    add_reading(parser)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Audits and prints what to do."""
    from fgkeras.jobs.audit import audit
    from fgkeras.report.audit_page import compared

    found, folder = audit(
        arguments.source,
        sources=arguments.sources,
        source_sets=arguments.source_sets,
        backbone=arguments.backbone,
        size=arguments.size,
        sizes=arguments.sizes,
        max_images=arguments.max_images,
        out=arguments.out,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        box_margin=arguments.box_margin,
        seed=arguments.seed,
        reporter=reporter_of(arguments),
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    for problem in found["problems"]:
        print(f"! {problem}")
    for row in found["granularity"]:
        print(
            f"RankM {row['value']:.3f}  {row['name']}, {row['size']} px"
            f"{compared(found['sample'])}"
        )
    for row in found["recipe"]:
        print(f"{row['what']}: {row['choice']}. {row['why']}")
    for number, row in enumerate(found["commands"]):
        takes = f" (about {row['minutes']} min here)" if row["minutes"] else ""
        print(f"{'then' if number else 'start with'}: {row['name']}{takes}")
        print(f"  {row['command']}")
        if row["why"]:
            print(f"  {row['why']}")
    print(f"page: {folder}/audit.html ({found['seconds']} s)")
    return 0
