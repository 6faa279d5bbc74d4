import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.interchange import VOTE_FIELDS
from fgkeras.bootstrap.interchange import read_csv_votes
from fgkeras.bootstrap.interchange import write_csv_votes
from tests.bootstrap.interchange.votes import HARD
from tests.bootstrap.interchange.votes import VOTES
from tests.bootstrap.interchange.votes import hard_votes
from tests.bootstrap.interchange.votes import vote


def test_votes_come_back_as_they_were(tmp_path):
    path = tmp_path / "votes.csv"
    votes = hard_votes()
    assert write_csv_votes(path, iter(votes)) == len(votes)
    assert list(read_csv_votes(path)) == votes
    again = tmp_path / "again.csv"
    write_csv_votes(again, read_csv_votes(path))
    assert again.read_bytes() == path.read_bytes()


@settings(max_examples=60, derandomize=True)
@given(st.lists(VOTES, max_size=4))
def test_any_votes_come_back(votes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "v.csv")
        write_csv_votes(path, votes)
        assert list(read_csv_votes(path)) == votes


def test_no_cell_begins_a_formula(tmp_path):
    path = tmp_path / "votes.csv"
    write_csv_votes(path, hard_votes())
    text = path.read_text("utf-8-sig")
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(VOTE_FIELDS)
    assert len(rows) == len(hard_votes()) + 1
    for row in rows:
        assert not any(cell[:1] in [*"=+-@\t\r\n＝＋－＠"] for cell in row)
    # Every cell is quoted, so that a semicolon parts none either.
    assert '"\'=HYPERLINK(""http://x"",""y"")"' in text
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_columns_may_stand_in_another_order(tmp_path):
    path = tmp_path / "votes.csv"
    made = vote(author="x")
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(reversed(VOTE_FIELDS))
        rows.writerow([made[name] for name in reversed(VOTE_FIELDS)])
    assert list(read_csv_votes(path)) == [made]


def written(path, changes, cells=None):
    """A file of a right vote and a wrong one."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(VOTE_FIELDS)
        for made in (vote(), vote(**changes)):
            rows.writerow([made[name] for name in VOTE_FIELDS][:cells])
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": "AB" * 32}, "image must be a SHA-256"),
        ({"file": ""}, "file must be a name"),
        ({"round": "x"}, "round must be a whole number.*'x'"),
        ({"round": -1}, "round must be a whole number"),
        ({"score": 1.5}, "score must be a number from 0 to 1"),
        ({"score": "nan"}, "score=nan"),
        ({"verdict": "yes"}, "one of tp, fp, unsure, skip, bad, dup, undo"),
        ({"time": "2026-11-30T12:00:00"}, "with its zone"),
        ({"time": "noon"}, "with its zone"),
        ({"dwell_ms": "1.5"}, "whole milliseconds"),
        ({"mode": "grid"}, "mode must be one of card"),
        ({"model": "best"}, "model must be"),
        ({"labeller": ""}, "labeller must be"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_given(tmp_path, changes, said):
    path = written(tmp_path / "votes.csv", changes)
    with pytest.raises(ValueError, match=r"votes\.csv, row 3: .*" + said):
        read_csv_votes(path)


def test_bad_tables_are_refused(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("")
    with pytest.raises(ValueError, match="row 1: the columns must be image"):
        read_csv_votes(path)
    path.write_text("image,file\n1,2\n")
    with pytest.raises(ValueError, match="Received: image, file"):
        read_csv_votes(path)
    cut = written(path, {}, cells=5)
    cut.write_text(
        ",".join(VOTE_FIELDS) + "\n" + path.read_text().split("\n")[1]
    )
    with pytest.raises(ValueError, match=r"row 2: there must be 17 cells.*5"):
        read_csv_votes(cut)
    path.write_bytes(written(path, {}).read_bytes() + b"\xff")
    with pytest.raises(ValueError, match="UTF-8"):
        read_csv_votes(path)
    path.write_text(written(path, {}).read_text("utf-8") + '"open')
    with pytest.raises(ValueError, match="after row 3: the table must be CSV"):
        read_csv_votes(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class": "a\0b"}, "class must be a name"),
        ({"class": "\ud800"}, "class must be a name"),
        ({"class": 7}, "class=7"),
        ({"round": True}, "round=True"),
        ({"score": float("inf")}, "score=inf"),
        ({"dwell_ms": 2**63}, "dwell_ms"),
        ({"url": "x" * 100_001}, r"url='x+\.\.\.\."),
        ({"verdict": []}, "verdict"),
        ({"more": 1}, "with more"),
    ],
)
def test_nothing_is_written_of_what_is_no_vote(tmp_path, changes, said):
    path = tmp_path / "votes.csv"
    path.write_text("old")
    votes = [vote(), vote(**changes)]
    with pytest.raises(ValueError, match=r"votes\.csv, vote 2: .*" + said):
        write_csv_votes(path, votes)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["votes.csv"]
    lacking = vote()
    del lacking["url"], lacking["time"]
    with pytest.raises(ValueError, match="without time, url"):
        write_csv_votes(path, [lacking])
    with pytest.raises(ValueError, match="a vote must be a dict"):
        write_csv_votes(path, ["tp"])


def test_hard_texts_are_all_different():
    assert len(set(HARD)) == len(HARD)


def test_votes_are_written_as_they_come(tmp_path):
    """Neither side holds more than a vote."""
    path = tmp_path / "votes.csv"
    given = iter([vote(round=i) for i in range(500)])
    write_csv_votes(path, given)
    read = read_csv_votes(path)
    assert iter(read) is read
    assert next(read)["round"] == 0
    assert sum(1 for _ in read) == 499
