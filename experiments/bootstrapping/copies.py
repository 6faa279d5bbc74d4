"""Copies by the cosine of vectors: what a limit finds, and takes wrongly.

Command: python -m experiments.bootstrapping.copies --data DATA --work FOLDER
    (the folder of `experiments.bootstrapping.loop`, its seed 0 done once)
Time: two minutes on one CPU core, where nothing else runs.
Resumable: vectors are kept in `--work`; results in `copies.json`, `copies.md`,
    and the nearest pairs as `copies_BODY.png` in `--work`.

Of the pool of the loop's first draw (2,999 pictures, none planted) every
picture whose cosine with an earlier one reaches the limit counts as a copy, as
`fgkeras bootstrap score` does it. Into it come edits of 200 of them: 5 % cut
off each side, mirrored, both, a line of text over it, half the size, JPEG of
quality 40. Vectors are the averages over the last map of MobileNetV2 with
ImageNet's weights, at 96 and 160 px, and those of an embedding (triplet-a on
the seed) at 96 px.
"""

import argparse
import functools
import hashlib
import io
import json
import pathlib
import zipfile

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageOps

from experiments.bootstrapping import sets
from experiments.bootstrapping.loop import DISTRACTORS
from experiments.bootstrapping.loop import changes_of
from experiments.results import result_path
from fgkeras.config import Config
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train as train_run
from fgkeras.storage import whole_file
from fgkeras.training.reporter import Reporter

LIMITS = (0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.985)
SIZES = (96, 160)
PLANTED, PAIRS = 200, 60


def cropped(image):
    """Returns a picture without 5 % on each side."""
    width, height = image.size
    x, y = round(0.05 * width), round(0.05 * height)
    return image.crop((x, y, width - x, height - y))


def overlaid(image):
    """Returns a picture with a line of text, as stock photographs have."""
    image = image.copy()
    width, height = image.size
    draw = ImageDraw.Draw(image)
    draw.text(
        (0.1 * width, 0.7 * height), "PHOTO 2024", fill="white",
        font_size=max(8, round(0.13 * width)),
    )  # fmt: skip
    return image


EDITS = {
    "5 % cut off each side": cropped,
    "mirrored": ImageOps.mirror,
    "both": lambda image: cropped(ImageOps.mirror(image)),
    "text over it": overlaid,
    "half the size": lambda image: image.resize(
        [max(1, side // 2) for side in image.size]
    ),
    "JPEG 40": lambda image: image,
}


def edited(content, name):
    """Returns an edit as JPEG bytes."""
    with Image.open(io.BytesIO(content)) as image:
        changed = EDITS[name](image.convert("RGB"))
    file = io.BytesIO()
    quality = 40 if name == "JPEG 40" else 90
    changed.save(file, "JPEG", quality=quality)
    return file.getvalue()


def class_of_each(data):
    """Returns the class of every picture of the sets, by its SHA-256."""
    found = {}
    for name in (sets.SEED_SET, *DISTRACTORS):
        archive = f"{data}/{name}/{name}.zip"
        with zipfile.ZipFile(archive) as file:
            for _, of_class, member in sets.members(archive):
                key = hashlib.sha256(file.read(member)).hexdigest()
                found[key] = f"{name} {of_class}"
    return found


def kept(path, make):
    """Returns unit vectors, made once."""
    if not path.is_file():
        with whole_file(path) as file:
            np.save(file, np.asarray(make(), np.float32))
    vectors = np.load(path)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def by_body(pictures, size, args):
    """Returns what the body makes of pictures."""
    from experiments.features import build_model
    from fgkeras.data.batches.pipeline import EncodedImages
    from fgkeras.data.batches.pipeline import evaluation_dataset

    model = build_model(args.data, ["imagenet"], size)
    batches = evaluation_dataset(
        EncodedImages(pictures), np.zeros(len(pictures), int), 64, size=size
    )
    return np.concatenate(
        [np.asarray(model.predict_on_batch(pixels)) for pixels, _ in batches]
    )


def by_embedding(pictures, args):
    """Returns what an embedding that was trained on the seed makes of them."""
    folder = args.work / "copies_run_triplet-a"
    if not (folder / "metrics.json").is_file():
        source = f"folder:{args.work / 'seed_0' / 'seed'}"
        changes = {**changes_of("triplet-a", args), "data.source": source}
        train_run(Config.read(None, changes), folder, reporter=Reporter())
    streamed = Predictor(folder).stream_vectors(
        [lambda c=content: c for content in pictures]
    )
    return np.stack([vector for vector, _ in streamed])


def measure(vectors, classes, planted):
    """Returns what each limit finds, and the nearest pairs."""
    count = len(classes)
    plain = vectors[:count]
    alike = np.tril(plain @ plain.T, -1)
    nearest = alike.argmax(axis=1)
    best = alike[np.arange(count), nearest]
    rows = []
    for limit in LIMITS:
        (flagged,) = np.nonzero(best >= limit)
        other = [classes[i] != classes[nearest[i]] for i in flagged]
        row = {
            "limit": limit,
            "flagged": len(flagged),
            "of another class": int(sum(other)),
        }
        for k, name in enumerate(EDITS):
            part = vectors[count + k * len(planted) :][: len(planted)]
            own = (part * plain[planted]).sum(axis=1)
            row[name] = 100 * float((own >= limit).mean())
        rows.append(row)
    order = np.argsort(-best)[:PAIRS]
    pairs = [(int(i), int(nearest[i]), float(best[i])) for i in order]
    return rows, pairs


def sheet(path, pairs, contents):
    """Draws pairs side by side, the nearest first."""
    side, across = 96, 6
    down = -(-len(pairs) // across)
    page = Image.new("RGB", (across * 2 * (side + 6), down * (side + 22)))
    draw = ImageDraw.Draw(page)
    for n, (i, j, value) in enumerate(pairs):
        x, y = n % across * 2 * (side + 6), n // across * (side + 22)
        for k, number in enumerate((i, j)):
            with Image.open(io.BytesIO(contents[number])) as image:
                small = ImageOps.contain(image.convert("RGB"), (side, side))
            page.paste(small, (x + k * side, y + 16))
        draw.text((x, y), f"{n + 1}: {value:.4f}", fill="white")
    page.save(path)


def table(found):
    """Returns the table as Markdown."""
    lines = [
        "| vectors | limit | flagged | of them of two classes | "
        + " | ".join(f"{name}, %" for name in EDITS)
        + " |",
        "| --- " * (4 + len(EDITS)) + "|",
    ]
    for title, rows in found.items():
        for row in rows:
            cells = [f"{row[name]:.0f}" for name in EDITS]
            lines.append(
                f"| {title} | {row['limit']} | {row['flagged']} | "
                f"{row['of another class']} | " + " | ".join(cells) + " |"
            )
    return "\n".join(lines) + "\n"


def main():
    """Measures, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data", help="image sets")
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--size", type=int, default=96, help="pixels")
    parser.add_argument("--epochs", type=int, default=0, help="0 is usual")
    args = parser.parse_args()
    drawn = args.work / "seed_0"
    contents = [f.read_bytes() for f in sorted((drawn / "pool").iterdir())]
    named = class_of_each(args.data)
    classes = [named[hashlib.sha256(c).hexdigest()] for c in contents]
    rng = np.random.default_rng(0)
    planted = rng.permutation(len(contents))[:PLANTED]
    pictures = [
        *contents,
        *(edited(contents[i], name) for name in EDITS for i in planted),
    ]
    ways = {
        f"body, {size} px": functools.partial(by_body, pictures, size, args)
        for size in SIZES
    }
    ways["embedding, 96 px"] = functools.partial(by_embedding, pictures, args)
    found = {}
    for title, make in ways.items():
        name = title.replace(", ", "_").replace(" ", "")
        vectors = kept(args.work / f"copies_{name}.npy", make)
        found[title], pairs = measure(vectors, classes, planted)
        sheet(args.work / f"copies_{name}.png", pairs, contents)
    with whole_file(result_path(__file__)) as file:
        file.write(json.dumps(found, indent=1).encode())
    with whole_file(result_path(__file__, ".md")) as file:
        file.write(table(found).encode("utf-8"))
    print(table(found))


if __name__ == "__main__":
    main()
