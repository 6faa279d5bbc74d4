"""`beta.json` of a run, checked: the beta that was measured for it."""

from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_share
from fgkeras.runs.kept.files import read_object

FILE = "beta.json"


def read_beta(path):
    """Returns the betas that a run measured on its training images.

    Args:
        path: `pathlib.Path` of a `beta.json`.

    Returns:
        Dict: `beta`, `class_betas` (a list), `radius` and `at_least`; `None`
        where there is no such file.

    Raises:
        ValueError: If it is of another shape.
    """
    if not path.exists():
        return None
    value = read_object(path)
    betas = value.get("class_betas")
    if not isinstance(betas, list):
        raise damaged(path, "`class_betas` must be a list")
    if not all(is_share(b) and b < 1 for b in (value.get("beta"), *betas)):
        raise damaged(path, "betas must be numbers of at least 0, below 1")
    return value
