"""What the index of a shard must be before it is used."""


def check_index(member, entry):
    """Checks the index of one shard against the manifest's entry.

    Args:
        member: What the index lists of the shard: a dict of `file`, `ids`,
            `labels`, `lengths`, `boxes` and, where there are some, `columns`.
        entry: Dict, the shard in the manifest.

    Raises:
        ValueError: If it is of another shard, or a part of it has another
            type or length.

    Example:

    >>> entry = {"file": "a", "records": 1}
    >>> member = {"file": "a", "ids": ["x"], "labels": [0], "lengths": [9]}
    >>> check_index({**member, "boxes": None}, entry)
    """
    if not isinstance(member, dict) or member.get("file") != entry["file"]:
        raise ValueError(f"it does not list {entry['file']}")
    columns = member.get("columns", {})
    boxes = member.get("boxes")
    sound = (
        isinstance(columns, dict)
        and _rows(member.get("ids"), entry, _is_id)
        and _rows(member.get("labels"), entry, _is_whole)
        and _rows(member.get("lengths"), entry, _is_length)
        and (boxes is None or _rows(boxes, entry, _is_box))
        and all(_rows(v, entry, _is_value) for v in columns.values())
    )
    if not sound:
        raise ValueError(f"it does not fit the records of {entry['file']}")


def _rows(values, entry, check):
    """Whether there is one sound value per record."""
    return (
        isinstance(values, list)
        and len(values) == entry["records"]
        and all(map(check, values))
    )


def _is_id(value):
    return value is None or isinstance(value, str)


def _is_whole(value):
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and abs(value) < 2**63
    )


def _is_length(value):
    return _is_whole(value) and value >= 0


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_value(value):
    return value is None or isinstance(value, (str, bool, int, float))


def _is_box(value):
    return value is None or (
        isinstance(value, list)
        and len(value) == 4
        and all(map(_is_number, value))
    )
