"""Edits of the text files of runs and exports, and damage of their arrays."""

import io
import itertools
import json
import random
import zipfile

import numpy as np

DEEP = "[" * 100_000 + "]" * 100_000
ROOTS = {
    "a list": "[{}]",
    "a number": "7",
    "a text": '"x"',
    "null": "null",
    "too deep": DEEP,
    "empty": "",
    "cut": None,
    "binary": b"\x00\xff\xfe\x80" * 50,
    "two values": "{} {}",
    "no file": OSError,
}
_VALUES = {
    "null": None,
    "true": True,
    "2.7": 2.7,
    "-1": -1,
    "inf": float("inf"),
    "NaN": float("nan"),
    "2^70": 2**70,
    "a text": "x",
    "a list": [],
    "an object": {},
}


def rewritten(path, content):
    """Puts something in the place of a file."""
    if content is None:
        content = path.read_bytes()[:-9]
    path.unlink()
    if content is not OSError:
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)


def _whole(content):
    return lambda path: rewritten(path, content)


def at(places, value):
    """Returns an edit of a JSON file: a value at a place, a list of keys."""

    def change(path):
        root = json.loads(path.read_text("utf-8"))
        inside = root
        for key in places[:-1]:
            inside = inside[key]
        if value is KeyError:
            inside.pop(places[-1], None)
        elif callable(value):
            inside[places[-1]] = value(inside[places[-1]])
        else:
            inside[places[-1]] = value
        path.write_text(json.dumps(root), "utf-8")

    return change


def _renamed(key):
    def change(path):
        root = json.loads(path.read_text("utf-8"))
        root[f"{key}s"] = root.pop(key, None)
        path.write_text(json.dumps(root), "utf-8")

    return change


# File -> keys that are lost, renamed, and of every other kind.
_KEYS = {
    "config.json": (
        ["resolved"],
        ["asked"],
        ["decoder"],
        ["resolved", "data"],
        ["resolved", "data", "size"],
        ["resolved", "data", "classes"],
        ["resolved", "data", "ignore"],
        ["resolved", "train", "epochs"],
        ["resolved", "train", "boundaries"],
        ["resolved", "model", "pooling"],
        ["resolved", "loss", "name"],
        ["resolved", "seed"],
    ),
    "classes.json": (
        ["class_names"],
        ["class_names", 0],
        ["train_counts"],
        ["train_counts", 1],
        ["hierarchy"],
        ["hierarchy", "genus"],
        ["test_class_names"],
        ["closed_set"],
    ),
    "data.json": (
        ["sources"],
        ["sources", "source"],
        ["sources", "source", "typed"],
        ["class_names"],
        ["names"],
        ["images"],
        ["images", "test"],
        ["images", "test", "split"],
        ["images", "test", "ids"],
        ["images", "test", "ids", 0],
        ["images", "test", "classes"],
        ["images", "test", "classes", 0],
        ["images", "test", "stamps"],
        ["images", "test", "sha256"],
        ["images", "test", "sha256", 0],
        ["others"],
    ),
    "metrics.json": (
        ["num_images"],
        ["top1"],
        ["top1", "value"],
        ["top1", "low"],
        ["mean_per_class"],
        ["groups"],
        ["groups", "tail"],
        ["groups", "tail", "class_mean"],
        ["groups", "tail", "num_classes"],
        ["seconds"],
        ["refused"],
        ["monitored_split"],
    ),
    "environment.json": (["python"], ["tensorflow"]),
    "labels.json": ([0],),
    "model-metadata.json": (
        ["input"],
        ["input", "size"],
        ["input", "resize"],
        ["input", "decoder"],
        ["output"],
        ["output", "num_classes"],
    ),
}
_MORE = {
    "classes.json": {
        "names twice": at(["class_names"], lambda old: [old[0]] * 3),
        "more names": at(["class_names"], lambda old: [*old, "d"]),
        "fewer names": at(["class_names"], lambda old: old[:2]),
        "other order": at(["class_names"], lambda old: old[::-1]),
        "a name with a line": at(["class_names", 0], "a\nb"),
        "an extra key": at(["more"], 1),
    },
    "data.json": {
        "other order": at(["class_names"], lambda old: old[::-1]),
        "ids twice": at(
            ["images", "test", "ids"], lambda old: [old[0]] * len(old)
        ),
        "an id that is not there": at(["images", "test", "ids", 0], "x"),
        "other bytes": at(["images", "test", "sha256", 0], "0" * 16),
        "class of another": at(["images", "test", "classes", 0], 9),
        "another class": at(["images", "test", "classes", 0], 2),
        "another format": at(["format"], 99),
        "an extra key": at(["more"], 1),
    },
    "config.json": {
        "another format": at(["format"], 99),
        "an extra section": at(["resolved", "more"], {}),
        "an extra option": at(["resolved", "train", "more"], 1),
        "a list of stages": at(["resolved", "stages"], [3]),
    },
    "labels.json": {
        "more": lambda path: rewritten(path, '["a", "b", "c", "d"]'),
        "others": lambda path: rewritten(path, '["a", "b", "c"]'),
        "numbers": lambda path: rewritten(path, "[1, 2, 3]"),
    },
}
_LINES = {
    "history.csv": {
        "a text for a number": lambda old: old.replace(
            b"head,1,0.", b"head,1,x"
        ),
        "a cell too few": lambda old: old.rsplit(b",", 1)[0] + b"\n",
        "a cell too many": lambda old: old[:-1] + b",1,2\n",
        "infinite": lambda old: old.replace(b"0.625", b"inf"),
        "no header": lambda old: old.split(b"\n", 1)[1],
        "binary": lambda old: b"\x00\xff\xfe" * 90,
        "empty": lambda old: b"",
        "cut": lambda old: old[:-30],
        "a huge field": lambda old: old + b"1" * 200_000 + b"\n",
        "open quote": lambda old: old + b'"head,2',
    },
    "journal.jsonl": {
        "another header": lambda old: b'{"journal": "x"}\n' + old,
        "a list": lambda old: b"[]\n",
        "empty": lambda old: b"",
        "cut": lambda old: old[:-20],
        "binary": lambda old: b"\x00\xff\xfe" * 90,
        "lines that are no events": lambda old: old + b'7\n[]\n{"event": 3}\n',
        "too deep": lambda old: old + DEEP.encode() + b"\n",
        "a stage of another": lambda old: old.replace(b'"head"', b'"x"'),
        "an event that is a list": lambda old: (
            old + b'{"event": ["finished"]}\n'
        ),
    },
    "training_ids.txt": {
        "binary": lambda old: b"\x00\xff\xfe" * 90,
        "empty": lambda old: b"",
        "others": lambda old: b"x\ny\n",
    },
    "SHA256SUMS": {
        "binary": lambda old: b"\x00\xff\xfe" * 90,
        "empty": lambda old: b"",
        "cut": lambda old: old[:-40],
        "no sums": lambda old: b"x\ny\n",
        "a file outside": lambda old: old + b"0" * 64 + b"  ../../x\n",
    },
    "saved_model.pb": {
        "cut": lambda old: old[: len(old) // 2],
        "empty": lambda old: b"",
        "text": lambda old: b"text",
    },
    "variables/variables.index": {
        "cut": lambda old: old[:100],
        "text": lambda old: b"text",
    },
    "variables/variables.data-00000-of-00001": {
        "cut": lambda old: old[:100],
        "others": lambda old: bytes(len(old)),
    },
}


def text_edits(file):
    """Yields titles and edits, functions of a path, of a text file."""
    if file in _LINES:
        for title, change in _LINES[file].items():
            yield title, _of_bytes(change)
        yield "no file", _whole(OSError)
        return
    for title, content in ROOTS.items():
        yield title, _whole(content)
    kinds = itertools.cycle(_VALUES.items())
    # The kinds take turns, so that each meets many keys.
    for places in _KEYS.get(file, ()):
        name = ".".join(map(str, places))
        if isinstance(places[-1], str):
            yield f"no {name}", at(places, KeyError)
        if len(places) == 1 and isinstance(places[0], str):
            yield f"{name} renamed", _renamed(places[0])
        title, value = next(kinds)
        yield f"{name} is {title}", at(places, value)
    yield from _MORE.get(file, {}).items()


def _of_bytes(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


def array_edits(file):
    """Yields titles and edits of an `.npz` file."""
    yield "cut", _of_bytes(lambda old: old[:-100])
    yield "half", _of_bytes(lambda old: old[: len(old) // 2])
    yield "empty", _of_bytes(lambda old: b"")
    yield "text", _of_bytes(lambda old: b"text")
    yield "a pickle", _of_bytes(lambda old: b"\x80\x04N.")
    yield "changed at random", _of_bytes(_noise)
    yield "objects", _arrays(v00000=np.array([{}], object), ids=_objects())
    yield "a huge shape", _claims
    yield "no file", _whole(OSError)
    if file.startswith("checkpoints"):
        yield "other shapes", _arrays(v00000=np.zeros((3, 3, 3)))
        yield "no numbers", _arrays(v00000=np.full((32, 3), np.nan, "float32"))
        yield "a header that is none", _arrays(header=np.array("["))
        yield "a step of 1.5", _header({"step": 1.5})
        yield "a step behind the end", _header({"step": 10**9})
        yield "a history of numbers", _header({"history": [1, 2]})
        yield "a history of texts", _header({"history": [{"loss": "x"}]})
        yield "texts", _arrays(v00000=np.array(["a", "b"]))
    else:
        yield "no ids", _arrays(ids=None)
        yield "fewer labels", _arrays(labels=np.array([0]))
        yield "labels of others", _arrays(labels=np.full(6, 9))
        yield "logits are no numbers", _arrays(logits=np.full((6, 3), np.nan))


def _objects():
    return np.array([{}] * 6, object)


def _noise(old):
    """Bytes with some of them changed, the same each time."""
    random_ = random.Random(0)
    new = bytearray(old)
    for _ in range(len(new) // 200):
        new[random_.randrange(len(new))] = random_.randrange(256)
    return bytes(new)


def _arrays(**changes):
    """An edit that changes arrays which are there, or takes them away."""

    def change(path):
        with np.load(path) as file:
            found = {name: file[name] for name in file.files}
        for name, value in changes.items():
            if value is None:
                found.pop(name, None)
            elif name in found:
                found[name] = value
        np.savez(path, **found)

    return change


def _header(info):
    def change(path):
        with np.load(path) as file:
            header = json.loads(str(file["header"]))
        header = {**header, "info": {**header.get("info", {}), **info}}
        _arrays(header=np.array(json.dumps(header)))(path)

    return change


def _claims(path):
    """An array that says it has 10^13 numbers."""
    with np.load(path) as file:
        first = next(n for n in file.files if n not in ("header", "round"))
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == f"{first}.npy":
                place = data.index(b"'shape': (")
                end = data.index(b"\n")
                text = data[10:place] + b"'shape': (10000000000000,), }"
                data = data[:10] + text.ljust(end - 10) + data[end:]
            new.writestr(name, data)
    path.write_bytes(out.getvalue())
