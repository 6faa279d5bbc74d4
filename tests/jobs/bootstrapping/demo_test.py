import json

import pytest

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import next_page
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping.demo import demo
from fgkeras.jobs.bootstrapping.demo import truth_of
from fgkeras.training.reporter import SILENT


@pytest.mark.slow
def test_demo_is_ready_to_label_and_goes_on(tmp_path, capsys):
    out = tmp_path / "demo"
    command = ["bootstrap", "demo", "--out", str(out), "--no-server"]
    assert main([*command, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert f"next: fgkeras bootstrap label {out / 'project'}" in said
    project = Project(out / "project")
    truth = truth_of(out)
    with project.store.reading() as db:
        rows = db.execute(
            "SELECT i.sha256, k.name FROM candidate AS c "
            "JOIN image AS i ON i.id = c.image JOIN class AS k "
            "ON k.id = c.class WHERE c.kind = 'offer'"
        ).fetchall()
    right = sum(truth[row["sha256"]] == row["name"] for row in rows)
    # Some of both, else there is nothing to see.
    assert 0.15 * len(rows) < right < 0.9 * len(rows)
    page = next_page(project.store, Labellers(project.store).add("me"), 24)
    assert len(page["cells"]) > 5
    # Again nothing is made anew.
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["project"] == str(project.path)


def test_demo_leaves_what_is_not_its_own(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds something else"):
        demo(tmp_path, reporter=SILENT)
