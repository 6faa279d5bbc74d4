import json

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.jobs import suspects
from fgkeras.jobs.suspects import copies_apart
from fgkeras.training.reporter import SILENT

COLOURS = {"blue": (20, 40, 220), "green": (30, 180, 60), "red": (220, 30, 30)}


def photo(colour, seed):
    """Coarse texture of one colour: no two are copies of each other."""
    rng = np.random.default_rng(seed)
    texture = rng.uniform(0.35, 1, (12, 12, 1)) * np.array(colour)
    image = Image.fromarray(texture.astype("uint8"))
    return image.resize((48, 48), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Three colours with an error of every kind, and a body's weights."""
    from fgkeras.models.backbones import backbone

    root = tmp_path_factory.mktemp("world")
    for split, count in (("train", 14), ("test", 6)):
        for k, (name, colour) in enumerate(COLOURS.items()):
            folder = root / "photos" / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                seed = 1000 * (split == "test") + 100 * k + i
                photo(colour, seed).save(folder / f"{i}.png")
    train, test = root / "photos" / "train", root / "photos" / "test"
    photo(COLOURS["red"], 77).save(train / "blue" / "wrong.png")
    again = photo(COLOURS["green"], 103)
    again = again.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    again.save(train / "red" / "copy.jpg", quality=90)
    photo(COLOURS["red"], 205).resize((40, 40)).save(test / "red" / "leak.png")
    photo(COLOURS["blue"], 4).save(train / "blue" / "twice.jpg", quality=90)
    Image.new("RGB", (48, 48), "white").save(test / "green" / "blank.png")
    body = backbone("small_cnn", (32, 32, 3))
    body.save_weights(root / "body.weights.h5")
    return root


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))


def ask(world, out, **options):
    return suspects(
        f"folder:{world}/photos",
        weights=str(world / "body.weights.h5"),
        backbone="small_cnn",
        size=32,
        out=out,
        reporter=SILENT,
        **options,
    )[0]


def only(found, kind):
    return [row for row in found["rows"] if row["kind"] == kind]


def test_an_error_of_every_kind_is_found(world, cache, tmp_path):
    found = ask(world, tmp_path / "s")
    assert found == json.loads((tmp_path / "s" / "suspects.json").read_text())
    assert found["counts"] == {
        kind: len(only(found, kind)) for kind in found["counts"]
    }
    scores = [row["score"] for row in found["rows"]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 1
    first = only(found, "wrong_label")[:2]
    assert {row["file"] for row in first} == {
        "train/blue/wrong.png", "train/red/copy.jpg",
    }  # fmt: skip
    wrong = next(r for r in first if r["file"].endswith("wrong.png"))
    assert (wrong["class"], wrong["other_class"]) == ("blue", "red")
    (row,) = only(found, "copy_with_other_label")
    assert (row["file"], row["other"], row["mirrored"]) == (
        "train/red/copy.jpg", "train/green/3.png", True,
    )  # fmt: skip
    (row,) = only(found, "copy_across_splits")
    assert {row["file"], row["other"]} == {
        "test/red/leak.png", "train/red/5.png",
    }  # fmt: skip
    assert {row["split"], row["other_split"]} == {"train", "test"}
    (row,) = only(found, "copy_within_split")
    assert {row["file"], row["other"]} == {
        "train/blue/4.png", "train/blue/twice.jpg",
    }  # fmt: skip
    (row,) = only(found, "blank")
    assert (row["file"], row["score"]) == ("test/green/blank.png", 100)
    assert (row["other"], row["other_class"]) == (None, None)
    # What shows nothing is not judged, and judges nobody.
    assert found["looked_at"]["images"] == 65
    assert found["looked_at"]["labels"] == 64
    page = (tmp_path / "s" / "suspects.html").read_text("utf-8")
    assert "Near copies under different labels: 1" in page
    assert "mirrored" in page


@pytest.mark.slow
def test_one_split_and_fewer_and_more(world, cache, tmp_path):
    found = ask(world, tmp_path / "a", split="test", least=3.0)
    assert found["splits"] == ["test"]
    assert found["looked_at"]["images"] == 20
    assert found["counts"]["blank"] == 1
    assert not only(found, "copy_across_splits")
    more = ask(world, tmp_path / "b", least=0.2)
    assert more["counts"]["wrong_label"] > 2
    assert min(row["score"] for row in more["rows"]) < 1
    assert more["counts"]["copy_within_split"] == 1


@pytest.mark.slow
def test_some_images_are_seen_and_all_compared(world, cache, tmp_path):
    found = ask(world, tmp_path / "s", max_images=12)
    assert found["looked_at"]["images"] == 65
    assert found["looked_at"]["by_the_network"] <= 24
    assert found["counts"]["copy_within_split"] == 1
    with pytest.raises(ValueError, match="need 6"):
        ask(world, tmp_path / "t", max_images=5)


def test_without_a_network_labels_are_not_judged(world, capsys, tmp_path):
    words = ["data", "suspects", f"folder:{world}/photos", "--weights", "none"]
    assert main([*words, "--quiet", "--out", str(tmp_path / "s")]) == 0
    said = capsys.readouterr().out
    assert "65 images, 0 seen by the network, 0 labels judged" in said
    assert "copy with other label: 1" in said
    assert "train/red/copy.jpg" in said
    page = (tmp_path / "s" / "suspects.html").read_text("utf-8")
    assert "not looked for" in page
    found = json.loads((tmp_path / "s" / "suspects.json").read_text())
    assert found["weights"] is None


@pytest.mark.parametrize(
    "detector",
    [pytest.param("out-of-fold", marks=pytest.mark.slow), "both"],
)
def test_labels_by_another_detector(world, cache, capsys, tmp_path, detector):
    """As typed: what is found, and by whom, in the words and on the page."""
    words = ["data", "suspects", f"folder:{world}/photos"]
    words += ["--weights", str(world / "body.weights.h5"), "--size", "32"]
    words += ["--backbone", "small_cnn", "--out", str(tmp_path / "s")]
    assert main([*words, "--quiet", "--detector", detector]) == 0
    said = capsys.readouterr().out
    assert "64 labels judged" in said
    assert "confident learning counts 2 wrong labels" in said
    assert ("found by" in said) == (detector == "both")
    found = json.loads((tmp_path / "s" / "suspects.json").read_text())
    assert found["detector"] == detector
    first = only(found, "wrong_label")[:2]
    assert {row["file"] for row in first} == {
        "train/blue/wrong.png", "train/red/copy.jpg",
    }  # fmt: skip
    wrong = next(r for r in first if r["file"].endswith("wrong.png"))
    assert (wrong["class"], wrong["other_class"]) == ("blue", "red")
    assert wrong["other"].split("/")[1] == "red"
    by = {"both": ["features", "out-of-fold"]}.get(detector, [detector])
    for row in only(found, "wrong_label"):
        assert row["found_by"]
        assert set(row["found_by"]) <= set(by)
        assert row["score"] >= 1
    page = (tmp_path / "s" / "suspects.html").read_text("utf-8")
    assert "fitted to other images" in page
    assert ("found by" in page) == (detector == "both")


def test_a_detector_needs_features_and_a_name(world, capsys, tmp_path):
    words = ["data", "suspects", f"folder:{world}/photos", "--weights", "none"]
    words += ["--quiet", "--out", str(tmp_path / "s")]
    assert main([*words, "--detector", "both"]) != 0
    assert "detector='both', weights=None" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*words, "--detector", "folds"])
    assert "out-of-fold" in capsys.readouterr().err
    with pytest.raises(ValueError, match="detector='folds'"):
        suspects(f"folder:{world}/photos", detector="folds")
    assert not (tmp_path / "s").exists()


def test_the_help_names_the_detectors(capsys):
    with pytest.raises(SystemExit):
        main(["data", "suspects", "--help"])
    assert "fitted to the other images" in " ".join(
        capsys.readouterr().out.split()
    )


def test_pictures_without_classes_have_copies(world, tmp_path):
    found, _ = suspects(
        f"images:{world}/photos", weights=None, out=tmp_path / "s",
        reporter=SILENT,
    )  # fmt: skip
    assert found["counts"]["blank"] == 1
    assert found["counts"]["copy_with_other_label"] == 0
    assert found["counts"]["copy_within_split"] == 3
    assert {row["class"] for row in found["rows"]} == {None}


def test_a_file_that_cannot_be_read_stops_or_is_listed(world, tmp_path):
    folder = tmp_path / "photos" / "a"
    folder.mkdir(parents=True)
    photo((90, 90, 200), 1).save(folder / "1.png")
    (folder / "2.png").write_bytes(b"no picture")
    options = {"weights": None, "reporter": SILENT, "out": tmp_path / "s"}
    with pytest.raises(ValueError, match="2.png"):
        suspects(f"folder:{tmp_path}/photos", **options)
    found, _ = suspects(f"folder:{tmp_path}/photos", skip_bad=True, **options)
    assert found["looked_at"]["images"] == 1


def test_another_page_is_not_written_over(world, tmp_path):
    options = {"weights": None, "reporter": SILENT, "out": tmp_path / "s"}
    suspects(f"folder:{world}/photos", split="test", **options)
    suspects(f"folder:{world}/photos", **options)
    with pytest.raises(ValueError, match="holds that of"):
        suspects("flora:species=2,images=3,size=32", **options)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "suspects.html").write_text("mine")
    options["out"] = tmp_path / "t"
    with pytest.raises(ValueError, match="another page"):
        suspects(f"folder:{world}/photos", **options)
    with pytest.raises(ValueError, match="least=0"):
        suspects(f"folder:{world}/photos", least=0)


def test_the_audit_says_what_is_wrong(world, cache, capsys, tmp_path):
    words = [
        "audit", f"folder:{world}/photos", "--backbone", "small_cnn",
        "--size", "32", "--quiet", "--sources",
        str(world / "body.weights.h5"), "--out", str(tmp_path / "a"),
    ]  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "! 1 near copy under another label: see Suspects." in said
    assert "! 1 blank picture: see Suspects." in said
    found = json.loads((tmp_path / "a" / "audit.json").read_text())
    counts = found["suspects"]["counts"]
    assert counts["copy_across_splits"] == counts["copy_within_split"] == 1
    files = [r["file"] for r in only(found["suspects"], "wrong_label")]
    assert {"train/blue/wrong.png", "train/red/copy.jpg"} <= set(files)
    page = (tmp_path / "a" / "audit.html").read_text("utf-8")
    assert "Nothing is wrong" not in page
    assert "Near copies in different splits: 1" in page


def test_copies_of_the_same_bytes_stand_among_the_duplicates():
    def row(file, other, kind="copy_within_split"):
        return {"kind": kind, "file": file, "other": other}

    rows = [
        row("a", "b"), row("a", "c"), row("d", "e"), row("e", "f"),
        row("a", "b", "wrong_label"),
    ]  # fmt: skip
    group = [{"id": "a"}, {"id": "b"}]
    duplicates = {"within_splits": [group], "x": [[{"id": "e"}, {"id": "f"}]]}
    found = copies_apart({"rows": rows}, duplicates)
    assert found["rows"] == [rows[1], rows[2], rows[4]]
    assert found["counts"]["copy_within_split"] == 2
    assert found["counts"]["wrong_label"] == 1
