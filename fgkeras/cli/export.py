"""Write a run as RUN/saved_model/1, which TF Serving and predict open.

fgkeras export runs/birds
"""


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("run_folder", metavar="RUN")
    parser.add_argument("--out", metavar="FOLDER", help="write there instead")
    parser.add_argument("--top-k", type=int, default=5, metavar="K")
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
            top_k=arguments.top_k,
            overwrite=arguments.overwrite,
        )
    )
    return 0
