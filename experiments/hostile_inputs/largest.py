"""The memory that the largest allowed pictures take, which are small files.

    python -m experiments.hostile_inputs.largest [--side 8000]

A picture of one colour and 64 million pixels (of a WebP 56) is a file of
kilobytes in every format; two WebP of a pattern are larger files. Each is
checked and made ready (`normalize`) in a forked process, which holds little but
the file. It ends with status 1 if one of them takes more than 1 GB, or one of a
colour more than 10 seconds of processor time. The result is in `largest.md`.
"""

import argparse
import io
import json
import math
import os
import pathlib
import sys
import tempfile
import time

import numpy as np
from PIL import Image

from experiments.machine import memory_mb
from experiments.results import result_path
from fgkeras.data.images import image

_CLEAR = (3, 4, 5, 77)
# Mode, colour, format and options of each.
KINDS = {
    "JPEG": ("RGB", (3, 4, 5), "JPEG", {}),
    "JPEG, CMYK": ("CMYK", (3, 4, 5, 6), "JPEG", {}),
    "PNG": ("RGB", (3, 4, 5), "PNG", {}),
    "PNG, 1 bit": ("1", 0, "PNG", {}),
    "PNG, 16 bits": ("I;16", 3000, "PNG", {}),
    "PNG, transparent": ("RGBA", _CLEAR, "PNG", {}),
    "PNG, palette, transparent": ("P", 3, "PNG", {"transparency": 3}),
    "GIF": ("P", 3, "GIF", {}),
    "BMP": ("L", 3, "BMP", {}),
    "TIFF": ("RGB", (3, 4, 5), "TIFF", {"compression": "tiff_lzw"}),
    "TIFF, 32 bits": ("I", 3000, "TIFF", {"compression": "tiff_lzw"}),
    "WebP": ("RGB", (3, 4, 5), "WEBP", {}),
    "WebP, transparent": ("RGBA", _CLEAR, "WEBP", {}),
    "WebP, a pattern": ("RGBA", None, "WEBP", {"method": 0}),
    "WebP, lossless, a pattern": (
        "RGBA",
        None,
        "WEBP",
        {"method": 0, "lossless": True, "quality": 0},
    ),
}


def apart(function):
    """Returns what a function gives in a forked process, by JSON."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, json.dumps(function()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as found:
        text = found.read()
    os.waitpid(child, 0)
    return json.loads(text)


def written(path, kind, side):
    """Writes a picture; returns its size in bytes."""
    mode, color, name, options = KINDS[kind]
    if name == "WEBP":
        side = side_of_webp(side)
    whole = io.BytesIO()
    picture = pattern(side) if color is None else None
    picture = picture or Image.new(mode, (side, side), color)
    picture.save(whole, name, **options)
    return path.write_bytes(whole.getvalue())


def side_of_webp(side):
    """Returns a side, or that of the largest WebP where it is less."""
    return min(side, math.isqrt(image.MAX_WEBP_PIXELS))


def pattern(side):
    """Returns a transparent picture whose pixels differ."""
    x = np.arange(side, dtype="uint32")
    values = (x[:, None] * x >> 7) + 3 * x
    channels = [(values >> n) & 255 for n in range(4)]
    return Image.fromarray(np.stack(channels, -1).astype("uint8"))


def looked_at(path):
    """Returns the megabytes above idle and the seconds that one takes."""
    data = path.read_bytes()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak so far
    idle, start = memory_mb("VmRSS"), time.process_time()
    image.normalize(data)
    seconds = time.process_time() - start
    return memory_mb("VmHWM") - idle, round(seconds, 1)


def main():
    """Looks at all of them and writes `largest.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=8000)
    side = parser.parse_args().side
    webp = side_of_webp(side)
    lines = [
        f"| {side} x {side} pixels, of a WebP {webp} x {webp} | file | "
        "memory above idle | processor time, s |",
        "| --- | --- | --- | --- |",
    ]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "picture"
        for kind in KINDS:
            size = apart(lambda kind=kind: written(path, kind, side))
            memory, seconds = apart(lambda: looked_at(path))
            slow = seconds > 10 and "pattern" not in kind
            wrong += slow or memory > 1024
            lines.append(
                f"| {kind} | {size >> 10} kB | {memory} MB | {seconds} |"
            )
            print(lines[-1], flush=True)
    result_path(__file__, ".md").write_text("\n".join(lines) + "\n", "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
