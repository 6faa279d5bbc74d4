import json

import numpy as np
import pytest
from sklearn import metrics

from fgkeras.evaluation import classification_report
from fgkeras.evaluation import wilson_interval

C = 12


def example(seed=0, n=400, classes=C):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes - 1, n)  # the last has no images
    logits = generator.normal(size=(n, classes)).astype(np.float32)
    logits[np.arange(n), labels] += 1.5
    counts = np.array([500, 101, 100, 60, 20, 19, 3, 0, 7, 150, 50, 2])
    return labels, logits, counts[:classes]


def names(classes):
    return [f"class {index}" for index in range(classes)]


def test_numbers_agree_with_scikit_learn():
    labels, logits, counts = example()
    report = classification_report(
        labels, logits, train_counts=counts, class_names=names(C)
    )
    predicted = logits.argmax(1)
    assert report["top1"]["value"] == pytest.approx(
        metrics.accuracy_score(labels, predicted)
    )
    assert report["top5"]["value"] == pytest.approx(
        metrics.top_k_accuracy_score(labels, logits, k=5, labels=range(C))
    )
    assert report["mean_per_class"]["value"] == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    shifted = logits - logits.max(1, keepdims=True)
    soft = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
    assert report["calibration"]["nll"]["value"] == pytest.approx(
        metrics.log_loss(labels, soft, labels=range(C)), rel=1e-5
    )
    recall = metrics.recall_score(
        labels, predicted, average=None, labels=range(C), zero_division=0
    )
    for name, classes in {
        "head": [0, 1, 9],
        "medium": [2, 3, 4, 10],
        "tail": [5, 6, 7, 8, 11],
    }.items():
        group = report["groups"][name]
        present = [c for c in classes if c != C - 1]
        inside = np.isin(labels, classes)
        assert group["num_classes"] == len(classes)
        assert group["num_classes_evaluated"] == len(present)
        assert group["num_images"] == inside.sum()
        assert group["class_mean"]["value"] == pytest.approx(
            recall[present].mean()
        )
        assert group["image_mean"]["value"] == pytest.approx(
            (predicted == labels)[inside].mean()
        )
    for row in report["per_class"][:-1]:
        assert row["n"] == (labels == row["index"]).sum()
        assert row["accuracy"] == pytest.approx(recall[row["index"]])
        assert row["correct"] == pytest.approx(row["accuracy"] * row["n"])
        assert row["train_count"] == counts[row["index"]]
        low, high = wilson_interval([row["correct"]], [row["n"]])
        assert (row["low"], row["high"]) == (low[0], high[0])
    last = report["per_class"][-1]
    assert [last[k] for k in ("accuracy", "low", "high")] == [None] * 3
    f1 = metrics.f1_score(
        labels, predicted, average=None, labels=range(C), zero_division=0
    )
    assert report["macro_f1"]["value"] == pytest.approx(f1[:-1].mean())
    assert report["num_classes_evaluated"] == C - 1
    pair = report["confused_pairs"][0]
    assert pair["true_name"] == f"class {pair['true']}"
    assert pair["predicted_name"] == f"class {pair['predicted']}"


def test_groups_of_other_limits():
    labels, logits, counts = example()
    report = classification_report(
        labels,
        logits,
        train_counts=counts,
        class_names=names(C),
        num_bootstrap=0,
        group_limits=[100],
    )
    assert report["group_limits"] == [100]
    groups = report["groups"]
    assert [g["num_classes"] for g in groups.values()] == [4, 8]
    assert groups["head"]["range"] == "at least 100 training images"
    assert "tail fewer than 100" in report["definitions"]["groups"]


def test_every_interval_holds_its_value():
    labels, logits, counts = example()
    report = classification_report(
        labels, logits, train_counts=counts, class_names=names(C)
    )
    found = []

    def walk(node):
        if isinstance(node, dict):
            if "low" in node:
                found.append(node)
            for child in node.values():
                walk(child)

    rows = report.pop("per_class")
    walk(report)
    assert len(found) == 10
    for node in found:
        assert node["low"] < node["value"] < node["high"]
    for row in rows[:-1]:
        assert row["low"] <= row["accuracy"] <= row["high"]


def test_is_strict_json_and_repeatable():
    labels, logits, counts = example()
    texts = [
        json.dumps(
            classification_report(
                labels, logits, train_counts=counts, class_names=names(C)
            ),
            allow_nan=False,
        )
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("classes", [1, 2, 4, 5])
def test_few_classes_have_no_top5(classes):
    labels = np.zeros(6, int)
    report = classification_report(
        labels,
        np.tile(np.arange(classes)[::-1], (6, 1)),
        train_counts=[5] * classes,
        class_names=names(classes),
    )
    assert report["top5"] is None
    low, high = wilson_interval([6], [6])
    assert report["top1"] == {"value": 1.0, "low": low[0], "high": 1.0}


def test_one_image_a_class_has_the_interval_over_images():
    # It was "87.8 %, 87.8 to 87.8" beside "85.0 to 90.3" of the same number.
    wrong = np.arange(40) < 5
    report = classification_report(
        np.arange(40),
        np.eye(40)[np.where(wrong, 39 - np.arange(40), np.arange(40))],
        train_counts=[4] * 38 + [9, 9],
        class_names=names(40),
    )
    assert report["mean_per_class"] == report["top1"]
    assert report["top1"]["low"] < 0.875 < report["top1"]["high"]
    tail = report["groups"]["tail"]
    assert tail["class_mean"] == tail["image_mean"]


def test_all_right_has_the_interval_of_as_many_images():
    # A class of 1 and one of 3: the mean varies as that of 3 images would.
    report = classification_report(
        [0, 1, 1, 1],
        np.eye(2)[[0, 1, 1, 1]],
        train_counts=None,
        class_names=names(2),
    )
    low, high = wilson_interval([3], [3])
    found = report["mean_per_class"]
    assert (found["low"], found["high"]) == (pytest.approx(low[0]), high[0])
    none = classification_report(
        [0, 1], [[0, 1], [1, 0]], train_counts=None, class_names=names(2)
    )
    assert none["mean_per_class"]["low"] == 0 < none["mean_per_class"]["high"]


def test_values_that_are_no_shares_and_all_alike_have_no_interval():
    report = classification_report(
        [0, 1], np.zeros((2, 2)), train_counts=None, class_names=names(2)
    )
    assert report["calibration"]["nll"]["low"] is None


def test_even_classes_are_no_tail():
    # All of them stood under "tail".
    labels, logits, _ = example()
    report = classification_report(
        labels, logits, train_counts=[4, 5] * 6, class_names=names(C)
    )
    assert report["groups"] is None
    assert report["group_limits"] == []
    assert "as many" in report["definitions"]["groups"]


def test_empty_groups_are_null():
    labels, logits, _ = example()
    report = classification_report(
        labels,
        logits,
        train_counts=[50] * C,
        class_names=names(C),
        group_limits=[20, 100],
    )
    assert report["groups"]["head"]["class_mean"] is None
    assert report["groups"]["tail"]["image_mean"] is None
    assert report["groups"]["medium"]["num_images"] == 400


def test_a_group_whose_classes_have_no_images_is_null():
    labels, logits, _ = example()
    counts = [50] * (C - 1) + [500]
    head = classification_report(
        labels,
        logits,
        train_counts=counts,
        class_names=names(C),
        group_limits=[20, 100],
    )["groups"]["head"]
    assert head["num_classes"] == 1
    assert head["num_images"] == 0
    assert head["class_mean"] is None


def test_without_train_counts_and_resamples():
    labels, logits, _ = example()
    report = classification_report(
        labels,
        logits,
        train_counts=None,
        class_names=names(C),
        num_bootstrap=0,
        top_confused=3,
    )
    assert report["groups"] is None
    assert report["per_class"][0]["train_count"] is None
    assert report["top1"]["low"] is None
    assert len(report["confused_pairs"]) == 3
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"class_names": names(3)}, r"len\(class_names\)=3"),
        ({"train_counts": [1, 2]}, r"len\(train_counts\)=2"),
        ({"num_bootstrap": -1}, "num_bootstrap=-1"),
    ],
)
def test_refuses_what_does_not_fit(change, match):
    labels, logits, counts = example()
    options = {"train_counts": counts, "class_names": names(C)} | change
    with pytest.raises(ValueError, match=match):
        classification_report(labels, logits, **options)


def test_refuses_nan():
    labels, logits, counts = example()
    logits[7, 2] = np.nan
    with pytest.raises(ValueError, match=r"logits\[7, 2\]=nan"):
        classification_report(
            labels, logits, train_counts=counts, class_names=names(C)
        )


def test_activation_changes_the_calibration_alone():
    labels, logits, counts = example()
    soft, sigmoid = (
        classification_report(
            labels,
            logits,
            train_counts=counts,
            class_names=names(C),
            activation=activation,
        )
        for activation in ("softmax", "sigmoid")
    )
    changed = [key for key in soft if soft[key] != sigmoid[key]]
    assert changed == ["calibration", "definitions"]


def test_classes_with_an_image_are_counted():
    # None, one and two images: a class of one is evaluated, too.
    report = classification_report(
        [1, 2, 2],
        np.eye(4)[[1, 2, 3]],
        train_counts=None,
        class_names=names(4),
        num_bootstrap=0,
    )
    assert report["num_classes"] == 4
    assert report["num_classes_evaluated"] == 2


def test_classes_all_right_or_all_wrong_have_an_interval_around_their_mean():
    # It was the interval of the first image: 25 %, 76 to 100.
    labels = np.repeat(np.arange(4), 3)
    logits = np.zeros((12, 4))
    logits[:, 0] = 1
    found = classification_report(
        labels,
        logits,
        train_counts=None,
        class_names=list("abcd"),
    )["mean_per_class"]
    low, high = wilson_interval(0.25 * 12, 12)
    assert found["value"] == 0.25
    assert found["low"] == pytest.approx(float(low))
    assert found["high"] == pytest.approx(float(high))
