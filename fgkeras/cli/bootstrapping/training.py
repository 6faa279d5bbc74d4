"""Options of a training, behind the `--` of a verb."""


def add_training(parser):
    """Adds what stands behind `--`.

    Args:
        parser: `argparse.ArgumentParser`.
    """
    parser.epilog = "Behind -- stand any options of fgkeras train."
    parser.set_defaults(rest=[])


def changes_of_training(texts):
    """Returns the options of `fgkeras train` that were typed behind `--`.

    Args:
        texts: List of strings.

    Raises:
        ValueError: If one is none, or names the images.
    """
    import argparse

    from fgkeras.cli.options import add_options
    from fgkeras.cli.options import changes_of
    from fgkeras.cli.options import with_flags

    class Parser(argparse.ArgumentParser):
        def error(self, message):
            raise ValueError(
                "Behind -- stand options of fgkeras train. Received: "
                f"{' '.join(texts)!r}: {message}."
            )

    parser = Parser(add_help=False, allow_abbrev=False)
    add_options(parser, with_flags())
    return changes_of(parser.parse_args(texts), with_flags())
