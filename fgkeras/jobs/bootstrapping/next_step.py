"""What comes next in a project."""

import dataclasses
import shlex

from fgkeras.bootstrap.edited_source import EDITED
from fgkeras.bootstrap.store import progress
from fgkeras.runs.folder import RunFolder


@dataclasses.dataclass(frozen=True)
class NextStep:
    """What comes next, and where the project stands.

    Attributes:
        verb: String: `"init"`, `"settle"`, `"train"`, `"score"`, `"label"`,
            `"apply"`, and at the end `"report"`, or `"status"` of an edited
            set.
        command: String, what to type.
        why: String, one sentence.
        trained: Int, the last sets that a model was trained on, 0 for none.
        round: Int, the round that is open or was last, 0 for none.
    """

    verb: str
    command: str
    why: str
    trained: int
    round: int


def next_step(project):
    """Returns the `NextStep` of a project.

    Args:
        project: `Project`.
    """
    place = shlex.quote(str(project.path))
    applied, facts = project.last_applied()
    trained = last_trained(project)
    rounds = project.rounds()
    last = rounds[-1] if rounds else 0
    planned = project.store.setting("rounds", 1)

    def step(verb, why, more=""):
        command = f"fgkeras bootstrap {verb} {place}{more}"
        return NextStep(verb, command, why, trained, last)

    if not project.store.setting("begun"):
        verb, more = _beginning(project)
        return step(verb, "The pictures were not looked at to the end.", more)
    if last > len(facts.get("rounds", ())):
        found = progress(project.store)
        open_, conflicts = found["open"], found["conflict"]
        waiting = _waiting(project, last)
        if open_ > waiting or conflicts:
            more = f" and {conflicts} are disputed" if conflicts else ""
            return step("label", f"{open_} of {found['total']} are open{more}.")
        why = f"All of round {last} is decided."
        if waiting:
            why = (
                f"{waiting} of {found['total']} wait for another person "
                "(fgkeras bootstrap invite); the rest is decided."
            )
        return step("apply", why)
    settles = project.store.setting("kind") == "settle"
    later = _later(project, facts.get("through", 0))
    came = f"{later} decisions came after the last `apply`"
    if later and (settles or trained < applied or last >= planned):
        return step("apply", f"{came}.")
    if settles:
        edited = project.sets(applied) / EDITED
        return step("status", f"Done: the edited set is csv:{edited}.")
    if not trained or trained < applied:
        why = "No model has been trained yet."
        if trained:
            why = f"The sets hold round {last} now; the model does not."
        return step("train", why)
    if last < planned:
        why = f"Part {last + 1} of {planned} is not scored yet."
        if later:
            why += f" {came}: the next one takes them in."
        return step("score", why)
    return step("report", f"All {planned} rounds are done.")


def _beginning(project):
    """The verb that was not finished, with what it was given."""
    sources = project.store.setting("sources", {})

    def of(name):
        return shlex.quote(sources.get(name, "SOURCE"))

    if project.store.setting("kind") == "settle":
        found = shlex.quote(project.store.setting("suspects", "FOLDER"))
        return "settle", f" --data {of('seed')} --suspects {found}"
    rounds = project.store.setting("rounds", 3)
    more = f" --data {of('seed')} --pool {of('pool')} --rounds {rounds}"
    return "init", more


def _waiting(project, number):
    """Candidates that whoever labels has seen, and that want somebody else."""
    with project.store.reading() as db:
        return db.execute(
            "SELECT count(*) FROM candidate AS c WHERE c.round = ? "
            "AND c.state = 'open' AND c.kind <> 'gold' AND NOT EXISTS ("
            "SELECT 1 FROM labeller AS l WHERE EXISTS ("
            "SELECT 1 FROM request AS r WHERE r.labeller = l.id) "
            "AND NOT EXISTS (SELECT 1 FROM vote AS v "
            "WHERE v.labeller = l.id AND v.candidate = c.id)) "
            "AND EXISTS (SELECT 1 FROM vote AS v WHERE v.candidate = c.id)",
            (number,),
        ).fetchone()[0]


def _later(project, through):
    """Decisions on pictures that came after an `apply`."""
    with project.store.reading() as db:
        return db.execute(
            "SELECT count(*) FROM decision AS d JOIN candidate AS c "
            "ON c.id = d.candidate WHERE d.id > ? AND c.kind <> 'gold'",
            (through,),
        ).fetchone()[0]


def last_trained(project):
    """Returns the number of the last sets a model was trained on, or 0.

    Args:
        project: `Project`.
    """
    applied, _ = project.last_applied()
    for number in range(applied, 0, -1):
        path = project.run(number)
        if (path / "config.json").is_file() and RunFolder(path).finished:
            return number
    return 0


def refuse_before(project, verb, step):
    """Refuses a verb whose turn has not come, with what has.

    Raises:
        ValueError: Always.
    """
    raise ValueError(
        f"`{verb}` is not what comes next. Received: {project.path}. "
        f"{step.why} Type: {step.command}"
    )
