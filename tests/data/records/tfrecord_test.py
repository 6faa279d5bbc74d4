"""Tests of the TFRecord framing, its checksum, and `tf.train.Example`."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from fgkeras.data.records import crc32c
from fgkeras.data.records import example
from fgkeras.data.records import tfrecord


def bitwise_crc(data):
    """The definition: long division of the message, one bit at a time."""
    register = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            out = (register ^ (byte >> bit)) & 1
            register = (register >> 1) ^ (0x82F63B78 if out else 0)
    return register ^ 0xFFFFFFFF


def test_crc_has_the_values_of_rfc_3720():
    assert crc32c.crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c.crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c.crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c.crc32c(b"") == 0


@pytest.mark.parametrize(
    "size", [1, 3, 4, 63, 64, 65, 127, 128, 129, 5000, 32767, 32768, 32769]
)
def test_crc_equals_long_division(size):
    data = np.random.default_rng(size).bytes(size)
    assert crc32c.crc32c(data) == bitwise_crc(data)


def test_crc_of_many_blocks_finds_every_flipped_place():
    data = bytearray(np.random.default_rng(0).bytes(100_001))
    good = crc32c.crc32c(data)
    for place in [0, 1, 3, 4, 1696, 1697, 34_464, 99_999, 100_000]:
        data[place] ^= 4
        assert crc32c.crc32c(data) != good
        data[place] ^= 4
    assert crc32c.crc32c(data) == good


def test_tensorflow_reads_what_is_written_and_the_reverse(tmp_path):
    tf = pytest.importorskip("tensorflow")
    payloads = [b"", b"a", bytes(1000), np.random.default_rng(0).bytes(99_999)]
    path = tmp_path / "ours"
    assert tfrecord.write(path, payloads) == 4
    read = [x.numpy() for x in tf.data.TFRecordDataset(str(path))]
    assert read == payloads
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for payload in payloads:
            writer.write(payload)
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()
    assert list(tfrecord.read(tmp_path / "theirs")) == payloads


def test_index_gives_random_access(tmp_path):
    path = tmp_path / "a"
    tfrecord.write(path, [b"zero", b"one", b"twotwo"])
    offsets, lengths = tfrecord.index(path)
    assert lengths.tolist() == [4, 3, 6]
    assert tfrecord.read_payload(path, offsets[1], lengths[1]) == b"one"


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (20 + 5, "record 1: cut inside the header, 5 of 12 bytes"),
        (20 + 12, "record 1: cut inside the record, 7 bytes short"),
        (20 + 18, "record 1: cut inside the record, 1 bytes short"),
        (20 + 19 + 1, "record 2: cut inside the header, 1 of 12 bytes"),
    ],
)
def test_a_cut_is_named_by_file_and_record(tmp_path, keep, reason):
    path = tmp_path / "cut"
    tfrecord.write(path, [b"zero", b"one", b"twotwo"])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(tfrecord.RecordError, match=f"cut, {reason}"):
        tfrecord.index(path)


def test_every_flipped_bit_is_found(tmp_path):
    path = tmp_path / "a"
    tfrecord.write(path, [b"zero", b"one"])
    good = path.read_bytes()
    for bit in range(8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bad)
        problem = tfrecord.scan(path, check=True)[2]
        assert problem.record == int(bit // 8 >= 20)


def test_reading_names_the_damaged_record(tmp_path):
    path = tmp_path / "a"
    tfrecord.write(path, [b"zero", b"one"])
    data = bytearray(path.read_bytes())
    data[33] ^= 1
    path.write_bytes(data)
    records = tfrecord.read(path)
    assert next(records) == b"zero"
    with pytest.raises(tfrecord.RecordError, match="a, record 1: the payload"):
        next(records)


values = strategies.one_of(
    strategies.lists(strategies.binary(max_size=200), min_size=1),
    strategies.lists(strategies.integers(-(2**63), 2**63 - 1), min_size=1).map(
        lambda x: np.array(x, "int64")
    ),
    strategies.lists(strategies.floats(width=32, allow_nan=False)).map(
        lambda x: np.array(x, "float32")
    ),
)


@hypothesis.settings(max_examples=60, derandomize=True, deadline=None)
@hypothesis.given(strategies.dictionaries(strategies.text(), values))
def test_example_is_what_tensorflow_parses(features):
    tf = pytest.importorskip("tensorflow")
    theirs = tf.train.Example()
    for key, value in features.items():
        feature = theirs.features.feature[key]
        if isinstance(value, list):
            feature.bytes_list.value.extend(value)
        elif value.dtype == "int64":
            feature.int64_list.value.extend(value.tolist())
        else:
            feature.float_list.SetInParent()
            feature.float_list.value.extend(value.tolist())
    ours = example.encode_example(features)
    theirs.features.SetInParent()
    assert tf.train.Example.FromString(ours) == theirs
    again = dict(reversed(features.items()))
    assert example.encode_example(again) == ours
    back = example.decode_example(ours)
    assert sorted(back) == sorted(features)
    for key, value in features.items():
        np.testing.assert_array_equal(back[key], value)


def test_example_reads_unpacked_numbers_and_chosen_keys():
    entry = b"\x0a\x01k\x12\x06\x1a\x04\x08\x05\x08\x07"
    data = b"\x0a\x0d\x0a\x0b" + entry
    assert example.decode_example(data)["k"].tolist() == [5, 7]
    assert example.decode_example(data, {"other"}) == {}


def test_example_refuses_other_values_and_other_bytes():
    with pytest.raises(ValueError, match="Received: k=None"):
        example.encode_example({"k": None})
    with pytest.raises(ValueError, match="Received: 9 bytes that are none"):
        example.decode_example(b"not proto")
