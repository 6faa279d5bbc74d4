"""Write a run for those who serve it: as RUN/saved_model/1 for TF Serving and
predict, or as RUN/litert/1 for phones and boards.

fgkeras export runs/birds
fgkeras export runs/birds --format litert
"""

from fgkeras.cli.options import add_views
from fgkeras.registries import EXPORTS


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folder", metavar="RUN")
    parser.add_argument("--out", metavar="FOLDER", help="write there instead")
    parser.add_argument(
        "--format",
        default="savedmodel",
        metavar="F",
        help=f"{' or '.join(EXPORTS.names())} (savedmodel)",
    )
    parser.add_argument(
        "--top-k",
        type=int,
        metavar="K",
        help="classes that a SavedModel names (5)",
    )
    add_views(parser)
    parser.add_argument(
        "--overwrite", action="store_true", help="add the next version number"
    )
    parser.set_defaults(run=run)


def run(arguments):
    """Exports and prints where."""
    from fgkeras.jobs.export import export

    print(
        export(
            arguments.run_folder,
            arguments.out,
            format=arguments.format,
            top_k=arguments.top_k,
            overwrite=arguments.overwrite,
            views=arguments.views,
        )
    )
    return 0
