import pathlib

import pytest

from fgkeras.data.catalogue import CATALOGUE
from fgkeras.data.catalogue import describe_entry
from fgkeras.registries import SOURCES

# Training images, evaluation images, classes, as the transfer paper uses them.
SEVEN = {
    "cub200_2011": (5994, 5794, 200),
    "nabirds": (23929, 24633, 555),
    "fgvc_aircraft": (6667, 3333, 100),
    "oxford_flowers102": (2040, 6149, 102),
    "food101": (75750, 25250, 101),
    "cars196": (8144, 8041, 196),
    "stanford_dogs": (12000, 8580, 120),
}


@pytest.mark.parametrize("name", SEVEN)
def test_sizes_of_the_seven_targets(name):
    splits = CATALOGUE[name].splits
    last = "test" if "test" in splits else "val"
    train = sum(splits.values()) - splits[last]
    assert (train, splits[last], CATALOGUE[name].num_classes) == SEVEN[name]


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_entry_is_whole(name):
    entry = CATALOGUE[name]
    assert name in (entry.name, "cub")
    assert entry.spec.partition(":")[0] in SOURCES
    assert set(entry.splits) <= {"train", "val", "test"}
    text = describe_entry(name)
    for part in (entry.title, entry.terms, entry.reference, entry.spec):
        assert part in text
    assert f"{entry.num_classes:,}" in text


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="cifar10, cifar100.*name='birds'"):
        describe_entry("birds")


def test_names_exist_in_tensorflow_datasets():
    spec = __import__("importlib.util").util.find_spec("tensorflow_datasets")
    if spec is None:
        pytest.skip("needs tensorflow_datasets")
    root = pathlib.Path(spec.origin).parent
    words = {
        "caltech_birds2011": "class CaltechBirds2011",
        "cars196": "class Cars196",
        "food101": "class Food101",
        "i_naturalist2017": "class INaturalist2017",
        "cifar10": "class Cifar10(",
        "cifar100": "class Cifar100(",
        "omniglot": "class Omniglot",
    }
    text = "".join(
        path.read_text("utf-8")
        for path in (root / "image_classification").glob("*.py")
    )
    for name in {entry.tfds for entry in CATALOGUE.values()} - {None}:
        places = (
            root / "datasets" / name,
            root / "image_classification" / name,
        )
        assert words.get(name, "\0") in text or any(p.is_dir() for p in places)
