import numpy as np
import pytest

from fgkeras.transfer import Domain
from fgkeras.transfer import domain_distance
from fgkeras.transfer import make_domain


def test_means_and_counts_are_those_of_loops():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(50, 3)).astype("float32")
    labels = rng.choice([0, 1, 4], 50)
    domain = make_domain(features, labels, class_names="abcde")
    for i, c in enumerate([0, 1, 4]):
        rows = [f for f, y in zip(features, labels, strict=True) if y == c]
        expected = np.sum(np.float64(rows), axis=0) / len(rows)
        np.testing.assert_allclose(domain.means[i], expected, rtol=1e-12)
        assert domain.counts[i] == len(rows)
    assert domain.class_names == ("a", "b", "e")
    assert domain.weights.sum() == pytest.approx(1)


def test_order_of_images_does_not_matter():
    rng = np.random.default_rng(1)
    features, labels = rng.normal(size=(30, 2)), rng.integers(0, 4, 30)
    shuffled = rng.permutation(30)
    one = make_domain(features, labels)
    two = make_domain(features[shuffled], labels[shuffled])
    np.testing.assert_allclose(one.means, two.means, atol=1e-14)


def test_classes_below_min_images_are_left_out():
    features = np.arange(6.0)[:, None]
    domain = make_domain(features, [0, 0, 0, 1, 2, 2], min_images=2)
    assert domain.class_names == ("0", "2")
    np.testing.assert_allclose(domain.weights, [0.6, 0.4])


def test_subset_and_file(tmp_path):
    domain = Domain([[1.0], [2.0], [3.0]], [1, 2, 3], ["x", "y", "Zoë"])
    part = domain.subset([2, 0])
    assert part.class_names == ("Zoë", "x")
    part.save(tmp_path / "d.npz")
    again = Domain.load(tmp_path / "d.npz")
    assert again.class_names == part.class_names
    np.testing.assert_array_equal(again.means, part.means)
    np.testing.assert_array_equal(again.counts, part.counts)


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "other", "array"])
def test_load_refuses_other_files(kind, tmp_path):
    path = tmp_path / "d.npz"
    Domain([[1.0]], [1], ["x"]).save(path)
    if kind in ("text", "empty"):
        path.write_text("hi" if kind == "text" else "")
    elif kind == "cut":
        path.write_bytes(path.read_bytes()[:100])
    else:
        with open(path, "wb") as file:
            (np.savez if kind == "other" else np.save)(file, np.ones(2))
    with pytest.raises(ValueError, match="Domain.save wrote.*d.npz"):
        Domain.load(path)


def test_load_says_that_there_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.npz"):
        Domain.load(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([[1.0]], [0, 1]), "labels.shape="),
        (([1.0], [0]), "features.shape="),
        (([[1.0]], [-1]), "labels with -1"),
        (([[np.nan]], [0]), "means.shape="),
        (([[1.0]], [0.5]), "dtype=float64"),
    ],
)
def test_refuses_what_does_not_fit(arguments, said):
    with pytest.raises(ValueError, match=said):
        make_domain(*arguments)


def test_refuses_too_few_names_and_images():
    with pytest.raises(ValueError, match="len\\(class_names\\)=1"):
        make_domain([[1.0], [2.0]], [0, 1], class_names=["a"])
    with pytest.raises(ValueError, match="min_images=3"):
        make_domain([[1.0], [2.0]], [0, 1], min_images=3)
    with pytest.raises(ValueError, match="counts from 0"):
        Domain([[1.0]], [0], ["a"])
    with pytest.raises(ValueError, match="len\\(class_names\\)=2"):
        Domain([[1.0]], [1], ["a", "b"])


def test_domains_of_two_networks_are_not_compared(tmp_path):
    one = make_domain([[1.0], [2.0]], [0, 1], network="small at 32 px")
    one.save(tmp_path / "one.npz")
    one = Domain.load(tmp_path / "one.npz")
    other = make_domain([[1.0], [2.0]], [0, 1], network="small at 64 px")
    unknown = make_domain([[1.0], [2.0]], [0, 1])
    assert domain_distance(one.subset([0, 1]), unknown) == 0.0
    with pytest.raises(ValueError, match="32 px and small at 64 px"):
        domain_distance(one.subset([1]), other)
