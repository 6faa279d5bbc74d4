"""Records perceptual hashes of ImageHash.

    python tests/golden/record_phash.py

with ImageHash 4.3.2 installed; it takes a second. Writes `phash.json` beside
this file: gray pictures of 32 x 32 in hexadecimal, and their hashes as they are
and mirrored.
"""

import json
import pathlib

import imagehash
import numpy as np
from PIL import Image

COUNT = 12


def picture(seed):
    """Fields of some sizes, some with fine detail, as a photograph has."""
    rng = np.random.default_rng(seed)
    side = int(rng.integers(2, 12))
    coarse = rng.integers(0, 256, (side, side)).astype("uint8")
    large = Image.fromarray(coarse).resize((120, 90), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 6 * (seed % 3), (90, 120))
    large = (np.asarray(large) + noise).clip(0, 255).astype("uint8")
    return Image.fromarray(large).resize((32, 32), Image.Resampling.LANCZOS)


def main():
    """Writes the file."""
    rows = []
    for seed in range(COUNT):
        image = picture(seed)
        mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        rows.append(
            {
                "levels": np.asarray(image).tobytes().hex(),
                "hash": str(imagehash.phash(image)),
                "mirrored": str(imagehash.phash(mirrored)),
            }
        )
    found = {"imagehash": imagehash.__version__, "pictures": rows}
    path = pathlib.Path(__file__).with_name("phash.json")
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
