import csv

import numpy as np

from fgkeras.runs.kept.answer_table import COLUMNS
from fgkeras.runs.kept.answer_table import write_answers


def test_a_line_for_each_image_that_a_spreadsheet_reads(tmp_path):
    names = ["oak", "elm, wych", 'the "ash"']
    generator = np.random.default_rng(0)
    scores = generator.random((20, 3))
    labels = generator.integers(0, 3, 20)
    ids = [f"a/{i}, b.jpg" for i in range(20)]
    path = tmp_path / "p.csv"
    write_answers(path, ids, labels, np.log(scores), scores, names)
    with open(tmp_path / "p.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["file"] for row in rows] == ids
    for row, label, of in zip(rows, labels, scores, strict=True):
        order = sorted(range(3), key=lambda c: -of[c])
        assert row["class"] == names[label]
        assert row["answer"] == names[order[0]]
        assert row["next_best"] == names[order[1]]
        assert float(row["score"]) == round(of[order[0]], 4)
        assert float(row["next_score"]) == round(of[order[1]], 4)


def test_scores_that_round_to_one_are_ranked_by_logits(tmp_path):
    logits = [[40.0, 60.0, 50.0]]
    path = tmp_path / "p.csv"
    write_answers(path, ["a"], [0], logits, np.ones((1, 3)), ["a", "b", "c"])
    assert path.read_text().splitlines()[1] == "a,a,b,1.0000,c,1.0000"
