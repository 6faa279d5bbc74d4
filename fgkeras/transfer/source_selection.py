"""Which classes of a large source to pre-train on, for given targets."""

import dataclasses

import numpy as np

from fgkeras.transfer.domain_distance import class_distances


def single_class_distances(source, target):
    """Distance of every single source class from the whole target.

    A domain of one class has only one flow, so no program is solved:

        d({s_i}, T) = sum_j w_j |g(s_i) - g(t_j)|

    Args:
        source: `Domain`.
        target: `Domain` of the same features.

    Returns:
        `float64` array of shape `(source classes,)`; the lower the nearer.

    Raises:
        ValueError: as `domain_distance`.

    Example:

    >>> from fgkeras.transfer.domain import Domain
    >>> source = Domain([[0.0], [9.0]], [1, 1], ["x", "y"])
    >>> target = Domain([[1.0], [3.0]], [3, 1], ["a", "b"])
    >>> single_class_distances(source, target).tolist()
    [1.5, 7.5]
    """
    return class_distances(source, target) @ target.weights


@dataclasses.dataclass(frozen=True)
class Selection:
    """Source classes chosen for one or more targets.

    Attributes:
        classes: `int64` array, positions of the classes in the source, rising:
            the union over the targets.
        per_target: Dict of target name to an `int64` array, its own choice,
            nearest first.
        distances: Dict of target name to a `float64` array over all source
            classes.

    Example:

    >>> from fgkeras.transfer.domain import Domain
    >>> source = Domain([[0.0], [5.0], [9.0]], [1, 1, 1], ["x", "y", "z"])
    >>> target = Domain([[8.0]], [1], ["a"])
    >>> chosen = select_source_classes(source, {"high": target}, 2)
    >>> [source.class_names[i] for i in chosen.per_target["high"]]
    ['z', 'y']
    >>> chosen.distances["high"].tolist()
    [8.0, 3.0, 1.0]
    """

    classes: np.ndarray
    per_target: dict
    distances: dict


def select_source_classes(source, targets, num_classes):
    """Selects the source classes nearest to each target, and their union.

    Use it to cut a large set to the part worth pre-training on. Classes are
    taken greedily, one at a time by their own similarity to the target, until
    the number is reached; ties fall to the class that comes first.

    Args:
        source: `Domain`.
        targets: Dict of name to `Domain` of the same features.
        num_classes: Int at least 1, classes per target; or a dict of target
            name to int.

    Returns:
        `Selection`.

    Raises:
        ValueError: for no targets, or numbers of classes beyond the source's.

    Example:

    >>> from fgkeras.transfer.domain import Domain
    >>> source = Domain([[0.0], [5.0], [9.0]], [1, 1, 1], "xyz")
    >>> targets = {"low": Domain([[1.0]], [1], "a"),
    ...     "high": Domain([[8.0]], [1], "b")}
    >>> select_source_classes(source, targets, 1).classes.tolist()
    [0, 2]

    References:
        Cui, Song, Sun, Howard, Belongie, "Large Scale Fine-Grained
        Categorization and Domain-Specific Transfer Learning", 2018, 4.2.
    """
    if not targets:
        raise ValueError(
            "At least one target is needed. Received: targets={}. Give a dict "
            "of name to Domain."
        )
    chosen, distances = {}, {}
    for name, target in targets.items():
        if isinstance(num_classes, dict):
            count = num_classes.get(name, 0)
        else:
            count = num_classes
        if not 1 <= count <= len(source):
            raise ValueError(
                "num_classes must be between 1 and the classes of the source. "
                f"Received: num_classes={count} for target {name!r} and "
                f"{len(source)} source classes."
            )
        distances[name] = single_class_distances(source, target)
        order = np.argsort(distances[name], kind="stable")
        chosen[name] = order[:count]
    union = np.unique(np.concatenate(list(chosen.values())))
    return Selection(union, chosen, distances)
