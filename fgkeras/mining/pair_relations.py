"""Who is a positive of whom, made of what `fit` is given as labels."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.eager_values import eager_values
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.labels import check_label_type
from fgkeras.ops.labels import integer_labels


class PairRelation:
    """Base of what makes a relation of pairs of the rows of `y_true`.

    The class of a loss takes one as `positives`; the function of the loss, and
    every miner, takes what it returns. Subclasses give `__call__`, from
    `y_true` to a matrix as `fgkeras.ops.pair_masks` describes it, and
    `labels`.

    Attributes:
        graded: Bool, whether pairs have grades.
        num_classes: Int, classes that labels count; `None` where rows are no
            labels.

    Example:
    >>> isinstance(SharedLabels(), PairRelation)
    True
    """

    graded = False
    num_classes = None

    def check(self, y_true):
        """Refuses rows of a wrong type, before Keras casts them."""
        raise TypeError(f"{type(self).__name__} does not define `check`.")

    def labels(self, y_true):
        """Returns int32 numbers `(batch,)`, -1 for absent rows.

        In a graph a row that is wrong gets a number below -1.
        """
        raise TypeError(f"{type(self).__name__} does not define `labels`.")

    def get_config(self):
        """Returns the arguments that the relation was made with."""
        return {}

    @classmethod
    def from_config(cls, config):
        """Returns the relation of a config."""
        return cls(**config)


@keras.saving.register_keras_serializable(package="fgkeras")
class SharedLabels(PairRelation):
    """Images that show a class in common are positives.

    Use it where an image shows several classes. With `A` and `B` those of two
    images the grade of the pair is

        |A n B| / |A u B|

    or, without grades, whether they have any in common.

    Args:
        graded: Bool. Defaults to `False`.

    Call arguments:
        y_true: 0 and 1 of shape `(batch, num_classes)`; a row of -1 is absent.

    Returns:
        Tensor of shape `(batch, batch)`, boolean or, if graded, float32.

    Raises:
        ValueError: If a row has another shape or another number.

    Example:
    >>> rows = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    >>> np.asarray(SharedLabels()(rows)).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    >>> float(SharedLabels(graded=True)(rows)[0, 1])
    0.5
    """

    def __init__(self, *, graded=False):
        self.graded = Flag().checked("graded", graded)

    def check(self, y_true):
        if not hasattr(y_true, "shape"):
            y_true = np.asarray(y_true)
        if len(y_true.shape) != 2 or y_true.shape[1] == 1:
            raise ValueError(
                "Labels that are shared must be rows of 0 and 1, one number "
                "for each class. Received: labels of shape "
                f"{tuple(y_true.shape)}. For one class per image leave "
                "`positives` out."
            )
        values = eager_values(y_true)
        if values is None:
            return
        wrong = ~self._fine(np.asarray(values), np)
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(
                "Labels that are shared must be rows of 0 and 1, or of -1 for "
                f"an absent row. Received: labels[{row}]={values[row]}."
            )

    def labels(self, y_true):
        rows = ops.cast(ops.convert_to_tensor(y_true), "float32")
        there = ops.where(rows[:, 0] < 0, -1, 0)
        return ops.cast(ops.where(self._fine(rows, ops), there, -2), "int32")

    @staticmethod
    def _fine(rows, module):
        known = module.logical_or(rows == 0, rows == 1)
        return module.logical_or(
            module.all(known, axis=-1), module.all(rows == -1, axis=-1)
        )

    def __call__(self, y_true):
        self.check(y_true)
        rows = ops.cast(ops.convert_to_tensor(y_true), "float32")
        rows = ops.relu(rows)
        common = ops.matmul(rows, ops.transpose(rows))
        if not self.graded:
            return common > 0.5
        number = ops.sum(rows, axis=-1)
        either = number[:, None] + number[None, :] - common
        return common / ops.maximum(either, 1.0)

    def get_config(self):
        return {"graded": self.graded}


class _OfClasses(PairRelation):
    """A relation of classes; subclasses set `num_classes`."""

    def check(self, y_true):
        check_label_type(y_true, self.num_classes)

    def labels(self, y_true):
        labels = integer_labels(y_true, self.num_classes)
        return ops.where(labels < self.num_classes, labels, -2)

    def _of_each(self, codes, labels):
        places = ops.clip(labels, 0, self.num_classes - 1)
        return ops.take(ops.convert_to_tensor(codes), places)


@keras.saving.register_keras_serializable(package="fgkeras")
class SameParent(_OfClasses):
    """Images whose classes have the same parent are positives.

    Use it to train an embedding of genera on labels of species: those of one
    genus are no negatives of each other.

    Args:
        parents: Sequence of strings or ints, the parent of each class in label
            order, such as a column of `source.hierarchy`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.

    Returns:
        Boolean tensor of shape `(batch, batch)`.

    Raises:
        ValueError: If a label is no class, or there is no parent.

    Example:
    >>> relation = SameParent(["crow", "crow", "finch"])
    >>> np.asarray(relation(np.array([0, 1, 2]))).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    """

    def __init__(self, parents):
        self.parents, self._codes = _coded("parents", parents)
        self.num_classes = len(self.parents)

    def __call__(self, y_true):
        parent = self._of_each(self._codes, self.labels(y_true))
        return ops.equal(parent[:, None], parent[None, :])

    def get_config(self):
        return {"parents": list(self.parents)}


@keras.saving.register_keras_serializable(package="fgkeras")
class SharedAncestors(_OfClasses):
    """Images are graded by how many levels their classes have in common.

    Use it where a mistake within the family is less than one beyond it. With
    `L` levels above the classes the grade of two images is

        (number of levels in common) / (L + 1)

    where the class itself counts as one: 1 within a class, `L / (L + 1)`
    for classes of one parent, and 0, a negative, where no level is shared.

    Args:
        levels: Dict of level name to the parent of each class, such as
            `source.hierarchy`, or a sequence of such sequences.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.

    Returns:
        float32 tensor of shape `(batch, batch)`.

    Raises:
        ValueError: If a label is no class, or there is no level.

    Example:
    >>> birds = {"genus": ["a", "a", "b", "c"], "family": ["x", "x", "x", "y"]}
    >>> grades = SharedAncestors(birds)(np.array([0, 1, 2, 3]))
    >>> [round(float(g), 2) for g in grades[0]]
    [1.0, 0.67, 0.33, 0.0]
    """

    graded = True

    def __init__(self, levels):
        columns = list(levels.values() if isinstance(levels, dict) else levels)
        found = [_coded("levels", column) for column in columns]
        if not found or len({len(parents) for parents, _ in found}) > 1:
            raise ValueError(
                "`levels` must name the parent of each class, at one level or "
                f"more. Received: {len(found)} levels of "
                f"{sorted({len(p) for p, _ in found})} classes."
            )
        self.levels = [parents for parents, _ in found]
        self._codes = [codes for _, codes in found]
        self.num_classes = len(self.levels[0])

    def __call__(self, y_true):
        labels = self.labels(y_true)
        common = ops.cast(labels[:, None] == labels[None, :], "float32")
        for codes in self._codes:
            parent = self._of_each(codes, labels)
            shared = ops.equal(parent[:, None], parent[None, :])
            common = common + ops.cast(shared, "float32")
        return common / (len(self._codes) + 1.0)

    def get_config(self):
        return {"levels": [list(parents) for parents in self.levels]}


def _coded(name, parents):
    """Returns parents as a list, and their numbers."""
    parents = np.asarray(parents)
    if parents.ndim != 1 or not len(parents) or parents.dtype.kind == "O":
        raise ValueError(
            f"`{name}` must name the parent of each class, a string or a "
            f"number. Received: shape {parents.shape} and dtype "
            f"{parents.dtype}."
        )
    codes = np.unique(parents, return_inverse=True)[1]
    return parents.tolist(), codes.reshape(-1).astype("int32")
