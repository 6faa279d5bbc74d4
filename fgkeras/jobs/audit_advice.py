"""What an audit's measurements say to do, each with its reason.

A rule stands here only if `experiments/audit` has measured that following it
beats the default; its README has the numbers.
"""

import shlex

# Largest class over smallest from which on a loss is advised: tau helped from 3
# on in every case measured; of large classes 10 and more were measured. Then
# the images of the largest class up to which tau did better than beta.
_IMBALANCE, _SMALL, _TAU, _BETA = 3, 100, 1.25, 0.9999


def find_problems(description, overlap):
    """Lists what should be looked at before training.

    Args:
        description: Dict of `fgkeras.data.info.describe`.
        overlap: Dict of split name to `(classes without a training image,
            classes)`.

    Returns:
        List of strings, the gravest first.

    Example:

    >>> find_problems({"images": None, "refused": [], "num_classes": 2,
    ...     "balance": {"tail": ["b"], "split": "train"}}, {"test": (2, 2)})[1]
    '1 of 2 classes has fewer than 20 train images.'
    """
    problems = []
    images = description["images"]
    duplicates = images["duplicates"] if images else {}
    leaks = duplicates.get("between_splits", [])
    if leaks:
        problems.append(
            f"{_count(leaks, 'picture')} in more than one split. A test on "
            "pictures that were trained on is too good: take them out of one "
            "of the splits."
        )
    torn = duplicates.get("with_different_labels", [])
    if torn:
        problems.append(
            f"{_count(torn, 'picture')} with different labels. At most one "
            "of the labels is right: look at them below."
        )
    within = duplicates.get("within_splits", [])
    if within:
        problems.append(
            f"{_count(within, 'picture')} more than once within a split, "
            "counting double."
        )
    bad = [*description["refused"], *(images["bad"] if images else [])]
    if bad:
        problems.append(
            f"{_count(bad, 'file')} not usable, the first: "
            f"{bad[0].get('file') or bad[0]['id']} ({bad[0]['reason']})."
        )
    problems += description.get("notes", ())
    for split, (missing, of) in overlap.items():
        if missing == of:
            problems.append(
                f"No class of {split} is in the training split: a set for "
                "the retrieval of unseen classes, on which a classifier "
                "cannot be tested."
            )
        elif missing:
            problems.append(
                f"{missing} of {of} classes of {split} without a training "
                "image."
            )
    balance = description["balance"]
    if description["num_classes"] < 2:
        problems.append("There is one class: nothing to tell apart.")
    tail = len(balance["tail"])
    if tail:
        split = balance["split"]
        problems.append(
            f"{tail} of {description['num_classes']} classes "
            f"{'has' if tail == 1 else 'have'} fewer than 20 "
            f"{'' if split == 'all' else split + ' '}images."
        )
    return problems


def _count(items, noun):
    return f"{len(items)} {noun}{'s' if len(items) != 1 else ''}"


def advise(measured, counts=()):
    """Returns the recipe: rows of what to set, to what, and why.

    Args:
        measured: List of dicts of one granularity each: `name` and `path` of
            the pre-training, `size` in pixels, `value`, `low`, `high`.
        counts: Integer sequence, training images of each class. Defaults to
            none.

    Returns:
        List of dicts of strings: `what`, `choice`, `option` (for `fgkeras
        train`), `why`, `evidence`, and of the resolution `size` in pixels.
        Empty if there was nothing to choose from.

    Example:

    >>> rows = [{"name": n, "path": n, "size": 160, "value": v, "low": v,
    ...     "high": v} for n, v in (("birds", 0.1), ("cars", 0.4))]
    >>> advise(rows)[0]["option"]
    '--weights birds'
    """
    rows = [_pre_training(measured), _resolution(measured), _loss(counts)]
    return [row for row in rows if row]


def _resolution(measured):
    best = best_of(measured, first_size(measured))
    rows = [r for r in measured if r["name"] == best["name"]] if best else []
    if len(rows) < 2:
        return None
    first, second = sorted(rows, key=lambda r: r["value"])[:2]
    alike = [r for r in rows if r["low"] <= first["high"]]
    chosen = min(alike, key=lambda r: r["size"])
    other = second if chosen is first else first
    why = (
        f"RankM {chosen['value']:.3f} against {other['value']:.3f} at "
        f"{other['size']} px."
    )
    if len(alike) > 1:
        why += " The intervals overlap, and the smaller size is cheaper."
    return {
        "what": "Resolution",
        "choice": f"{chosen['size']} px",
        "size": chosen["size"],
        "option": f"--size {chosen['size']}",
        "why": why,
        "evidence": "experiments/audit/resolution.py",
    }


def _loss(counts):
    counts = [n for n in counts if n > 0]
    if not counts or max(counts) < _IMBALANCE * min(counts):
        return None
    sizes = f"Classes have {min(counts)} to {max(counts)} training images."
    small = max(counts) <= _SMALL
    if small:
        choice = f"logit-adjusted softmax, tau {_TAU}"
        option = f"--loss logit-adjusted --set loss.tau={_TAU}"
        why = (
            "The logarithm of a class's share, added to its logit in training, "
            "raised the mean of the class accuracies by 1.5 to 12 points at "
            "imbalances of 10 and 30, weights by effective number by 1.1 to "
            "4.5."
        )
    else:
        choice = f"class-balanced sigmoid, beta {_BETA}"
        option = f"--loss sigmoid --beta {_BETA}"
        why = (
            "Weights by effective number raised the mean of the class "
            "accuracies by 2 to 9 points at imbalances of 10 to 200; the "
            "balanced softmax was at most 1.5 points below."
        )
    evidence = "audit/loss_weight.py" if small else "long_tailed_cifar/table.py"
    return {
        "what": "Loss",
        "choice": choice,
        "option": option,
        "why": f"{sizes} {why}",
        "evidence": f"experiments/{evidence}",
    }


def first_size(measured):
    """Returns the pixels at which all pre-trainings were measured."""
    return measured[0]["size"] if measured else None


def best_of(measured, size=None):
    """Returns the measured row of the lowest granularity, or `None`."""
    rows = [r for r in measured if size in (None, r["size"])]
    return min(rows, key=lambda r: r["value"], default=None)


def _pre_training(measured):
    size = first_size(measured)
    rows = sorted(
        (r for r in measured if r["size"] == size), key=lambda r: r["value"]
    )
    if len(rows) < 2:
        return None
    first, second = rows[:2]
    why = (
        f"Its features are the least fine-grained: RankM "
        f"{first['value']:.3f} against {second['value']:.3f} with "
        f"{second['name']}"
    )
    close = first["high"] >= second["low"]
    why += ". The intervals overlap: try both." if close else "."
    return {
        "what": "Pre-training",
        "choice": first["name"],
        "option": f"--weights {shlex.quote(first['path'])}",
        "why": why,
        "evidence": "experiments/audit/pre_training.py",
    }
