"""Damaged pictures and bombs against a SavedModel and a server of it.

    python -m experiments.hostile_inputs.served_pictures [--count 1000]

A small classifier is exported. Files of JPEG, PNG, WebP, GIF, BMP and TIFF are
damaged at random, `--count` of each kind; they are asked of the SavedModel in
this process and of `fgkeras serve` in another, eight at a time between good
pictures. Then come bombs: files that announce gigabytes, and batches of
pictures of 48 megapixels. Wrong are

- a request that is not answered, or by another status than 200 (of what is too
  large for the bounds of the server: 413, 503 or a connection that is closed),
- a good picture whose classes are others than alone, or whose scores differ by
  more than 1e-6,
- a row of a damaged picture that names classes though it is not valid,
- more than 1 GB above what a process holds before the first damaged file.

About three minutes on 2 CPU cores; what it found is in `served_pictures.md`.
"""

import argparse
import base64
import collections
import io
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib

import numpy as np

from experiments.hostile_inputs.pictures import damaged

_SIZE, _BYTES = 32, 1 << 30
_KINDS = ("jpeg", "png", "webp", "gif", "bmp", "tiff")
_BETWEEN, _CLOSED = 8, 0


def pictures_of_kinds():
    """Returns a dict of kind to encoded pictures of it."""
    from tests.data.flavours import flavours
    from tests.data.flavours import unserved

    found = collections.defaultdict(list)
    for data in {**flavours(), **unserved()}.values():
        found[kind_of(data)].append(data)
    return {kind: found[kind] for kind in _KINDS}


def kind_of(data):
    """Returns the kind of an encoded picture by its first bytes."""
    starts = {
        b"\xff\xd8": "jpeg",
        b"\x89PNG": "png",
        b"RIFF": "webp",
        b"GIF8": "gif",
        b"BM": "bmp",
    }
    return next((k for s, k in starts.items() if data.startswith(s)), "tiff")


def bombs():
    """Returns a dict of name to small files that announce much."""

    def png(wide, high):
        def chunk(kind, body):
            crc = zlib.crc32(kind + body)
            return struct.pack(">I", len(body)) + kind + body + crc.to_bytes(4)

        head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
        body = zlib.compress(bytes(1 << 20), 9)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", body)
            + chunk(b"IEND", b"")
        )

    sides = {"60000 x 60000": (60000, 60000), "1 x 2**31": (1, 2**31 - 1)}
    found = {f"png {name}": png(*side) for name, side in sides.items()}
    jpeg = bytearray(_photo(64, 64))
    place = jpeg.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", jpeg, place, 65500, 65500)
    found["jpeg 65500 x 65500"] = bytes(jpeg)
    found["gif 65535 x 65535"] = (
        b"GIF89a"
        + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0)
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
        + b"\x08\x01\0;"
    )
    found["bmp 60000 x 60000"] = b"BM" + struct.pack(
        "<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 60000, 60000, 1, 24, 0, 0, 0, 0,
        0, 0,
    )  # fmt: skip
    return found


def _photo(wide, high):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (wide, high), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def exported(folder):
    """Exports a small classifier with classes, sets and a gallery of none."""
    import keras

    from fgkeras.export.answers import SetRule
    from fgkeras.export.saved_model import write_saved_model
    from fgkeras.export.served import Served

    keras.utils.set_random_seed(0)
    x = keras.Input((_SIZE, _SIZE, 3))
    y = keras.layers.Rescaling(1 / 127.5, -1)(x)
    y = keras.layers.Conv2D(8, 3, activation="relu")(y)
    y = keras.layers.GlobalAveragePooling2D(name="pooling")(y)
    y = keras.layers.Dense(5, name="head")(y)
    sets = SetRule(0.9, "plain", np.full(5, 0.2, "float32"))
    names = ("elm", "oak", "ash", "fir", "yew")
    served = Served(keras.Model(x, y), names, _SIZE, sets=sets)
    write_saved_model(served, folder, top_k=3)


class Held(threading.Thread):
    """The most bytes of memory that a process held, looked at all the time."""

    def __init__(self, pid="self"):
        super().__init__(daemon=True)
        self._path = pathlib.Path(f"/proc/{pid}/statm")
        self.idle = self.most = self.now()
        self._end = threading.Event()
        self.start()

    def now(self):
        return int(self._path.read_text().split()[1]) * 4096

    def run(self):
        while not self._end.wait(0.02):
            try:
                self.most = max(self.most, self.now())
            except (OSError, ValueError, IndexError):
                return

    @property
    def above(self):
        """Bytes above those before the first picture."""
        return self.most - self.idle

    def end(self):
        self._end.set()
        self.join()


class InProcess:
    """The SavedModel in this process."""

    name = "SavedModel"

    def __init__(self, folder):
        from fgkeras.export import load_exported

        self._exported = load_exported(folder)
        self.held = None

    def ask(self, pictures):
        """Returns status and rows of encoded pictures."""
        found = self._exported.run("serving_default", pictures)
        count = len(pictures)
        rows = [
            {
                "valid": bool(found["valid"][i]),
                "classes": [c.decode() for c in found["classes"][i]],
                "scores": found["scores"][i].tolist(),
            }
            for i in range(count)
        ]
        return 200, rows

    def begin(self):
        self.held = Held()

    def end(self):
        self.held.end()


class Served:
    """`fgkeras serve` in another process."""

    name = "server"

    def __init__(self, folder):
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "fgkeras", "serve", str(folder)),
                *("--port", "0", "--name", "trees", "--deadline", "60"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._url = None
        for line in self._process.stdout:
            found = re.search(r"at (http://\S+)", line)
            if found:
                self._url = found[1]
                break
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        self.held = None

    def ask(self, pictures):
        """Returns status and rows of encoded pictures."""
        instances = [{"b64": base64.b64encode(p).decode()} for p in pictures]
        request = urllib.request.Request(
            f"{self._url}/v1/models/trees:predict",
            json.dumps({"instances": instances}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)["predictions"]
        except urllib.error.HTTPError as error:
            return error.code, []
        except urllib.error.URLError as error:
            # It had answered, and would not read on.
            if not isinstance(error.reason, ConnectionError):
                raise
            return _CLOSED, []

    def begin(self):
        self.held = Held(self._process.pid)

    def end(self):
        self.held.end()
        assert self._process.poll() is None, "the server has ended"
        self._process.terminate()
        self._process.wait(30)


class Faults(collections.Counter):
    """What was wrong, by its words."""

    def look(self, what, good, alone, status, rows, places, may=(200,)):
        """Compares the rows of good pictures with what they are alone."""
        if status not in may:
            self[f"{what}: status {status}"] += 1
        if status != 200:
            return
        for place, expected in zip(places, alone, strict=True):
            row = rows[place]
            near = np.allclose(row["scores"], expected["scores"], atol=1e-6)
            if not row["valid"] or row["classes"] != expected["classes"]:
                self[f"{what}: another answer to a good picture"] += 1
            elif not near:
                self[f"{what}: other scores of a good picture"] += 1
        for place, row in enumerate(rows):
            if place not in places and not row["valid"] and any(row["classes"]):
                self[f"{what}: classes of a picture that is not valid"] += 1


def attack(side, kinds, good, count, seed):
    """Asks one side for all, and returns a row of numbers."""
    rng = np.random.default_rng(seed)
    alone = [side.ask([picture])[1][0] for picture in good]
    for size in (1, 2, 4, 8, 16):
        side.ask([good[0]] * size)
    side.begin()
    faults, asked, valid = Faults(), 0, 0
    start = time.perf_counter()
    for kind in kinds:
        for first in range(0, count, _BETWEEN):
            some = [
                damaged(
                    kinds[kind][int(rng.integers(len(kinds[kind])))],
                    int(rng.integers(4)),
                    rng,
                )
                for _ in range(min(_BETWEEN, count - first))
            ]
            batch = [good[0], *some, *good[1:]]
            places = [0, *range(len(some) + 1, len(batch))]
            status, rows = side.ask(batch)
            faults.look(kind, good, alone, status, rows, places)
            asked += len(some)
            valid += sum(row["valid"] for row in rows) - len(places)
    for name, bomb in bombs().items():
        status, rows = side.ask([good[0], bomb, *good[1:]])
        places = [0, *range(2, len(good) + 1)]
        faults.look(name, good, alone, status, rows, places)
        if status == 200 and rows[1]["valid"]:
            faults[f"{name} is called valid"] += 1
    bounds = (200, 413, 503, _CLOSED)
    large = _photo(8000, 6000)
    for batch in (16, 4):
        status, rows = side.ask([good[0], *[large] * batch, *good[1:]])
        places = [0, *range(batch + 1, batch + len(good))]
        faults.look("48 Mpx", good, alone, status, rows, places, may=bounds)
    above = side.held.above
    side.end()
    if above > _BYTES:
        faults[f"{above >> 20} MB above idle"] += 1
    return {
        "side": side.name,
        "pictures": asked,
        "called valid": int(valid),
        "wrong": sum(faults.values()),
        "faults": dict(faults),
        "memory above idle, MB": above >> 20,
        "seconds": round(time.perf_counter() - start),
    }


def main(arguments=None):
    """Attacks both sides and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    kinds = pictures_of_kinds()
    from tests.export.conftest import picture

    good = [picture(seed, kind) for seed, kind in enumerate(("JPEG", "PNG"))]
    lines = [
        "| | pictures | called valid | wrong | memory above idle | time |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        exported(folder)
        for side in (InProcess, Served):
            row = attack(side(folder), kinds, good, args.count, args.seed)
            wrong += row["wrong"]
            lines.append(
                f"| {row['side']} | {row['pictures']:,} | "
                f"{row['called valid']:,} | {row['wrong']} | "
                f"{row['memory above idle, MB']} MB | {row['seconds']} s |"
            )
            print(json.dumps(row), flush=True)
    print("\n".join(lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
