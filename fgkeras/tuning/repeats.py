"""How often each trial of a sweep is trained: seeds, or folds."""

from fgkeras.config import OPTIONS


def repeats_of(config, seeds=1, folds=None):
    """Returns what each repeat of a trial sets.

    Use seeds to see how much of a difference is luck: each has its own start,
    its own order of images and its own share of validation images. Folds hold
    back every training image once.

    Args:
        config: `Config` that all trials share.
        seeds: Int, at least 1. Defaults to `1`.
        folds: Int, at least 2, or `None`. Defaults to `None`.

    Returns:
        List of pairs of a name, which is that of the run's folder, and a dict
        of dotted name to value.

    Raises:
        ValueError: If there are both, or a number is out of range.

    Example:

    >>> from fgkeras.config import Config
    >>> repeats_of(Config(), seeds=2)
    [('seed-0', {'seed': 0}), ('seed-1', {'seed': 1})]
    """
    if seeds < 1 or (folds is not None and folds < 2):
        raise ValueError(
            "A trial is trained at least once, or in at least two folds. "
            f"Received: seeds={seeds}, folds={folds}."
        )
    if seeds > 1 and folds:
        raise ValueError(
            "A trial is repeated over seeds or over folds. Received: "
            f"seeds={seeds}, folds={folds}. Leave one out."
        )
    if folds:
        return [
            (f"fold-{k}", {"data.val_share": 1 / folds, "data.val_fold": k})
            for k in range(folds)
        ]
    if seeds == 1:
        return [("run", {})]
    first = config["seed"]
    last = OPTIONS["seed"].read("seed", first + seeds - 1)
    return [(f"seed-{k}", {"seed": k}) for k in range(first, last + 1)]
