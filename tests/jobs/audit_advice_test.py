from fgkeras.jobs.audit_advice import advise
from fgkeras.jobs.audit_advice import find_problems


def row(name, value, size=160, width=0.01):
    return {
        "name": name,
        "path": f"{name}.h5",
        "size": size,
        "value": value,
        "low": value - width,
        "high": value + width,
    }


def test_the_lowest_granularity_wins():
    rows = advise([row("cars", 0.5), row("birds", 0.1), row("food", 0.3)])
    assert [r["option"] for r in rows] == ["--weights birds.h5"]
    assert "0.100 against 0.300 with food" in rows[0]["why"]
    assert "overlap" not in rows[0]["why"]


def test_close_ones_are_said_to_be_close():
    rows = advise([row("a", 0.30, width=0.05), row("b", 0.32)])
    assert "try both" in rows[0]["why"]


def test_other_sizes_do_not_change_the_choice():
    rows = advise([row("a", 0.3), row("b", 0.2), row("a", 0.1, size=224)])
    assert [r["choice"] for r in rows] == ["b"]


def test_the_resolution_of_the_lowest_granularity_wins():
    rows = advise([row("a", 0.3), row("b", 0.2), row("b", 0.1, size=224)])
    assert [r["option"] for r in rows][1:] == ["--size 224"]
    assert rows[1]["why"] == "RankM 0.100 against 0.200 at 160 px."
    assert rows[1]["size"] == 224


def test_of_sizes_that_tie_the_smaller_is_set():
    near = [row("a", v, size=s, width=0.03) for s, v in
            ((160, 0.20), (96, 0.21), (224, 0.19), (64, 0.40))]  # fmt: skip
    (rows,) = advise(near)
    assert rows["option"] == "--size 96"
    assert "0.210 against 0.190 at 224 px. The intervals overlap" in rows["why"]
    far = [row("a", v, size=s) for s, v in ((160, 0.2), (96, 0.3), (224, 0.4))]
    assert advise(far)[0]["option"] == "--size 160"


def test_nothing_to_choose_from_gives_nothing():
    assert advise([]) == []
    assert advise([row("a", 0.3)]) == []


def test_an_uneven_set_is_trained_with_its_prior():
    rows = advise([], [30, 0, 10])
    option = "--loss logit-adjusted --set loss.tau=1.25"
    assert [r["option"] for r in rows] == [option]
    assert "10 to 30 training images" in rows[0]["why"]
    rows = advise([], [500, 0, 10])
    assert [r["option"] for r in rows] == ["--loss sigmoid --beta 0.9999"]
    assert rows[0]["evidence"] == "experiments/long_tailed_cifar/table.py"
    assert advise([], [29, 0, 10]) == []


def description(**changes):
    group = [[{"id": "a"}, {"id": "b"}]]
    duplicates = {
        "between_splits": group * changes.get("leaks", 0),
        "with_different_labels": group * changes.get("torn", 0),
        "within_splits": group * changes.get("within", 0),
    }
    return {
        "num_classes": 9,
        "refused": [{"file": "x.jpg", "reason": "it is empty"}]
        * changes.get("bad", 0),
        "balance": {"tail": ["t"] * changes.get("tail", 0), "split": "train"},
        "images": {"duplicates": duplicates, "bad": []},
    }


def test_a_clean_set_has_no_problems():
    assert find_problems(description(), {"test": (0, 9)}) == []


def test_every_fault_is_named_once():
    found = find_problems(
        description(leaks=2, torn=1, within=3, bad=1, tail=4), {"test": (3, 9)}
    )
    starts = (
        "2 pictures in more than one split",
        "1 picture with different labels",
        "3 pictures more than once",
        "1 file not usable, the first: x.jpg (it is empty)",
        "3 of 9 classes of test without",
        "4 of 9 classes have fewer than 20",
    )
    assert len(found) == len(starts)
    for text, start in zip(found, starts, strict=True):
        assert text.startswith(start)


def test_unseen_classes_are_a_retrieval_set():
    found = find_problems(description(), {"test": (9, 9)})
    assert "retrieval of unseen classes" in found[0]


def test_one_class_is_a_problem():
    one = description(tail=1)
    one["num_classes"], one["balance"]["split"] = 1, "all"
    found = find_problems(one, {})
    assert found[0].startswith("There is one class")
    assert found[1] == "1 of 1 classes has fewer than 20 images."
