"""Pictures cropped to boxes: as if the files had held the crops alone."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.data.images import image
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.boxes import box_windows
from fgkeras.data.sources.boxes import widened
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.jobs import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import retrieve
from fgkeras.jobs import train
from fgkeras.jobs.exporting.gallery_images import GalleryImages
from fgkeras.models import load_model
from fgkeras.runs.classifier.from_run import changes_from
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.predictor import Predictor
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

SIZE = 24
SHAPES = [(40, 61), (53, 30), (64, 64), (26, 24), (20, 31), (80, 50)]
BOXES = np.array(
    [
        [0.1, 0.2, 0.9, 0.7],
        [0.0, 0.0, 1.0, 1.0],
        [0.31, 0.4, 0.52, 0.55],
        [0.5, 0.5, 1.0, 0.9],
        [0.2, 0.1, 0.35, 0.95],
        [0.05, 0.3, 0.6, 0.31],
    ],
    "float32",
)
MARGIN = 0.15
SLOW = pytest.mark.slow
KINDS = (
    "random_resized_crop",
    "inception_crop",
    "random_crop",
    "pad_crop",
    "none",
)


class Pictures(Source):
    """Random pictures without loss, whole or already cropped."""

    def __init__(self, pixels, boxes=None, save=None):
        save = save or saved
        ids = tuple(f"{i}.png" for i in range(len(pixels)))
        self.data = dict(zip(ids, map(save, pixels), strict=True))
        labels = np.arange(len(ids), dtype="int64") % 2
        splits = {"train": Split(ids, labels, boxes)}
        super().__init__("folder:pictures", ["a", "b"], splits)

    def read(self, image_id):
        return self.data[image_id]


class EveryImage:
    """A sampler of all images in order."""

    batch_size, steps_per_epoch = len(SHAPES), 1

    def batch(self, step):
        return np.arange(len(SHAPES))


def saved(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def pixels_of(shape, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (*shape, 3), "uint8")


WHOLE = [pixels_of(shape, i) for i, shape in enumerate(SHAPES)]


def cropped(pictures=WHOLE, boxes=BOXES, margin=MARGIN):
    """The pictures that lie in the boxes, cut out by hand."""
    out = []
    for pixels, box in zip(pictures, boxes.astype("float64"), strict=True):
        height, width = pixels.shape[:2]
        down, across = (box[2:] - box[:2]) * margin
        top = int(np.floor(max(0, box[0] - down) * height + 1e-3))
        left = int(np.floor(max(0, box[1] - across) * width + 1e-3))
        bottom = int(np.ceil(min(1, box[2] + down) * height - 1e-3))
        right = int(np.ceil(min(1, box[3] + across) * width - 1e-3))
        out.append(pixels[top:bottom, left:right])
    return out


def images_of(source, kind="none", way="tfdata", crop=True, **more):
    boxes = {"data.crop_to_box": True, "data.box_margin": MARGIN}
    config = fitting(
        {
            "data.source": "folder:pictures",
            "data.size": SIZE,
            "data.augmentation": kind,
            "data.input": way,
            **(boxes if crop else {}),
            **more,
        }
    )
    return SplitImages(source, "train", config, reporter=SILENT)


def evaluated(images):
    return np.concatenate([np.asarray(x) for x, _ in images.evaluation()])


def trained(images):
    batch = next(iter(images.training(EveryImage()).start(3)))[0]
    return np.asarray(batch)


@pytest.mark.parametrize(
    "way",
    [
        "tfdata",
        pytest.param("disk", marks=SLOW),
        pytest.param("arrays", marks=SLOW),
    ],
)
def test_it_is_as_if_the_files_held_the_crops(way):
    boxes = images_of(Pictures(WHOLE, BOXES), way=way)
    files = images_of(Pictures(cropped()), way=way, crop=False)
    np.testing.assert_array_equal(evaluated(boxes), evaluated(files))
    np.testing.assert_array_equal(boxes.pixels, files.pixels)
    for i in range(len(SHAPES)):
        np.testing.assert_array_equal(boxes.crop(i), files.crop(i))
        one, other = boxes.thumbnail(i), files.thumbnail(i)
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    # In another order, and with others.
    part = boxes.take([4, 0, 2])
    np.testing.assert_array_equal(evaluated(part), evaluated(files)[[4, 0, 2]])
    more = boxes.plus(part)
    np.testing.assert_array_equal(
        evaluated(more), evaluated(files)[[*range(6), 4, 0, 2]]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["tfdata", pytest.param("disk", marks=SLOW)])
def test_training_crops_are_those_of_the_crops(kind, way):
    boxes = images_of(Pictures(WHOLE, BOXES), kind, way)
    files = images_of(Pictures(cropped()), kind, way, crop=False)
    np.testing.assert_array_equal(trained(boxes), trained(files))


def gradient(height, width):
    """Red is the row, green the column."""
    pixels = np.zeros((height, width, 3), "uint8")
    pixels[..., 0] = np.linspace(0, 250, height)[:, None]
    pixels[..., 1] = np.linspace(0, 250, width)[None, :]
    return pixels


@pytest.mark.parametrize(
    ("orientation", "way"),
    [
        pytest.param(
            turn, way, marks=[] if (turn, way) == (6, "tfdata") else SLOW
        )
        for turn in (1, 3, 6, 8)
        for way in ("tfdata", "disk", "arrays")
    ],
)
def test_a_box_is_of_the_picture_as_it_is_shown(orientation, way):
    """Also where a window alone of a turned JPEG is decoded."""
    pixels = [gradient(*shape) for shape in SHAPES]
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = image.TRANSPOSE.get(orientation)
    # What is shown once it is turned is what the boxes are of.
    back = {6: 8, 8: 6}.get(orientation, orientation)
    undo = image.TRANSPOSE.get(back)

    def turned(shown):
        stored = Image.fromarray(shown)
        stored = stored if undo is None else stored.transpose(undo)
        assert turn is None or np.array_equal(stored.transpose(turn), shown)
        file = io.BytesIO()
        stored.save(file, "JPEG", quality=98, subsampling=0, exif=exif)
        return file.getvalue()

    boxes = images_of(Pictures(pixels, BOXES, turned), way=way)
    files = images_of(Pictures(cropped(pixels)), way=way, crop=False)
    np.testing.assert_allclose(evaluated(boxes), evaluated(files), atol=8)
    if way == "arrays":
        return
    for kind in ("random_crop", "inception_crop"):
        boxes = images_of(Pictures(pixels, BOXES, turned), kind, way)
        files = images_of(Pictures(cropped(pixels)), kind, way, crop=False)
        # Two transforms, and edges of 1 pixel that are stretched.
        apart = np.abs(trained(boxes) - trained(files))
        assert apart.mean() < 4
        assert np.percentile(apart, 99) < 12


def test_features_are_kept_by_the_boxes_too():
    whole = images_of(Pictures(WHOLE, BOXES), crop=False)
    boxes = images_of(Pictures(WHOLE, BOXES))
    assert whole.key() == images_of(Pictures(WHOLE), crop=False).key()
    keys = [
        images.key()
        for images in (
            whole,
            boxes,
            boxes.take([1, 0, 2, 3, 4, 5]),
            images_of(Pictures(WHOLE, BOXES), **{"data.box_margin": 0.2}),
            images_of(Pictures(WHOLE, BOXES[::-1].copy())),
        )
    ]
    assert all(a != b for i, a in enumerate(keys) for b in keys[:i])
    assert boxes.key() == images_of(Pictures(WHOLE, BOXES), way="disk").key()
    window = box_windows(widened(BOXES, MARGIN)[:1], [40], [61])[0]
    assert boxes.thumbnail(0).size == (window[3], window[2])


def listed(folder, boxes=True, count=16, side=48, seed=5):
    """A CSV of noise with a patch whose colour is its class, in a box."""
    rng = np.random.default_rng(seed)
    rows = []
    for split, of_class in (("train", count), ("test", 6)):
        for number in range(2 * of_class):
            label = number % 2
            pixels = rng.integers(0, 256, (side, side, 3), "uint8")
            y, x = rng.integers(0, side - 12, 2)
            pixels[y : y + 12, x : x + 12] = [90 + 60 * label, 120, 120]
            name = f"{split}{number}.png"
            Image.fromarray(pixels).save(folder / name)
            box = np.array([y, x, y + 12, x + 12]) / side if boxes else []
            rows.append([name, "ab"[label], split, *map(str, box)])
    write_rows(folder, rows, boxes)
    return rows


def write_rows(folder, rows, boxes=True):
    head = ["path", "label", "split"]
    head += ["ymin", "xmin", "ymax", "xmax"] if boxes else []
    with open(folder / "list.csv", "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def changes_of(folder, **more):
    return {
        "data.source": f"csv:{folder / 'list.csv'}",
        "data.size": 32,
        "data.crop_to_box": True,
        "data.box_margin": 0.05,
        "model.backbone": "small_cnn",
        "train.mode": "frozen",
        "train.epochs": 40,
        **more,
    }


def fit(folder, out, **more):
    config = Config.read(changes=changes_of(folder, **more))
    return train(config, out, reporter=SILENT)


@pytest.fixture(scope="module")
def boxed_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boxes")
    rows = listed(folder)
    fit(folder, folder / "run")
    return folder, rows


@SLOW
def test_a_run_learns_what_lies_in_the_boxes(boxed_run, tmp_path):
    folder, _ = boxed_run
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    assert metrics["top1"]["value"] > 0.9
    whole = {"data.crop_to_box": False}
    config = {
        k: v
        for k, v in changes_of(folder, **whole).items()
        if "margin" not in k
    }
    train(Config.read(changes=config), tmp_path / "w", reporter=SILENT)
    other = json.loads((tmp_path / "w" / "metrics.json").read_text())
    assert other["top1"]["value"] < metrics["top1"]["value"]


@SLOW
def test_evaluate_sees_the_boxes_again_and_other_ones_are_told(boxed_run):
    folder, rows = boxed_run
    before = json.loads((folder / "run" / "metrics.json").read_text())
    again = evaluate(folder / "run", reporter=SILENT)[0]
    assert again["top1"] == before["top1"]
    try:
        moved = [[*row] for row in rows]
        moved[-1][3:] = "0", "0", "1", "1"
        write_rows(folder, moved)
        with pytest.raises(ValueError, match="1 with another box"):
            evaluate(folder / "run", reporter=SILENT)
        with pytest.raises(ValueError, match="1 with another box"):
            fit(folder, folder / "run")
    finally:
        write_rows(folder, rows)


@SLOW
def test_other_images_need_boxes_too(boxed_run, tmp_path):
    folder, _ = boxed_run
    listed(tmp_path, boxes=False)
    spec = f"csv:{tmp_path / 'list.csv'}"
    whole = "or list 0,0,1,1 as the box of whole pictures"
    with pytest.raises(ValueError, match=whole):
        evaluate(folder / "run", data=spec, split="test", reporter=SILENT)
    photo = str(tmp_path / "test0.png")
    with pytest.raises(ValueError, match=whole):
        retrieve(folder / "run", [photo], gallery=spec, reporter=SILENT)
    with pytest.raises(ValueError, match="which has none"):
        fit(tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@SLOW
def test_pictures_without_a_box_stop_or_are_counted(tmp_path):
    rows = listed(tmp_path, count=6)
    rows[0][3:] = [""] * 4
    write_rows(tmp_path, rows)
    with pytest.raises(ValueError, match="train0.png: it has no box"):
        fit(tmp_path, tmp_path / "run")
    fit(tmp_path, tmp_path / "run", **{"data.skip_bad": True})
    data = json.loads((tmp_path / "run" / "data.json").read_text())
    assert "train0.png" not in data["images"]["train"]["ids"]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert ["train0.png", "it has no box"] in metrics["refused"]
    # Where boxes are not used, it is an image like others.
    whole = {"data.crop_to_box": False, "data.box_margin": 0.0}
    changes = changes_of(tmp_path, **whole)
    del changes["data.box_margin"]
    train(Config.read(changes=changes), tmp_path / "whole", reporter=SILENT)
    data = json.loads((tmp_path / "whole" / "data.json").read_text())
    assert "train0.png" in data["images"]["train"]["ids"]
    assert "boxes" not in data["images"]["train"]


def test_a_margin_alone_is_refused():
    with pytest.raises(ValueError, match="with data.crop_to_box"):
        Config.read(changes={"data.box_margin": 0.1}).resolved()


@SLOW
def test_predict_retrieve_and_an_export_say_that_they_see_pictures_whole(
    boxed_run, tmp_path, capsys
):
    folder, rows = boxed_run
    run, photo = str(folder / "run"), str(folder / rows[-1][0])
    assert main(["predict", run, photo]) == 0
    assert "5 % of it on each side" in capsys.readouterr().err
    found = retrieve(run, [photo], reporter=SILENT)
    assert "crops none" in found["notes"][-1]
    out = export(run, tmp_path / "out")
    about = json.loads((out / "model-metadata.json").read_text())
    assert about["parity"]["source"] == "kept by the run"
    assert about["parity"]["probabilities"] < 1e-3
    assert about["preprocessing"]["boxes"]["margin"] == 0.05
    card = (out / "MODEL_CARD.md").read_text()
    assert "trained and measured on pictures cropped to boxes" in card
    assert main(["predict", str(out), photo]) == 0
    assert "crops none" in capsys.readouterr().err
    # What its answers are of a picture that was cropped before is what the
    # run measured of its box.
    config = RunFolder.open(run).config()
    source = open_source(config.data.source, boxes=True)
    images = SplitImages(source, "test", config, reporter=SILENT)
    expected = Predictor(run).logits(images).argmax(axis=1)
    (window,) = box_windows(images.boxes[-1:], [48], [48]).tolist()
    y, x, h, w = window
    whole = np.asarray(Image.open(photo))
    Image.fromarray(whole[y : y + h, x : x + w]).save(tmp_path / "crop.png")
    (row,) = predict(str(out), [tmp_path / "crop.png"], top_k=1)
    assert row["classes"] == ["ab"[expected[-1]]]


@SLOW
def test_neighbours_are_searched_among_the_boxes(boxed_run):
    folder, rows = boxed_run
    predictor = Predictor(folder / "run")
    images = GalleryImages.open(
        predictor, predictor.config, None, "test", SILENT
    )
    source = open_source(predictor.config.data.source, boxes=True)
    seen = SplitImages(source, "test", predictor.config, SILENT)
    np.testing.assert_allclose(
        images.vectors(), predictor.vectors(seen), atol=1e-5
    )


@SLOW
def test_classes_that_are_added_to_a_run_are_seen_in_their_boxes_too(boxed_run):
    folder, _ = boxed_run
    found = changes_from(
        folder / "run",
        {"data.source": "csv:more.csv", "method.name": "ncm"},
    )
    assert found["data.crop_to_box"] is True
    assert found["data.box_margin"] == 0.05


def cut_out(folder, rows, margin):
    """Writes what lies in the boxes of a list as files of their own."""
    for name, _, _, *box in rows:
        pixels = np.asarray(Image.open(folder / name))
        box = np.array([box], "float32")
        (crop,) = cropped([pixels], box, margin)
        Image.fromarray(crop).save(folder / name)
    write_rows(folder, [row[:3] for row in rows], boxes=False)


@SLOW
@pytest.mark.parametrize("kind", ["stage", "frozen", "finetune"])
def test_what_else_is_trained_on_is_seen_in_its_boxes_too(kind, tmp_path):
    own, more = tmp_path / "own", tmp_path / "more"
    rows = {}
    for folder, seed in ((own, 5), (more, 6)):
        folder.mkdir()
        rows[folder] = listed(folder, count=6, seed=seed)
    spec = f"csv:{more / 'list.csv'}"
    changes = {**changes_of(own), "train.epochs": 2}
    if kind == "stage":
        del changes["train.mode"]
        changes["stages.first.tune"] = "head"
        changes["stages.second.tune"] = "head"
        changes["stages.second.data.source"] = spec
    else:
        changes["train.mode"] = kind
        changes["method.name"] = "triplet-naive"
        changes["method.rejected"] = spec

    def weights(out):
        config = Config.read(changes=changes)
        run = train(config, tmp_path / out, reporter=SILENT).folder
        return load_model(run / "model.keras").get_weights()

    def apart(some, others):
        pairs = zip(some, others, strict=True)
        return max(np.abs(a - b).max() for a, b in pairs)

    boxes = weights("boxes")
    write_rows(more, [[*row[:3], 0, 0, 1, 1] for row in rows[more]])
    assert apart(boxes, weights("whole"))
    write_rows(more, [row[:3] for row in rows[more]], boxes=False)
    with pytest.raises(ValueError, match="more/list.csv, which has none"):
        weights("none")
    margin = changes.pop("data.box_margin")
    del changes["data.crop_to_box"]
    for folder in (own, more):
        cut_out(folder, rows[folder], margin)
    assert apart(boxes, weights("files")) == 0
