import io
import os
import resource
import threading

import numpy as np
import pytest
from PIL import Image

from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.data.flora.source import FloraSource
from fgkeras.data.flora.species import make_species
from fgkeras.data.images.contact_sheet import contact_sheet
from fgkeras.storage import cached_files

SMALL = "species=9,images=6,val=1,test=2,imbalance=3,size=32,distractors=5"


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_counts_and_classes():
    source = FloraSource.from_spec("")
    expected = exponential_counts(40, 50, 50)
    np.testing.assert_array_equal(source.counts("train"), expected)
    assert source.counts("val").tolist() == [5] * 40
    assert source.counts("test").tolist() == [20] * 40
    assert len(set(source.class_names)) == 40
    assert sorted(source.splits) == ["test", "train", "val"]


def test_a_tail_class_keeps_one_image():
    source = FloraSource.from_spec("species=5,images=3,imbalance=50")
    assert source.counts("train").min() == 1


def test_genera_hold_about_four_species_and_begin_the_names():
    source = FloraSource.from_spec("species=42")
    genera = source.hierarchy["genus"]
    for genus, name in zip(genera, source.class_names, strict=True):
        assert name.split()[0] == genus
    sizes = np.unique(genera, return_counts=True)[1]
    assert sizes.size == 10
    assert set(sizes) == {4, 5}


def test_which_species_is_large_does_not_follow_genus():
    # Sorted by genus there would be 9 changes; at random, 35.1 +- 1.9.
    genera = FloraSource.from_spec("").hierarchy["genus"]
    changes = sum(a != b for a, b in zip(genera, genera[1:], strict=False))
    assert changes > 27


@pytest.mark.parametrize("number", [2, 40, 3000])
def test_names_are_unique_and_traits_sane(number):
    species = make_species(number, 0.0, 1)
    assert len({s.name for s in species}) == number
    for s in species:
        assert s.petals >= 3
        assert min(s.rise, s.fall, s.width, s.centre_size) > 0
        assert 0 <= s.hue <= 1


def test_species_of_a_genus_differ_less_where_it_is_harder():
    def spread(difficulty):
        widths = {}
        for s in make_species(40, difficulty, 0):
            widths.setdefault(s.genus, []).append(s.width)
        return np.mean([np.std(v) / np.mean(v) for v in widths.values()])

    assert spread(0.0) == pytest.approx(spread(1.0) / 0.08)
    assert len({s.petals for s in make_species(40, 1.0, 0)}) > 1


def test_a_picture_depends_on_seed_and_id_alone():
    source = FloraSource.from_spec(SMALL)
    ids = [i for split in source.splits.values() for i in split.ids]
    forward = {i: source.read(i) for i in ids}
    again = FloraSource.from_spec(SMALL)
    assert all(again.read(i) == forward[i] for i in reversed(ids))
    assert len(set(forward.values())) == len(ids)
    other = FloraSource.from_spec(
        "species=9,images=20,val=1,test=3,imbalance=1,size=32"
    )
    common = set(ids) & {i for s in other.splits.values() for i in s.ids}
    assert len(common) > 40
    assert all(other.read(i) == forward[i] for i in common)


def test_another_seed_is_another_flora():
    a = FloraSource.from_spec("seed=0")
    b = FloraSource.from_spec("seed=1")
    assert set(a.class_names) != set(b.class_names)


@pytest.mark.parametrize("size", [16, 33, 96])
def test_pictures_are_colour_jpegs_of_the_size(size):
    source = FloraSource.from_spec(f"species=4,size={size},distractors=2")
    ids = [source.split("train").ids[0], source.split("distractors").ids[1]]
    for image_id in ids:
        data = source.read(image_id)
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert image.size == (size, size)
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
        assert pixels(data).std() > 5


def test_species_can_be_told_apart_by_colour():
    # Nearest mean of small pictures, far above 1 in 12 and not perfect.
    source = FloraSource.from_spec(
        "species=12,images=14,test=5,imbalance=1,size=32,difficulty=0"
    )

    def features(split):
        rows = [pixels(source.read(i)) for i in source.split(split).ids]
        rows = np.stack(rows)[:, 8:24, 8:24].astype("float64")
        return rows.mean(axis=(1, 2)), source.split(split).labels

    x, y = features("train")
    means = np.stack([x[y == c].mean(axis=0) for c in range(12)])
    x, y = features("test")
    guess = np.square(x[:, None] - means).sum(axis=2).argmin(axis=1)
    assert 0.2 < (guess == y).mean() < 0.95


def test_distractors_have_no_class():
    source = FloraSource.from_spec(SMALL)
    assert source.split("distractors").labels.tolist() == [-1] * 5
    assert source.counts("distractors").tolist() == [0] * 9


def test_threads_read_the_same():
    source = FloraSource.from_spec(SMALL)
    ids = source.split("test").ids
    expected = [source.read(i) for i in ids]
    got = {}

    def work(k):
        got[k] = [source.read(i) for i in ids]

    threads = [threading.Thread(target=work, args=[k]) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(got[k] == expected for k in range(4))


def test_prepared_pictures_are_the_same(cache_folder, monkeypatch):
    source = FloraSource.from_spec(SMALL)
    ids = [i for split in source.splits.values() for i in split.ids]
    drawn = {i: source.render(i) for i in ids}
    told = []
    path = source.prepare(lambda *row: told.append(row), workers=2)
    assert told[-1] == (len(ids), len(ids))
    assert list(cache_folder.iterdir()) == [path]
    fresh = FloraSource.from_spec(SMALL)
    for one in (source, fresh):
        monkeypatch.setattr(one, "render", None)
        assert all(one.read(i) == drawn[i] for i in ids)
    cut = fresh.select("train", [3, 1])
    assert cut.read(cut.split("train").ids[0]) == drawn[ids[3]]


def test_it_is_a_file_of_the_cache_and_its_use_is_noted():
    path = FloraSource.from_spec(SMALL).prepare(workers=1)
    os.utime(path, (1, 1))
    source = FloraSource.from_spec(SMALL)
    assert source.read(source.split("train").ids[0])
    (found,) = cached_files()
    assert (found.kind, found.path) == ("flora", path)
    assert found.used > 1


def test_a_torn_cache_is_not_read():
    source = FloraSource.from_spec(SMALL)
    image_id = source.split("train").ids[0]
    drawn, path = source.render(image_id), source.prepare(workers=1)
    path.write_bytes(path.read_bytes()[:-1])
    assert FloraSource.from_spec(SMALL).read(image_id) == drawn
    path.write_bytes(b"")
    assert FloraSource.from_spec(SMALL).read(image_id) == drawn


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("petals=3", "species, images.*Received: 'petals=3'"),
        ("species=1", "Received: 'species=1'"),
        ("difficulty=2", "Received: 'difficulty=2'"),
        ("images=1.5", "Received: 'images=1.5'"),
        ("seed", "Received: 'seed'"),
    ],
)
def test_unusable_options_are_refused(spec, message):
    with pytest.raises(ValueError, match=message):
        FloraSource.from_spec(spec)


@pytest.mark.parametrize("image_id", ["train", "train/Rosa/00001", "x/y", ""])
def test_unknown_ids_are_refused(image_id):
    with pytest.raises(ValueError, match="image_id="):
        FloraSource.from_spec(SMALL).read(image_id)


def test_contact_sheet_shows_classes_by_row():
    source = FloraSource.from_spec(SMALL)
    sheet = contact_sheet(source, 4, 3, tile=32)
    assert sheet.size == (3 * 36 + 4, 4 * (36 + 16) + 4)
    first = pixels(source.read(source.split("train").ids[0]))
    np.testing.assert_array_equal(np.asarray(sheet)[20:52, 4:36], first)


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "file" / "cache"))
    source = FloraSource(species=2, images=2, test=1, size=16)
    with pytest.warns(UserWarning, match="not cached.*FGKERAS_CACHE"):
        assert source.prepare() is None
    image_id = source.split("train").ids[0]
    assert source.read(image_id) == source.render(image_id)


def test_pictures_that_have_no_room_are_drawn_when_they_are_read(cache_folder):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    source = FloraSource.from_spec(SMALL)
    # Those who draw have it from this process.
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limit[1]))
    try:
        assert source.prepare(workers=1) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert not any(cache_folder.rglob("flora-*"))
    assert source.read(source.split("train").ids[0])
