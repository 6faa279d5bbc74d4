"""Tests of finding damage in a converted directory."""

import hashlib
import json

import pytest

from fgkeras.data.records import manifest as manifests
from fgkeras.data.records import tfrecord
from fgkeras.data.records.convert import convert
from fgkeras.data.records.example import decode_example
from fgkeras.data.records.example import encode_example
from fgkeras.data.records.verify import verify
from tests.data.records_fixture import make_source


@pytest.fixture
def path(tmp_path):
    convert(make_source(), tmp_path, shard_size=4)
    return tmp_path


def shard(path, number=1):
    return path / f"photos-train.tfrecord-{number:05d}-of-00003"


def only(path):
    report = verify(path)
    assert not report.ok
    assert len(report.problems) == 1, str(report)
    return report.problems[0]


def test_a_sound_directory_is_ok(path):
    calls = []
    report = verify(path, progress=lambda *c: calls.append(c))
    assert report.ok
    assert (report.num_shards, report.num_records) == (4, 15)
    assert str(report) == "15 records in 4 shards: all as converted"
    assert calls[-1] == (4, 4)


@pytest.mark.parametrize("record", [0, 2, 3])
def test_a_flipped_bit_is_placed(path, record):
    offsets, lengths = tfrecord.index(shard(path))
    data = bytearray(shard(path).read_bytes())
    data[offsets[record] + lengths[record] // 2] ^= 16
    shard(path).write_bytes(data)
    problem = only(path)
    assert problem.file == shard(path).name
    assert problem.record == record
    assert problem.reason == "the payload's checksum is wrong"
    assert str(problem).startswith(f"{shard(path).name}, record {record}: ")


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (-12, "ends after 2 of 4 records"),
        (-5, "cut inside the header, 7 of 12 bytes"),
        (0, "cut inside the record, "),
        (9, "cut inside the record, "),
    ],
)
def test_a_cut_is_placed(path, where, reason):
    offsets, _ = tfrecord.index(shard(path))
    shard(path).write_bytes(shard(path).read_bytes()[: offsets[2] + where])
    problem = only(path)
    assert (problem.file, problem.record) == (shard(path).name, 2)
    assert problem.reason.startswith(reason)


def test_an_emptied_shard_is_found(path):
    shard(path).write_bytes(b"")
    assert only(path).reason == "ends after 0 of 4 records"


def test_a_missing_and_an_extra_shard_are_found(path):
    shard(path).rename(path / "photos-train.tfrecord-00003-of-00004")
    missing, extra = verify(path).problems
    assert missing.file == shard(path).name
    assert missing.reason.startswith("missing")
    assert extra.file == "photos-train.tfrecord-00003-of-00004"
    assert extra.reason == "not part of the conversion"


def test_swapped_shards_are_found(path):
    first, second = (shard(path, n).read_bytes() for n in (0, 1))
    shard(path, 0).write_bytes(second)
    shard(path, 1).write_bytes(first)
    assert len(verify(path).problems) == 2
    assert "not the ones converted" in verify(path).problems[0].reason


def test_an_appended_record_is_found(path):
    with shard(path).open("ab") as file:
        file.write(shard(path).read_bytes())
    problem = only(path)
    assert problem.reason == "holds 8 records instead of 4"


def rewrite(path, change, entry_change=None):
    """Changes a shard and makes the manifest fit it."""
    payloads = list(tfrecord.read(shard(path)))
    tfrecord.write(shard(path), change(payloads))
    manifest = manifests.read_manifest(path)
    entry = manifest["splits"]["train"]["shards"][1]
    data = shard(path).read_bytes()
    entry["sha256"] = hashlib.sha256(data).hexdigest()
    entry["bytes"] = len(data)
    manifest.pop("sha256")
    manifests.write_manifest(path, manifest)


def test_a_label_without_a_class_is_placed(path):
    def change(payloads):
        features = decode_example(payloads[3])
        features["image/class/label"] = 3
        return [*payloads[:3], encode_example(features)]

    rewrite(path, change)
    problem = only(path)
    assert problem.record == 3
    assert problem.reason == "label 3 is not in [0, 3)"


def test_a_wrong_count_is_found_though_checksums_fit(path):
    rewrite(path, lambda payloads: payloads[:3])
    assert only(path).reason == "ends after 3 of 4 records"


def test_a_wrong_class_count_is_found_though_checksums_fit(path):
    def change(payloads):
        features = decode_example(payloads[0])
        label = (int(features["image/class/label"][0]) + 1) % 3
        features["image/class/label"] = label
        return [encode_example(features), *payloads[1:]]

    rewrite(path, change)
    problem = only(path)
    assert problem.file == "manifest.json"
    assert "in train, the shards hold" in problem.reason


def test_no_example_is_placed(path):
    rewrite(path, lambda payloads: [*payloads[:1], b"junk", *payloads[2:]])
    problem = only(path)
    assert problem.record == 1
    assert problem.reason == "it is no tf.train.Example"


def test_the_manifest_guards_itself(path):
    file = path / "manifest.json"
    text = file.read_text()
    file.write_text(text.replace('"robin"', '"rabin"'))
    assert "changed or damaged" in only(path).reason
    file.write_text(text[: len(text) // 2])
    assert "must be JSON" in only(path).reason
    file.write_text("[]")
    assert "is of another" in only(path).reason
    changed = json.loads(text)
    changed["version"] = 9
    file.write_text(json.dumps(changed))
    assert "version 9" in only(path).reason
    file.unlink()
    assert "run it again to resume" in only(path).reason


def test_other_files_are_compared(path):
    (path / "labels.txt").write_text("a\nb\nc\n")
    (path / "features.json").unlink()
    found = {p.file: p.reason for p in verify(path).problems}
    assert found == {
        "labels.txt": "changed after the conversion",
        "features.json": "missing",
    }
