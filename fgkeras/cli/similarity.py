"""Measure how near a source is to targets, to choose what to pre-train on.

fgkeras similarity zip:cub.zip folder:my_birds folder:my_cars --weights imagenet
fgkeras similarity big.npz folder:my_birds --weights imagenet

A set may be given as the .npz file that --save wrote.
"""

import json

from fgkeras.cli.reporting import reporter_of
from fgkeras.cli.show import add_page
from fgkeras.cli.show import check_output


def add_arguments(parser):
    """Adds the verb's options."""
    from fgkeras.cli.granularity import add_feature_arguments

    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("targets", nargs="+", metavar="TARGET")
    add_feature_arguments(parser)
    parser.add_argument(
        "--weights", metavar="W", help="imagenet, or a .weights.h5 file"
    )
    parser.add_argument("--gamma", type=float, default=0.01)
    parser.add_argument(
        "--min-images",
        type=int,
        default=1,
        metavar="N",
        help="leave out source classes of fewer images",
    )
    parser.add_argument(
        "--nearest",
        type=int,
        default=3,
        metavar="N",
        help="source classes listed per target class",
    )
    parser.add_argument(
        "--save", metavar="FILE", help="write the source's class means (.npz)"
    )
    add_page(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Measures and prints."""
    check_output("--save", arguments.save, ".npz")
    check_output("--html", arguments.html, ".html")
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.similarity import similarity

    found, domains = similarity(
        arguments.source,
        arguments.targets,
        weights=arguments.weights,
        backbone=arguments.backbone,
        split=arguments.split,
        size=arguments.size,
        gamma=arguments.gamma,
        min_images=arguments.min_images,
        nearest=arguments.nearest,
        max_images=arguments.max_images or 0,
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
        seed=arguments.seed,
        html=arguments.html,
        reporter=reporter_of(arguments),
    )
    if arguments.save:
        domains[arguments.source].save(arguments.save)
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print(f"source: {found['source']}, {found['source_classes']} classes")
    print_rows(
        [
            {
                "target": row["name"],
                "classes": row["classes"],
                "distance": f"{row['distance']:.3f}",
                "near 0, far 1": (
                    "-" if row["relative"] is None else f"{row['relative']:.2f}"
                ),
                "similarity": f"{row['similarity']:.4f}",
            }
            for row in found["targets"]
        ]
    )
    scale = found["scale"]
    if scale["reason"]:
        print(f"near and far are not said: {scale['reason']}")
    else:
        print(
            f"near 0: random halves of one set ({scale['near']:.3f}, the mean "
            f"of {len(scale['halves'])}); far 1: {scale['farthest']} "
            f"({scale['far']:.3f})"
        )
    sets = [(found["source"], found["source_images"], found["source_size"])]
    sets += [(r["name"], r["images"], r["size"]) for r in found["targets"]]
    print(
        "Transfer grows with the logarithm of the images of a source, which "
        "the similarity leaves out; size: against that of the largest set here"
    )
    print_rows(
        [
            {
                "set": name,
                "images": str(images),
                "size": "-" if size is None else f"{size:.2f}",
            }
            for name, images, size in dict.fromkeys(sets)
        ]
    )
    for row in found["targets"]:
        print(f"Nearest source classes of {row['name']}:")
        for entry in row["nearest_classes"][:10]:
            names = ", ".join(s["name"] for s in entry["sources"])
            print(f"  {entry['target']}: {names}")
    if arguments.html:
        print(f"page: {arguments.html}")
    return 0
