"""Who is a positive of whom in the training of an embedding."""

from fgkeras.config import when
from fgkeras.mining import SameParent
from fgkeras.mining import SharedAncestors


def pair_relation_of(config, hierarchy):
    """Returns the relation of pairs that a config describes.

    Args:
        config: A `Config`; `method.positives` counts.
        hierarchy: Dict of column name to the parent of each training class, in
            label order.

    Returns:
        `fgkeras.mining.PairRelation`, or `None`: images of one class.

    Raises:
        ValueError: If the classes have no such parents.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "method.name": "lifted", "method.positives": "genus"})
    >>> pair_relation_of(config.resolved(), {"genus": ["a", "a", "b"]}).parents
    ['a', 'a', 'b']
    """
    if not when.PAIRED(config) or config.method.positives == "class":
        return None
    asked = f"method.positives={config.method.positives}"
    if config.method.positives == "graded":
        check_parents(hierarchy, asked)
        return SharedAncestors(hierarchy)
    return SameParent(parents_of(hierarchy, config.method.positives, asked))


def used_parents(config, hierarchy):
    """Returns the parents by which an embedding is trained, in any stage.

    Args:
        config: A `Config`.
        hierarchy: As in `pair_relation_of`.

    Returns:
        Dict of column, as it was asked for, to the parent of each class.

    Raises:
        ValueError: If the classes have no such parents.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "method.name": "lifted", "method.positives": "genus"})
    >>> used_parents(config, {"genus": ["a", "a", "b"], "order": ["c"] * 3})
    {'genus': ['a', 'a', 'b']}
    """
    out = {}
    for stage in config.stages():
        relation = pair_relation_of(stage, hierarchy)
        if isinstance(relation, SharedAncestors):
            out.update(hierarchy)
        elif relation is not None:
            out[stage.method.positives] = relation.parents
        drawn = sampled_parents(stage, hierarchy)
        if drawn is not None:
            out["parent"] = drawn
    return out


def sampled_parents(config, hierarchy):
    """Returns the parents by which batches are drawn; `None` for no parents.

    Args:
        config: A `Config`; `data.sampler` counts.
        hierarchy: As in `pair_relation_of`.

    Returns:
        Sequence of the parent of each class at the finest level, or `None`.

    Raises:
        ValueError: If the classes have no parents.

    Example:

    >>> from fgkeras.config import Config
    >>> config = Config.read(changes={
    ...     "method.name": "lifted", "data.sampler": "pk_parents"})
    >>> sampled_parents(config.resolved(), {"genus": ["a", "a", "b"]})
    ['a', 'a', 'b']
    """
    if not when.GROUPED(config) or config.data.sampler != "pk_parents":
        return None
    return parents_of(hierarchy, "parent", "data.sampler=pk_parents")


def parents_of(hierarchy, column, asked):
    """Returns the parent of each class at one level.

    Args:
        hierarchy: Dict of column name to the parent of each class.
        column: String, one of them, or `"parent"`: the finest.
        asked: String, the option that asks for it, as it was set.

    Raises:
        ValueError: If there is no such level.
    """
    check_parents(hierarchy, asked)
    if column == "parent" and column not in hierarchy:
        column = max(hierarchy, key=lambda name: len(set(hierarchy[name])))
    if column not in hierarchy:
        raise ValueError(
            "A level above the classes is a column of classes.csv. Received: "
            f"{asked}; the training classes have {', '.join(hierarchy)}."
        )
    return hierarchy[column]


def check_parents(hierarchy, asked):
    """Refuses what needs parents where classes have none."""
    if not hierarchy:
        raise ValueError(
            "Parents of the classes are needed. Received: "
            f"{asked} with classes that have none. Put a classes.csv beside "
            "the images, with a column `class` and one for each level above."
        )
