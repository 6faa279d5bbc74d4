"""Where the scripts keep their results: beside them, or in another folder.

    FGKERAS_RESULTS=/tmp/results python -m experiments.audit.pre_training ...

Scripts go on from the results that are there. With another folder one is tried
from the start, and what stands in the repository stays as it is.
"""

import json
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


def kept_rows(path):
    """Returns the rows of a file of lines, by their `name`.

    A last line that a kill has cut is none.

    Args:
        path: `pathlib.Path`; where there is none there are no rows.
    """
    lines = path.read_text("utf-8").splitlines() if path.exists() else ()
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return {row["name"]: row for row in rows}


def keep_row(path, row):
    """Adds a row to a file of lines.

    Args:
        path: `pathlib.Path`.
        row: Dict ready for JSON, with a `name`.
    """
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
