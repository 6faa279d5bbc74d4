"""Where a project stands, and what comes next."""

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.bootstrap.store import labellers
from fgkeras.bootstrap.store import progress
from fgkeras.jobs.bootstrapping.next_step import next_step


def status(path):
    """Returns where a project stands.

    Args:
        path: Path of the project.

    Returns:
        Dict `images` (by origin and state), `filter` (or `None`), `rounds`
        (the counts of each), `sets` (the facts of the last `apply`, or
        `None`), `labellers`, and `next`: `command` and `why`.

    Raises:
        ValueError: If there is no project.
    """
    project = Project(path)
    step = next_step(project)
    with project.store.reading() as db:
        images: dict = {}
        for row in db.execute(
            "SELECT origin, state, count(*) AS count FROM image "
            "GROUP BY origin, state"
        ):
            images.setdefault(row["origin"], {})[row["state"]] = row["count"]
    rounds = []
    for number in project.rounds():
        found = progress(project.store, number)
        rounds.append({k: v for k, v in found.items() if k != "classes"})
    applied, facts = project.last_applied()
    return {
        "project": str(path),
        "images": images,
        "filter": project.store.setting("filter"),
        "rounds": rounds,
        "sets": facts if applied else None,
        "labellers": [
            labeller_facts(project.store, person)
            for person in labellers(project.store)
        ],
        "next": {"command": step.command, "why": step.why},
    }
