"""What was asked of a run's sets and of how it knows unknown pictures."""

from fgkeras.runs.kept.trust import FILE
from fgkeras.runs.kept.trust import KINDS
from fgkeras.runs.kept.trust import SCORES
from fgkeras.runs.kept.trust import USUAL
from fgkeras.storage import write_json

_NEEDS = (
    "Prediction sets, the thresholds of unknown pictures and calibrated "
    "scores need images that the model never saw. "
)
_WAY_OUT = (
    "Train with --set data.calibration_share=0.2, or, with a frozen body, "
    "--set data.calibration_folds=5."
)


def read_asked(sets=None, known=None, before=None):
    """Reads what was typed of sets and unknown pictures.

    Args:
        sets: `"none"`, a level such as `"0.9"`, or with its score
            `"0.9:plain"`; `None` leaves it as it was.
        known: `"auto"`, `"energy"`, `"nearest"` or `"none"`; `None` leaves it.
        before: Dict, what was asked before; `None` means what is usual.

    Returns:
        Dict of `level`, `score` and `known`.

    Raises:
        ValueError: If it means nothing.

    Example:

    >>> read_asked("0.95:plain")
    {'level': 0.95, 'score': 'plain', 'known': 'auto'}
    """
    out = dict(before or USUAL)
    if sets == "none":
        out["level"] = 0
    elif sets is not None:
        level, _, score = sets.partition(":")
        try:
            out["level"] = float(level)
        except ValueError:
            out["level"] = -1
        out["score"] = score or "auto"
        if not 0 < out["level"] < 1 or out["score"] not in SCORES:
            raise ValueError(
                "--sets is none, or a level between 0 and 1, perhaps with its "
                f"score ({' or '.join(SCORES)}). Received: --sets {sets}. "
                "Usual is 0.9."
            )
    if known is not None:
        if known not in KINDS:
            raise ValueError(
                f"--known is {', '.join(KINDS)}. Received: --known {known}."
            )
        out["known"] = known
    return out


def keep_asked(folder, asked):
    """Writes what was asked into a run, or removes what is usual.

    Args:
        folder: The `RunFolder`.
        asked: Dict, as `read_asked` returns it.
    """
    if asked == USUAL:
        (folder / FILE).unlink(missing_ok=True)
    else:
        write_json(folder / FILE, asked)


def no_calibration(asked, path, views="center"):
    """Returns what there is to say of a run that has no sets.

    Args:
        asked: String, such as `"--sets 0.9"`.
        path: Path of the run.
        views: String, what its answers are the mean over; it has calibration
            images where that is not the center. Defaults to `"center"`.
    """
    if views != "center":
        return (
            "The temperature, and all that is fitted behind it, is of the "
            f"center view. Received: {asked}, {path} with --views {views}. "
            "Leave out one of the two."
        )
    return f"{_NEEDS}Received: {asked}, {path}, which has none. {_WAY_OUT}"
