"""Tests of the converters on miniature copies of the sets' own layouts."""

import io
import json
import os
import pickle

import numpy as np
import pytest
import scipy.io
from PIL import Image

from fgkeras.data.records.source import RecordsSource
from fgkeras.data.records.verify import verify
from tfrecords import _cifar
from tfrecords import _run
from tfrecords import cars196
from tfrecords import cifar10
from tfrecords import cifar100
from tfrecords import cub200_2011
from tfrecords import fgvc_aircraft
from tfrecords import food101
from tfrecords import generic
from tfrecords import imagenet2012
from tfrecords import inat2017
from tfrecords import inat2018
from tfrecords import nabirds
from tfrecords import omniglot
from tfrecords import oxford_flowers102
from tfrecords import sop
from tfrecords import stanford_dogs


def put(path, text=None):
    """Writes a text, or a gray picture 40 wide and 20 high."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        out = io.BytesIO()
        mode = "1" if path.suffix == ".png" else "RGB"
        kind = "PNG" if path.suffix == ".png" else "JPEG"
        Image.new(mode, (40, 20)).save(out, kind)
        path.write_bytes(out.getvalue())
    else:
        path.write_text(text)


def make_cub(root):
    put(root / "classes.txt", "1 001.Black_footed_Albatross\n2 002.Sooty\n")
    put(root / "images.txt", "1 001.B/a.jpg\n2 002.S/b.jpg\n3 001.B/c.jpg\n")
    put(root / "image_class_labels.txt", "1 1\n2 2\n3 1\n")
    put(root / "train_test_split.txt", "1 1\n2 1\n3 0\n")
    box = "10.0 5.0 20.0 15.0"
    put(root / "bounding_boxes.txt", f"1 {box}\n2 {box}\n3 {box}\n")
    for name in ("001.B/a", "002.S/b", "001.B/c"):
        put(root / f"images/{name}.jpg")


def make_nabirds(root):
    put(root / "classes.txt", "0 Birds\n1 Ducks\n2 Teals\n9 Teal\n10 Teal\n")
    put(root / "hierarchy.txt", "1 0\n2 1\n9 2\n10 2\n")
    put(root / "images.txt", "a-a 0009/a.jpg\nb-b 0010/b.jpg\n")
    put(root / "image_class_labels.txt", "a-a 9\nb-b 10\n")
    put(root / "train_test_split.txt", "a-a 1\nb-b 0\n")
    put(root / "bounding_boxes.txt", "a-a 0 0 40 20\nb-b 0 0 99 10\n")
    put(root / "images/0009/a.jpg")
    put(root / "images/0010/b.jpg")


def make_aircraft(root):
    put(root / "variants.txt", "707-320\nA300 B4\n")
    rows = {"train": ("1", "707-320"), "val": ("2", "A300 B4")}
    rows["test"] = ("3", "707-320")
    for split, (key, variant) in rows.items():
        family = "Boeing 707" if variant == "707-320" else "A300"
        maker = family.split()[0] if " " in family else "Airbus"
        put(root / f"images_variant_{split}.txt", f"{key} {variant}\n")
        put(root / f"images_family_{split}.txt", f"{key} {family}\n")
        put(root / f"images_manufacturer_{split}.txt", f"{key} {maker}\n")
        put(root / f"images/{key}.jpg")
    box = "4 2 20 10"
    put(root / "images_box.txt", "".join(f"{k} {box}\n" for k in "123"))


def make_flowers(root):
    root.mkdir(exist_ok=True)
    scipy.io.savemat(root / "imagelabels.mat", {"labels": [[2, 1, 1, 2]]})
    scipy.io.savemat(
        root / "setid.mat",
        {"trnid": [[1, 2]], "valid": [[4]], "tstid": [[3]]},
    )
    for number in range(1, 5):
        put(root / f"jpg/image_{number:05d}.jpg")


def make_food(root):
    put(root / "meta/classes.txt", "apple_pie\nbaby_back_ribs\n")
    put(root / "meta/labels.txt", "Apple pie\nBaby back ribs\n")
    listed = {"apple_pie": ["apple_pie/1"], "baby_back_ribs": []}
    put(root / "meta/train.json", json.dumps(listed))
    listed = {"apple_pie": [], "baby_back_ribs": ["baby_back_ribs/2"]}
    put(root / "meta/test.json", json.dumps(listed))
    put(root / "images/apple_pie/1.jpg")
    put(root / "images/baby_back_ribs/2.jpg")


CARS = np.array(["Acura RL Sedan 2012", "AM General Hummer SUV 2000"], object)
BOX = [(f"bbox_{side}", object) for side in ("x1", "y1", "x2", "y2")]


def make_cars(root):
    (root / "devkit").mkdir(parents=True)
    scipy.io.savemat(root / "devkit/cars_meta.mat", {"class_names": CARS})
    kinds = [*BOX, ("class", object), ("fname", object)]
    train = np.array(
        [(4, 2, 20, 10, 2, "00001.jpg"), (4, 2, 20, 10, 1, "00002.jpg")], kinds
    )
    test = np.array([(4, 2, 20, 10, 2, "00001.jpg")], kinds)
    for path, rows in (
        ("devkit/cars_train_annos.mat", train),
        ("cars_test_annos_withlabels.mat", test),
    ):
        scipy.io.savemat(root / path, {"annotations": rows})
    for name in ("train/00001", "train/00002", "test/00001"):
        put(root / f"cars_{name}.jpg")


def make_cars_in_one(root):
    root.mkdir(exist_ok=True)
    kinds = [("relative_im_path", object), *BOX]
    kinds += [("class", object), ("test", object)]
    rows = [
        ("car_ims/1.jpg", 4, 2, 20, 10, 2, 0),
        ("car_ims/2.jpg", 4, 2, 20, 10, 1, 0),
        ("car_ims/3.jpg", 4, 2, 20, 10, 2, 1),
    ]
    scipy.io.savemat(
        root / "cars_annos.mat",
        {"annotations": np.array(rows, kinds), "class_names": CARS},
    )
    for row in rows:
        put(root / row[0])


def make_dogs(root):
    root.mkdir(exist_ok=True)
    for split, path, label in (
        ("train", "n1-Chihuahua/n1_1.jpg", 1),
        ("test", "n2-Japanese_spaniel/n2_2.jpg", 2),
    ):
        cells = np.array([[path]], object)
        scipy.io.savemat(
            root / f"{split}_list.mat",
            {"file_list": cells, "labels": [[label]]},
        )
        put(root / "Images" / path)


def make_inat(root, year=2017):
    categories = [
        {"id": 3, "name": "Parus major", "supercategory": "Aves"},
        {"id": 1, "name": "Bellis perennis", "supercategory": "Plantae"},
    ]
    for split, category in (("train", 3), ("val", 1)):
        listed = {
            "images": [{"id": 7, "file_name": f"images/{split}.jpg"}],
            "annotations": [{"image_id": 7, "category_id": category}],
            "categories": categories,
        }
        put(root / f"{split}{year}.json", json.dumps(listed))
        put(root / f"images/{split}.jpg")


def make_inat2018(root):
    make_inat(root, 2018)
    named = [
        {"id": 1, "name": "Bellis perennis", "genus": "Bellis"},
        {"id": 3, "name": "Parus major", "genus": "Parus"},
    ]
    put(root / "categories.json", json.dumps(named))


def make_imagenet(root):
    kit = root / "ILSVRC2012_devkit_t12/data"
    kit.mkdir(parents=True)
    kinds = ["ILSVRC2012_ID", "WNID", "words", "num_children"]
    rows = [(1, "n02", "fox", 0), (2, "n01", "tench, Tinca", 0)]
    rows.append((3, "n00", "entity", 2))
    synsets = np.array(rows, [(kind, object) for kind in kinds])
    scipy.io.savemat(kit / "meta.mat", {"synsets": synsets})
    put(kit / "ILSVRC2012_validation_ground_truth.txt", "2\n1\n")
    for name in ("train/n01/n01_1", "train/n02/n02_1"):
        put(root / f"{name}.JPEG")
    for number in (1, 2):
        put(root / f"val/ILSVRC2012_val_0000000{number}.JPEG")


def pixels(count, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), "uint8")


def dump(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value, protocol=2))


def make_cifar10(root):
    dump(root / "batches.meta", {b"label_names": [b"airplane", b"cat"]})
    for number in range(1, 6):
        batch = {b"data": pixels(2, number), b"labels": [0, 1]}
        dump(root / f"data_batch_{number}", batch)
    dump(root / "test_batch", {b"data": pixels(1, 0), b"labels": [1]})


def make_cifar100(root):
    meta = {b"fine_label_names": [b"apple", b"oak_tree"]}
    meta[b"coarse_label_names"] = [b"trees", b"fruit"]
    dump(root / "meta", meta)
    for split, count in (("train", 2), ("test", 1)):
        batch = {b"data": pixels(count, count)}
        batch[b"fine_labels"] = [0, 1][:count]
        batch[b"coarse_labels"] = [1, 0][:count]
        dump(root / split, batch)


def make_sop(root):
    head = "image_id class_id super_class_id path\n"
    put(root / "Ebay_train.txt", head + "1 1 1 bicycle_final/1_0.JPG\n")
    put(root / "Ebay_test.txt", head + "2 20 2 coffee_maker_final/2_0.JPG\n")
    put(root / "bicycle_final/1_0.JPG")
    put(root / "coffee_maker_final/2_0.JPG")


def make_omniglot(root):
    put(root / "images_background/Early_Aramaic/character01/0709_01.png")
    put(root / "images_background/Early_Aramaic/character02/0710_01.png")
    put(root / "images_evaluation/Angelic/character01/0965_01.png")


BIRDS = ("Black footed Albatross", "Sooty")
CAR_ROWS = {"train": [1, 0], "test": [1]}
CAR_ROWS = (tuple(CARS), CAR_ROWS, {"make": ("Acura", "AM General")})
CASES = {
    "cub": (make_cub, cub200_2011, BIRDS, {"train": [0, 1], "test": [0]}, {}),
    "nabirds": (
        make_nabirds,
        nabirds,
        ("Teal (0)", "Teal (1)"),
        {"train": [0], "test": [1]},
        {"parent": ("Teals", "Teals"), "top": ("Ducks", "Ducks")},
    ),
    "aircraft": (
        make_aircraft,
        fgvc_aircraft,
        ("707-320", "A300 B4"),
        {"train": [0], "val": [1], "test": [0]},
        {
            "family": ("Boeing 707", "A300"),
            "manufacturer": ("Boeing", "Airbus"),
        },
    ),
    "flowers": (
        make_flowers,
        oxford_flowers102,
        ("flower 001", "flower 002"),
        {"train": [1, 0], "val": [1], "test": [0]},
        {},
    ),
    "food": (
        make_food,
        food101,
        ("Apple pie", "Baby back ribs"),
        {"train": [0], "test": [1]},
        {},
    ),
    "cars": (make_cars, cars196, *CAR_ROWS),
    "cars in one": (make_cars_in_one, cars196, *CAR_ROWS),
    "dogs": (
        make_dogs,
        stanford_dogs,
        ("Chihuahua", "Japanese spaniel"),
        {"train": [0], "test": [1]},
        {},
    ),
    "inat2017": (
        make_inat,
        inat2017,
        ("Bellis perennis", "Parus major"),
        {"train": [1], "val": [0]},
        {"supercategory": ("Plantae", "Aves")},
    ),
    "inat2018": (
        make_inat2018,
        inat2018,
        ("Bellis perennis", "Parus major"),
        {"train": [1], "val": [0]},
        {"genus": ("Bellis", "Parus")},
    ),
    "imagenet": (
        make_imagenet,
        imagenet2012,
        ("tench, Tinca", "fox"),
        {"train": [0, 1], "val": [0, 1]},
        {"wnid": ("n01", "n02")},
    ),
    "cifar10": (
        make_cifar10,
        cifar10,
        ("airplane", "cat"),
        {"train": [0, 1] * 5, "test": [1]},
        {},
    ),
    "cifar100": (
        make_cifar100,
        cifar100,
        ("apple", "oak tree"),
        {"train": [0, 1], "test": [0]},
        {"coarse": ("fruit", "trees")},
    ),
    "sop": (
        make_sop,
        sop,
        ("bicycle 1", "coffee maker 20"),
        {"train": [0], "test": [1]},
        {"category": ("bicycle", "coffee maker")},
    ),
    "omniglot": (
        make_omniglot,
        omniglot,
        ("Early Aramaic 01", "Early Aramaic 02", "Angelic 01"),
        {"train": [0, 1], "test": [2]},
        {"alphabet": ("Early Aramaic", "Early Aramaic", "Angelic")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_set_is_read_and_converted(tmp_path, name):
    make, converter, class_names, labels, hierarchy = CASES[name]
    make(tmp_path / "data")
    source = converter.source(str(tmp_path / "data"))
    assert source.class_names == class_names
    found = {k: v.labels.tolist() for k, v in source.splits.items()}
    assert found == labels
    for column, values in hierarchy.items():
        assert source.hierarchy[column] == values
    arguments = [str(tmp_path / "data"), str(tmp_path / "out")]
    assert _run.run(converter.source, "", argv=arguments) == 0
    assert verify(tmp_path / "out").ok
    back = RecordsSource(tmp_path / "out")
    assert back.class_names == class_names
    assert back.hierarchy == source.hierarchy
    for split, listed in source.splits.items():
        stored = back.split(split)
        assert sorted(stored.ids) == sorted(listed.ids)
        if listed.boxes is not None:
            rows = [listed.ids.index(i) for i in stored.ids]
            np.testing.assert_array_equal(stored.boxes, listed.boxes[rows])


def test_boxes_become_fractions_of_the_image(tmp_path):
    make_cub(tmp_path / "cub")
    box = cub200_2011.source(tmp_path / "cub").split("train").boxes[0]
    np.testing.assert_allclose(box, [5 / 20, 10 / 40, 20 / 20, 30 / 40])
    make_aircraft(tmp_path / "air")
    box = fgvc_aircraft.source(tmp_path / "air").split("val").boxes[0]
    np.testing.assert_allclose(box, [2 / 20, 4 / 40, 10 / 20, 20 / 40])
    make_nabirds(tmp_path / "nab")
    box = nabirds.source(tmp_path / "nab").split("test").boxes[0]
    np.testing.assert_allclose(box, [0, 0, 0.5, 1])  # clipped


def test_cifar_pixels_are_kept(tmp_path):
    make_cifar10(tmp_path)
    source = cifar10.source(tmp_path)
    data = source.read("train/00003.png")
    shown = np.asarray(Image.open(io.BytesIO(data)))
    planes = pixels(2, 2)[1].reshape(3, 32, 32)
    for channel in range(3):
        np.testing.assert_array_equal(shown[..., channel], planes[channel])


def test_a_pickle_cannot_run_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    dump(tmp_path / "meta", Evil())
    with pytest.raises(ValueError, match=r"asks for \w+\.mkdir"):
        _cifar.unpickle(tmp_path / "meta")
    assert not (tmp_path / "made").exists()


def test_a_missing_list_is_named(tmp_path, capsys):
    make_cub(tmp_path / "data")
    (tmp_path / "data/classes.txt").unlink()
    arguments = [str(tmp_path / "data"), str(tmp_path / "out")]
    assert _run.run(cub200_2011.source, "", argv=arguments) == 1
    assert "which has no classes.txt" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_generic_converts_a_folder(tmp_path, capsys):
    for name in ("wren/a", "wren/b", "robin/c", "robin/d"):
        put(tmp_path / f"photos/train/{name}.jpg")
    put(tmp_path / "photos/train/robin/e.jpg", "hello")
    arguments = [f"folder:{tmp_path}/photos", str(tmp_path / "out")]
    run = _run.run
    assert run(generic.source, "", screens=True, argv=arguments) == 1
    assert "e.jpg" in capsys.readouterr().err
    arguments.append("--skip-bad")
    assert run(generic.source, "", screens=True, argv=arguments) == 0
    shown = capsys.readouterr().out
    assert "train: 4 images, 1 files" in shown
    assert "left out: " in shown
    assert verify(tmp_path / "out").ok


def test_boxes_of_turned_files_are_of_what_is_shown(tmp_path):
    """A list counts the pixels of the file, a source those that are shown."""
    make_cub(tmp_path / "cub")
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "cub" / "images" / "001.B" / "a.jpg"
    Image.new("RGB", (40, 20)).save(path, exif=exif)
    source = cub200_2011.source(tmp_path / "cub")
    # The file is 40 wide and 20 high; shown, its left side is at the top.
    expected = [10 / 40, 0, 30 / 40, 1 - 5 / 20]
    np.testing.assert_allclose(source.split("train").boxes[0], expected)
