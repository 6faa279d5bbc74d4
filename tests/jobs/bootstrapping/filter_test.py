import json

import pytest

from fgkeras.bootstrap.project import Project
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping import filter_pool
from fgkeras.jobs.bootstrapping import init
from fgkeras.jobs.bootstrapping import score
from fgkeras.jobs.bootstrapping import train
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.training.reporter import SILENT
from tests.jobs.bootstrapping import world

CHEAP = ["--backbone", "small_cnn", "--mode", "frozen", "--set"]
CHEAP += ["data.size=32", "--set", "method.name=knn"]


def test_what_is_of_no_class_is_left_out(tmp_path, capsys):
    truth = world.write(tmp_path)
    place = tmp_path / "project"
    init(
        place,
        f"folder:{tmp_path / 'seed'}",
        f"images:{tmp_path / 'pool'}",
        reporter=SILENT,
    )
    others = tmp_path / "others"
    others.mkdir()
    for i in range(20):
        data = world.photo(world.COLOURS["grey"], 9000 + i)
        (others / f"{i}.jpg").write_bytes(data)
    command = ["bootstrap", "filter", str(place), "--negatives"]
    command += [f"images:{others}", "--quiet", "--json", "--"]
    assert main([*command, *CHEAP]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kept"] + found["left_out"] == len(truth)
    assert found["precision"]["low"] <= found["precision"]["value"]
    with Project(place).store.reading() as db:
        rows = db.execute(
            "SELECT sha256, state, relevance FROM image WHERE origin = 'pool'"
        ).fetchall()
    for row in rows:
        assert (row["relevance"] > 0.5) == (row["state"] == "in")
    left = [truth[r["sha256"]] for r in rows if r["state"] == "filtered"]
    assert left.count("grey") > 0.7 * len(left)
    # Again it is the same, and what is left out is in no part.
    assert main([*command, *CHEAP]) == 0
    assert json.loads(capsys.readouterr().out) == found
    train(place, world.NCM, reporter=SILENT)
    scored = score(place, strategy=Strategy(threshold=0.1), reporter=SILENT)
    assert scored["part"] == -(-found["kept"] // 3)
    with pytest.raises(ValueError, match="before the first round"):
        filter_pool(place, f"images:{others}", reporter=SILENT)


def test_threshold_and_negatives_are_checked(tmp_path):
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        filter_pool(tmp_path, "flora:", threshold=1.0, reporter=SILENT)
