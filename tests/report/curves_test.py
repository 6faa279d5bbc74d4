import re

from fgkeras.report.curves import training_curves


def test_training_and_validation_share_a_chart():
    history = [
        {"epoch": 1, "loss": 2.0, "seconds": 3.0},
        {"epoch": 2, "loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.5},
    ]
    loss, accuracy = training_curves(history)
    assert loss.columns == ["Epoch", "training", "validation"]
    assert loss.rows == [[1, "2", "–"], [2, "1", "1.5"]]
    assert accuracy.rows == [[2, "0.5"]]
    assert loss.svg.count("<polyline") == 2


def test_values_that_are_not_finite_are_left_out():
    nan, inf = float("nan"), float("inf")
    (figure,) = training_curves(
        [{"loss": 1.0}, {"loss": nan}, {"loss": inf}, {"loss": 2.0}]
    )
    assert [row[0] for row in figure.rows] == [1, 4]
    assert "nan" not in figure.svg
    assert training_curves([{"loss": nan}]) == []


def test_epochs_of_a_second_stage_go_on():
    history = [
        {"epoch": e, "loss": 1.0, "stage": s} for s in "ab" for e in (1, 2)
    ]
    (figure,) = training_curves(history)
    assert [row[0] for row in figure.rows] == [1, 2, 3, 4]
    assert figure.svg.count('class="border"') == 1


def test_long_histories_are_thinned_with_both_ends():
    (figure,) = training_curves([{"loss": 1.0 / (k + 1)} for k in range(5000)])
    assert len(figure.rows) == 400
    assert (figure.rows[0][0], figure.rows[-1][0]) == (1, 5000)
    assert "400 of 5000" in figure.note


def test_no_history():
    assert training_curves([]) == []


def test_points_stand_where_their_values_say():
    (figure,) = training_curves([{"accuracy": v} for v in (0.0, 0.5, 1.0)])
    points = re.search(r'points="([^"]*)"', figure.svg)[1].split()
    x, y = zip(*(map(float, p.split(",")) for p in points), strict=True)
    assert abs((x[0] + x[2]) / 2 - x[1]) < 0.2
    assert abs((y[0] + y[2]) / 2 - y[1]) < 0.2
    assert y[0] > y[2]


def test_learning_rates_of_many_sizes_are_on_a_logarithmic_axis():
    (figure,) = training_curves([{"learning_rate": 10.0**-k} for k in range(3)])
    points = re.search(r'points="([^"]*)"', figure.svg)[1].split()
    y = [float(p.split(",")[1]) for p in points]
    assert abs((y[0] + y[2]) / 2 - y[1]) < 0.2


def test_a_curve_that_is_flat_for_half_of_it_is_said():
    full = [min(1.0, 0.4 * k) for k in range(12)]
    (figure,) = training_curves([{"accuracy": v} for v in full])
    assert "Accuracy in training: from epoch 4 of 12 on" in figure.note
    rising = [{"accuracy": k / 12} for k in range(12)]
    assert training_curves(rising)[0].note == ""
    # Flat late, of few epochs, or a rate that is meant to be: nothing to say.
    late = [{"loss": max(0.0, 1 - k / 9)} for k in range(12)]
    assert training_curves(late)[0].note == ""
    assert training_curves([{"loss": 1.0}] * 3)[0].note == ""
    assert training_curves([{"learning_rate": 1.0}] * 9)[0].note == ""
    (never,) = training_curves([{"loss": 1.0}] * 9)
    assert never.note == "Loss in training never changes."


def test_coefficients_of_a_kernel_share_a_chart_with_their_order_at_the_end():
    alphas = [(0.6, 0.6, 0.4), (0.5, 0.6, 0.7)]
    history = [
        {"epoch": e + 1, "loss": 1.0, **{f"alpha_{i}": a for i, a in row}}
        for e, row in enumerate(map(enumerate, alphas))
    ]
    loss, kernel = training_curves(history)
    assert loss.title == "Loss"
    assert kernel.columns == ["Epoch", "alpha 0", "alpha 1", "alpha 2"]
    assert kernel.rows == [[1, "0.6", "0.6", "0.4"], [2, "0.5", "0.6", "0.7"]]
    assert kernel.svg.count("<polyline") == 3
    ends = re.findall(
        r'x="([\d.]+)" y="([\d.]+)"[^>]*>([012])</text>', kernel.svg
    )
    last = {order: (float(x), float(y)) for x, y, order in ends}
    # Higher is further up; two that meet stand apart.
    assert last["2"][1] < last["1"][1] < last["0"][1]
    assert last["1"][0] > last["0"][0]


def test_coefficients_of_several_levels_have_a_chart_a_level():
    row = {f"alpha_{k}_{i}": k + i for k in (1, 2) for i in (0, 1)}
    one, two = training_curves([{"epoch": 1, **row}])
    assert one.title == "Kernel coefficients of level 1"
    assert two.columns == ["Epoch", "alpha 2 0", "alpha 2 1"]
    assert two.rows == [[1, "2", "3"]]
