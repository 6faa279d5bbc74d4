"""Options by dotted name, and the nested tables that files hold of them."""

import json
import pathlib
import tomllib

from fgkeras.config.stages import is_staged


def tables_of(file):
    """Returns what a TOML or JSON file holds.

    Args:
        file: Path.

    Raises:
        ValueError: If there is none, or it is neither.
    """
    path = pathlib.Path(file)
    if not path.is_file():
        raise ValueError(
            "`config` must be a TOML or JSON file. "
            f"Received: config={file}, which does not exist."
        )
    text = path.read_text("utf-8")
    try:
        json_file = path.suffix == ".json"
        return json.loads(text) if json_file else tomllib.loads(text)
    except ValueError as error:
        raise ValueError(
            "`config` must be valid TOML (or JSON, if named so). "
            f"Received: {file}: {error}."
        ) from error


def flattened(tree, prefix=""):
    """Yields dotted names and values of nested tables.

    >>> dict(flattened({"train": {"epochs": 2}, "seed": 1}))
    {'train.epochs': 2, 'seed': 1}
    """
    for key, value in tree.items():
        if key == "stages" and not prefix and isinstance(value, list):
            yield from _flat_stages(value)
        elif isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _flat_stages(tables):
    known = set()
    for table in tables:
        name = table.get("name") if isinstance(table, dict) else None
        if not isinstance(name, str):
            raise ValueError(
                "Each of [[stages]] has a name. Received: "
                f'{table!r}. Write for example name = "head".'
            )
        if name in known:
            raise ValueError(
                "Stages have different names. Received: "
                f"{name!r} twice in [[stages]]."
            )
        known.add(name)
        rest = {key: value for key, value in table.items() if key != "name"}
        if not rest:
            rest = {"tune": ""}
        yield from flattened(rest, f"stages.{name}.")


def nested(values):
    """Returns nested tables of dotted names and values.

    >>> nested({"train.epochs": 2, "seed": 1})
    {'train': {'epochs': 2}, 'seed': 1}
    """
    out = {}
    stages = {}
    for name, value in values.items():
        if is_staged(name):
            _, stage, inner = name.split(".", 2)
            stages.setdefault(stage, {})[inner] = value
            continue
        section, dot, last = name.partition(".")
        if dot:
            out.setdefault(section, {})[last] = value
        else:
            out[section] = value
    if stages:
        out["stages"] = [
            {"name": stage, **nested(settings)}
            for stage, settings in stages.items()
        ]
    return out
