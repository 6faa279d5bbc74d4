"""matplotlib, which only the experiments draw with."""


def pyplot():
    """Returns `matplotlib.pyplot`, drawing into files.

    Raises:
        SystemExit: If matplotlib is not installed, with the way to get it.
    """
    try:
        import matplotlib
    except ImportError:
        raise SystemExit(
            "This experiment draws with matplotlib, which is not installed. "
            'Install it with pip install -e ".[experiments]".'
        ) from None
    matplotlib.use("Agg")
    from matplotlib import pyplot as drawing

    return drawing
