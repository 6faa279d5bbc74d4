"""Zip files that no program should write."""

import io
import itertools
import random
import struct
import zlib

from PIL import Image


def picture(seed=0):
    """Returns the bytes of a small JPEG."""
    out = io.BytesIO()
    color = (seed * 37 % 256, seed * 91 % 256, seed * 53 % 256)
    Image.new("RGB", (16, 16), color).save(out, "JPEG")
    return out.getvalue()


def member(name, data, *, deflate=False, offset=0, flags=None, **claims):
    """Returns the local part and the directory's entry of a member.

    Args:
        name: Bytes or string.
        data: Bytes, not packed.
        deflate: Bool.
        offset: Int, where its local part lies.
        flags: Int, the general purpose bits; `None` says whether the name is
            UTF-8.
        **claims: `method`, `crc`, `packed`, `size`, `at`, `extra`: what the
            directory says instead of the truth.
    """
    raw = name if isinstance(name, bytes) else name.encode()
    if flags is None:
        flags = 0 if isinstance(name, bytes) else 0x800
    stored = data
    if deflate:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        stored = packer.compress(data) + packer.flush()
    if "body" in claims:
        stored = claims["body"]
    method = claims.get("method", 8 if deflate else 0)
    crc = claims.get("crc", zlib.crc32(data))
    extra = claims.get("extra", b"")
    packed = claims.get("packed", len(stored))
    size = claims.get("size", len(data))
    fields = (20, flags, method, 0, 33, crc)
    sizes = tuple(min(n, 0xFFFFFFFF) for n in (len(stored), len(data)))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *fields, *sizes, len(raw), 0)
    big = [n for n in (size, packed) if n >= 0xFFFFFFFF]
    if big:
        extra += struct.pack("<HH", 1, 8 * len(big))
        extra += b"".join(struct.pack("<Q", n) for n in big)
    shown = tuple(min(n, 0xFFFFFFFF) for n in (packed, size))
    entry = struct.pack(
        "<4s6H3I5H2I",
        b"PK\1\2",
        20,
        *fields,
        *shown,
        len(raw),
        len(extra),
        0,
        0,
        0,
        0,
        claims.get("at", offset),
    )
    return local + raw + stored, entry + raw + extra


def archive(members, *, count=None, start=None, comment=b"", tail=b""):
    """Returns a zip of `(name, data, options)`."""
    body, directory = bytearray(), bytearray()
    for name, data, options in members:
        local, entry = member(name, data, offset=len(body), **options)
        body += local
        directory += entry
    number = len(members) if count is None else count
    end = struct.pack(
        "<4s4H2IH",
        b"PK\5\6",
        0,
        0,
        number & 0xFFFF,
        number & 0xFFFF,
        len(directory),
        len(body) if start is None else start,
        len(comment),
    )
    return bytes(body + directory + end + comment + tail)


GOOD = [
    (f"{split}/{name}/{i}.jpg", picture(10 * k + i), {})
    for split in ("train", "test")
    for k, name in enumerate(("elm", "oak"))
    for i in range(2)
]


def with_one(name, data=None, **options):
    """Returns a good zip with one member more."""
    return archive([*GOOD, (name, data or picture(99), options)])


def names():
    """Yields zips whose members have names that are no paths."""
    odd = {
        "empty": "",
        "slash": "/",
        "double slash": "train//x.jpg",
        "double slash in a class": "train/elm//x.jpg",
        "absolute": "/train/elm/x.jpg",
        "up": "../x.jpg",
        "up inside": "train/../../x.jpg",
        "dot": "train/./x.jpg",
        "Windows": "train\\elm\\x.jpg",
        "drive": "C:/train/elm/x.jpg",
        "line break": "train/el\nm/x.jpg",
        "escape": "train/\x1b[2J/x.jpg",
        "bell": "train/elm/\x07.jpg",
        "markup": "train/[/x]/x.jpg",
        "right to left": "train/\u202eelm/x.jpg",
        "line separator": "train/el\u2028m/x.jpg",
        "zero": "train/elm/x\0.jpg",
        "not UTF-8": b"train/\xff\xfe/x.jpg",
        "long": "train/" + "a" * 60000 + "/x.jpg",
        "deep": "train/" + "a/" * 5000 + "x.jpg",
        "folder of no name": "train//",
        "only spaces": "train/   /x.jpg",
        "dots": "train/.../x.jpg",
    }
    for title, name in odd.items():
        yield f"name: {title}", with_one(name)
    yield (
        "name: not UTF-8, said to be",
        with_one(b"train/\xff\xfe/x.jpg", flags=0x800),
    )
    yield "name: twice", archive([*GOOD, GOOD[0]])
    yield (
        "name: by case twice",
        with_one("train/ELM/x.jpg"),
    )


def claims():
    """Yields zips whose directory lies."""
    for power in (31, 32, 33, 40, 62, 63):
        for field in ("size", "packed"):
            yield (
                f"{field} of 2^{power}",
                with_one("train/elm/x.jpg", **{field: 2**power}),
            )
    yield "size of 2^64-1", with_one("train/elm/x.jpg", size=2**64 - 1)
    for at in (2**20, 2**31, 0xFFFFFFFE, 1, 7):
        yield f"begins at {at}", with_one("train/elm/x.jpg", at=at)
    for method in (1, 9, 12, 14, 95, 99, 65535):
        yield f"method {method}", with_one("train/elm/x.jpg", method=method)
    yield "encrypted", with_one("train/elm/x.jpg", flags=1)
    yield "strongly encrypted", with_one("train/elm/x.jpg", flags=0x41)
    yield "wrong CRC", with_one("train/elm/x.jpg", crc=1)
    yield "size too small", with_one("train/elm/x.jpg", size=3)
    yield "packed too small", with_one("train/elm/x.jpg", packed=3)
    yield (
        "deflate of nonsense",
        with_one("train/elm/x.jpg", method=8, body=b"\xff" * 400),
    )
    table = b"class,kind\nelm,a\noak,b\n"
    for title, options in (
        ("bad deflate", {"method": 8, "body": b"\xff" * 40}),
        ("wrong CRC", {"crc": 3}),
        ("size of 2^40", {"size": 2**40}),
        ("encrypted", {"flags": 1}),
    ):
        yield f"classes.csv: {title}", with_one("classes.csv", table, **options)
    for title, text in (
        ("not text", bytes(range(256))),
        ("a large field", b"class,kind\nelm," + b"x" * 140_000 + b"\n"),
        ("a line break", b'class,kind\n"e\nlm",a\noak,b\n'),
        ("an open quote", b'class,kind\n"elm,a\noak,b\n'),
        ("empty", b" "),
    ):
        yield f"classes.csv: {title}", with_one("classes.csv", text)


def bombs():
    """Yields zips that would fill the memory."""
    for size in (2**26, 2**28, 2**29):
        bomb = [
            (f"train/elm/b{i}.jpg", b"\0" * size, {"deflate": True})
            for i in range(4 if size < 2**28 else 1)
        ]
        yield f"zeros of {size >> 20} MB", archive([*GOOD, *bomb])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = b"\0" * 2**27
    body, crc = packer.compress(zeros) + packer.flush(), zlib.crc32(zeros)
    local, _ = member("a", b"", body=body, method=8)
    entries = b"".join(
        member(
            f"train/elm/{i:05d}.jpg",
            b"",
            body=body,
            method=8,
            size=2**27,
            crc=crc,
            at=0,
        )[1]
        for i in range(2000)
    )
    end = struct.pack(
        "<4s4H2IH",
        b"PK\5\6",
        0,
        0,
        2000,
        2000,
        len(entries),
        len(local),
        0,
    )
    yield "2000 members share 128 MB of zeros", local + entries + end
    many = [(f"train/elm/{i}.jpg", b"x", {}) for i in range(20000)]
    yield "20000 members of one byte", archive(many)


def containers():
    """Yields what is no whole zip."""
    good = archive(GOOD)
    yield "empty file", b""
    yield "end alone", archive([])
    yield "text", b"hello\n" * 100
    yield "comment too long", good[:-2] + b"\xff\xff"
    yield "directory outside", archive(GOOD, start=2**31)
    yield "more members than there are", archive(GOOD, count=60000)
    yield "fewer members than there are", archive(GOOD, count=1)
    yield "bytes behind", archive(GOOD, tail=b"x" * 1000)
    yield "bytes before", b"#!/bin/sh\n" * 50 + good
    yield "two zips", good + good
    for share in (0.1, 0.5, 0.9, 0.99):
        yield f"cut at {share}", good[: int(len(good) * share)]


def mutated(number):
    """Yields good zips with some bytes changed at random."""
    packed = [(n, d, {"deflate": True}) for n, d, _ in GOOD]
    for seed in range(number):
        draw = random.Random(seed)
        data = bytearray(archive(packed if seed % 2 else GOOD))
        # Most in the directory, where a zip is read first.
        low = data.index(b"PK\1\2") if seed % 3 else 0
        for _ in range(1 + seed % 7):
            data[draw.randrange(low, len(data))] = draw.randrange(256)
        yield f"mutated {seed}", bytes(data)


def zips():
    """Yields pairs of a title and the bytes of a zip."""
    return itertools.chain(names(), claims(), bombs(), containers(), mutated(8))
