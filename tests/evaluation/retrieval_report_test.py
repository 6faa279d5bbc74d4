import json

import numpy as np
import pytest

from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation import retrieval_report


def cloud(seed=0, n=300, d=8, classes=20):
    generator = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), generator.integers(0, classes, n)])
    y = y[:n]
    x = generator.normal(size=(classes, d))[y] + 0.7 * generator.normal(
        size=(n, d)
    )
    return x.astype(np.float32), y


def test_numbers_agree_with_sorting():
    x, y = cloud()
    report = retrieval_report(x, y, ks=(1, 2, 10, 1000), num_bootstrap=0)
    u = x.astype(np.float64)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    near = u @ u.T
    np.fill_diagonal(near, -np.inf)
    hits = y[np.argsort(-near, axis=1)][:, :-1] == y[:, None]
    for k in (1, 2, 10, 1000):
        assert report["recall_at"][str(k)]["value"] == pytest.approx(
            hits[:, :k].any(1).mean()
        )
    sizes = hits.sum(1)
    inside = np.arange(hits.shape[1]) < sizes[:, None]
    precision = np.cumsum(hits, 1) / np.arange(1, hits.shape[1] + 1)
    per_query = (precision * hits * inside).sum(1) / sizes
    assert report["map_at_r"]["value"] == pytest.approx(per_query.mean())
    assert report["r_precision"]["value"] == pytest.approx(
        ((hits & inside).sum(1) / sizes).mean()
    )
    assert report["mrr"]["value"] == pytest.approx(
        (1 / (hits.argmax(1) + 1)).mean()
    )
    assert report["class_mean"]["map_at_r"] == pytest.approx(
        np.mean([per_query[y == c].mean() for c in np.unique(y)])
    )


def test_agrees_with_pytorch_metric_learning():
    calculator = pytest.importorskip(
        "pytorch_metric_learning.utils.accuracy_calculator"
    )
    pytest.importorskip("faiss")
    torch = pytest.importorskip("torch")
    x, y = cloud(1)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    theirs = calculator.AccuracyCalculator(
        include=(
            "precision_at_1",
            "r_precision",
            "mean_average_precision_at_r",
            "mean_reciprocal_rank",
        ),
        k=len(x) - 1,
    ).get_accuracy(torch.tensor(x), torch.tensor(y))
    ours = retrieval_report(x, y, num_bootstrap=0)
    for name, value in (
        ("precision_at_1", ours["recall_at"]["1"]),
        ("r_precision", ours["r_precision"]),
        ("mean_average_precision_at_r", ours["map_at_r"]),
        ("mean_reciprocal_rank", ours["mrr"]),
    ):
        assert value["value"] == pytest.approx(theirs[name], abs=1e-6)


def test_every_interval_holds_its_value_and_json_is_strict():
    x, y = cloud()
    texts = [json.dumps(retrieval_report(x, y), allow_nan=False)] * 2
    assert texts[0] == json.dumps(retrieval_report(x, y), allow_nan=False)
    report = json.loads(texts[0])
    for entry in (
        *report["recall_at"].values(),
        report["r_precision"],
        report["map_at_r"],
        report["mrr"],
    ):
        assert entry["low"] < entry["value"] < entry["high"]


def test_perfect_and_collapsed():
    y = np.repeat(np.arange(4), 3)
    perfect = retrieval_report(np.eye(4)[y], y, ks=(1,))
    assert perfect["map_at_r"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    collapsed = retrieval_report(np.ones((12, 2)), y, ks=(1, 9, 10))
    values = [v["value"] for v in collapsed["recall_at"].values()]
    assert values == [0, 0, 1]


def test_singletons_are_counted_and_left_out():
    x = [[0.0], [1.0], [5.0]]
    report = retrieval_report(x, [0, 0, 1], metric="euclidean")
    assert report["num_without_match"] == 1
    assert report["recall_at"]["1"]["value"] == 1.0
    with pytest.raises(ValueError, match="3 queries"):
        retrieval_report(x, [0, 1, 2])


def test_takes_ranks_that_are_known():
    x, y = cloud()
    ranks = relevant_ranks(x, y)
    assert retrieval_report(x, y, ranks=ranks) == retrieval_report(x, y)


@pytest.mark.parametrize(
    "options", [{"ks": ()}, {"ks": (0, 1)}, {"num_bootstrap": -1}]
)
def test_refuses_options_outside_their_range(options):
    with pytest.raises(ValueError, match="Received: ks="):
        retrieval_report(np.eye(2), [0, 0], **options)
