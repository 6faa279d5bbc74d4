"""All numbers of a project's report, ready for JSON."""

from fgkeras.bootstrap.report.cut_calibration import cut_calibrations
from fgkeras.bootstrap.report.labeller_work import labeller_work
from fgkeras.bootstrap.report.run_accuracies import run_accuracies
from fgkeras.bootstrap.report.set_growth import set_growth
from fgkeras.bootstrap.report.shown_negatives import shown_negatives
from fgkeras.bootstrap.report.vote_agreement import vote_agreement
from fgkeras.bootstrap.report.yields import class_yields
from fgkeras.bootstrap.report.yields import round_yields


def report_numbers(project):
    """Returns all that the report of a project says.

    The same project gives the same numbers: no time of now is among them.

    Args:
        project: `Project`.

    Returns:
        Dict `images` (by origin and state), `planned` (rounds), `growth`,
        `rounds`, `classes`, `work` (`decisions` and `hours` of all people),
        `labellers`, `agreement`, `cuts`, `runs`, `filter` (or `None`) and
        `negatives`; see the functions of this package.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.project import Project
    >>> report_numbers(Project.create(tempfile.mkdtemp()))["work"]
    {'decisions': 0, 'imported': 0, 'hours': 0}
    """
    store = project.store
    with store.reading() as db:
        images: dict = {}
        for row in db.execute(
            "SELECT origin, state, count(*) AS count FROM image "
            "GROUP BY origin, state ORDER BY origin, state"
        ):
            images.setdefault(row["origin"], {})[row["state"]] = row["count"]
        people = labeller_work(db)
        return {
            "images": images,
            "planned": store.setting("rounds"),
            "growth": set_growth(db),
            "rounds": round_yields(db),
            "classes": class_yields(db),
            "work": {
                key: sum(person[key] for person in people)
                for key in ("decisions", "imported", "hours")
            },
            "labellers": people,
            "agreement": vote_agreement(db),
            "cuts": cut_calibrations(db),
            "runs": run_accuracies(project),
            "filter": store.setting("filter"),
            "negatives": shown_negatives(project),
        }
