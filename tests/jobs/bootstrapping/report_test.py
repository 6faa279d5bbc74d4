import json
import shutil

import pytest

from fgkeras.bootstrap.project import Project
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping.report import report
from fgkeras.training.reporter import SILENT
from tests.bootstrap.scripted_project import pictured_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "p"
    pictured_project(folder).close()
    return folder


def test_the_verb_writes_a_page_with_pictures(project, capsys):
    assert main(["bootstrap", "report", str(project)]) == 0
    said = capsys.readouterr().out
    page = project / "report" / "report.html"
    assert f"report: {page}" in said
    text = page.read_text("utf-8")
    found = json.loads((project / "report" / "report.json").read_text())
    assert found["growth"][-1]["accepted"] > found["growth"][0]["accepted"]
    assert text.count("data:image/jpeg") > 8
    assert "no picture" not in text
    assert f"{found['growth'][-1]['accepted']} accepted" in said
    # Once more, and on a copy elsewhere: the same bytes.
    first = [p.read_bytes() for p in sorted((project / "report").iterdir())]
    assert main(["bootstrap", "report", str(project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    copy = project.parent / "elsewhere" / project.name
    shutil.copytree(project, copy)
    report(copy, out=copy.parent / "out", reporter=SILENT)
    again = [p.read_bytes() for p in sorted((copy.parent / "out").iterdir())]
    assert again == first


def test_a_picture_that_has_gone_is_left_out(project, tmp_path):
    shutil.copytree(project, tmp_path / "p")
    shutil.rmtree(tmp_path / "p" / "images", ignore_errors=True)
    store = Project(tmp_path / "p").store
    sources = store.setting("sources")
    store.set("sources", sources | {"pool": f"images:{tmp_path}/nothing"})
    _, page = report(tmp_path / "p", reporter=SILENT)
    assert "no picture" in page.read_text("utf-8")


def test_the_page_of_something_else_stays(project, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(project, other)
    out = tmp_path / "out"
    report(project, out=out, reporter=SILENT)
    with pytest.raises(ValueError, match="which holds that of p"):
        report(other, out=out, reporter=SILENT)
    (out / "report.json").write_text('{"kind": "audit", "project": "p"}')
    with pytest.raises(ValueError, match="which holds another page"):
        report(project, out=out, reporter=SILENT)
    with pytest.raises(ValueError, match="A project is a folder"):
        report(tmp_path / "none", reporter=SILENT)
