"""What every loss on labels and rows checks before it computes."""

import functools
import inspect

from keras import ops

from fgkeras.ops.finite import check_finite
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import nan_where_wrong
from fgkeras.ops.pair_masks import nan_where_no_grade
from fgkeras.ops.pair_masks import related_rows


def check_rows(labels, name, rows):
    """Raises `ValueError` unless there is one vector for each label.

    Args:
        labels: Tensor of shape `(batch,)`.
        name: String, what the rows are called in the message.
        rows: Tensor, first axis the batch.

    Raises:
        ValueError: If `rows` has no second axis, or both numbers are known and
            differ.

    Example:
    >>> from keras import ops
    >>> check_rows(ops.zeros((2,)), "logits", ops.zeros((2, 3)))
    """
    number, shape = labels.shape[0], tuple(rows.shape)
    if len(shape) < 2 or (number or shape[0]) != (shape[0] or number):
        raise ValueError(
            f"`{name}` must be vectors, one row for each label. Received: "
            f"{name} of shape {shape} for {number} labels."
        )


def checked(*, classes=False, per_row=(), graded=True, **rules):
    """Decorates a loss `(labels, rows, ...)` that gives one value per row.

    The loss gets int32 labels. Labels of a type that cannot hold them are
    refused always; labels that are no whole number or no class, and rows that
    are not finite, are refused where there are values, and give NaN in a
    compiled graph, which cannot raise. -1 marks an absent row. A loss that
    takes `positives`, a relation of pairs in place of that of labels, gets it
    as a tensor; labels may then be `None`.

    Hyperparameters are held to their rules. The function keeps these as
    `rules`, for the class around it to hold what it is constructed with to
    them, and as `graded` whether it takes grades, `None` where it takes no
    relation of pairs.

    Args:
        classes: Bool, whether the second axis of the rows is one of classes,
            which labels count along. Defaults to `False`: any number will do.
        per_row: Tuple of the names of hyperparameters that may be a tensor, of
            one number for each row, as well. Defaults to `()`.
        graded: Bool, whether `positives` may have grades. Defaults to `True`.
        **rules: `Number`, `Choice` or `Flag` for each hyperparameter, by name.

    Returns:
        Decorator.

    Example:
    >>> from keras import ops
    >>> from fgkeras.ops.hyperparameter import Number
    >>> @checked(classes=True, scale=Number(above=0))
    ... def largest(labels, logits, *, scale=1.0):
    ...     return scale * ops.max(logits, axis=1)
    >>> float(largest([1], [[2.0, 3.0]], scale=2.0)[0])
    6.0
    """

    def decorate(fn):
        signature = inspect.signature(fn)
        first, second = list(signature.parameters)[:2]

        @functools.wraps(fn)
        def run(*args, **kwargs):
            given = signature.bind(*args, **kwargs)
            for name, value in given.arguments.items():
                if name in per_row and hasattr(value, "shape"):
                    continue
                if name in rules:
                    given.arguments[name] = rules[name].checked(name, value)
            rows = given.arguments[second]
            if not hasattr(rows, "shape"):
                rows = given.arguments[second] = ops.convert_to_tensor(rows)
            counted = classes and len(rows.shape) > 1
            count = rows.shape[1] if counted else None
            positives = given.arguments.get("positives")
            if positives is None:
                labels = integer_labels(given.arguments[first], count)
            else:
                labels, positives = related_rows(
                    given.arguments[first],
                    positives,
                    graded=graded,
                    num_rows=rows.shape[0],
                )
                given.arguments["positives"] = positives
            check_rows(labels, second, rows)
            check_finite(second, rows)
            given.arguments[first] = labels
            value = fn(*given.args, **given.kwargs)
            value = nan_where_no_grade(positives, value)
            return nan_where_wrong(labels, value, count, rows=rows)

        run.rules = rules
        run.graded = graded if "positives" in signature.parameters else None
        return run

    return decorate
