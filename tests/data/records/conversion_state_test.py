"""Foreign files and links around a conversion are left as they are."""

import hashlib
import json
import multiprocessing
import os

import pytest

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records.convert import convert
from fgkeras.data.records.verify import verify
from fgkeras.storage import whole_file
from tests.data.records_fixture import make_source

STATE = ".partial.jsonl"
TRAIN = "photos-train.tfrecord-00000-of-00004"
TEST = "photos-test.tfrecord-00000-of-00002"


def everything(folder):
    """Every name below a folder, with its bytes or where it points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


@pytest.fixture
def unfinished(tmp_path):
    """A folder with an unfinished conversion in it, and a file beside it."""

    def interrupt(done, total):
        if done == 8:
            raise KeyboardInterrupt

    (tmp_path / "victim.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        convert(
            make_source(), tmp_path / "out", shard_size=3, progress=interrupt
        )
    return tmp_path


def entry(file, data=b"mine"):
    return {
        "file": file,
        "records": 1,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "refused": [],
    }


def add_lines(out, *lines):
    with (out / STATE).open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def test_a_state_that_names_files_of_others_removes_none(unfinished):
    out = unfinished / "out"
    (out / "thesis.txt").write_text("mine")
    (out / "sub").mkdir()
    inner = out / "sub" / TRAIN
    inner.write_text("mine")
    linked = out / "photos-val.tfrecord-00000-of-00001"
    linked.symlink_to(unfinished / "victim.txt")
    # Even where the checksum fits.
    add_lines(
        out,
        entry("../victim.txt"),
        entry(str(unfinished / "victim.txt")),
        entry("thesis.txt"),
        entry(f"sub/{TRAIN}"),
        entry(linked.name),
        {"files": {"../victim.txt": entry("x")["sha256"]}},
    )
    before = everything(unfinished)
    # Starts over, since it is of other images.
    convert(make_source().select("train", [0, 1, 2, 3]), out, shard_size=2)
    after = everything(unfinished)
    for name in ("victim.txt", "out/thesis.txt", f"out/sub/{TRAIN}"):
        assert after[name] == before[name]
    assert after[f"out/{linked.name}"] == before[f"out/{linked.name}"]
    assert f"out/{TEST}" in before  # its own were removed or replaced
    assert not list(out.glob("*-of-00004"))


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("kind", ["file", "link", "dangling", "folder"])
@pytest.mark.parametrize(
    "name",
    [
        "photos-train.tfrecord-00003-of-00004",
        "labels.txt",
        "index-train.json",
        "manifest.json",
    ],
)
def test_what_has_a_name_that_is_needed_is_named(unfinished, name, kind, same):
    out = unfinished / "out"
    if kind == "file":
        (out / name).write_text("mine")
    elif kind == "folder":
        (out / name).mkdir()
    else:
        target = "victim.txt" if kind == "link" else "nothing"
        (out / name).symlink_to(unfinished / target)
    before = everything(unfinished)
    source = make_source()
    if not same:
        source.class_names = ("wren", "robin", "great tit")
    with pytest.raises(ValueError, match=f"Received: .*{name}"):
        convert(source, out, shard_size=3)
    assert everything(unfinished) == before


@pytest.mark.parametrize("name", [TRAIN, "labels.txt", STATE, "manifest.json"])
def test_nothing_is_written_through_a_half_written_link(unfinished, name):
    out = unfinished / "out"
    (out / f".{name}.tmp").symlink_to(unfinished / "victim.txt")
    before = everything(unfinished)
    with pytest.raises(ValueError, match=f"Received: .*[.]{name}.tmp"):
        convert(make_source(), out, shard_size=3)
    assert everything(unfinished) == before


def test_only_its_own_half_written_files_are_removed(unfinished):
    out = unfinished / "out"
    kept = [".notes.tmp", ".birds-train.tfrecord-00000-of-00004.tmp", "a.tmp"]
    for name in kept:
        (out / name).write_text("mine")
    (out / f".{TRAIN}.tmp").write_text("half")
    (out / f".{STATE}.tmp").write_text("half")
    convert(make_source(), out, shard_size=3)
    assert sorted(str(p) for p in verify(out).problems) == sorted(
        f"{name}: not part of the conversion" for name in kept
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"hello\n",
        b"\xff\xfe\x00\n",
        b"[]\n",
        b'{"plan": 1, "name": "photos"}\n',
        b'{"plan": "x", "name": "photos"}\n{"file": "../victim.txt"}\n',
        b'{"plan": "x", "name": "photos"}\n{"files": {}, "file": "a"}\n',
        b'{"plan": "x", "name": "photos"}\n3\n',
    ],
)
def test_a_damaged_state_is_refused(tmp_path, text):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "victim.txt").write_text("mine")
    (out / STATE).write_bytes(text)
    (out / f".{TRAIN}.tmp").write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(ValueError, match=r"something else: a \.partial\.jsonl"):
        convert(make_source(), out, shard_size=3)
    assert everything(tmp_path) == before


def test_a_kill_while_the_first_state_was_written_goes_on(tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def die():
        with whole_file(out / STATE, "w") as file:
            file.write("{")
            file.flush()
            os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=die)
    child.start()
    child.join()
    (left,) = out.iterdir()
    assert left.name.startswith(f".{STATE}.")
    convert(make_source(), out, shard_size=3)
    assert not left.exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / f".{STATE}.elsewhere-1-0.part").write_text("mine")
    with pytest.raises(ValueError, match=r"something else: .*elsewhere"):
        convert(make_source(), other, shard_size=3)


def test_a_linked_state_is_refused(unfinished):
    out = unfinished / "out"
    os.replace(out / STATE, unfinished / "state")
    (out / STATE).symlink_to(unfinished / "state")
    before = everything(unfinished)
    with pytest.raises(ValueError, match="no regular file"):
        convert(make_source(), out, shard_size=3)
    assert everything(unfinished) == before


def test_a_foreign_folder_keeps_its_half_written_files(tmp_path):
    (tmp_path / ".thesis.txt.tmp").write_text("mine")
    (tmp_path / f".{TRAIN}.tmp").write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(ValueError, match="something else: '.photos-train"):
        convert(make_source(), tmp_path, shard_size=3)
    assert everything(tmp_path) == before


def test_a_linked_folder_is_filled_and_a_file_is_refused(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    convert(make_source(), tmp_path / "link")
    assert verify(tmp_path / "there").ok
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    for name in ("file", "dangling"):
        with pytest.raises(ValueError, match="must be a directory"):
            convert(make_source(), tmp_path / name)


@pytest.mark.parametrize("kind", ["changed", "link", "manifest link"])
def test_a_complete_one_replaces_only_what_it_wrote(tmp_path, kind):
    out = tmp_path / "out"
    convert(make_source(), out, shard_size=3)
    shard = out / TRAIN
    (out / "labels.txt").unlink()
    if kind == "changed":
        shard.write_text("mine")
    else:
        path = shard if kind == "link" else out / manifests.MANIFEST
        os.replace(path, tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    before = everything(tmp_path)
    with pytest.raises(ValueError, match="not written by it"):
        convert(make_source(), out, shard_size=3)
    assert everything(tmp_path) == before
    if kind == "changed":
        shard.unlink()
        convert(make_source(), out, shard_size=3)
        assert verify(out).ok


def test_a_complete_one_leaves_a_foreign_state_alone(tmp_path):
    first = convert(make_source(), tmp_path)
    (tmp_path / STATE).write_text("mine")
    assert convert(make_source(), tmp_path) == first
    assert (tmp_path / STATE).read_text() == "mine"
