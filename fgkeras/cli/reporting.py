"""What a verb tells while it works: `--quiet`, and nothing beside JSON."""


def add_quiet(parser):
    """Adds `--quiet`.

    Args:
        parser: `argparse.ArgumentParser`.
    """
    parser.add_argument(
        "--quiet", action="store_true", help="say nothing while it works"
    )


def reporter_of(arguments):
    """Returns whom to tell how far the work is.

    Args:
        arguments: What the parser returned, with `quiet` and `json`.
    """
    from fgkeras.training.reporter import CONSOLE
    from fgkeras.training.reporter import SILENT

    return SILENT if arguments.quiet or arguments.json else CONSOLE
