"""A model card as a page of Markdown."""

_SHOWN = 30
_NOT_SAID = "Nobody has said."


def card_text(card):
    """Writes the facts of a model card as Markdown.

    Args:
        card: Dict, as `fgkeras.export.card.card_facts` returns it.

    Returns:
        String, Markdown; names and texts of others hold no markup in it.

    Example:

    >>> from fgkeras.export.card import card_facts
    >>> facts = card_facts({"input": {"size": 96}}, {"name": "Birds"})
    >>> card_text(facts).splitlines()[0]
    '# Birds'
    """
    sections = (
        ("What it is for", _purpose(card)),
        ("Classes", _classes(card)),
        ("Data", _data(card)),
        ("How good it is", _metrics(card)),
        ("How sure its answers are", _sureness(card)),
        ("Limits", [f"- {_plain(line)}" for line in card["limits"]]),
        ("Licences", _licences(card)),
        ("How it was made", _pairs(card["training"])),
        ("What goes in and comes out", _model(card["model"])),
        ("More", _pairs(card["more"])),
    )
    lines = [f"# {_plain(card['name'])}", "", _first(card), ""]
    for title, body in sections:
        if body:
            lines += [f"## {title}", "", *body, ""]
    return "\n".join(lines)


def _first(card):
    count = card["classes"]["count"]
    what = f"An {card['kind']}"
    what += f" of {count:,} classes" if count else ""
    made = card["model"].get("versions", {}).get("fgkeras")
    return f"{what}, exported on {card['date']}" + (
        f" by fgkeras {_plain(made)}." if made else "."
    )


def _purpose(card):
    lines = [_plain(card["purpose"] or _NOT_SAID)]
    if card["contact"]:
        lines += ["", f"Contact: {_plain(card['contact'])}"]
    return lines


def _classes(card):
    classes = card["classes"]
    names, counts = classes["names"], classes["train_images"]
    if not names:
        return []
    rows = list(zip(names, counts or [None] * len(names), strict=True))
    if counts:
        rows.sort(key=lambda row: -row[1])
    more = len(rows) - _SHOWN
    lines = _table(("class", "training images"), rows[:_SHOWN])
    if more > 0:
        lines += ["", f"And {more:,} more; `labels.json` has all, in order."]
    return lines


def _data(card):
    data = card["data"]
    if not isinstance(data, dict):
        return [_plain(data or _NOT_SAID)]
    rows = [("source", data.get("source"))]
    rows += [
        (f"images: {role}", f"{count:,}")
        for role, count in data.get("images", {}).items()
    ]
    rows.append(("SHA-256 of classes, images, contents", data.get("sha256")))
    return _table(("", ""), [row for row in rows if row[1]])


def _metrics(card):
    metrics = card["metrics"]
    if not metrics:
        return ["No measurements were given."]
    lines, shown = [], set()
    rows = list(_scores(metrics, shown))
    if rows:
        lines += _table(("", "value", "95 % interval"), rows)
    groups = metrics.get("groups") or {}
    rows = [
        (
            f"{name}: {group.get('range', '')}",
            group.get("num_classes"),
            group.get("num_images"),
            *_value(group.get("class_mean")),
        )
        for name, group in groups.items()
        if isinstance(group, dict)
    ]
    if rows:
        head = (
            "classes by frequency",
            "classes",
            "test images",
            "mean accuracy of the classes",
            "95 % interval",
        )
        lines += ["", *_table(head, rows)]
    own = ("groups", "per_class", "definitions", "confused_pairs")
    rest = {k: v for k, v in metrics.items() if k not in shown and k not in own}
    if rest:
        lines += ["", *_pairs(rest)]
    return lines


def _scores(values, shown, prefix=""):
    """Yields rows of all that has a value, deep inside or not."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if key in ("groups", "calibration") or not isinstance(value, dict):
            continue
        if "value" in value:
            shown.add(key)
            yield (name.replace("_", " "), *_value(value))
        elif any(isinstance(v, dict) and "value" in v for v in value.values()):
            shown.add(key)
            yield from _scores(value, set(), f"{name}: ")


def _value(score):
    if not isinstance(score, dict) or score.get("value") is None:
        return "", ""
    low, high = score.get("low"), score.get("high")
    between = "" if low is None else f"{low:.3f} to {high:.3f}"
    return f"{score['value']:.3f}", between


def _sureness(card):
    lines = []
    for title, key in (
        ("Calibration of the scores", "calibration"),
        ("Prediction sets", "prediction_sets"),
        ("Unknown pictures", "unknown_pictures"),
    ):
        facts = card[key]
        if not facts:
            continue
        lines += [f"{title}:", "", *_pairs(_without(facts, "groups")), ""]
        if facts.get("groups"):
            lines += [*_sets_by_group(facts["groups"]), ""]
    return lines[:-1]


def _sets_by_group(groups):
    head = (
        "classes by frequency",
        "test images",
        "sets with the true class",
        "mean over the classes",
        "mean size",
    )
    rows = [
        (
            f"{name}: {group.get('range', '')}",
            group.get("num_images"),
            _score(group.get("coverage")),
            _score(group.get("macro_coverage")),
            group.get("mean_size"),
        )
        for name, group in groups.items()
        if group.get("num_images")
    ]
    return _table(head, rows)


def _without(values, *names):
    return {key: value for key, value in values.items() if key not in names}


def _licences(card):
    of_images = card["data_licences"]
    return [
        f"- of the model: {_plain(card['licence'] or _NOT_SAID)}",
        "- of the images: "
        + _plain(", ".join(of_images) if of_images else _NOT_SAID),
    ]


def _model(info):
    # The card's JSON has the parity by kind of input too.
    parity = _without(info.get("parity") or {}, "inputs")
    return _pairs({**info, "parity": parity})


def _pairs(values):
    """A table of a dict: nested ones by what leads to them, no empty line."""
    if not values:
        return []
    rows = [(n, v) for n, v in _flat(values) if v not in (None, "", [], ())]
    return _table(("", ""), rows) if rows else []


def _flat(values, prefix=""):
    for key, value in values.items():
        name = f"{prefix}{str(key).replace('_', ' ')}"
        if isinstance(value, dict) and not _score(value):
            yield from _flat(value, f"{name}: ")
        else:
            yield name, _score(value) or value


def _score(value):
    """A number with its interval, or an interval alone; else nothing."""
    if not isinstance(value, dict):
        return ""
    if value.keys() <= {"value", "low", "high"} and "value" in value:
        number, between = _value(value)
        return f"{number} ({between})" if between else number
    if value.keys() <= {"low", "high", "inside"} and "low" in value:
        return f"{value['low']:.3f} to {value['high']:.3f}"
    return ""


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(_plain, line)) + " |" for line in lines]


def _plain(value):
    """A text that neither ends a cell of a table nor holds markup."""
    if value is None:
        return ""
    if isinstance(value, float):
        value = f"{value:.4g}"
    elif isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    text = " ".join(str(value).split())
    for old, new in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "\\|"),
        ("[", "\\["),
        ("`", "\\`"),
        ("*", "\\*"),
    ):
        text = text.replace(old, new)
    return text
