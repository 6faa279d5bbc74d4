import hashlib
import json
import sqlite3

import pytest

from fgkeras.bootstrap.interchange.jsonl import write_jsonl
from fgkeras.bootstrap.interchange.jsonl_lines import KINDS
from fgkeras.bootstrap.interchange.restored_project import restore_jsonl
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import progress
from tests.bootstrap.scripted_project import MODEL
from tests.bootstrap.scripted_project import empty_project
from tests.bootstrap.scripted_project import open_scripted_round
from tests.bootstrap.scripted_project import scripted_project

DERIVED = ("vote", "tally")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A project with all that happens in one, and its file."""
    folder = tmp_path_factory.mktemp("project")
    project = scripted_project(folder / "p", overlap=2)
    store = project.store
    store.set("address", "http://127.0.0.1:8780/")
    store.set("mail_token", "hush")
    token = Labellers(store).invite("Ada")
    person, cookie = Labellers(store).redeem(token)
    with store.writing() as db:
        db.execute(
            "INSERT INTO applied VALUES (1, 5, ?, '2026-11-30T00:00:00Z')",
            (json.dumps({"accepted": 3, "rounds": []}, sort_keys=True),),
        )
        db.execute(
            "UPDATE image SET state = 'duplicate', same_as = 60, "
            "reason = 'same bytes' WHERE id = 20"
        )
    path = folder / "project.jsonl"
    lines = write_jsonl(path, store)
    assert lines == len(path.read_bytes().splitlines())
    return project, path, (token, cookie)


def restored(path, folder):
    store = Store(folder / "store.sqlite3", create=True)
    restore_jsonl(path, store)
    return store


def table(store, name):
    with store.reading() as db:
        rows = db.execute(f"SELECT * FROM {name}").fetchall()
    return sorted(map(tuple, rows), key=repr)


def test_the_same_project_and_the_same_bytes_come_back(written, tmp_path):
    project, path, _ = written
    store = restored(path, tmp_path)
    for name in (*KINDS, "vote"):
        assert table(store, name) == table(project.store, name), name
        assert name == "applied" or table(store, name)
    counted = [row for row in table(project.store, "tally") if row[-1]]
    assert [row for row in table(store, "tally") if row[-1]] == counted
    assert progress(store) == progress(project.store)
    with store.reading() as db, project.store.reading() as other:
        assert accepted_and_rejected(db) == accepted_and_rejected(other)
    write_jsonl(tmp_path / "again.jsonl", store)
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()
    # A project that holds just this is left as it is.
    assert restore_jsonl(path, store) == restore_jsonl(path, store)
    write_jsonl(tmp_path / "again.jsonl", store)
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()


def test_every_decision_says_who_when_and_on_what(written):
    project, path, _ = written
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    decisions = [line for line in lines if line["line"] == "decision"]
    assert {"undo", "tp", "fp"} <= {line["verdict"] for line in decisions}
    assert {line["mode"] for line in decisions} > {"adjudicate", "grid_rest"}
    with project.store.reading() as db:
        for line in decisions:
            row = db.execute(
                "SELECT image, round FROM candidate WHERE id = ?",
                (line["candidate"],),
            ).fetchone()
            image = db.execute(
                "SELECT * FROM image WHERE id = ?", (row["image"],)
            ).fetchone()
            name = db.execute(
                "SELECT name FROM labeller WHERE id = ?", (line["labeller"],)
            ).fetchone()
            assert line["who"] == name["name"]
            assert line["round"] == row["round"]
            assert line["model"] == MODEL
            assert line["image"] == image["sha256"]
            assert line["source"], line["licence"]
            assert line["time"].endswith("Z")
    assert lines[-1]["lines"] == len(lines) - 1
    before = b"".join(path.read_bytes().splitlines(keepends=True)[:-1])
    assert lines[-1]["sha256"] == hashlib.sha256(before).hexdigest()


def test_no_secret_is_written(written):
    _, path, secrets = written
    text = path.read_text("utf-8")
    for secret in secrets:
        assert secret not in text
        assert hashlib.sha256(secret.encode()).hexdigest() not in text
    assert "hush" not in text
    assert "127.0.0.1" not in text


def damaged(path, out, change):
    """A copy with one line changed; returns the number of the line."""
    lines = path.read_bytes().splitlines(keepends=True)
    number = change(lines)
    out.write_bytes(b"".join(lines))
    return number


def of_kind(lines, name, which=0):
    found = [i for i, x in enumerate(lines) if json.loads(x)["line"] == name]
    return found[which]


def changed(name_, which=0, **values):
    def change(lines):
        at = of_kind(lines, name_, which)
        line = json.loads(lines[at]) | values
        lines[at] = json.dumps(line).encode() + b"\n"
        return at + 1

    return change


def cut_line(lines):
    at = of_kind(lines, "decision", 3)
    lines[at] = lines[at][:20] + b"\n"
    return at + 1


def lost_line(lines):
    del lines[-4]
    return


def lost_end(lines):
    del lines[-1]
    return


def doubled(lines):
    at = of_kind(lines, "decision", 2)
    lines.insert(at, lines[at])
    return at + 2


def no_field(lines):
    at = of_kind(lines, "candidate", 1)
    line = json.loads(lines[at])
    del line["rank"]
    lines[at] = json.dumps(line).encode() + b"\n"
    return at + 1


def not_finite(lines):
    at = of_kind(lines, "candidate", 1)
    lines[at] = lines[at].replace(b'"weight":', b'"weight":NaN,"x":')
    return at + 1


def deep(lines):
    at = of_kind(lines, "image", 1)
    lines[at] = b'{"line":' + b"[" * 100000 + b"\n"
    return at + 1


def surrogate(lines):
    at = of_kind(lines, "class", 1)
    lines[at] = b'{"line":"class","id":1,"name":"\\ud800","description":""}\n'
    return at + 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (cut_line, "must be JSON"),
        (lost_line, "must follow from the others"),
        (lost_end, "a file that was cut"),
        (doubled, "must fit in"),
        (no_field, "differs in 'rank'"),
        (not_finite, "must be JSON"),
        (deep, "must be JSON"),
        (surrogate, "form in UTF-8"),
        (changed("header", version=2), "header of a project of version 1"),
        (changed("header", settings={"my_token": 1}), "header"),
        (changed("header", counts={}), "counts={} instead of"),
        (changed("image", 1, width="wide"), "width must be a whole number"),
        (changed("image", 1, sha256=None), "sha256 must be text"),
        (changed("image", 1, width=2**70), "must fit in"),
        (changed("image", 1, state="lost"), "must fit in"),
        (changed("candidate", 1, votes=7), "votes=7 instead of"),
        (changed("candidate", 1, state="conflict"), "state='conflict' instead"),
        (changed("candidate", 1, image=9999), "what a line refers to"),
        (changed("round", sha256="0" * 64), "checksum of its manifest"),
        (changed("labeller", name="a\nb"), "1 to 80 printable"),
        (changed("decision", 1, who="Eve"), "who='Eve' instead of"),
        (changed("decision", 1, image="0" * 64), "image="),
        (changed("decision", 1, verdict="yes"), "must fit in"),
        (changed("decision", 1, place=True), "place must be a whole number"),
        (changed("end", sha256="0" * 64), "sha256="),
        (changed("class", line="session"), "must be one of class, image"),
        (changed("class", line=3), "says what it is"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_imported(
    written, tmp_path, change, match
):
    number = damaged(written[1], tmp_path / "bad.jsonl", change)
    store = Store(tmp_path / "store.sqlite3", create=True)
    with pytest.raises(ValueError, match=match) as caught:
        restore_jsonl(tmp_path / "bad.jsonl", store)
    if number is not None:
        assert f"bad.jsonl, line {number}:" in str(caught.value) or (
            "refers" in match
        )
    for name in (*KINDS, "setting", "vote"):
        assert not table(store, name), name


def test_a_changed_vote_is_found_by_what_it_comes_to(written, tmp_path):
    """Only the verdict is changed: the candidates' states give it away."""

    def change(lines):
        for at, data in enumerate(lines):
            line = json.loads(data)
            if line["line"] == "decision" and line["verdict"] == "tp":
                line["verdict"] = "bad"
                lines[at] = json.dumps(line).encode() + b"\n"
                return

    damaged(written[1], tmp_path / "bad.jsonl", change)
    with pytest.raises(ValueError, match="must follow from the others"):
        restored(tmp_path / "bad.jsonl", tmp_path)


def test_another_project_and_an_empty_file_are_refused(written, tmp_path):
    other = empty_project(tmp_path / "other")
    with pytest.raises(ValueError, match="restored into a new folder"):
        restore_jsonl(written[1], other.store)
    assert progress(other.store)["round"] is None
    (tmp_path / "none.jsonl").write_bytes(b"")
    with pytest.raises(ValueError, match="an empty file"):
        restored(tmp_path / "none.jsonl", tmp_path)


def test_a_kill_between_lines_leaves_nothing(written, tmp_path):
    store = Store(tmp_path / "store.sqlite3", create=True)

    def kill(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_jsonl(written[1], store, progress=kill)
    assert not table(store, "image")
    restore_jsonl(written[1], store)
    write_jsonl(tmp_path / "again.jsonl", store)
    assert (tmp_path / "again.jsonl").read_bytes() == written[1].read_bytes()


def test_lines_are_counted_and_one_moment_is_written(tmp_path):
    project = empty_project(tmp_path / "p")
    open_scripted_round(project)
    told = []

    def tell(done, total):
        told.append((done, total))

    write_jsonl(tmp_path / "a.jsonl", project.store, progress=tell)
    count = len((tmp_path / "a.jsonl").read_bytes().splitlines())
    assert told[-1] == (count, count)


def test_decisions_stay_unchangeable_in_a_restored_store(written, tmp_path):
    store = restored(written[1], tmp_path)
    with (
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
        store.writing() as db,
    ):
        db.execute("UPDATE decision SET verdict = 'tp'")
