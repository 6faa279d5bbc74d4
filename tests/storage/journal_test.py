"""Events that are kept."""

import subprocess
import sys

import pytest

from fgkeras.storage import Journal


def test_events_in_order_and_a_cut_line_dropped(tmp_path):
    path = tmp_path / "j.jsonl"
    journal = Journal(path, {"for": [1, 2]})
    journal.append({"a": "ä"})
    journal.append(2)
    with open(path, "a") as file:
        file.write('{"half": ')
    again = Journal(path, {"for": (1, 2)})
    assert again.events() == [{"a": "ä"}, 2]
    again.append(3)
    assert Journal(path).events() == [{"a": "ä"}, 2, 3]
    assert Journal(path).header == {"for": [1, 2]}


def test_other_headers_and_files_are_refused(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, "birds")
    with pytest.raises(ValueError, match='begun for "birds", now "cars"'):
        Journal(path, "cars")
    (tmp_path / "list.txt").write_text("[1]\n")
    with pytest.raises(ValueError, match="whose first line is none"):
        Journal(tmp_path / "list.txt", "birds")
    assert (tmp_path / "list.txt").read_text() == "[1]\n"


def test_a_file_of_others_without_lines_of_json_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("buy milk\n")
    with pytest.raises(ValueError, match="first line is none"):
        Journal(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "buy milk\n"


def test_a_line_that_is_too_deep_is_none(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, "x").append(1)
    with open(path, "a") as file:
        file.write("[" * 100_000 + "]" * 100_000 + "\n")
    journal = Journal(path, "x")
    journal.append(2)
    assert journal.events() == [1, 2]


def test_several_processes_append(tmp_path):
    path = tmp_path / "j.jsonl"
    code = (
        "import sys, fgkeras.storage as s\n"
        "j = s.Journal(sys.argv[1], 'x')\n"
        "[j.append([sys.argv[2], i, 'y' * 5000]) for i in range(20)]\n"
    )
    jobs = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(n)])
        for n in range(3)
    ]
    assert [job.wait() for job in jobs] == [0, 0, 0]
    events = Journal(path, "x").events()
    assert len(events) == 60
    for n in range(3):
        assert [i for m, i, _ in events if m == str(n)] == list(range(20))
