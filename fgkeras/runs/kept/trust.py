"""`trust.json` of a run: which sets it answers, and how it knows unknowns."""

from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_number
from fgkeras.runs.kept.files import read_object

FILE = "trust.json"
SCORES = ("auto", "plain", "prevalence")
KINDS = ("auto", "energy", "nearest", "none")
# What a run does that was told nothing: `level` 0 is no sets.
USUAL = {"level": 0.9, "score": "auto", "known": "auto"}


def read_trust(path):
    """Returns what was asked of a run's answers beside its scores.

    Args:
        path: `pathlib.Path` of a `trust.json`.

    Returns:
        Dict of `level` (0 for no sets), `score` and `known`; `USUAL` where
        there is no such file.

    Raises:
        ValueError: If it is of another shape.
    """
    if not path.exists():
        return dict(USUAL)
    value = read_object(path)
    level = value.get("level")
    if not is_number(level) or not 0 <= level < 1:
        raise damaged(path, "`level` must be a number from 0 to below 1")
    for key, known in (("score", SCORES), ("known", KINDS)):
        if value.get(key) not in known:
            raise damaged(path, f"`{key}` must be one of {', '.join(known)}")
    return {key: value[key] for key in USUAL}
