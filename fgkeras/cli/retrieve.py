"""Show the images nearest to query images, in the embedding of a run.

fgkeras retrieve runs/birds --query photo.jpg
fgkeras retrieve runs/birds --query photos/ --gallery folder:archive \\
    --top 8 --html found.html
"""

import json

from fgkeras.cli.options import add_reading
from fgkeras.cli.reporting import add_quiet
from fgkeras.cli.reporting import reporter_of
from fgkeras.cli.show import add_page
from fgkeras.cli.show import check_output


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folder", metavar="RUN")
    parser.add_argument(
        "--query", nargs="+", required=True, metavar="IMAGES", dest="queries"
    )
    parser.add_argument(
        "--gallery",
        metavar="SOURCE",
        help="what to search (default: the run's training images)",
    )
    parser.add_argument("--split", help="a split of the gallery")
    parser.add_argument("--top", type=int, default=5, metavar="K")
    add_page(parser)
    add_reading(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_quiet(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Retrieves and prints the neighbours of each image."""
    check_output("--html", arguments.html, ".html")
    from fgkeras.jobs.retrieve import retrieve

    found = retrieve(
        arguments.run_folder,
        arguments.queries,
        gallery=arguments.gallery,
        split=arguments.split,
        top=arguments.top,
        html=arguments.html,
        reporter=reporter_of(arguments),
        skip_bad=arguments.skip_bad,
        ignore=arguments.ignore,
    )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_neighbors(found)
        if arguments.html and any(row["valid"] for row in found["queries"]):
            print(f"page: {arguments.html}")
    return 0 if all(row["valid"] for row in found["queries"]) else 1


def print_neighbors(found):
    """Prints what there is to say of the gallery, and a block per query."""
    from fgkeras.jobs.retrieve import vote_line

    for note in found["notes"]:
        print(note)
    for row in found["queries"]:
        if not row["valid"]:
            print(
                f"{row['image']}: not an image that can be read: "
                f"{row['reason']}"
            )
            continue
        print(f"{row['image']}  ({vote_line(row)})")
        for entry in row["neighbors"]:
            print(
                f"  {entry['similarity']:.3f}  {entry['class']}  {entry['id']}"
            )
