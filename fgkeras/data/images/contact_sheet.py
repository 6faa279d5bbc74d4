"""One picture of many pictures."""

import io

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont


def contact_sheet(
    source, rows=8, columns=10, *, split="train", tile=96, seed=None
):
    """Returns a sheet with one class a row, its name above its images.

    Args:
        source: `Source`.
        rows: Integer, classes shown: the first ones, or where there are more
            classes than rows, evenly spaced ones. Defaults to 8.
        columns: Integer, images of a class. Defaults to 10.
        split: String. Defaults to `"train"`.
        tile: Integer, pixels of each side of a tile. Defaults to 96.
        seed: `None` for the first images of a class, or an integer for
            random ones.

    Returns:
        `PIL.Image.Image` in RGB.
    """
    chosen = source.split(split)
    number = min(rows, source.num_classes)
    classes = np.linspace(0, source.num_classes - 1, number).round().astype(int)
    gap, line = 4, 16
    high = number * (tile + gap + line) + gap
    sheet = Image.new("RGB", (columns * (tile + gap) + gap, high), "#f7f5ef")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for row, c in enumerate(classes):
        y = gap + row * (tile + gap + line)
        members = np.flatnonzero(chosen.labels == c)
        draw.text(
            (gap, y),
            f"{source.class_names[c]}  ({members.size})",
            fill="#333333",
            font=font,
        )
        if seed is not None:
            members = np.random.default_rng([seed, c]).permutation(members)
        for column, i in enumerate(members[:columns]):
            image = Image.open(io.BytesIO(source.read(chosen.ids[i])))
            image = image.convert("RGB")
            image.thumbnail((tile, tile), Image.Resampling.BICUBIC)
            sheet.paste(image, (gap + column * (tile + gap), y + line))
    return sheet
