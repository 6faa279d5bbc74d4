"""Arguments come in one order, and swapped ones are told apart.

Losses and miners take (labels, embeddings). What compares with the truth takes
(labels, predicted), as the metrics of scikit-learn. What measures vectors takes
(values, labels).
"""

import inspect

import numpy as np
import pytest

from fgkeras import evaluation
from fgkeras import granularity
from fgkeras import suspects
from fgkeras import transfer

LABELS = np.array([0, 0, 1, 1, 2, 2])
ROWS = np.random.default_rng(0).normal(size=(6, 3))
RIGHT = np.array([True, False, True, True, False, True])
CONFIDENCE = np.array([0.9, 0.4, 0.7, 0.6, 0.3, 0.8])
SHARES = np.full((6, 3), 1 / 3)
TREE = evaluation.Hierarchy("abc", {"parent": "xxy"})
SETS = evaluation.PredictionSets(0.5, "plain", np.zeros(3), 6, 4)

# The two that could be swapped, and what comes behind them.
WITH_TRUTH = {
    evaluation.classification_report: (
        (LABELS, ROWS),
        {"train_counts": [9, 5, 1], "class_names": list("abc")},
    ),
    evaluation.accuracy_specificity_curve: (
        (LABELS, SHARES),
        {"hierarchy": TREE},
    ),
    evaluation.expected_calibration_error: ((RIGHT, CONFIDENCE), {}),
    evaluation.fit_answer_bound: (
        (LABELS, SHARES),
        {"hierarchy": TREE, "accuracy": 0.5},
    ),
    evaluation.fit_prediction_sets: ((LABELS, SHARES), {"level": 0.5}),
    evaluation.mean_per_class_accuracy: (
        (LABELS, CONFIDENCE),
        {"num_classes": 3},
    ),
    evaluation.per_class_accuracy: ((LABELS, CONFIDENCE), {"num_classes": 3}),
    evaluation.prediction_set_report: (
        (LABELS, SHARES > 0),
        {"sets": SETS, "train_counts": None, "guaranteed": True},
    ),
    evaluation.reliability_table: ((RIGHT, CONFIDENCE), {}),
    evaluation.score_images: ((LABELS, ROWS), {}),
    evaluation.top_k_accuracy: ((LABELS, ROWS), {}),
}
# Labels on both sides: nobody can tell.
ALIKE = (evaluation.clustering_scores, evaluation.confused_pairs)
OF_VECTORS = {
    evaluation.relevant_ranks: ((ROWS, LABELS), {}),
    evaluation.retrieval_report: ((ROWS, LABELS), {}),
    evaluation.silhouette: ((ROWS, LABELS), {}),
    granularity.baker_hubert_gamma: ((ROWS, LABELS), {}),
    granularity.c_index: ((ROWS, LABELS), {}),
    granularity.class_medoids: ((ROWS, LABELS), {}),
    granularity.class_pairs: ((ROWS, LABELS), {}),
    granularity.rank: ((ROWS, LABELS), {}),
    granularity.rankm: ((ROWS, LABELS), {}),
    granularity.rs: ((ROWS, LABELS), {}),
    granularity.rsm: ((ROWS, LABELS), {}),
    granularity.unique_prototypes: ((ROWS, LABELS), {}),
    suspects.label_doubts: ((ROWS, LABELS), {}),
    suspects.leave_one_out_margins: ((ROWS, LABELS), {}),
    suspects.neighbor_margins: ((ROWS, LABELS), {}),
    suspects.out_of_fold_doubts: (
        (ROWS, LABELS),
        {"probabilities": SHARES},
    ),
    suspects.out_of_fold_probabilities: ((ROWS, LABELS), {}),
    suspects.wrong_labels: ((ROWS, LABELS), {}),
    transfer.half_distance: ((ROWS, LABELS), {}),
    transfer.make_domain: ((ROWS, LABELS), {}),
}
SWAPPABLE = {**WITH_TRUTH, **OF_VECTORS}
TRUTH = ("labels", "correct")
VALUES = ("embeddings", "values", "features")


def by_name(function):
    return function.__name__


def names(function):
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("function", [*WITH_TRUTH, *ALIKE], ids=by_name)
def test_truth_comes_first(function):
    assert names(function)[0] in TRUTH
    assert names(function)[1] not in ("labels", *VALUES)


@pytest.mark.parametrize("function", OF_VECTORS, ids=by_name)
def test_vectors_come_first(function):
    assert names(function)[0] in VALUES
    assert names(function)[1] in ("labels", "groups")


def test_no_function_was_forgotten():
    known = {*SWAPPABLE, *ALIKE}
    for package in (evaluation, granularity, suspects, transfer):
        for name in package.__all__:
            function = getattr(package, name)
            if not inspect.isfunction(function) or function in known:
                continue
            # A pair of sets, or an index, a sample and its labels.
            found = names(function)
            if found[:1] == ["index"]:
                assert found[1] in ("values", "distances"), name
            else:
                assert not {"labels", "correct"} & set(found[1:]), name


@pytest.mark.parametrize("function", SWAPPABLE, ids=by_name)
def test_swapped_arguments_are_refused(function):
    (first, second), more = SWAPPABLE[function]
    function(first, second, **more)
    with pytest.raises(ValueError, match="Received"):
        function(second, first, **more)


def test_swapped_arguments_of_two_sets_are_refused():
    with pytest.raises(ValueError, match=r"features\.shape=\(6,\)"):
        transfer.gaussian_class_distance(LABELS, ROWS, LABELS, ROWS)


@pytest.mark.parametrize(
    "index", [granularity.rs, granularity.rankm], ids=by_name
)
def test_swapped_arguments_of_an_interval_are_refused(index):
    with pytest.raises(ValueError, match="Received"):
        granularity.resampled_interval(index, LABELS, ROWS, num_resamples=2)
