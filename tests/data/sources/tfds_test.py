import numpy as np
import pytest

from fgkeras.data.open import open as open_source
from fgkeras.data.sources import tfds as tfds_lib
from tests.data import pictures

tfds = pytest.importorskip("tensorflow_datasets")

CLASSES = ["oak", "elm", "fir"]
BOX = (0.1, 0.2, 0.5, 0.75)


def build(data_dir, name, label, features, rows):
    """Prepares a set of JPEGs on disk; `rows` maps a split to its examples."""
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=(None, None, 3)),
            label: tfds.features.ClassLabel(names=CLASSES),
            **features,
        }
    )

    class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=features)

        def _split_generators(self, dl_manager):
            return {k: self._generate_examples(v) for k, v in rows.items()}

        def _generate_examples(self, examples):
            yield from enumerate(examples)

    Builder.name = name
    Builder(data_dir=str(data_dir)).download_and_prepare()


def write(folder, count):
    folder.mkdir()
    paths = []
    for seed in range(count):
        paths.append(folder / f"{seed}.jpg")
        paths[-1].write_bytes(pictures.jpeg(seed))
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("tfds")
    files = write(root / "files", 6)
    box = tfds.features.BBox(*BOX)
    build(
        root,
        "trees",
        "label",
        {
            "bbox": tfds.features.BBoxFeature(),
            "kind": tfds.features.ClassLabel(names=["leaf", "needle"]),
            "mood": tfds.features.ClassLabel(num_classes=2),
            "author": tfds.features.Text(),
            "number": np.int64,
            "sharp": tfds.features.Scalar(np.float32),
            "pair": tfds.features.Tensor(shape=(2,), dtype=np.float32),
        },
        {
            split: [
                {
                    "image": files[i],
                    "label": i % 3,
                    "bbox": box,
                    "kind": int(i % 3 == 2),
                    "mood": i // 3,
                    "author": f"Ånn {i}",
                    "number": 2**60 + i,
                    "sharp": i / 4,
                    "pair": [0.0, 1.0],
                }
                for i in chosen
            ]
            for split, chosen in {
                "train": range(4),
                "validation": range(4, 6),
            }.items()
        },
    )
    objects = tfds.features.Sequence({"bbox": tfds.features.BBoxFeature()})
    two = [
        {"bbox": tfds.features.BBox(0.1, 0.2, 0.3, 0.4)},
        {"bbox": tfds.features.BBox(0.0, 0.25, 0.2, 0.9)},
    ]
    build(
        root,
        "products",
        "class_id",
        {"objects": objects},
        {
            "train": [
                {"image": files[i], "class_id": i % 3, "objects": two}
                for i in range(3)
            ],
            "test": [
                {"image": files[i], "class_id": -1, "objects": two}
                for i in range(2)
            ],
        },
    )
    return root


@pytest.mark.slow
def test_a_prepared_set_is_read(data_dir):
    source = open_source(f"tfds:trees?data_dir={data_dir}")
    assert source.class_names == tuple(CLASSES)
    assert {k: len(v) for k, v in source.splits.items()} == {
        "train": 4,
        "val": 2,
    }
    assert source.hierarchy == {"kind": ("leaf", "leaf", "needle")}
    # Which file an image was is told by its bytes, kept as they were.
    by_bytes = {pictures.jpeg(i): i for i in range(6)}
    for split in source.splits.values():
        for image_id, label in zip(split.ids, split.labels, strict=True):
            assert by_bytes[source.read(image_id)] % 3 == label
        np.testing.assert_allclose(split.boxes, [BOX] * len(split), rtol=1e-6)
    again = open_source(f"tfds:trees:1.0.0?data_dir={data_dir}")
    for image_id in source.split("train").ids:
        assert source.read(image_id) == again.read(image_id)


def test_other_names_several_boxes_and_hidden_labels(data_dir):
    source = open_source(f"tfds:products?data_dir={data_dir}&download=false")
    assert list(source.splits) == ["train"]
    assert source.refused == [("test", "it has no labels")]
    np.testing.assert_allclose(
        source.split("train").boxes, [[0.0, 0.2, 0.3, 0.9]] * 3, rtol=1e-6
    )
    assert len(source._data) == 3


def test_texts_and_numbers_are_columns(data_dir):
    source = open_source(f"tfds:trees?data_dir={data_dir}")
    by_bytes = {pictures.jpeg(i): i for i in range(6)}
    for split in (source.split("train"), source.split("train+val")):
        numbers = [by_bytes[source.read(i)] for i in split.ids]
        columns = {k: v.tolist() for k, v in split.columns.items()}
        assert columns == {
            "author": [f"Ånn {i}" for i in numbers],
            "mood": [str(i // 3) for i in numbers],
            "number": [2**60 + i for i in numbers],
            "sharp": [i / 4 for i in numbers],
        }
    other = open_source(f"tfds:trees?data_dir={data_dir}&label=kind")
    names = [
        CLASSES[by_bytes[other.read(i)] % 3] for i in other.split("val").ids
    ]
    assert other.split("val").columns["label"].tolist() == names


def test_another_label_can_be_chosen(data_dir):
    source = open_source(f"tfds:trees?data_dir={data_dir}&label=kind")
    assert source.class_names == ("leaf", "needle")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("no_such_set", "must be one of `tfds.list_builders"),
        ("trees&split=train", "options of `tfds:` are"),
        ("trees&download=maybe", "options of `tfds:` are"),
        ("trees&label=bbox", "label='bbox'"),
        ("trees&max_gib=0.000001", "max_gib=1e-06.*records"),
        ("cifar10&download=false", "must be prepared"),
        ("trees:9.9.9", "version that is asked for.*9.9.9"),
        ("cifar10:9.9.9", "the version that are asked.*only: "),
        ("mnist/foo", "config and the version"),
    ],
)
def test_wrong_specs_are_refused(data_dir, spec, message):
    name, _, option = spec.partition("&")
    text = f"{name}?data_dir={data_dir}" + (f"&{option}" if option else "")
    with pytest.raises(ValueError, match=message):
        tfds_lib.TfdsSource.from_spec(text)
