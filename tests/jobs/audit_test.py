import json

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.granularity import rankm
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.similarity import domain_of
from fgkeras.training.reporter import SILENT
from fgkeras.transfer import Domain


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A folder of plain colours with one leak, and two weights files."""
    from fgkeras.models.backbones import backbone

    root = tmp_path_factory.mktemp("world")
    rng = np.random.default_rng(0)
    for split, count in (("train", 6), ("test", 3)):
        for label, tint in (("blue", 200), ("green", 120), ("red", 20)):
            folder = root / "photos" / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 40, (32, 32, 3)) + [
                    0,
                    tint,
                    255 - tint,
                ]
                pixels = np.minimum(pixels, 255).astype("uint8")
                Image.fromarray(pixels).save(folder / f"{i}.png")
    leak = root / "photos" / "train" / "red" / "0.png"
    copy = root / "photos" / "test" / "blue" / "copy.png"
    copy.write_bytes(leak.read_bytes())
    for name in ("one", "two"):
        body = backbone("small_cnn", (32, 32, 3))
        body.save_weights(root / f"{name}.weights.h5")
    return root


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))


COMMON = ["--backbone", "small_cnn", "--size", "32", "--quiet", "--json"]


def ask(capsys, *words):
    assert main([str(w) for w in words] + COMMON) == 0
    return json.loads(capsys.readouterr().out)


def test_audit_finds_the_leak_and_chooses(world, cache, capsys, tmp_path):
    weights = [world / "one.weights.h5", world / "two.weights.h5"]
    found = ask(
        capsys, "audit", f"folder:{world}/photos", "--sources", *weights,
        "--source-sets", f"folder:{world}/photos", "--out", tmp_path / "a",
    )  # fmt: skip
    assert found == json.loads((tmp_path / "a" / "audit.json").read_text())
    assert found["problems"][0].startswith("1 picture in more than one split")
    assert "different labels" in found["problems"][1]
    assert len(found["granularity"]) == 2
    best = min(found["granularity"], key=lambda row: row["value"])
    assert found["recipe"][0]["choice"] == best["name"]
    assert best["path"] in found["commands"][0]["command"]
    assert found["similarity"][0]["distance"] == pytest.approx(0, abs=1e-5)
    page = (tmp_path / "a" / "audit.html").read_text("utf-8")
    assert "In more than one split: 1" in page


def test_audit_without_weights_looks_at_the_files(world, capsys, tmp_path):
    found = ask(
        capsys, "audit", f"folder:{world}/photos", "--out", tmp_path / "a",
        "--skip-bad", "--ignore", "*.mov,old/*",
    )  # fmt: skip
    (row,) = found["commands"]
    assert "--skip-bad --ignore '*.mov,old/*'" in row["command"]
    assert any("'*.mov', 'old/*' meets" in text for text in found["problems"])
    assert found["granularity"] == []
    assert found["recipe"] == []


def test_granularity_is_that_of_the_features(world, cache, capsys):
    path = world / "one.weights.h5"
    found = ask(
        capsys, "granularity", f"folder:{world}/photos", "--weights", path
    )
    sample = ImageSample(f"folder:{world}/photos", reporter=SILENT)
    features = sample.features("small_cnn", path, 32)
    row = found["weights"]["one"]
    assert row["rankm"]["value"] == rankm(features, sample.names).value
    assert found["drawn"]["images"] == 18
    assert len(row["hardest_pairs"]) == 3


def test_granularity_says_what_it_stands_on(world, cache, capsys):
    words = [
        "granularity", f"folder:{world}/photos", "--weights",
        str(world / "one.weights.h5"), "--backbone", "small_cnn", "--size",
        "32", "--quiet", "--max-images", "13",
    ]  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "12 of 18 images, 3 of 3 classes" in said
    assert "4 to 4 images a class, median 4" in said
    assert "do not compare: --classes-drawn K" in said
    assert "Most classes have 4 images or fewer here" in said
    drawn = [*words, "--classes-drawn", "2", "--images-drawn", "3"]
    assert main(drawn) == 0
    said = capsys.readouterr().out
    assert "Of 2 classes, 3 images of each, drawn 50 times: mean" in said
    assert main([*drawn, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    again = found["weights"]["one"]["drawn_again"]["rankm"]
    assert 0 <= again["low"] <= again["value"] <= again["high"] <= 1
    assert found["drawn"]["images_of_a_class"] == [4, 4.0, 4]


def test_too_small_a_sample_is_refused_with_the_number(world, cache, capsys):
    words = [
        "granularity",
        f"folder:{world}/photos",
        "--weights",
        "one",
        *COMMON,
    ]
    for more, said in (
        (["--max-images", "5"], "3 classes, which need 6"),
        (["--classes-drawn", "4"], "3 of 3 classes have so many"),
        (["--images-drawn", "4"], "--classes-drawn"),
    ):
        assert main([*words, *more]) == 1
        assert said in capsys.readouterr().err


def test_a_sample_holds_all_classes_however_many(world, monkeypatch):
    photos = f"folder:{world}/photos"
    monkeypatch.setattr("fgkeras.jobs.image_sample._MAX_IMAGES", 4)
    assert ImageSample(photos, reporter=SILENT).drawn["images"] == 6
    monkeypatch.setattr("fgkeras.jobs.image_sample._MAX_IMAGES", 10)
    assert ImageSample(photos, reporter=SILENT).drawn["images"] == 9


def test_similarity_says_near_and_far(world, cache, capsys):
    near = f"folder:{world}/photos"
    far = "flora:species=3,images=6,size=32"
    words = ["similarity", near, far, near, "--weights",
             str(world / "one.weights.h5")]  # fmt: skip
    found = ask(capsys, *words)
    first, second = found["targets"]
    scale = found["scale"]
    assert (first["name"], second["name"]) == (near, far)
    assert second["relative"] == 1
    assert first["relative"] == pytest.approx(
        -scale["near"] / (scale["far"] - scale["near"]), abs=1e-3
    )
    assert set(scale["halves"]) == {near, far}
    assert scale["near"] == pytest.approx(np.mean([*scale["halves"].values()]))
    plain = [w for w in COMMON if w != "--json"]
    assert main([*words, *plain]) == 0
    said = capsys.readouterr().out
    assert "near 0, far 1" in said
    assert f"far 1: {far}" in said


def test_one_target_alone_has_no_scale(world, cache, capsys, tmp_path):
    photos, path = f"folder:{world}/photos", world / "one.weights.h5"
    file = tmp_path / "d.npz"
    found = ask(
        capsys, "similarity", photos, photos, "--weights", path, "--save", file
    )
    assert found["targets"][0]["relative"] is None
    assert "one set alone" in found["scale"]["reason"]
    found = ask(capsys, "similarity", file, file, file)
    assert "no set here has images" in found["scale"]["reason"]


def test_similarity_takes_saved_domains(world, cache, capsys, tmp_path):
    photos, path = f"folder:{world}/photos", world / "one.weights.h5"
    first = ask(
        capsys, "similarity", photos, photos, "--weights", path,
        "--save", tmp_path / "d.npz",
    )  # fmt: skip
    assert first["targets"][0]["similarity"] == pytest.approx(1, abs=1e-6)
    second = ask(capsys, "similarity", tmp_path / "d.npz", tmp_path / "d.npz")
    nearest = second["targets"][0]["nearest_classes"]
    assert all(row["target"] == row["sources"][0]["name"] for row in nearest)


def test_small_classes_of_saved_domains_are_left_out(tmp_path):
    path = str(tmp_path / "d.npz")
    Domain([[0.0], [1.0]], [3, 9], "ab").save(path)
    arguments = path, None, "mobilenet_v2", 160
    assert domain_of(*arguments, min_images=5).class_names == ("b",)
    with pytest.raises(ValueError, match="min_images=10"):
        domain_of(*arguments, min_images=10)


def test_refusals_name_the_way_out(world, cache, capsys):
    photos = f"folder:{world}/photos"
    for words, said in (
        (["similarity", photos, photos], "weights=None"),
        (["audit", photos, "--source-sets", photos], "--sources"),
        (["granularity", photos, "--weights", "a", "a"], "a twice"),
        (["granularity", photos, "--weights", "a", "--by", "x"], "by='x'"),
        (["granularity", photos, "--weights", "a", "--index", "x"], "x"),
    ):
        assert main([*words, *COMMON]) == 1
        assert said in capsys.readouterr().err


def test_one_pre_training_stands_in_the_command(world, cache, capsys, tmp_path):
    weights = world / "one.weights.h5"
    found = ask(
        capsys, "audit", f"folder:{world}/photos", "--sources", weights,
        "--out", tmp_path / "a",
    )  # fmt: skip
    assert f"--weights {weights}" in found["commands"][0]["command"]
    assert 0 <= found["told_by_class_means"] <= 1
    # One batch, of which the time to build the graph is a part.
    assert found["images_a_second"] == {}
    assert found["commands"][0]["minutes"] is None


def test_classes_of_one_image_are_not_measured(world, cache, capsys, tmp_path):
    """They would count as classes that are told apart without an error."""
    for name, count in (("blue", 4), ("green", 1), ("red", 4)):
        (tmp_path / "some" / name).mkdir(parents=True)
        for i in range(count):
            picture = world / "photos" / "train" / name / f"{i}.png"
            to = tmp_path / "some" / name / f"{i}.png"
            to.write_bytes(picture.read_bytes())
    spec, path = f"folder:{tmp_path}/some", world / "one.weights.h5"
    found = ask(
        capsys, "audit", spec, "--sources", path, "--out", tmp_path / "a"
    )
    assert any(
        problem.startswith("1 of 3 classes looked at has one image")
        and problem.endswith("measured over the other 2.")
        for problem in found["problems"]
    )
    assert set(found["class_scores"]) == {"blue", "red"}
    page = (tmp_path / "a" / "audit.html").read_text("utf-8")
    assert "over 2 of 3 classes" in page
    row = ask(capsys, "granularity", spec, "--weights", path)
    assert row["compared"] == {"classes": 2, "of_classes": 3}
    numbers = row["weights"]["one"]
    assert numbers["rankm"]["value"] == found["granularity"][0]["value"]
    assert {entry["class"] for entry in numbers["hardest_classes"]} == {
        "blue",
        "red",
    }
    sample = ImageSample(spec, reporter=SILENT)
    features = sample.features("small_cnn", path, 32)
    scores = rankm(features, sample.names).scores
    expected = scores[sample.names != "green"].mean()
    assert numbers["rankm"]["value"] == pytest.approx(expected)
    for end in ("hardest", "easiest"):
        samples = numbers["samples"][end]
        assert {entry["class"] for entry in samples} == {"blue", "red"}
        for entry in samples:
            assert f"/{entry['class']}/" in f"/{entry['image']}"
            assert f"/{entry['class']}/" in f"/{entry['medoid']}"
            assert f"/{entry['rival']}/" in f"/{entry['rival_medoid']}"


def test_one_image_of_each_class_has_no_granularity(
    world, cache, capsys, tmp_path
):
    for name in ("blue", "red"):
        picture = world / "photos" / "train" / name / "1.png"
        (tmp_path / "single" / name).mkdir(parents=True)
        (tmp_path / "single" / name / "1.png").write_bytes(picture.read_bytes())
    found = ask(
        capsys, "audit", f"folder:{tmp_path}/single", "--sources",
        world / "one.weights.h5", world / "two.weights.h5",
        "--out", tmp_path / "a",
    )  # fmt: skip
    assert found["problems"][0].startswith("One image of each class")
    assert found["recipe"] == []


@pytest.mark.slow
def test_an_audit_of_boxes_sees_what_lies_in_them(
    world, cache, capsys, tmp_path
):
    """The features are those of files that hold the crops alone."""
    rows = ["path,label,split,ymin,xmin,ymax,xmax"]
    for path in sorted((world / "photos" / "train").glob("*/*.png")):
        name = f"{path.parent.name}/{path.name}"
        rows.append(f"{path},{path.parent.name},train,.25,.5,.75,1")
        cut = tmp_path / "cut" / "train" / name
        cut.parent.mkdir(parents=True, exist_ok=True)
        # With half of the box's sides on each side.
        Image.open(path).crop((8, 0, 32, 32)).save(cut)
    (tmp_path / "list.csv").write_text("\n".join(rows) + "\n")
    spec, weights = f"csv:{tmp_path}/list.csv", world / "one.weights.h5"
    asked = ("--sources", weights, "--out")
    found = ask(
        capsys, "audit", spec, *asked, tmp_path / "a", "--box-margin", 0.5
    )
    cut = ask(capsys, "audit", f"folder:{tmp_path}/cut", *asked, tmp_path / "b")
    assert found["granularity"] == cut["granularity"]
    (command, *_) = found["commands"]
    words = "--set data.crop_to_box=True --set data.box_margin=0.5"
    assert words in command["command"]
    page = (tmp_path / "a" / "audit.html").read_text("utf-8")
    assert "cropped to its box with 50 % more on each side" in page
    assert main(["audit", spec, "--box-margin", "-1", "--quiet"]) != 0
    assert "data.box_margin=-1" in capsys.readouterr().err
