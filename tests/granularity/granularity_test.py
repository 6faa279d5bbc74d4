import numpy as np
import pytest

from fgkeras.granularity import rank
from fgkeras.granularity import rankm
from fgkeras.granularity import rs
from fgkeras.granularity import rsm


def cloud(counts):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(counts)), counts)
    return rng.normal(size=(len(labels), 3)), labels


@pytest.mark.parametrize("index", [rankm, rank, rs, rsm])
def test_classes_of_one_image_are_left_out_and_stay_rivals(index):
    x, labels = cloud([4, 1, 5, 1])
    whole = index(x, labels)
    part = whole.compared()
    kept = (labels == 0) | (labels == 2)
    assert part.value == pytest.approx(whole.scores[kept].mean())
    np.testing.assert_array_equal(part.rivals, whole.rivals[kept])
    assert part.class_counts.tolist() == [4, 0, 5, 0]
    assert np.isnan(part.class_scores).tolist() == [False, True, False, True]
    assert {row[0] for row in part.hardest_classes()} == {0, 2}
    low, high = part.interval(num_resamples=50)
    assert low <= part.value <= high


def test_nothing_changes_where_all_classes_have_two_images():
    found = rankm(*cloud([2, 3]))
    assert found.compared() is found


def test_one_image_of_each_class_is_refused():
    with pytest.raises(ValueError, match="3 images, one of each class"):
        rankm(*cloud([1, 1, 1])).compared()


def test_main_rival_is_the_one_of_most_images():
    # Along a line, "c" meets "a" at one end, "e" at the other, "d" between.
    places = {
        "a": [0.0, 0.1],
        "b": [-9.0],
        "c": [2.0, 5.0, 5.1, 5.2, 9.0],
        "d": [6.0, 6.1],
        "e": [10.0, 10.1],
    }
    x = np.concatenate(list(places.values()))[:, None]
    labels = np.repeat([*places], [len(p) for p in places.values()])
    found = rankm(x, labels, metric="euclidean")
    assert found.rivals[labels == "c"].tolist() == [0, 3, 3, 3, 4]
    rivals = {row[0]: row[2] for row in found.hardest_classes()}
    assert rivals == {"a": "c", "b": "a", "c": "d", "d": "c", "e": "d"}
