"""What the model of each training was worth on its test images."""

import json

from fgkeras.storage import read_json


def run_accuracies(project):
    """Returns the accuracy of the run on each of the applied sets.

    Args:
        project: `Project`.

    Returns:
        List of dicts, those that have been trained: `sets`, `rounds` (how many
        the sets hold), `accepted`, `rejected`, `method` and `images` (tested),
        and `top1`, `mean_per_class` and `map_at_r`, each `value`, `low`,
        `high`, or `None` where the run has none.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.project import Project
    >>> run_accuracies(Project.create(tempfile.mkdtemp()))
    []
    """
    with project.store.reading() as db:
        applied = db.execute(
            "SELECT number, facts FROM applied ORDER BY number"
        ).fetchall()
    rows = []
    for row in applied:
        folder = project.run(row["number"])
        if not (folder / "metrics.json").is_file():
            continue
        way = "Train again: fgkeras bootstrap train."
        metrics = read_json(folder / "metrics.json", way)
        facts = json.loads(row["facts"])
        retrieval = metrics.get("retrieval") or {}
        rows.append(
            {
                "sets": row["number"],
                "rounds": len(facts.get("rounds", ())),
                "accepted": facts.get("accepted"),
                "rejected": facts.get("rejected"),
                "method": _method(folder),
                "images": metrics.get("num_images"),
                "top1": _entry(metrics.get("top1")),
                "mean_per_class": _entry(metrics.get("mean_per_class")),
                "map_at_r": _entry(retrieval.get("map_at_r")),
            }
        )
    return rows


def _method(folder):
    path = folder / "config.json"
    if not path.is_file():
        return None
    config = read_json(path, "Train again: fgkeras bootstrap train.")
    method = config.get("resolved", config).get("method") or {}
    return method.get("name")


def _entry(found):
    if not isinstance(found, dict) or found.get("value") is None:
        return None
    return {key: found.get(key) for key in ("value", "low", "high")}
