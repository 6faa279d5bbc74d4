import multiprocessing

import pytest

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import FILE
from fgkeras.storage import FolderTaken
from tests.bootstrap.store.projects import add_round


@pytest.fixture
def project(tmp_path):
    project = Project.create(tmp_path / "elms")
    with project.store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')", [(1, "oak"), (0, "elm")]
        )
    yield project
    project.close()


def test_a_project_is_begun_once(project):
    project.store.set("it", 1)
    again = Project.create(project.path)
    assert again.store.setting("it") == 1
    assert again.class_names() == ("elm", "oak")
    assert again.rounds() == []
    assert again.last_applied() == (0, {})
    again.close()
    add_round(project.store)
    assert project.rounds() == [1]


@pytest.mark.parametrize("path", ["lost", "file", "full"])
def test_what_is_no_project_is_refused(tmp_path, path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(ValueError, match="bootstrap init"):
        Project(tmp_path / path)
    if path != "lost":
        with pytest.raises(ValueError, match="holds something else"):
            Project.create(tmp_path / path)
        assert not (tmp_path / path / FILE).exists()


def test_an_empty_folder_becomes_a_project(tmp_path):
    (tmp_path / "new").mkdir()
    Project.create(tmp_path / "new").close()
    Project.create(tmp_path / "a" / "b").close()


def tried(path, name, out):
    project = Project(path)
    try:
        with getattr(project, name)():
            out.put("came in")
    except FolderTaken:
        out.put("taken")
    project.close()


@pytest.mark.parametrize("name", ["working", "serving"])
def test_one_job_and_one_server_at_a_time(project, name):
    context = multiprocessing.get_context("fork")
    out = context.Queue()

    def from_elsewhere(what):
        process = context.Process(target=tried, args=(project.path, what, out))
        process.start()
        process.join()
        return out.get(timeout=10)

    other = {"working": "serving", "serving": "working"}[name]
    with getattr(project, name)():
        assert from_elsewhere(name) == "taken"
        assert from_elsewhere(other) == "came in"
    assert from_elsewhere(name) == "came in"


def test_folders_are_by_number(project):
    assert project.sets(7) == project.path / "sets" / "0007"
    assert project.run(12) == project.path / "runs" / "sets_0012"
    assert project.round(3) == project.path / "rounds" / "03"
    assert project.round(3).is_dir()
    assert not project.sets(7).exists()
