"""Where the scripts keep their results: beside them, or in another folder.

    FGKERAS_RESULTS=/tmp/results python -m experiments.audit.pre_training ...

Scripts go on from the results that are there. With another folder one is tried
from the start, and what stands in the repository stays as it is.
"""

import os
import pathlib


def results_folder(script):
    """Returns the folder of a script's results, which exists.

    Args:
        script: Its `__file__`.
    """
    beside = pathlib.Path(script).resolve().parent
    other = os.environ.get("FGKERAS_RESULTS")
    folder = pathlib.Path(other).resolve() / beside.name if other else beside
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def result_path(script, ending=".json"):
    """Returns the file of a script's results, named as the script."""
    return results_folder(script) / f"{pathlib.Path(script).stem}{ending}"
