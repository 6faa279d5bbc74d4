"""One small set of pictures in every form, and what can happen to it."""

import csv
import dataclasses
import io
import pathlib
import shutil
import zipfile

import numpy as np
from PIL import Image

from fgkeras.data.open import open as open_source
from fgkeras.data.records.convert import convert

CLASSES = ("coot", "crow", "rook", "wren")
TRAIN, TEST = 6, 3
FORMS = ("folder", "folder_splits", "zip", "csv", "records")


@dataclasses.dataclass(frozen=True)
class Picture:
    """One picture: file name, class, split and what it shows."""

    name: str
    label: str
    split: str
    seed: int


def pictures():
    """Returns the set as it is at first."""
    splits = ["train"] * TRAIN + ["test"] * TEST
    return [
        Picture(f"{label}{i}.png", label, split, 50 * c + i)
        for c, label in enumerate(CLASSES)
        for i, split in enumerate(splits)
    ]


def encoded(picture):
    """Draws a picture: the tens of its seed give the colour, not quite."""
    rng = np.random.default_rng(picture.seed)
    base = np.random.default_rng(picture.seed // 50).uniform(60, 200, 3)
    pixels = rng.normal(base, 45, (20, 20, 3)).clip(0, 255).astype("uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).resize((40, 40), 0).save(file, "PNG")
    return file.getvalue()


def renamed(rows):
    return [
        dataclasses.replace(r, label="gull") if r.label == "crow" else r
        for r in rows
    ]


def removed(rows):
    return [r for r in rows if r.label != "crow"]


def added(rows):
    new = [
        Picture(f"auk{i}.png", "auk", "test" if i > 3 else "train", 900 + i)
        for i in range(6)
    ]
    return [*new, *rows]


def exchanged(rows):
    other = {"coot": "crow", "crow": "coot"}
    return [
        dataclasses.replace(r, label=other.get(r.label, r.label)) for r in rows
    ]


def more_images(rows):
    return [
        *rows,
        *(
            Picture(f"{label}_new{i}.png", label, "train", 700 + 50 * c + i)
            for c, label in enumerate(CLASSES)
            for i in range(2)
        ),
        *(
            Picture(f"{label}_new9.png", label, "test", 709 + 50 * c)
            for c, label in enumerate(CLASSES)
        ),
    ]


def fewer_images(rows):
    gone = {f"{label}{i}.png" for label in CLASSES for i in (0, TRAIN)}
    return [r for r in rows if r.name not in gone]


def other_pictures(rows):
    return [dataclasses.replace(r, seed=r.seed + 2000) for r in rows]


# What may have happened to the pictures between training and the next verb.
CHANGES = {
    "nothing": list,
    "class renamed": renamed,
    "class removed": removed,
    "class added": added,
    "classes exchanged": exchanged,
    "classes reordered": lambda rows: rows[::-1],
    "images added": more_images,
    "images removed": fewer_images,
    "pictures changed": other_pictures,
}


def write(form, place, rows):
    """Writes the set in one form and returns its spec.

    Args:
        form: One of `FORMS`.
        place: Path without ending; what is there is replaced.
        rows: List of `Picture`.

    Returns:
        String, the spec relative to the folder of `place`.
    """
    place = pathlib.Path(place)
    shutil.rmtree(place, ignore_errors=True)
    place.with_suffix(".zip").unlink(missing_ok=True)
    if form == "csv":
        _files(place, rows, lambda r: r.name)
        order = list(dict.fromkeys(r.label for r in rows))
        with open(place / "classes.csv", "w", newline="") as file:
            csv.writer(file).writerows([["class"], *([c] for c in order)])
        with open(place / "list.csv", "w", newline="") as file:
            csv.writer(file).writerows(
                [
                    ["path", "label", "split"],
                    *([r.name, r.label, r.split] for r in rows),
                ]
            )
        return f"csv:{place.name}/list.csv"
    if form == "zip":
        with zipfile.ZipFile(place.with_suffix(".zip"), "w") as archive:
            for r in rows:
                archive.writestr(f"{r.split}/{r.label}/{r.name}", encoded(r))
        return f"zip:{place.name}.zip"
    if form == "records":
        images = place.with_name(place.name + "_images")
        write("folder_splits", images, rows)
        convert(open_source(f"folder:{images}"), place, shard_size=7)
        shutil.rmtree(images)
        return f"records:{place.name}"
    splits = form == "folder_splits"
    _files(
        place,
        rows,
        lambda r: f"{r.split}/{r.label}/{r.name}" if splits
        else f"{r.label}/{r.name}",
    )  # fmt: skip
    return f"folder:{place.name}"


def _files(root, rows, name):
    for r in rows:
        path = root / name(r)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(r))
