"""Tests of opening shards as a source."""

import concurrent.futures
import dataclasses
import json
import shutil

import numpy as np
import pytest

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.convert import convert
from fgkeras.data.records.example import decode_example
from fgkeras.data.records.example import encode_example
from fgkeras.data.records.own_files import INDEX
from fgkeras.data.records.source import RecordsSource
from fgkeras.data.records.verify import verify
from tests.data.records_fixture import make_source


def test_an_image_without_a_box_has_none_in_records_either(tmp_path):
    source = make_source(boxes=True)
    train = source.split("train")
    train.boxes[[2, 5]] = np.nan
    source.splits["test"] = dataclasses.replace(
        source.split("test"), boxes=None
    )
    convert(source, tmp_path / "out", shard_size=4)
    index = tmp_path / "out" / INDEX.format("train")
    assert "NaN" not in index.read_text()
    counts = [
        len(decode_example(payload)["image/object/bbox/ymin"])
        for file in sorted((tmp_path / "out").glob("*-train.tfrecord-*"))
        for payload in tfrecord.read(file)
    ]
    assert sorted(counts) == [0] * 2 + [1] * 9
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "labels.txt").write_text("\n".join(source.class_names))
    for file in (tmp_path / "out").glob("*.tfrecord-*"):
        shutil.copy(file, plain / file.name)
    for folder in (tmp_path / "out", plain):
        back = RecordsSource(folder)
        stored = back.split("train")
        rows = [train.ids.index(i) for i in stored.ids]
        np.testing.assert_array_equal(stored.boxes, train.boxes[rows])
        assert back.split("test").boxes is None
    assert verify(tmp_path / "out").ok


@pytest.mark.parametrize("boxes", [False, True])
def test_a_converted_source_comes_back(tmp_path, boxes):
    source = make_source(boxes=boxes)
    convert(source, tmp_path, shard_size=4)
    back = RecordsSource(tmp_path)
    assert back.class_names == source.class_names
    assert back.hierarchy == source.hierarchy
    assert sorted(back.splits) == sorted(source.splits)
    assert back.split("test").ids == source.split("test").ids
    for name, split in source.splits.items():
        stored = back.split(name)
        assert sorted(stored.ids) == sorted(split.ids)
        np.testing.assert_array_equal(back.counts(name), source.counts(name))
        rows = [split.ids.index(i) for i in stored.ids]
        np.testing.assert_array_equal(stored.labels, split.labels[rows])
        if boxes:
            np.testing.assert_array_equal(stored.boxes, split.boxes[rows])
        else:
            assert stored.boxes is None
    ids = [i for split in back.splits.values() for i in split.ids] * 5
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for image_id, data in zip(ids, pool.map(back.read, ids), strict=True):
            assert data == source.images[image_id]
    assert [p.name for p in back.shards("test")] == [
        "photos-test.tfrecord-00000-of-00001"
    ]


def test_splits_can_be_replaced(tmp_path):
    convert(make_source(), tmp_path)
    twin = RecordsSource(tmp_path).select("train", [0, 2])
    assert len(twin.split("train")) == 2
    assert twin.read(twin.split("train").ids[1])


def write_plain(path, labels, names="a\nb\n", **extra):
    (path / "labels.txt").write_text(names)
    for split in ("train", "validation"):
        tfrecord.write(
            path / f"{split}_00000-of-00001.tfrecord",
            [
                encode_example(
                    {
                        "image/encoded": b"%d" % row,
                        "image/class/label": label,
                        **extra,
                    }
                )
                for row, label in enumerate(labels)
            ],
        )


def test_plain_records_open_with_a_list_of_labels(tmp_path):
    write_plain(tmp_path, [1, 0, 1])
    source = RecordsSource(tmp_path)
    assert sorted(source.splits) == ["train", "validation"]
    assert source.counts("train").tolist() == [1, 2]
    assert source.read("validation_00000-of-00001.tfrecord#2") == b"2"


def test_repeated_names_are_made_unique(tmp_path):
    write_plain(tmp_path, [1, 0], **{"image/filename": b"same.jpg"})
    ids = RecordsSource(tmp_path).split("train").ids
    assert ids == ("same.jpg", "train_00000-of-00001.tfrecord#1")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("birds-train.tfrecord-00000-of-00002", "train"),
        ("cub_200-test.tfrecord-00000-of-00002", "test"),
        ("validation-00000-of-00128", "validation"),
        ("train.tfrecords", "train"),
        ("cub_train_00000-of-00010.tfrecord", "train"),
    ],
)
def test_plain_file_names(tmp_path, name, split):
    (tmp_path / "labels.txt").write_text("a\n")
    record = {"image/encoded": b"", "image/class/label": 0}
    tfrecord.write(tmp_path / name, [encode_example(record)])
    assert list(RecordsSource(tmp_path).splits) == [split]


def test_a_label_without_a_class_names_shard_and_record(tmp_path):
    write_plain(tmp_path, [1, 0, 2])
    with pytest.raises(
        ValueError, match=r"train_00000.*, record 2: labels must be in \[0, 2\)"
    ):
        RecordsSource(tmp_path)


def reindex(path, members):
    """Writes an index of `train`, and a manifest that says it is right."""
    index = path / INDEX.format("train")
    index.write_text(
        members if isinstance(members, str) else json.dumps(members)
    )
    manifest = manifests.read_manifest(path)
    manifest.pop("sha256")
    manifest["files"][index.name] = manifests.file_sha256(index)
    manifests.write_manifest(path, manifest)


def test_an_index_with_other_ids_does_not_open(tmp_path):
    convert(make_source(), tmp_path)
    index = tmp_path / "index-train.json"
    members = json.loads(index.read_text())
    ids = members[0]["ids"]
    ids[0], ids[1] = ids[1], ids[0]
    index.write_text(json.dumps(members))
    with pytest.raises(ValueError, match="train.json .it was changed after"):
        RecordsSource(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: {},
        lambda m: [[]],
        lambda m: [{**m, "ids": m["ids"][0]}],
        lambda m: [{**m, "ids": [1, *m["ids"][1:]]}],
        lambda m: [{**m, "labels": [1.5, *m["labels"][1:]]}],
        lambda m: [{**m, "labels": [2**70, *m["labels"][1:]]}],
        lambda m: [{**m, "lengths": [-5, *m["lengths"][1:]]}],
        lambda m: [{**m, "boxes": [[0, 1]] * len(m["ids"])}],
        lambda m: [{**m, "columns": []}],
        lambda m: [{**m, "columns": {"a": [[]] * len(m["ids"])}}],
        lambda m: "[" * 100_000,
    ],
)
def test_an_index_of_another_shape_is_named(tmp_path, change):
    convert(make_source(), tmp_path)
    (member,) = json.loads((tmp_path / "index-train.json").read_text())
    reindex(tmp_path, change(member))
    with pytest.raises(
        ValueError, match="The index must list what.*train.json"
    ):
        RecordsSource(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: {**m, "splits": {"train": []}},
        lambda m: {
            **m,
            "splits": {"train": {"shards": [1], "counts": [1] * 3}},
        },
        lambda m: {**m, "splits": {"train": {"counts": [1, 1, 1]}}},
        lambda m: {**m, "class_names": [1, 2, 3]},
        lambda m: {**m, "hierarchy": {"family": 7}},
        lambda m: {**m, "files": {"labels.txt": None}},
        lambda m: {**m, "refused": [[]]},
        lambda m: {**m, "seed": True},
    ],
)
def test_a_manifest_of_another_shape_is_named(tmp_path, change):
    manifest = convert(make_source(), tmp_path)
    manifest = {k: v for k, v in manifest.items() if k != "sha256"}
    manifests.write_manifest(tmp_path, change(manifest))
    with pytest.raises(ValueError, match="manifest must fit.*manifest.json"):
        RecordsSource(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "{", "\xff", "7"])
def test_a_manifest_that_is_none_is_named(tmp_path, text):
    (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="The manifest must be.*manifest.json"):
        RecordsSource(tmp_path)


def test_a_shard_outside_of_the_folder_is_not_opened(tmp_path):
    convert(make_source(), tmp_path / "here")
    manifest = manifests.read_manifest(tmp_path / "here")
    shard = manifest["splits"]["train"]["shards"][0]
    shard["file"] = "../" + shard["file"]
    manifest.pop("sha256")
    manifests.write_manifest(tmp_path / "here", manifest)
    with pytest.raises(ValueError, match="manifest must fit"):
        RecordsSource(tmp_path / "here")


def test_a_label_without_a_class_in_the_index_is_found(tmp_path):
    convert(make_source(), tmp_path)
    members = json.loads((tmp_path / "index-train.json").read_text())
    members[0]["labels"][5] = -1
    reindex(tmp_path, members)
    with pytest.raises(ValueError, match="record 5: labels must be in"):
        RecordsSource(tmp_path)
    members[0]["labels"][5] = 1 if members[0]["labels"][6] == 1 else 0
    members[0]["labels"][5] = (source_label(tmp_path, 5) + 1) % 3
    reindex(tmp_path, members)
    back = RecordsSource(tmp_path)
    with pytest.raises(ValueError, match="record 5: its label is not"):
        back.read(back.split("train").ids[5])


def source_label(path, record):
    source = make_source()
    image_id = json.loads((path / "index-train.json").read_text())[0]["ids"]
    row = source.split("train").ids.index(image_id[record])
    return int(source.split("train").labels[row])


def test_damage_is_named(tmp_path):
    with pytest.raises(ValueError, match="needs an existing"):
        RecordsSource(tmp_path / "none")
    with pytest.raises(ValueError, match="which has none"):
        RecordsSource(tmp_path)
    convert(make_source(), tmp_path)
    back = RecordsSource(tmp_path)
    with pytest.raises(ValueError, match="Received: image_id='x'"):
        back.read("x")
    shard = tmp_path / "photos-train.tfrecord-00000-of-00001"
    data = bytearray(shard.read_bytes())
    data[200] ^= 1
    shard.write_bytes(data)
    with pytest.raises(ValueError, match="00001, record 0: the payload"):
        RecordsSource(tmp_path).read(back.split("train").ids[0])
    shard.write_bytes(data[:-1])
    with pytest.raises(ValueError, match="bytes instead of"):
        RecordsSource(tmp_path)
    shard.unlink()
    with pytest.raises(ValueError, match="00001, missing instead of"):
        RecordsSource(tmp_path)
    (tmp_path / "index-train.json").unlink()
    with pytest.raises(ValueError, match="The index must list"):
        RecordsSource(tmp_path)


def with_columns(num_train=11):
    """The source with a licence and a number of each image of `train`."""
    source = make_source(num_train)
    part = source.split("train")
    rows = range(len(part))
    columns = {
        "licence": np.array([f"CC {i % 2} é" for i in rows], object),
        "number": np.array([2**60 + i for i in rows]),
        "score": np.array([i / 3 for i in rows]),
    }
    part = dataclasses.replace(part, columns=columns)
    return source.with_splits({**source.splits, "train": part})


def test_columns_come_back(tmp_path):
    source = with_columns()
    manifest = convert(source, tmp_path, shard_size=4)
    assert "image/column/licence" in manifest["features"]
    back = RecordsSource(tmp_path)
    place = {i: row for row, i in enumerate(source.split("train").ids)}
    part = back.split("train")
    rows = [place[i] for i in part.ids]
    for name, values in source.split("train").columns.items():
        assert part.columns[name].tolist() == values[rows].tolist()
        assert part.columns[name].dtype == values.dtype
    assert back.split("test").columns == {}
    assert verify(tmp_path).ok
    # As text, for other readers, in every record.
    file = back.shards("test")[0]
    features = decode_example(next(tfrecord.read(file)))
    assert features["image/column/licence"] == [b""]
    file = back.shards("train")[0]
    features = decode_example(next(tfrecord.read(file)))
    score = source.split("train").columns["score"][rows[0]]
    assert features["image/column/score"] == [str(score).encode()]


def test_other_columns_are_another_conversion(tmp_path):
    convert(with_columns(), tmp_path)
    convert(with_columns(), tmp_path)
    with pytest.raises(ValueError, match="another"):
        convert(make_source(), tmp_path)


def test_columns_of_another_length_are_damage(tmp_path):
    convert(with_columns(), tmp_path)
    index = json.loads((tmp_path / INDEX.format("train")).read_text())
    index[0]["columns"]["licence"].pop()
    reindex(tmp_path, index)
    with pytest.raises(ValueError, match="index must list"):
        RecordsSource(tmp_path)


@pytest.mark.slow
def test_columns_are_opened_by_tensorflow_datasets(tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets")
    source = with_columns()
    convert(source, tmp_path)
    builder = tfds.builder_from_directory(tmp_path)
    rows = list(builder.as_dataset(split="train").as_numpy_iterator())
    texts = {row["image/column/licence"].decode() for row in rows}
    assert texts == {"CC 0 é", "CC 1 é"}
