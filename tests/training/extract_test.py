"""The feature cache: found by content, and never in the way."""

import errno
import os
import tempfile

import keras
import numpy as np
import pytest

from fgkeras.storage import cached_files
from fgkeras.storage import trim_cache
from fgkeras.training import extract
from fgkeras.training import extract_features

IMAGES = np.arange(12, dtype="float32").reshape(3, 4)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(extract, "_said", set())
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


class Batches:
    """Counts how often the images were run through."""

    def __init__(self):
        self.runs = 0

    def __call__(self):
        self.runs += 1
        yield IMAGES[:2], None
        yield IMAGES[2:], None


def model(scale=2.0):
    return keras.Sequential([keras.Input((4,)), keras.layers.Rescaling(scale)])


def features(batches, scale=2.0, **key):
    found = extract_features(
        model(scale), batches, num_images=3, key={"images": "x", **key}
    )
    np.testing.assert_array_equal(found, scale * IMAGES)
    return found


def test_another_setting_or_key_is_another_entry(cache):
    batches = Batches()
    features(batches)
    features(batches)
    assert batches.runs == 1
    features(batches, scale=3.0)
    features(batches, resize=40)
    assert batches.runs == 3
    assert len(list(cache.iterdir())) == 3


def test_entries_are_files_of_the_cache_and_their_use_is_noted():
    batches = Batches()
    features(batches)
    (entry,) = cached_files()
    assert entry.kind == "features"
    os.utime(entry.path, (1, 1))
    features(batches)
    assert batches.runs == 1
    assert cached_files()[0].used > 1
    assert [file.path for file in trim_cache()[0]] == [entry.path]
    features(batches)
    assert batches.runs == 2


def test_what_a_stopped_extraction_left_is_of_the_cache_too():
    def stopping():
        yield IMAGES[:2], None
        raise KeyboardInterrupt

    def extract(batches):
        return extract_features(
            model(), batches, num_images=3, key={"a": 1}, save_seconds=0.0
        )

    with pytest.raises(KeyboardInterrupt):
        extract(stopping)
    (part,) = cached_files()
    assert (part.kind, part.whole) == ("features", True)
    assert [file.path for file in trim_cache()[0]] == [part.path]
    np.testing.assert_array_equal(extract(Batches()), 2.0 * IMAGES)
    assert len(cached_files()) == 1


def test_other_pixels_are_another_entry(monkeypatch):
    batches = Batches()
    features(batches)
    monkeypatch.setattr(extract, "DECODER_VERSION", -1)
    features(batches)
    assert batches.runs == 2


def damage_middle(data):
    middle = len(data) // 3
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def without_checksum(data):
    with tempfile.TemporaryFile() as file:
        np.save(file, IMAGES)
        file.seek(0)
        return file.read()


def a_zip_file(data):
    with tempfile.TemporaryFile() as file:
        np.savez(file, features=IMAGES)
        file.seek(0)
        return file.read()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"hello",
        lambda data: data[: len(data) // 2],
        damage_middle,
        without_checksum,
        a_zip_file,
    ],
)
def test_a_damaged_entry_is_computed_anew_and_said_once(cache, damage):
    batches = Batches()
    features(batches)
    (entry,) = cache.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    with pytest.warns(UserWarning, match="computed anew") as said:
        _ = [features(batches) for _ in range(2)]
    assert len(said) == 1
    assert batches.runs == 2


def no_space(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("part", ["replace", "save", "folder"])
def test_a_full_or_closed_cache_stops_nothing(
    tmp_path, cache, monkeypatch, part
):
    if part == "replace":
        monkeypatch.setattr(os, "replace", no_space)
    elif part == "save":
        monkeypatch.setattr(np, "save", no_space)
    else:
        (tmp_path / "cache").write_text("no folder")
    batches = Batches()
    with pytest.warns(UserWarning, match="cannot be kept") as said:
        _ = [features(batches, resize=resize) for resize in (None, 40)]
    assert len(said) == 1
    assert batches.runs == 2
    if part != "folder":
        assert list(cache.iterdir()) == []


LONG = np.arange(40, dtype="float32").reshape(10, 4)


class Killed(Exception):
    pass


def long_features(batches):
    found = extract_features(
        model(), batches, num_images=10, key={"images": "l"}, save_seconds=0
    )
    np.testing.assert_array_equal(found, 2.0 * LONG)


def killed_after(images, cache):
    def batches():
        for i in range(0, images, 2):
            yield LONG[i : i + 2], None
        raise Killed

    with pytest.raises(Killed):
        long_features(batches)
    assert cache.is_dir()


@pytest.mark.parametrize("width", [2, 3])
def test_a_killed_extraction_goes_on(cache, width):
    killed_after(6, cache)
    ran = []

    def batches():
        for i in range(0, 10, width):
            yield LONG[i : i + width], None

    original = extract.predict_batch
    extract.predict_batch = lambda m, x: ran.append(len(x)) or original(m, x)
    try:
        long_features(batches)
    finally:
        extract.predict_batch = original
    assert sum(ran) == 4
    assert len(list(cache.iterdir())) == 1


def test_batches_that_can_begin_later_do(cache):
    killed_after(4, cache)
    starts = []

    def batches(start=0):
        starts.append(start)
        for i in range(start, 10, 2):
            yield LONG[i : i + 2], None

    long_features(batches)
    assert starts == [4]


def test_a_damaged_part_is_computed_anew(cache):
    killed_after(6, cache)
    part = sorted(cache.glob("*.from2.npy"))[0]
    data = bytearray(part.read_bytes())
    data[-50] ^= 1
    part.write_bytes(data)

    def batches(start=0):
        assert start == 2
        for i in range(start, 10, 2):
            yield LONG[i : i + 2], None

    with pytest.warns(UserWarning, match="damaged"):
        long_features(batches)
    assert len(list(cache.iterdir())) == 1
