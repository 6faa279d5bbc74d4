"""What the epochs of a sweep's trials were measured by."""

from fgkeras.runs.folder import RunFolder
from fgkeras.tuning.objective import OBJECTIVES


def curve_of(folders, objective):
    """Returns the learning curve of a trial, the mean over its repeats.

    Args:
        folders: List of paths of run folders.
        objective: String, one of `OBJECTIVES`; of one that no epoch is
            measured by, the mean of classes is shown.

    Returns:
        List of pairs of an epoch, counted through all stages, and a float;
        epochs that some repeat does not have are left out.
    """
    column = OBJECTIVES[objective][0] or OBJECTIVES["class-mean"][0]
    tables = []
    for path in folders:
        rows = RunFolder(path).history()
        found = {i: r[column] for i, r in enumerate(rows, 1) if column in r}
        tables.append(found)
    if not tables:
        return []
    shared = [e for e in tables[0] if all(e in table for table in tables)]
    return [(e, sum(t[e] for t in tables) / len(tables)) for e in shared]
