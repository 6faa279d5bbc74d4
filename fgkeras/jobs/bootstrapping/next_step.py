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
        verb: String: `"init"`, `"train"`, `"score"`, `"label"`, `"apply"`,
            and at the end `"report"`, or `"status"` of an edited set.
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

    def step(verb, why):
        command = f"fgkeras bootstrap {verb} {place}"
        return NextStep(verb, command, why, trained, last)

    if not project.store.setting("begun"):
        return step("init", "The pool has not been looked at to the end.")
    taken = len(facts.get("rounds", ()))
    if last > taken:
        found = progress(project.store)
        open_, conflicts = found["open"], found["conflict"]
        if open_ or conflicts:
            more = f" and {conflicts} are disputed" if conflicts else ""
            return step("label", f"{open_} of {found['total']} are open{more}.")
        return step("apply", f"All of round {last} is decided.")
    if project.store.setting("kind") == "settle":
        edited = project.sets(applied) / EDITED
        return step("status", f"Done: the edited set is csv:{edited}.")
    if not trained or trained < applied:
        why = "No model has been trained yet."
        if trained:
            why = f"The sets hold round {last} now; the model does not."
        return step("train", why)
    if last < planned:
        return step("score", f"Part {last + 1} of {planned} is not scored yet.")
    return step("report", f"All {planned} rounds are done.")


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
