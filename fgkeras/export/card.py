"""A model card: what a model is for and how well it does, in Markdown."""


def _flat(values, prefix=""):
    """Yields `(name, value)` of nested dicts, names joined by dots."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _cell(value):
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    # Names come from users; a table cell must not end early or hold markup.
    for old, new in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "\\|"),
        ("\n", " "),
    ):
        text = text.replace(old, new)
    return text


def _table(values):
    rows = [f"| {_cell(n)} | {_cell(v)} |" for n, v in _flat(values)]
    return "\n".join(["| | |", "| --- | --- |", *rows])


def model_card(model, metadata):
    """Writes a model card from the numbers that are given; it invents none.

    Args:
        model: Dict, what `model-metadata.json` says of the exported model.
        metadata: Dict of anything worth knowing: nested dicts become sections
            of dotted names, such as `{"test": {"top1": 0.81}}`. The keys
            `name`, `description`, `limits` and `licence` are shown as text.

    Returns:
        String, Markdown.

    Example:

    >>> card = model_card({"input": {"size": 96}}, {"name": "Birds"})
    >>> card.splitlines()[0]
    '# Birds'
    """
    metadata = dict(metadata)
    lines = [f"# {_cell(metadata.pop('name', 'Image classifier'))}", ""]
    texts = {
        "description": "Description",
        "limits": "Limits",
        "licence": "Licence",
    }
    for key, title in texts.items():
        if key in metadata:
            value = metadata.pop(key)
            lines += [f"## {title}", "", _cell(value), ""]
    if metadata:
        lines += ["## Measured", "", _table(metadata), ""]
    else:
        lines += ["## Measured", "", "No measurements were given.", ""]
    lines += ["## Model", "", _table(model), ""]
    return "\n".join(lines)
