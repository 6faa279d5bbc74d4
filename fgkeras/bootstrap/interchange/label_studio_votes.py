"""The votes that stand in one task of Label Studio."""

import math
import urllib.parse

from fgkeras.bootstrap.interchange.vote import VERDICTS
from fgkeras.bootstrap.interchange.vote import checked_vote
from fgkeras.bootstrap.interchange.vote import shortened

# What the votes on one task have in common.
TASK_FIELDS = (
    "image", "file", "round", "class", "rival", "score", "model", "source",
    "licence", "author", "url",
)  # fmt: skip
_TEXTS = ("source", "licence", "author", "url")


def votes_of_task(task, where, verdicts, fill):
    """Yields the votes of a task's annotations, in their order.

    Args:
        task: Dict, as exported.
        where: String, the file and number that an error names.
        verdicts: Dict of choices to verdicts, beside the verdicts themselves.
        fill: Callable of the task's `data`, or `None`.

    Raises:
        ValueError: For what is no vote.

    Example:

    >>> task = {"data": {"image": "a.jpg"}, "annotations": [{"result": []}]}
    >>> list(votes_of_task(task, "x.json, task 1", {}, None))
    Traceback (most recent call last):
    ...
    ValueError: x.json, task 1, annotation 1: result must have a choice. \
Received: result=[].
    """
    if not isinstance(task, dict):
        raise ValueError(f"{where}: a task must be an object.")
    data = task.get("data")
    if not isinstance(data, dict):
        raise ValueError(
            f"{where}: data must be an object. Received: "
            f"data={shortened(data)}."
        )
    annotations = _objects(task, "annotations", where)
    predictions = _objects(task, "predictions", where)
    if not annotations:
        return
    known = _of_image(data, predictions)
    if fill is not None:
        known |= {
            name: value
            for name, value in fill(data).items()
            if known.get(name) in (None, "")
        }
    for number, annotation in enumerate(annotations, 1):
        place = f"{where}, annotation {number}"
        vote = known | _of_annotation(annotation, place, verdicts)
        missing = [n for n in ("image", "class", "round") if n not in vote]
        if missing:
            raise ValueError(
                f"{place}: a vote needs {', '.join(missing)}, which its data "
                f"does not have. Received: data={shortened(data)}. Give them "
                "by fill."
            )
        yield checked_vote(vote, place)


def _objects(task, key, where):
    """The objects of a list that may be missing."""
    found = task.get(key)
    found = [] if found is None else found
    if not isinstance(found, list) or not all(
        isinstance(item, dict) for item in found
    ):
        raise ValueError(
            f"{where}: {key} must be a list of objects. Received: "
            f"{key}={shortened(found)}. Export the project as JSON, not as "
            "JSON-MIN."
        )
    return found


def _of_image(data, predictions):
    """What the data and the first prediction say; absent is not said."""
    known: dict = {"rival": None, "score": None, "model": None}
    known |= dict.fromkeys(_TEXTS, "")
    fields = set(TASK_FIELDS) - {"image"}
    known |= {n: data[n] for n in fields if data.get(n) is not None}
    if "sha256" in data:
        known["image"] = data["sha256"]
    address = data.get("image")
    if "file" not in known and isinstance(address, str):
        parts = urllib.parse.urlsplit(address)
        path = parts.path
        # A file of the local storage stands in the query.
        path = urllib.parse.parse_qs(parts.query).get("d", [path])[0]
        known["file"] = urllib.parse.unquote(path).rpartition("/")[2]
    for prediction in predictions[:1]:
        score = prediction.get("score")
        number = type(score) in (int, float) and math.isfinite(score)
        if number and 0 <= score <= 1:
            known["score"] = score
        model = prediction.get("model_version")
        if isinstance(model, str) and len(model) == 64:
            known["model"] = model
    return known


def _of_annotation(annotation, where, verdicts):
    """Who voted what, and when."""
    results = _objects(annotation, "result", where)
    instead, choice = None, None
    own: dict = {}
    for result in results:
        values = result.get("value")
        values = values if isinstance(values, dict) else {}
        if result.get("from_name") == "instead":
            instead = _first(values.get("text") or values.get("choices"))
        elif choice is None and result.get("type") == "choices":
            choice = _first(values.get("choices"))
            meta = result.get("meta")
            kept = meta.get("fgkeras") if isinstance(meta, dict) else None
            own = kept if isinstance(kept, dict) else {}
    if annotation.get("was_cancelled"):
        choice = "skip"
    if choice is None:
        raise ValueError(
            f"{where}: result must have a choice. Received: "
            f"result={shortened(results)}."
        )
    verdict = verdicts.get(choice, choice) if choice != "skip" else choice
    if verdict not in VERDICTS:
        raise ValueError(
            f"{where}: a choice must be one of {', '.join(VERDICTS)}. "
            f"Received: {shortened(choice)}. Say by verdicts what it means."
        )
    lead = annotation.get("lead_time")
    timed = type(lead) in (int, float) and math.isfinite(lead) and lead >= 0
    vote = {
        "labeller": _labeller(annotation.get("completed_by")),
        "verdict": verdict,
        "instead": instead,
        "time": annotation.get("created_at"),
        "dwell_ms": round(1000 * lead) if timed else None,
        "mode": "import",
    }
    ours = ("labeller", "time", "dwell_ms", "mode")
    return vote | {name: own[name] for name in ours if name in own}


def _first(values):
    return values[0] if isinstance(values, list) and values else None


def _labeller(who):
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    # Snapshots name a user by number.
    return f"user {who}" if type(who) is int else who
