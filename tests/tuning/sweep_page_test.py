"""The page of a sweep: what it shows, and that it needs nothing else."""

import math
import re

import pytest

from fgkeras.config import Config
from fgkeras.tuning.page.heat_map import heat_maps
from fgkeras.tuning.page.learning_curves import learning_curves
from fgkeras.tuning.page.parallel_coordinates import parallel_coordinates
from fgkeras.tuning.page.sweep_page import sweep_page
from fgkeras.tuning.space import Space


def smooth_score(values):
    beta = -math.log10(1 - values["loss.beta"])
    gamma = values.get("loss.gamma", 0.0)
    return 0.5 + 0.05 * beta - 0.012 * beta**2 + 0.02 * gamma


def facts_of(texts=None, repeats=("run",)):
    """Facts of a sweep whose scores are a smooth function of its options."""
    config = Config.read(changes={"data.source": "flora:"})
    space = Space.read(config, *([texts] if texts else []))
    rows = []
    for number, values in enumerate(space.grid(), 1):
        options = space.changes(values)
        score = smooth_score(options)
        epochs = range(1, 11)
        rows.append(
            {
                "trial": number,
                "options": options,
                "words": space.describe(values),
                "score": score,
                "low": score - 0.03,
                "high": score + 0.03,
                "repeats": {
                    name: {"class-mean": score + 0.01 * k}
                    for k, name in enumerate(repeats)
                },
                "stopped": None,
                "seconds": 12.5,
                "failed": None,
                "curve": [(e, score * (1 - 0.7**e)) for e in epochs],
            }
        )
    winner = max(rows, key=lambda row: row["score"])["trial"]
    entry = {"value": 0.51, "low": 0.48, "high": 0.54}
    tail = {"class_mean": entry, "num_classes": 3, "num_images": 9}
    return {
        "over": space.as_json(),
        "search": "grid",
        "objective": "class-mean",
        "meaning": "mean of the classes' accuracies on validation",
        "repeats": list(repeats),
        "trials": rows,
        "winner": winner,
        "tested": {
            "trial": winner,
            "refit": True,
            "folder": f"winner-{winner:03d}",
            "top1": entry,
            "top5": None,
            "mean_per_class": entry,
            "groups": {"tail": tail},
        },
        "command": "fgkeras train --data flora: --loss focal",
        "importance": {"loss.beta": 0.7, "loss.gamma": 0.2, "loss.name": 0.05},
    }


def page_of(facts):
    rows = sorted(facts["trials"], key=lambda row: -(row["score"] or 0))
    return sweep_page(facts, rows, "sweep").decode()


def test_the_page_shows_all_and_asks_for_nothing():
    facts = facts_of(repeats=("seed-0", "seed-1"))
    facts["trials"][3].update(
        score=None, low=None, high=None, failed="<b>No rule</b>"
    )
    page = page_of(facts)
    for title in ("loss focal", "Importance", "Learning curves", "Repeats"):
        assert title in page
    assert "&lt;b&gt;No rule" in page
    assert "fgkeras train --data flora: --loss focal" in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert len(page) < 300_000


def test_a_map_has_each_trial_in_its_cell():
    facts = facts_of()
    figures = heat_maps(facts["trials"], facts["over"], "class-mean")
    assert [f.title for f in figures] == [
        "loss softmax",
        "loss sigmoid",
        "loss focal",
    ]
    table = figures[-1].rows
    assert [row[0] for row in table] == ["0.5", "1.0", "2.0"]
    expected = {
        (
            str(o["loss.gamma"]),
            str(o["loss.beta"]),
        ): f"{100 * smooth_score(o):.1f}"
        for o in (row["options"] for row in facts["trials"])
        if o["loss.name"] == "focal"
    }
    betas = [str(beta) for beta in facts["over"]["loss.beta"]]
    found = {
        (row[0], beta): cell
        for row in table
        for beta, cell in zip(betas, row[1:], strict=True)
    }
    assert found == expected
    assert figures[0].rows[0][0] == "not used"


def test_a_cell_of_several_trials_shows_the_best():
    config = Config.read(changes={"data.source": "flora:"})
    space = Space.read(
        config, ["beta=0,0.9", "data.flip=yes,no", "train.clip=0,1"]
    )
    rows = [
        {"trial": i, "options": space.changes(v), "score": i / 10, "words": ""}
        for i, v in enumerate(space.grid(), 1)
    ]
    (figure,) = heat_maps(rows, space.as_json(), "top-1")
    # Clip, the third option, changes fastest: of 1 and 2, 3 and 4, ...
    assert figure.rows == [["True", "20.0", "60.0"], ["False", "40.0", "80.0"]]


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["beta=0,0.9"], 0),
        (["loss=softmax,focal", "beta=0,0.9"], 1),
        (["train.clip=0,1", "beta=0,0.9"], 1),
    ],
)
def test_maps_need_two_options(texts, count):
    config = Config.read(changes={"data.source": "flora:"})
    space = Space.read(config, texts)
    rows = [
        {"trial": i, "options": space.changes(v), "score": i / 9, "words": ""}
        for i, v in enumerate(space.grid(), 1)
    ]
    figures = heat_maps(rows, space.as_json(), "top-1")
    assert len(figures) == count
    cells = [c for f in figures for row in f.rows for c in row[1:]]
    assert len(cells) == 4 * count


def test_lines_end_at_their_scores():
    facts = facts_of(["loss=softmax,focal", "beta=0,0.9", "gamma=0.5,1"])
    rows = facts["trials"]
    over = Space.read(
        Config(), ["loss=softmax,focal", "beta=0,0.9", "gamma=0.5,1"]
    ).over
    figure = parallel_coordinates(rows, over, facts["winner"], "class-mean")
    lines = re.findall(
        r'polyline class="([\w ]+)" points="([^"]*)"', figure.svg
    )
    assert len(lines) == len(rows) == 6
    assert lines[-1][0] == "strand won"
    ends = [float(points.split()[-1].split(",")[1]) for _, points in lines]
    # The higher the score, the higher it ends.
    assert ends == sorted(ends, reverse=True)
    assert "not used" in figure.svg


def test_no_curves_of_one_epoch():
    row = {"trial": 1, "score": 0.5, "words": "", "curve": [(1, 0.5)]}
    assert learning_curves([row], 1, "top-1") is None
