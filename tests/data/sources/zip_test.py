import concurrent.futures
import pathlib
import pickle
import warnings
import zipfile

import pytest

from fgkeras.data.images.encoded import read_checked
from fgkeras.data.sources.zip import ZipSource
from tests.data import pictures

REAL = pathlib.Path(__file__).parents[4] / "shared" / "data"
NAMES = ("train/a/1.jpg", "train/b/1.jpg", "test/b/1.jpg")


def pack(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def members():
    return {name: pictures.jpeg(seed) for seed, name in enumerate(NAMES)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("prefix", ["", "birds/"])
def test_members_are_read_in_place(tmp_path, members, method, prefix):
    members = {prefix + name: data for name, data in members.items()}
    path = pack(tmp_path / "x.zip", members, compression=method)
    source = ZipSource(path)
    assert source.class_names == ("a", "b")
    assert list(source.splits) == ["train", "test"]
    twin = pickle.loads(pickle.dumps(source.select("train", [1])))
    for name, data in members.items():
        assert source.read(name) == data
        assert twin.read(name) == data
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]


def test_extra_fields_before_the_data_are_passed_over(tmp_path):
    path = tmp_path / "x.zip"
    member = zipfile.ZipInfo("a/1.jpg")
    member.extra = b"\x55\x54\x05\x00\x01" + b"\0" * 4
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, pictures.jpeg())
    assert ZipSource(path).read("a/1.jpg") == pictures.jpeg()


def test_many_threads_read_at_once(tmp_path, members):
    source = ZipSource(pack(tmp_path / "x.zip", members))
    names = list(members) * 300
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for name, data in zip(names, pool.map(source.read, names), strict=True):
            assert data == members[name]


def test_the_class_table_inside_goes_before_the_one_beside(tmp_path, members):
    (tmp_path / "classes.csv").write_text("class,kind\na,x\nb,y\n")
    path = pack(tmp_path / "x.zip", members)
    assert ZipSource(path).hierarchy == {"kind": ("x", "y")}
    inside = {**members, "classes.csv": "class,group\na,u\nb,u\n"}
    path = pack(tmp_path / "y.zip", inside)
    assert ZipSource(path).hierarchy == {"group": ("u", "u")}


def test_an_empty_class_folder_is_named(tmp_path, members):
    path = pack(tmp_path / "x.zip", {**members, "test/void/": b""})
    with pytest.raises(ValueError, match="test/void: .* without an image"):
        ZipSource(path)
    path = pack(tmp_path / "y.zip", {**members, "test/c/notes.txt": b"x"})
    with pytest.raises(ValueError, match="test/c: .* without an image"):
        ZipSource(path)
    assert ZipSource(path, skip_bad=True).refused[0][0] == "test/c"


def test_what_is_no_zip_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is nothing"):
        ZipSource(tmp_path / "x.zip")
    (tmp_path / "x.zip").write_bytes(b"hello")
    with pytest.raises(ValueError, match="whole zip file"):
        ZipSource(tmp_path / "x.zip")


def test_members_that_cannot_be_read_in_place_are_refused(tmp_path, members):
    path = pack(tmp_path / "x.zip", members, compression=zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match="neither `stored` nor `deflate`"):
        ZipSource(path)
    path = tmp_path / "y.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pack(path, members)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("train/a/1.jpg", b"other")
    with pytest.raises(ValueError, match="two members .*: train/a/1.jpg"):
        ZipSource(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_named(tmp_path, members, method):
    path = pack(tmp_path / "x.zip", members, compression=method)
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("train/b/1.jpg").header_offset + 30 + 13 + 40
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    source = ZipSource(path)
    with pytest.raises(ValueError, match="train/b/1.jpg.*in the zip"):
        read_checked(source, "train/b/1.jpg")
    assert source.read("train/a/1.jpg") == members["train/a/1.jpg"]


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="needs the shared data")
def test_real_sets():
    source = ZipSource(REAL / "omniglot" / "omniglot.zip")
    assert source.num_classes == 1623
    assert len(set(source.hierarchy["alphabet"])) == 50
    train, test = (source.counts(name) for name in ("train", "test"))
    assert (train.sum(), test.sum()) == (19280, 13180)
    assert not ((train > 0) & (test > 0)).any()
    grocery = ZipSource(REAL / "grocery" / "grocery.zip")
    assert [int(grocery.counts(s).sum()) for s in grocery.splits] == [
        2640,
        296,
        2485,
    ]
