import csv
import json
import multiprocessing
import os
import resource
import signal

import numpy as np
import pytest
from PIL import Image

import fgkeras.data
from fgkeras.bootstrap.duplicates import perceptual_hash
from fgkeras.bootstrap.ingest import mark_copies
from fgkeras.bootstrap.ingest.ingest import ingest
from fgkeras.bootstrap.ingest.signed_bits import unsigned
from fgkeras.data.images.gray_thumbnail import gray_thumbnail
from fgkeras.data.images.image import decode
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced
from tests.data.pictures import encoded
from tests.data.pictures import huge_png
from tests.data.pictures import jpeg
from tests.data.pictures import rotated_jpeg


def photo(seed, size=(96, 72)):
    """Coloured fields, so that no two look alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), "uint8")
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def hostile():
    """Dict of file name to bytes, and whether it is taken."""
    upright = photo(1)
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    frames = [photo(seed).quantize(16) for seed in (2, 3)]
    deep = np.asarray(photo(4).convert("L")).astype("uint16") * 256
    return {
        "bomb.png": (huge_png(), False),
        "cut.jpg": (encoded(photo(5))[:-400], False),
        "empty.jpg": (b"", False),
        "text.jpg": (b"this is no picture\n" * 20, False),
        "drawing.svg.jpg": (
            b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
            False,
        ),
        "page.html.png": (b"<html><script>alert(1)</script></html>", False),
        "animated.gif": (
            encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
            True,
        ),
        "deep.png": (encoded(Image.fromarray(deep), "PNG"), True),
        "inks.jpg": (encoded(photo(6).convert("CMYK")), True),
        # 6 asks to be turned by a quarter to the right.
        "turned.jpg": (rotated_jpeg(6, turned), True),
        "<script>alert(1)<script>.jpg": (encoded(photo(7)), True),
    }


def write(folder, files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def listed(folder, rows, columns=()):
    """Writes a list of files, which names what is no picture too."""
    path = folder / "list.csv"
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "label", *columns])
        table.writerows(rows)
    return path


def opened(spec):
    return fgkeras.data.open(spec, needs=("images",))


def taken_in(store, spec, origin="pool", **more):
    source = opened(spec)
    return ingest(store, source, origin, source.split("*"), **more)


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def rows(store, columns="*", origin="pool"):
    return {
        row[0]: row[1:]
        for row in rows_of(
            store,
            f"SELECT name, {columns} FROM image WHERE origin = ?",
            origin,
        )
    }


def within(folder, out):
    """Takes hostile pictures in; tells the memory that it took."""
    store = unsynced(new_store(folder))
    taken_in(store, f"images:{folder / 'some'}", "seed")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = taken_in(store, f"images:{folder / 'all'}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store.close()
    out.put(((most - before) / 1024, found.count, found.added, found.refused))


def test_hostile_pictures_are_refused_or_taken_as_they_look(tmp_path):
    files = hostile()
    write(tmp_path / "all", {name: data for name, (data, _) in files.items()})
    write(tmp_path / "some", {"a.jpg": jpeg(0)})
    context = multiprocessing.get_context("fork")
    out = context.Queue()
    process = context.Process(target=within, args=(tmp_path, out))
    process.start()
    grown, count, added, refused = out.get(timeout=30)
    process.join()
    assert grown < 300
    assert count == added == len(files)
    bad = {name for name, (_, good) in files.items() if not good}
    assert {name for name, _ in refused} == bad
    reasons = dict(refused)
    assert (
        "400,000,000" in reasons["bomb.png"] or "20000" in reasons["bomb.png"]
    )
    assert "empty" in reasons["empty.jpg"]
    assert "text" in reasons["text.jpg"]
    store = unsynced(new_store(tmp_path))
    known = rows(store, "state, width, height, hash, mirror_hash")
    for name, (data, good) in files.items():
        state, width, height, *hashes = known[name]
        assert state == ("in" if good else "refused")
        if not good:
            assert (width, height, *hashes) == (0, 0, None, None)
            continue
        # As the model sees it, turned and all.
        seen = decode(data)
        assert (height, width) == seen.shape[:2]
        same = encoded(Image.fromarray(seen), "PNG")
        expected = perceptual_hash(gray_thumbnail(same, 32)[None])[0]
        found = [unsigned(h) for h in hashes]
        bits = [
            bin(a ^ int(b)).count("1")
            for a, b in zip(found, expected, strict=True)
        ]
        assert max(bits) <= 1, name
    # The turned one is a copy of what it looks like.
    write(tmp_path / "plain", {"upright.jpg": encoded(photo(1))})
    taken_in(store, f"images:{tmp_path / 'plain'}", "test")
    assert mark_copies(store)["leaks"] == 1
    assert rows(store, "state")["turned.jpg"] == ("leak",)
    store.close()


def test_a_call_again_adds_what_is_new(tmp_path, store):
    write(tmp_path / "a", {f"{i}.jpg": jpeg(i) for i in range(5)})
    spec = f"images:{tmp_path / 'a'}"
    told = []
    first = taken_in(store, spec, progress=lambda *done: told.append(done))
    assert (first.count, first.added, first.refused) == (5, 5, [])
    assert told[-1] == (5, 5)
    before = rows(store)
    again = taken_in(store, spec)
    assert (again.count, again.added) == (5, 0)
    (tmp_path / "a" / "9.jpg").write_bytes(jpeg(9))
    (tmp_path / "a" / "8.jpg").write_bytes(b"")
    more = taken_in(store, spec)
    assert (more.count, more.added, len(more.refused)) == (7, 2, 1)
    assert {n: r for n, r in rows(store).items() if n in before} == before
    # The same names under another origin are other images.
    assert taken_in(store, spec, "negative").added == 7


def killed_within(folder, spec, after):
    store = new_store(folder)
    add, seen = ingest.__globals__["_add"], []

    def counted(*args):
        if len(seen) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        seen.append(1)
        add(*args)

    ingest.__globals__["_add"] = counted
    ingest.__globals__["_CHUNK"] = 8
    source = opened(spec)
    ingest(store, source, "pool", source.split("*"))


def test_a_call_that_was_killed_goes_on(tmp_path):
    write(tmp_path / "a", {f"{i:02}.jpg": jpeg(i) for i in range(30)})
    spec = f"images:{tmp_path / 'a'}"
    for after, held in ((0, 0), (2, 16), (0, 16)):
        process = multiprocessing.get_context("fork").Process(
            target=killed_within, args=(tmp_path, spec, after)
        )
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        store = unsynced(new_store(tmp_path))
        assert len(rows(store)) == held
        store.close()
    store = unsynced(new_store(tmp_path))
    found = taken_in(store, spec)
    assert (found.count, found.added) == (30, 14)
    (tmp_path / "whole").mkdir()
    whole = unsynced(new_store(tmp_path / "whole"))
    taken_in(whole, spec)
    columns = "sha256, hash, mirror_hash, width, height, state, columns"
    assert rows(store, columns) == rows(whole, columns)
    whole.close()
    store.close()


def test_provenance_is_what_columns_say(tmp_path, store):
    folder = write(tmp_path / "a", {f"{i}.jpg": jpeg(i) for i in range(2)})
    path = listed(
        folder,
        [
            ["0.jpg", "elm", "CC BY 4.0", "Zoë", "https://a.example/0", "x"],
            ["1.jpg", "oak", "", 'javascript:"<b>', "", "y"],
        ],
        ["License", "photographer", "URL", "camera"],
    )
    taken_in(store, f"csv:{path}", "seed", classes=[2, 0])
    found = rows(store, "licence, author, url, columns, class, source", "seed")
    assert found["0.jpg"][:3] == ("CC BY 4.0", "Zoë", "https://a.example/0")
    assert found["1.jpg"][:3] == ("", 'javascript:"<b>', "")
    assert json.loads(found["0.jpg"][3]) == {
        "License": "CC BY 4.0",
        "photographer": "Zoë",
        "URL": "https://a.example/0",
        "camera": "x",
    }
    assert [found[f"{i}.jpg"][4] for i in range(2)] == [2, 0]
    assert str(path) in found["0.jpg"][5]
    # Labels of a pool are not looked at.
    taken_in(store, f"csv:{path}")
    assert {row[0] for row in rows(store, "class").values()} == {None}


def test_a_file_that_is_gone_is_listed(tmp_path, store):
    folder = write(tmp_path / "a", {f"{i}.jpg": jpeg(i) for i in range(3)})
    source = opened(f"images:{folder}")
    (folder / "1.jpg").unlink()
    found = ingest(store, source, "pool", source.split("*"))
    assert [name for name, _ in found.refused] == ["1.jpg"]
    assert rows(store, "sha256, state")["1.jpg"] == ("", "refused")
