"""Write a run for those who serve it: as RUN/saved_model/1 for TF Serving and
predict, as RUN/litert/1 for phones and boards, or as RUN/onnx/1 for ONNX
Runtime. It is compared with the run's model first, on pictures that the run
keeps: what differs by more than --tolerance is not written.

fgkeras export runs/birds
fgkeras export runs/birds --format litert
fgkeras export runs/birds --format onnx --input uint8
"""

from fgkeras.cli.options import add_views
from fgkeras.registries import EXPORTS


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folder", metavar="RUN")
    parser.add_argument("--out", metavar="FOLDER", help="write there instead")
    parser.add_argument(
        "--format",
        default="saved_model",
        metavar="F",
        help=f"{' or '.join(EXPORTS.names())} (saved_model)",
    )
    parser.add_argument(
        "--top-k",
        type=int,
        metavar="K",
        help="classes that a SavedModel names (5)",
    )
    parser.add_argument(
        "--input",
        metavar="T",
        help="pixels that a LiteRT or ONNX file takes, float or uint8 (float)",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        metavar="X",
        help="how far its answers may be from the run's (1e-5)",
    )
    parser.add_argument(
        "--gallery",
        metavar="G",
        help="what a server looks pictures up in: train, none, or a source "
        "(train where the run was tested on unseen classes)",
    )
    parser.add_argument(
        "--about",
        metavar="FILE",
        help="JSON with what the card says: name, purpose, limits, licence, "
        "contact",
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
            input=arguments.input,
            tolerance=arguments.tolerance,
            gallery=arguments.gallery,
            about=arguments.about,
        )
    )
    return 0
