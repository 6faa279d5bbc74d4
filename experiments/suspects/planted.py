"""How much of what was planted `fgkeras data suspects` finds.

Command: python -m experiments.suspects.planted --data ../shared/data \\
    --cache FEATURES   (features: python -m experiments.features)
Time: about 10 minutes on 2 CPU cores with other programs running.
Resumable: a line of `planted.jsonl` for each cell; tables in `planted.md`.

Into all images of a set (train and test, as one) errors are planted, a share of
its images: half of them labels, flipped to a random other class or, in cells of
their own, to the class whose mean is nearest; a quarter copies of other images,
mirrored or not, of half to all of their size, saved as JPEG of quality 40 to
90, under another class; a quarter blank pictures, of one colour with a little
noise.

Recall at the number planted: of n planted of a kind, the share among the first
n of the list of that kind, errors of other kinds passed over; over all, the
share of all planted among as many first places of the joint list. Intervals:
Wilson, of the counts of all seeds together.
"""

import argparse
import io
import json

import numpy as np
from PIL import Image

from experiments import features as stored
from experiments.results import result_path
from fgkeras.data import open as open_source
from fgkeras.data.images.gray_thumbnail import gray_thumbnail
from fgkeras.data.images.gray_thumbnail import gray_thumbnails
from fgkeras.evaluation import wilson_interval
from fgkeras.jobs.suspects import Looked
from fgkeras.jobs.suspects import suspects_among
from fgkeras.storage import whole_file
from fgkeras.suspects import leave_one_out_margins
from fgkeras.suspects import neighbor_margins
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import SILENT

SETS = ("cub100", "grocery")
SHARES = (0.02, 0.05)
FLIPS = ("random", "nearest")
SPLITS = ("train", "test")
ERRORS = ("wrong_label", "copy_with_other_label", "blank", "outlying")
# A score of labels above 0 says more than a listing from 1 on.
LOW = 1e-9


def images_of(name, args):
    """Returns `Looked` of a set, its features, and its source."""
    parts = [stored.load(args.cache, name, s, args.body) for s in SPLITS]
    source = open_source(f"zip:{args.data}/{name}/{name}.zip")
    ids = [str(i) for part in parts for i in part.ids]
    path = stored.feature_path(args.cache, name, "all", "gray16")
    if not path.exists():
        with CONSOLE.bar(f"{name}: gray levels") as bar:
            levels, _ = gray_thumbnails(source, ids, progress=bar)
        with whole_file(path) as file:
            np.savez(file, levels=levels)
    with np.load(path) as file:
        levels = file["levels"]
    looked = Looked(
        tuple(ids),
        [s for s, part in zip(SPLITS, parts, strict=True) for _ in part.ids],
        np.concatenate([part.labels for part in parts]),
        tuple(str(n) for n in parts[0].class_names),
        levels,
        [],
    )
    return looked, np.concatenate([part.features for part in parts]), source


def saved_again(data, rng):
    """Returns the JPEG of a picture, in another size, mirrored or not."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    if rng.integers(2):
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.integers(2):
        scale = rng.uniform(0.5, 1)
        picture = picture.resize(
            [max(16, round(side * scale)) for side in picture.size],
            Image.Resampling.BICUBIC,
        )
    return jpeg(picture, int(rng.integers(40, 91)))


def blank_picture(rng):
    """Returns the JPEG of one colour, black and white most often."""
    colours = [(0, 0, 0), (255, 255, 255), tuple(rng.integers(0, 256, 3))]
    pixels = np.full((128, 128, 3), colours[rng.integers(3)], np.float64)
    pixels += rng.normal(0, rng.uniform(0, 3), pixels.shape)
    return jpeg(Image.fromarray(pixels.clip(0, 255).astype("uint8")), 85)


def jpeg(picture, quality):
    """Returns the bytes of a picture."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def nearest_classes(features, labels):
    """Returns, for each class, that of the nearest mean by cosine."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    means = np.stack(
        [unit[labels == c].mean(axis=0) for c in range(labels.max() + 1)]
    )
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = means @ means.T
    np.fill_diagonal(alike, -1)
    return alike.argmax(axis=1)


def plant(looked, features, source, model, share, flip, seed):
    """Returns `Looked` and features with errors in them, and their places.

    Places: dict of `label`, `copy` and `blank` to arrays of positions.
    """
    rng = np.random.default_rng([seed, int(1000 * share), FLIPS.index(flip)])
    count, classes = len(looked.ids), len(looked.class_names)
    total = round(share * count)
    copies = blanks = total // 4
    flipped, originals = np.split(
        rng.permutation(count)[: total - blanks], [total - copies - blanks]
    )
    labels = looked.labels.copy()
    if flip == "nearest":
        labels[flipped] = nearest_classes(features, labels)[labels[flipped]]
    else:
        labels[flipped] = other(labels[flipped], classes, rng)
    added = [saved_again(source.read(looked.ids[i]), rng) for i in originals]
    added += [blank_picture(rng) for _ in range(blanks)]
    more = np.concatenate(
        [
            other(looked.labels[originals], classes, rng),
            rng.integers(0, classes, blanks),
        ]
    )
    named = [f"planted {i}" for i in range(len(added))]
    planted = Looked(
        (*looked.ids, *named),
        [*looked.splits, *rng.choice(SPLITS, len(added)).tolist()],
        np.concatenate([labels, more]),
        looked.class_names,
        np.concatenate(
            [looked.thumbnails, [gray_thumbnail(data) for data in added]]
        ),
        [],
    )
    features = np.concatenate([features, model(added)])
    places = {
        "label": flipped,
        "copy": count + np.arange(copies),
        "blank": count + copies + np.arange(blanks),
    }
    return planted, features, places


def other(labels, classes, rng):
    """Draws another class for each label."""
    return (labels + rng.integers(1, classes, len(labels))) % classes


def network(args):
    """Returns a function of encoded pictures to features as the others are."""
    from fgkeras.data.batches.arrays import evaluation_crop
    from fgkeras.data.images.image import normalize

    model = stored.build_model(args.data, [args.body], args.size)

    def made(added):
        crops = np.stack(
            [evaluation_crop(normalize(data), args.size) for data in added]
        )
        return model.predict(crops.astype("float32"), batch_size=32, verbose=0)

    return made


def recall(order, wanted, passed=()):
    """Share of `wanted` among as many first places, `passed` taken out."""
    order = [place for place in order if place not in passed]
    return sum(place in wanted for place in order[: len(wanted)])


def measure(looked, features, places):
    """Returns the counts of one cell, ready for JSON."""
    found = suspects_among(
        looked, looked.ids, features, least=LOW, reporter=SILENT
    )
    position = {image_id: i for i, image_id in enumerate(looked.ids)}
    sets = {kind: {*map(int, rows)} for kind, rows in places.items()}
    every = set().union(*sets.values())
    rows = [row for row in found["rows"] if row["kind"] in ERRORS]
    lists = {
        kind: [position[row["file"]] for row in rows if row["kind"] == kind]
        for kind in ERRORS
    }
    pairs = [row for row in rows if row["kind"] == "copy_with_other_label"]
    # A pair shows both of its pictures to whoever looks.
    shown = [
        next(
            (p for p in sides if p in sets["copy"]),
            sides[0],
        )
        for sides in (
            (position[r["file"]], position[r["other"]]) for r in pairs
        )
    ]
    joint = []
    for row in rows:
        sides = [position[row["file"]]]
        if row["kind"].startswith("copy"):
            sides.append(position[row["other"]])
        place = next((p for p in sides if p in every), sides[0])
        if place not in joint:
            joint.append(place)
    judged = {
        "neighbours alone": neighbor_margins(features, looked.labels)[0],
        "linear alone": leave_one_out_margins(features, looked.labels),
    }
    wanted, rest = sets["label"], every - sets["label"]
    sure = [row for row in rows if row["score"] >= 1]
    listed = {
        position[row[side]]
        for row in sure
        for side in ("file", "other")[: 1 + row["kind"].startswith("copy")]
    }
    return {
        "planted": {kind: len(rows) for kind, rows in sets.items()},
        "found": {
            "label": recall(lists["wrong_label"], wanted, rest),
            "copy": recall(shown, sets["copy"], every - sets["copy"]),
            "copy named first": len(
                sets["copy"].intersection(lists["copy_with_other_label"])
            ),
            "blank": recall(lists["blank"], sets["blank"]),
            "all": recall(joint, every),
            **{
                name: recall(
                    np.argsort(-np.nan_to_num(values, nan=-9)).tolist(),
                    wanted,
                    rest,
                )
                for name, values in judged.items()
            },
        },
        "from 1 on": {
            "labels": sum(row["kind"] == "wrong_label" for row in sure),
            "of them planted": sum(
                row["kind"] == "wrong_label" and position[row["file"]] in every
                for row in sure
            ),
            "planted that are listed": len(every & listed),
        },
    }


def cell_of(looked, features, source, model, share, flip, seed):
    """Plants and measures."""
    return measure(*plant(looked, features, source, model, share, flip, seed))


def table(cells, clean, seeds):
    """Returns the tables as Markdown."""
    columns = (
        ("labels", "label", "label"),
        ("copies", "copy", "copy"),
        ("blank", "blank", "blank"),
        ("all", "all", None),
        ("labels by neighbours alone", "neighbours alone", "label"),
        ("by the linear classifier alone", "linear alone", "label"),
    )
    lines = [
        f"Recall in percent at the number planted, {seeds} seeds, and a 95 % "
        "interval.",
        "",
        "| set | planted | labels flipped to | "
        + " | ".join(name for name, *_ in columns)
        + " |",
        "| --- " * (len(columns) + 3) + "|",
    ]
    for (name, share, flip), group in cells.items():
        texts = [name, f"{100 * share:g} %", f"{flip} class"]
        for _, key, kind in columns:
            hits = sum(c["found"][key] for c in group)
            planted = sum(
                c["planted"][kind] if kind else sum(c["planted"].values())
                for c in group
            )
            low, high = wilson_interval([hits], [planted])
            texts.append(
                f"{100 * hits / planted:.1f} ({100 * low[0]:.1f} to "
                f"{100 * high[0]:.1f})"
            )
        lines.append("| " + " | ".join(texts) + " |")
    lines += [
        "",
        "What is listed without being asked for less (scores from 1 on), in "
        "the mean of the seeds; and without anything planted.",
        "",
        "| set | planted | labels flipped to | labels listed | of them planted "
        "| share of all planted that is listed |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (name, share, flip), group in cells.items():
        sums = {
            key: np.mean([c["from 1 on"][key] for c in group])
            for key in group[0]["from 1 on"]
        }
        planted = np.mean([sum(c["planted"].values()) for c in group])
        lines.append(
            f"| {name} | {100 * share:g} % | {flip} class "
            f"| {sums['labels']:.0f} | {sums['of them planted']:.0f} "
            f"| {100 * sums['planted that are listed'] / planted:.0f} % |"
        )
    lines += [
        "",
        "| nothing planted | images | labels | copies, other label "
        "| copies, other split | copies within a split | blank | outlying |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in clean.items():
        numbers = row["counts"].values()
        lines.append(
            f"| {name} | {row['images']:,} | "
            + " | ".join(map(str, numbers))
            + " |"
        )
    return "\n".join(lines) + "\n"


def main():
    """Measures what is missing, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored.add_arguments(parser)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--body", default="imagenet")
    parser.add_argument("--size", type=int, default=160, help="pixels")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    path = result_path(__file__, ".jsonl")
    rows = {}
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            if line.endswith("}"):
                row = json.loads(line)
                rows[row["name"]] = row
    model, cells, clean = None, {}, {}

    def keep(name, row):
        rows[name] = {"name": name, **row}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(rows[name]) + "\n")
        print(rows[name], flush=True)

    for name in args.sets:
        loaded = None
        plan = [
            (share, flip, seed)
            for share in SHARES
            for flip in FLIPS
            for seed in range(args.seeds)
        ]
        for share, flip, seed in plan:
            key = f"{name} {share} {flip} {seed} {args.size}"
            if key not in rows:
                loaded = loaded or images_of(name, args)
                model = model or network(args)
                keep(key, cell_of(*loaded, model, share, flip, seed))
            cells.setdefault((name, share, flip), []).append(rows[key])
        key = f"{name} clean {args.size}"
        if key not in rows:
            looked, features, _ = loaded or images_of(name, args)
            found = suspects_among(
                looked, looked.ids, features, reporter=SILENT
            )
            keep(
                key,
                {
                    "images": len(looked.ids),
                    "counts": found["counts"],
                    "rows": found["rows"][:100],
                },
            )
        clean[name] = rows[key]
    text = table(cells, clean, args.seeds)
    with whole_file(result_path(__file__, ".md")) as file:
        file.write(text.encode("utf-8"))
    print(text)


if __name__ == "__main__":
    main()
