"""Tests of the conversion into shards: content, refusal, resumption."""

import errno
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from fgkeras.data.images import image
from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.convert import convert
from fgkeras.data.records.example import decode_example
from fgkeras.data.records.source import RecordsSource
from fgkeras.data.records.verify import verify
from fgkeras.storage import FolderLock
from tests.data.records_fixture import encoded
from tests.data.records_fixture import make_source


def content(directory):
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def test_records_hold_the_keys_and_every_image_once(tmp_path):
    source = make_source(boxes=True)
    manifest = convert(source, tmp_path, shard_size=4)
    shards = manifest["splits"]["train"]["shards"]
    assert [shard["records"] for shard in shards] == [4, 4, 3]
    assert shards[0]["file"] == "photos-train.tfrecord-00000-of-00003"
    seen = {}
    for shard in shards:
        for payload in tfrecord.read(tmp_path / shard["file"]):
            features = decode_example(payload)
            assert sorted(features) == sorted(manifest["features"])
            seen[features["image/filename"][0].decode()] = features
    split = source.split("train")
    assert set(seen) == set(split.ids)
    assert list(seen) != list(split.ids)  # shuffled
    for row, image_id in enumerate(split.ids):
        features = seen[image_id]
        data = features["image/encoded"][0]
        assert data == source.images[image_id]
        height, width, _ = image.decode(data).shape
        assert features["image/height"] == height
        assert features["image/width"] == width
        assert features["image/class/label"] == split.labels[row]
        name = source.class_names[split.labels[row]]
        assert features["image/class/text"] == [name.encode()]
        expected = b"png" if row % 4 == 3 else b"jpg"
        assert features["image/format"] == [expected]
        box = [features[f"image/object/bbox/{s}"][0] for s in ("ymin", "xmax")]
        np.testing.assert_array_equal(box, split.boxes[row, [0, 3]])


def test_manifest_describes_the_whole_and_nothing_of_the_machine(tmp_path):
    manifest = convert(make_source(), tmp_path, num_shards=2)
    assert manifest["splits"]["train"]["counts"] == [4, 4, 3]
    assert manifest["splits"]["test"]["images"] == 4
    assert manifest["hierarchy"] == {"family": ["a", "b", "b"]}
    assert manifest["source"] == "folder:photos"
    assert json.loads((tmp_path / "manifest.json").read_text()) == manifest
    for name, data in content(tmp_path).items():
        assert b"/abs" not in data, name
        assert str(tmp_path).encode() not in data, name
    assert verify(tmp_path).ok


def test_same_input_gives_same_bytes_whatever_the_workers(tmp_path):
    convert(make_source(), tmp_path / "a", shard_size=3, workers=1)
    convert(make_source(), tmp_path / "b", shard_size=3, workers=4)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    convert(make_source(), tmp_path / "c", shard_size=3, seed=1)
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_tensorflow_datasets_opens_the_result(tmp_path):
    tfds = pytest.importorskip("tensorflow_datasets")
    source = make_source(boxes=True)
    convert(source, tmp_path, shard_size=4)
    builder = tfds.builder_from_directory(tmp_path)
    assert builder.info.splits["train"].num_examples == 11
    names = builder.info.features["image/class/label"].names
    assert names == ["wren", "robin", "blue tit"]
    seen = 0
    for example in builder.as_dataset(split="train").as_numpy_iterator():
        image_id = example["image/filename"].decode()
        row = source.split("train").ids.index(image_id)
        assert example["image/class/label"] == row % 3
        assert example["image/object/bbox/ymin"].shape == (1,)
        pixels = image.decode(source.images[image_id])
        error = np.abs(example["image/encoded"] - pixels.astype("float32"))
        assert error.max() <= 4  # two JPEG decoders
        seen += 1
    assert seen == 11
    for pixels, label in builder.as_dataset(split="test", as_supervised=True):
        assert pixels.shape[-1] == 3
        assert label.shape == ()


def test_orientation_is_applied_before_storing(tmp_path):
    import io

    from PIL import Image

    source = make_source()
    pixels = Image.fromarray(np.zeros((10, 20, 3), "uint8"))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    pixels.save(out, "JPEG", exif=exif)
    source.images["test/0.img"] = out.getvalue()
    convert(source, tmp_path)
    payload = next(tfrecord.read(next(tmp_path.glob("*test.tfrecord-*"))))
    features = decode_example(payload)
    assert features["image/height"] == 20
    assert features["image/width"] == 10
    assert image.inspect(features["image/encoded"][0]).orientation == 1


def bad_source():
    source = make_source()
    source.images["test/1.img"] = b"hello"
    source.images["test/2.img"] = encoded(2)[:-150]
    del source.images["test/3.img"]
    source.read = lambda i: _read(source, i)
    return source


def _read(source, image_id):
    if image_id not in source.images:
        raise FileNotFoundError(errno.ENOENT, "No such file", "/abs/x")
    return source.images[image_id]


def test_a_bad_image_stops_the_conversion_by_name(tmp_path):
    with pytest.raises(ValueError, match="3 that are not") as caught:
        convert(bad_source(), tmp_path)
    assert "test/1.img: it is text" in str(caught.value)
    assert "test/2.img: its data are cut" in str(caught.value)
    assert "test/3.img: No such file" in str(caught.value)
    assert not (tmp_path / "manifest.json").exists()
    assert not list(tmp_path.glob(".*.tmp"))


def test_skipped_images_are_listed_and_not_counted(tmp_path):
    source = bad_source()
    source.refused = [("note.txt", "it is text")]
    with pytest.raises(ValueError, match="3 that are not"):
        convert(source, tmp_path)
    manifest = convert(source, tmp_path, skip_bad=True)
    assert [entry["file"] for entry in manifest["refused"]] == [
        "note.txt",
        "test/1.img",
        "test/2.img",
        "test/3.img",
    ]
    assert manifest["splits"]["test"]["counts"] == [1, 0, 0]
    assert verify(tmp_path).ok
    whole = content(tmp_path)
    # A rewritten shard leaves out the same images.
    (tmp_path / "photos-train.tfrecord-00000-of-00001").unlink()
    convert(source, tmp_path, skip_bad=True)
    assert content(tmp_path) == whole


def test_a_foreign_directory_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="Received: out=.*something else"):
        convert(make_source(), tmp_path)
    assert content(tmp_path) == {"thesis.txt": b"mine"}


def test_another_conversion_is_left_alone(tmp_path):
    convert(make_source(), tmp_path)
    before = content(tmp_path)
    with pytest.raises(ValueError, match="something else"):
        convert(make_source(), tmp_path, seed=7)
    assert content(tmp_path) == before


def test_an_unfinished_one_of_other_images_starts_over(tmp_path):
    source = make_source()
    source.images["train/2.img"] = b"hello"
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="train/2.img: it is text"):
        convert(source, out, shard_size=3)
    assert list(out.glob("*test*"))
    smaller = make_source().select("train", [0, 1, 3, 4])
    with pytest.raises(ValueError, match="something else"):
        convert(smaller, out, shard_size=2, name="other")
    convert(smaller, out, shard_size=2)
    assert verify(out).ok
    convert(smaller, tmp_path / "whole", shard_size=2)
    assert content(out) == content(tmp_path / "whole")


def test_a_complete_conversion_is_not_repeated(tmp_path):
    first = convert(make_source(), tmp_path)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    calls = []
    again = convert(
        make_source(), tmp_path, progress=lambda *c: calls.append(c)
    )
    assert again == first
    assert calls[-1] == (15, 15)
    after = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert after == before


def without_contents(out):
    """Makes a converted directory one of a version that noted no contents."""
    manifest = manifests.read_manifest(out)
    del manifest["sha256"]
    for split in manifest["splits"].values():
        for entry in split["shards"]:
            del entry["source_sha256"]
    return manifests.write_manifest(out, manifest)


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("image_id", ["test/1.img", "train/10.img"])
def test_other_pictures_of_the_same_names_are_noticed(
    tmp_path, image_id, earlier
):
    convert(make_source(boxes=True), tmp_path, shard_size=3)
    if earlier:
        without_contents(tmp_path)
    before = content(tmp_path)
    source = make_source(boxes=True)
    source.images[image_id] = encoded(40)
    with pytest.raises(ValueError, match="that the source no longer has"):
        convert(source, tmp_path, shard_size=3)
    assert content(tmp_path) == before
    # The same, where a shard is to be written again.
    next(tmp_path.glob("*train.tfrecord-00001-*")).unlink()
    with pytest.raises(ValueError, match="that the source no longer has"):
        convert(source, tmp_path, shard_size=3)
    convert(make_source(boxes=True), tmp_path, shard_size=3)
    assert verify(tmp_path).ok
    shards = tmp_path.glob("*tfrecord*")
    assert all(before[file.name] == file.read_bytes() for file in shards)


def test_an_earlier_conversion_opens_and_is_recognised(tmp_path):
    convert(make_source(), tmp_path, skip_bad=True)
    manifest = without_contents(tmp_path)
    before = content(tmp_path)
    assert len(RecordsSource(tmp_path).split("train")) == 11
    assert convert(make_source(), tmp_path) == manifest
    assert content(tmp_path) == before


def test_a_refused_image_that_is_mended_is_noticed(tmp_path):
    convert(bad_source(), tmp_path, skip_bad=True)
    with pytest.raises(ValueError, match="that the source no longer has"):
        convert(make_source(), tmp_path, skip_bad=True)


def test_resuming_rewrites_shards_whose_pictures_changed(tmp_path):
    source = make_source()

    def interrupt(done, total):
        if done == 8:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        convert(source, out, shard_size=3, progress=interrupt)
    source.images["test/1.img"] = encoded(40)
    convert(source, out, shard_size=3)
    convert(source, tmp_path / "whole", shard_size=3)
    assert content(out) == content(tmp_path / "whole")


@pytest.mark.parametrize("stop", [0, 3, 4, 9, 14])
def test_an_interrupted_conversion_goes_on(tmp_path, stop, monkeypatch):
    source = make_source()
    convert(source, tmp_path / "whole", shard_size=3)

    def interrupt(done, total):
        assert total == 15
        if done > stop:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        convert(source, out, shard_size=3, workers=1, progress=interrupt)
    assert not (out / "manifest.json").exists()
    decoded = []
    monkeypatch.setattr(
        "fgkeras.data.images.screened.normalize",
        lambda data, **_: decoded.append(0) or image.normalize(data),
    )
    convert(source, out, shard_size=3)
    assert len(decoded) <= 15 - stop // 3 * 3 + 3
    assert content(out) == content(tmp_path / "whole")


def test_a_shard_damaged_while_unfinished_is_named(tmp_path):
    source = make_source()
    convert(source, tmp_path / "whole", shard_size=3)

    def interrupt(done, total):
        if done == 8:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        convert(source, out, shard_size=3, progress=interrupt)
    shard = next(out.glob("*.tfrecord-00000-*"))
    data = bytearray(shard.read_bytes())
    data[30] ^= 1
    shard.write_bytes(data)
    with (out / ".partial.jsonl").open("a") as file:
        file.write('{"file": "photos-tr')  # what a kill leaves
    before = content(out)
    with pytest.raises(ValueError, match="tfrecord-00000-.*not written by it"):
        convert(source, out, shard_size=3)
    assert content(out) == before
    shard.unlink()
    convert(source, out, shard_size=3)
    assert content(out) == content(tmp_path / "whole")


def test_a_full_disk_leaves_no_manifest(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        (tmp_path / "out").mkdir()
        with pytest.raises(OSError, match=r"/out/\S+, .*No space"):
            convert(make_source(), tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()
    convert(make_source(), tmp_path / "out")
    assert verify(tmp_path / "out").ok


def test_a_shard_that_has_no_room_is_named(tmp_path):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, limit[1]))
    try:
        with pytest.raises(OSError, match=r"/out/\S*tfrecord\S*, .*Make room"):
            convert(make_source(), tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    convert(make_source(), tmp_path / "out")
    assert verify(tmp_path / "out").ok


def test_progress_counts_every_image(tmp_path):
    calls = []
    convert(make_source(), tmp_path, progress=lambda *c: calls.append(c))
    assert calls[-1] == (15, 15)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.images and {"name": "My set"}, "Received: name='My set'"),
        (lambda s: {"shard_size": 0}, "Received: shard_size=0"),
        (lambda s: {"num_shards": 0}, "Received: num_shards=0"),
    ],
)
def test_arguments_out_of_range_are_named(tmp_path, change, message):
    source = make_source()
    with pytest.raises(ValueError, match=message):
        convert(source, tmp_path, **change(source))


def test_what_cannot_be_stored_is_named(tmp_path):
    source = make_source()
    source.split("test").labels[2] = 3
    with pytest.raises(ValueError, match="3 of 'test/2.img'"):
        convert(source, tmp_path)
    source = make_source()
    source.class_names = ("wren", "wren", "tit")
    with pytest.raises(ValueError, match=r"twice: \['wren'\]"):
        convert(source, tmp_path)
    source = make_source()
    source.splits["a/b"] = source.splits.pop("test")
    with pytest.raises(ValueError, match="Received: split='a/b'"):
        convert(source, tmp_path)


SCRIPT = """
import sys, time
from fgkeras.data.records.convert import convert
from tests.data.records_fixture import make_source
source = make_source(200, 20)
read = source.images.__getitem__
source.read = lambda i: time.sleep(float(sys.argv[2])) or read(i)
convert(source, sys.argv[1], shard_size=10, workers=2)
"""


@pytest.mark.slow
def test_a_conversion_killed_anywhere_gives_the_same_bytes(tmp_path):
    root = pathlib.Path(__file__).parents[3]
    out = tmp_path / "out"
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(out), "0.01"], cwd=root
        )
        before = len(list(out.glob("*"))) if out.exists() else 0
        while child.poll() is None:
            if out.exists() and len(list(out.glob("*"))) > before + 3:
                break
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not (out / "manifest.json").exists()
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out), "0"], cwd=root, check=True
    )
    convert(make_source(200, 20), tmp_path / "whole", shard_size=10)
    assert content(out) == content(tmp_path / "whole")


def test_two_conversions_into_one_directory(tmp_path):
    with (
        FolderLock(tmp_path),
        pytest.raises(ValueError, match=f"One process.*process {os.getpid()}"),
    ):
        convert(make_source(), tmp_path)
    assert not list(tmp_path.iterdir())
    convert(make_source(), tmp_path)
    assert not (tmp_path / ".lock").exists()
