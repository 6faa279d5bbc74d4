"""What the page says, and which keys say it: one table for each kind."""

KINDS = ("bootstrap", "settle")
# Action -> key. Zoom (Enter, space, v), help (?) and arrows are fixed.
KEYS = {
    "yes": "a",
    "no": "x",
    "rival": "d",
    "unsure": "u",
    "skip": "s",
    "bad": "b",
    "copy": "c",
    "undo": "z",
}
_FIXED = "v"
# Action -> what the store is told: a verdict, and whether with the rival.
ANSWERS = {
    "yes": ("tp", False),
    "no": ("fp", False),
    "rival": ("fp", True),
    "unsure": ("unsure", False),
    "skip": ("skip", False),
    "bad": ("bad", False),
    "copy": ("dup", False),
}
# "{rival}" and "{class}" stand for names.
_BOOTSTRAP = {
    "question": "Is this {class}?",
    "task": "Say of each picture whether it shows the class it was found as.",
    "class": "The class",
    "rival": "Most alike",
    "actions": {
        "yes": "Yes",
        "no": "No",
        "rival": "No, it is {rival}",
        "unsure": "Unsure",
        "skip": "Skip",
        "bad": "Bad picture",
        "copy": "Copy",
    },
    "verdicts": {
        "tp": "yes",
        "fp": "no",
        "unsure": "unsure",
        "skip": "skipped",
        "bad": "bad picture",
        "dup": "copy",
    },
    "right": "right",
    "wrong": "wrong",
}
_SETTLE = {
    "question": "Labelled {class}. Is that right?",
    "task": "Say of each picture whether its label stands.",
    "class": "Its label",
    "rival": "The label suspected",
    "actions": {
        "yes": "Keep the label",
        "rival": "Rename to {rival}",
        "unsure": "Unsure",
        "skip": "Skip",
        "bad": "Remove the picture",
    },
    "verdicts": {
        "tp": "kept",
        "fp": "renamed",
        "unsure": "unsure",
        "skip": "skipped",
        "bad": "removed",
        "dup": "copy",
    },
    "right": "kept",
    "wrong": "renamed",
}


def words_of(kind):
    """Returns the words of a kind of project.

    Args:
        kind: String: `"bootstrap"` asks whether a picture is of a class,
            `"settle"` whether its label stands.

    Returns:
        Dict `question`, `task`, `class`, `rival`, `actions` (action to words),
        `verdicts` (verdict to a word), `right` and `wrong`.

    Raises:
        ValueError: If there is no such kind.

    Example:

    >>> words_of("settle")["actions"]["rival"]
    'Rename to {rival}'
    """
    if kind not in KINDS:
        raise ValueError(
            f"A project is of one of the kinds {list(KINDS)}. Received: "
            f"kind={kind!r}. It is a setting of the store."
        )
    return _SETTLE if kind == "settle" else _BOOTSTRAP


def checked_keys(keys=None):
    """Returns the key of each action.

    Args:
        keys: Dict of actions to other keys than the usual ones, each one
            letter or digit; or `None` (default).

    Returns:
        Dict of all actions to keys.

    Raises:
        ValueError: If an action is unknown, a key is none, or one key is asked
            to do two things.

    Example:

    >>> checked_keys({"yes": "j"})["yes"]
    'j'
    """
    found = {**KEYS, **(keys or {})}
    for action, key in found.items():
        if action not in KEYS:
            raise ValueError(
                f"Keys are of the actions {list(KEYS)}. Received: {action!r}."
            )
        one = isinstance(key, str) and len(key) == 1 and key.isascii()
        if not one or not (key.islower() or key.isdigit()) or key == _FIXED:
            raise ValueError(
                "A key is a small letter or a digit, and not v, which zooms. "
                f"Received: {action}={key!r}."
            )
    if len(set(found.values())) < len(found):
        raise ValueError(
            f"Each action has a key of its own. Received: {found}. Choose "
            "another for one of two that are alike."
        )
    return found
