"""Tables of images that no program should write."""

HEADER = b"path,label\n"
GOOD = b"".join(
    b"%d.jpg,%s\n" % (i, b"ab"[i % 2 : i % 2 + 1]) for i in range(6)
)


def tables():
    """Yields pairs of a title and the bytes of a CSV beside six pictures."""
    rows = {
        "field of 200 kB": b"0.jpg," + b"x" * 200_000 + b"\n",
        "path of 200 kB": b"x" * 200_000 + b",a\n",
        "path of 5 kB": b"x" * 5000 + b",a\n",
        "open quote": b'0.jpg,"a\n',
        "quote in a cell": b'0.jpg,a"b"c\n',
        "line break in a label": b'0.jpg,"a\nb"\n',
        "carriage return in a label": b'0.jpg,"a\rb"\n',
        "line break in a path": b'"0\n.jpg",a\n',
        "escape in a label": b"0.jpg,\x1b[2J\n",
        "escape in a path": b"\x1b[2J.jpg,a\n",
        "zero in a label": b"0.jpg,a\0b\n",
        "zero in a path": b"0.jpg\0,a\n",
        "markup": b"0.jpg,[/x]\n1.jpg,[red]\n",
        "label of no letters": b"0.jpg,   \n",
        "right to left": "0.jpg,\u202eabc\n".encode(),
        "line separator": "0.jpg,a\u2028b\n".encode(),
        "not UTF-8": b"0.jpg,\xff\xfe\x81\n",
        "cp1252": "0.jpg,chêne\n".encode("cp1252"),
        "/proc/kmsg": b"/proc/kmsg,a\n",
        "/dev/zero": b"/dev/zero,a\n",
        "/dev/stdin": b"/dev/stdin,a\n",
        "/proc/self/mem": b"/proc/self/mem,a\n",
        "/dev/tty": b"/dev/tty,a\n",
        "a pipe": b"pipe.jpg,a\n",
        "a folder": b".,a\n",
        "up": b"../../../../../../etc/passwd,a\n",
        "8 GB": b"large.jpg,a\n",
        "a link to nowhere": b"gone.jpg,a\n",
        "a circle of links": b"circle.jpg,a\n",
        "the list itself": b"list.csv,a\n",
        "twice": b"0.jpg,a\n0.jpg,b\n",
        "twice by dots": b"0.jpg,a\n./0.jpg,b\n",
        "too few cells": b"0.jpg\n",
        "too many cells": b"0.jpg,a,b,c\n",
        "a large number": b"0.jpg," + b"9" * 5000 + b"\n1.jpg,0\n",
        "2^63": b"0.jpg,9223372036854775808\n1.jpg,0\n",
        "a million": b"0.jpg,1000000\n1.jpg,0\n",
        "below zero": b"0.jpg,-1\n1.jpg,0\n",
        "1 and 01": b"0.jpg,1\n1.jpg,01\n",
        "digits of other scripts": "0.jpg,١\n1.jpg,٢\n".encode(),
        "superscripts": "0.jpg,²\n1.jpg,³\n".encode(),
        "several labels": b"0.jpg,cat\n1.jpg,dog\n2.jpg,cat|dog\n",
        "a Windows path": b"..\\..\\0.jpg,a\n",
        "an address": b"https://example.com/0.jpg,a\n",
        "no row": b"",
        "commas alone": b",,,\n,,\n",
    }
    for title, text in rows.items():
        yield title, HEADER + text
    headers = {
        "two labels": b"path,label,label\n0.jpg,a,b\n",
        "two labels by case": b"path,Label,label\n0.jpg,a,b\n",
        "no header": GOOD,
        "empty": b"",
        "only a mark": b"\xef\xbb\xbf",
        "half of UTF-16": b"\xff\xfep\0a\0t",
        "UTF-16": (HEADER + GOOD).decode().encode("utf-16"),
        "10000 columns": b",".join(b"c%d" % i for i in range(10000))
        + b",path,label\n",
        "escape in the header": b"path,label,\x1b[2J\n0.jpg,a,b\n",
        "is_train": b"path,label,is_train\n0.jpg,a,1\n1.jpg,b,0\n",
        "boxes of nan": b"path,label,ymin,xmin,ymax,xmax\n0.jpg,a,0,0,nan,1\n",
        "boxes of inf": b"path,label,ymin,xmin,ymax,xmax\n0.jpg,a,0,0,inf,1\n",
        "a million rows of one file": HEADER + b"0.jpg,a\n" * 1_000_000,
        "100000 files that are not there": HEADER
        + b"".join(b"no%d.jpg,a\n" % i for i in range(100_000)),
        "bytes": bytes(range(256)) * 50,
    }
    yield from headers.items()
