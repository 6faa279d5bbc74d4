"""Whole and broken image files for tests."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def pixels(height=24, width=32, seed=0):
    """Smooth random RGB pixels: JPEG keeps them within some levels."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), "uint8")
    return np.asarray(Image.fromarray(small).resize((width, height)))


def encoded(image, kind="JPEG", **options):
    """Bytes of a Pillow image or of pixels."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(seed=0, height=24, width=32):
    """Bytes of a small JPEG, different for each seed."""
    return encoded(pixels(height, width, seed), quality=95)


def rotated_jpeg(orientation, image):
    """Bytes of a JPEG whose EXIF block asks for an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, quality=95, subsampling=0, exif=exif)


def huge_png(side=20000):
    """Bytes of a gray PNG of `side` squared pixels, all black, some 48 kB."""
    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, body)
        for kind, body in (
            (b"IHDR", header),
            (b"IDAT", data + packer.flush()),
            (b"IEND", b""),
        )
    )


def chunk(kind, body):
    """Bytes of a PNG chunk."""
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def write_tree(root, names):
    """Writes a different JPEG to each path below `root`."""
    for seed, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(seed))
    return root
