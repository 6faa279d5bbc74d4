"""`adjustment.json` of a run, checked."""

import math

from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import read_object

FILE = "adjustment.json"
KINDS = ("logit", "tau-norm")


def read_adjustment(path):
    """Returns what is done to the logits of a run.

    Args:
        path: `pathlib.Path` of an `adjustment.json`.

    Returns:
        Dict: `kind`, `tau` and `chosen_on`, which is `None` where tau was
        typed; `None` where there is no such file.

    Raises:
        ValueError: If it is of another shape.
    """
    if not path.exists():
        return None
    value = read_object(path)
    tau = value.get("tau")
    if value.get("kind") not in KINDS:
        raise damaged(path, f"`kind` must be one of {', '.join(KINDS)}")
    number = isinstance(tau, (int, float)) and not isinstance(tau, bool)
    if not number or not 0 <= tau < math.inf:
        raise damaged(path, "`tau` must be a number of at least 0")
    chosen = value.get("chosen_on")
    if chosen is not None and not isinstance(chosen, dict):
        raise damaged(path, "`chosen_on` must be an object")
    return {"kind": value["kind"], "tau": float(tau), "chosen_on": chosen}
