"""Takes the decisions so far into S and H."""

from fgkeras.bootstrap.consensus import end_disagreements
from fgkeras.bootstrap.edited_source import write_edited
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.snapshot import TRAINING
from fgkeras.bootstrap.snapshot import write_sets
from fgkeras.bootstrap.store import progress
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.next_step import refuse_before
from fgkeras.jobs.bootstrapping.pictures import pictures_of
from fgkeras.training.reporter import CONSOLE


def apply(path, *, consensus=None, reporter=CONSOLE):
    """Freezes S and H as the decisions of all rounds make them.

    True positives join S; false positives join H, each against its predicted
    class alone. Unsure, skipped, bad pictures and copies go to neither, and so
    does what is open or disputed: a later `apply` takes it in.

    Args:
        path: Path of the project.
        consensus: Float in (0.5, 1): disagreements of which the consensus of
            all answers and the model's scores is as sure as that are ended
            first. `None` (default) leaves them to people.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `number` of these sets, `accepted`, `rejected`, and `rounds`: the
        counts of each, where right + wrong + neither + undecided = offered;
        of an edited set `images`, `kept`, `renamed` and `removed` instead;
        with `consensus` also `ended` and `disputed`.

    Raises:
        ValueError: If no round has been opened, or nothing of the last one has
            been decided.
    """
    project = Project(path)
    with project.working():
        step = next_step(project)
        if not project.rounds() or not _decided(project, step.round):
            refuse_before(project, "apply", step)
        ended = {}
        if consensus is not None:
            done, left = end_disagreements(project.store, consensus)
            ended = {"ended": done, "disputed": left}
        number, facts = _applied(project, reporter)
        return {"number": number, **facts, **ended}


def _decided(project, number):
    """Whether anything of a round was decided, or nothing was to decide."""
    found = progress(project.store, number)
    return not found["total"] or found["open"] < found["total"]


def sets_of(project, reporter):
    """Returns the sets to train on: the last ones, or those of the seed.

    Args:
        project: `Project`, with the work taken.
        reporter: Who is told how far it is.

    Returns:
        Tuple of their number and facts.
    """
    number, facts = project.last_applied()
    # An imported project has none of the lists yet.
    there = number and (project.sets(number) / TRAINING).is_file()
    return (number, facts) if there else _applied(project, reporter)


def _applied(project, reporter):
    write = write_sets
    if project.store.setting("kind") == "settle":
        write = write_edited
    with reporter.bar("keeping pictures") as bar:
        return write(project, pictures_of(project), progress=bar)
