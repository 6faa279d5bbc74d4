"""Classes chosen by nearness and granularity, on colours that are known."""

import json

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.data.cuts.class_list import load_class_list
from fgkeras.data.open import open as open_source
from fgkeras.granularity import rankm
from fgkeras.jobs import similarity
from fgkeras.jobs import subset
from fgkeras.jobs.image_sample import ImageSample
from fgkeras.jobs.subset import _by_granularity
from fgkeras.jobs.subset import _for_each
from fgkeras.jobs.subset import _most_typical
from fgkeras.runs.classifier.sources import training_source
from fgkeras.training.reporter import SILENT

RED = {
    "red, dark": (150, 20, 20),
    "red_light": (240, 30, 30),
    "red_pale": (250, 90, 90),
}
BLUE = {"3": (20, 20, 160), "blue_light": (30, 40, 240)}
GREEN = {"green": (10, 200, 10)}


def photos(path, colours, seed=0, count=6):
    rng = np.random.default_rng(seed)
    for name, colour in colours.items():
        folder = path / "train" / name
        folder.mkdir(parents=True)
        for i in range(count):
            pixels = rng.uniform(0.6, 1, (32, 32, 1)) * np.array(colour)
            Image.fromarray(pixels.astype("uint8")).save(folder / f"{i}.png")
    return f"folder:{path}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two sets to choose from, two targets, and a body that sees colours."""
    from fgkeras.models.backbones import backbone

    root = tmp_path_factory.mktemp("world")
    photos(root / "warm", {**RED, **GREEN})
    photos(root / "cold", BLUE)
    photos(root / "blood", {"crimson": (200, 25, 30)}, 7)
    photos(root / "sea", {"navy": (22, 25, 180), "sky": (40, 60, 250)}, 8)
    backbone("small_cnn", (32, 32, 3)).save_weights(root / "body.weights.h5")
    return root


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))


def joined(world):
    return f"folder:{world}/warm+folder:{world}/cold"


def ask(world, out, **options):
    return subset(
        joined(world),
        weights=str(world / "body.weights.h5"),
        backbone="small_cnn",
        size=32,
        out=out,
        reporter=SILENT,
        **options,
    )


@pytest.mark.slow
def test_the_nearest_of_joined_sets_for_each_target(world, tmp_path):
    targets = (f"folder:{world}/blood", f"folder:{world}/sea")
    found, out = ask(world, tmp_path / "out", nearest=targets, count=(2, 1))
    assert [len(t["classes"]) for t in found["targets"]] == [2, 1]
    source = open_source(joined(world))
    # By the definition: every class mean against the target's.
    features, labels = {}, {}
    for name in (joined(world), *targets):
        sample = ImageSample(name, reporter=SILENT, max_images=0)
        weights = str(world / "body.weights.h5")
        features[name] = sample.features("small_cnn", weights, 32)
        labels[name] = sample.labels
    union = set()
    for target, count, told in zip(
        targets, (2, 1), found["targets"], strict=True
    ):
        away = []
        for i, name in enumerate(source.class_names):
            own = features[joined(world)][labels[joined(world)] == i].mean(0)
            total = 0.0
            for j in np.unique(labels[target]):
                rows = labels[target] == j
                other = features[target][rows].mean(0)
                total += rows.mean() * np.sqrt(((own - other) ** 2).sum())
            away.append((total, name))
        nearest = sorted(away)[:count]
        assert [c["name"] for c in told["classes"]] == [n for _, n in nearest]
        np.testing.assert_allclose(
            [c["distance"] for c in told["classes"]],
            [d for d, _ in nearest],
            rtol=1e-4,
        )
        union |= {name for _, name in nearest}
    order = [n for n in source.class_names if n in union]
    assert found["classes"] == load_class_list(out / "classes.txt") == order
    assert found["images"] == 6 * len(order)
    assert json.loads((out / "subset.json").read_text()) == found
    page = (out / "subset.html").read_text()
    assert page.count("data:image/jpeg") == 3
    assert "Nearest to blood" in page


@pytest.mark.slow
def test_the_hardest_and_the_easiest(world, tmp_path):
    hard, _ = ask(world, tmp_path / "hard", hardest=2)
    easy, out = ask(world, tmp_path / "easy", easiest=2)
    values = [f["granularity"]["chosen"]["value"] for f in (hard, easy)]
    random = hard["granularity"]["random"]
    assert values[1] <= random["low"] <= random["high"] <= values[0]
    assert hard["granularity"]["all"] == easy["granularity"]["all"]
    assert (out / "subset.html").read_text().count("data:image/jpeg") == 2
    # Again into the same folder, and not over another page.
    ask(world, tmp_path / "easy", easiest=3)
    with pytest.raises(ValueError, match="which holds"):
        subset(
            f"folder:{world}/cold",
            hardest=2,
            weights=str(world / "body.weights.h5"),
            out=tmp_path / "easy",
        )


@pytest.mark.slow
def test_numbers_are_of_the_whole_set_and_single_images_are_not_chosen(
    world, tmp_path, capsys
):
    """What is drawn to be looked at is fewer; a single image has no RankM."""
    odd = tmp_path / "odd"
    photos(odd, {f"single {i}": (200 + i, 30, 30) for i in range(3)}, 5, 1)
    source = f"{joined(world)}+folder:{odd}"
    (odd / "train" / "single 0" / "bad.png").write_bytes(b"no picture")
    words = ["data", "subset", source, "--hardest", "3", "--max-images", "15"]
    words += ["--weights", str(world / "body.weights.h5"), "--size", "32"]
    words += ["--backbone", "small_cnn", "--out", str(tmp_path / "out")]
    assert main([*words, "--skip-bad"]) == 0
    said = capsys.readouterr().out
    assert "3 of 6 classes, 18 of 36 images of train" in said
    assert "left out: 3 classes of fewer than 2 images" in said
    assert said.rstrip().endswith("classes.txt --skip-bad")
    names = load_class_list(tmp_path / "out" / "classes.txt")
    assert not [name for name in names if name.startswith("single")]
    found, domains = similarity(
        joined(world),
        [f"folder:{world}/sea"],
        weights=str(world / "body.weights.h5"),
        backbone="small_cnn",
        size=32,
        max_images=12,
        reporter=SILENT,
    )
    assert found["source_images"] == 36
    assert found["targets"][0]["images"] == 12
    assert found["targets"][0]["size"] == pytest.approx(np.log(12) / np.log(36))


def test_hard_and_easy_are_not_exchanged_and_pictures_are_typical():
    """Without a network: three classes in a heap, three far away."""
    rng = np.random.default_rng(0)
    places = np.array([[1, 0, 0]] * 3 + [[0, 1, 0], [0, 0, 1], [0, -1, 0]])
    labels = np.repeat(np.arange(6), 5)
    features = places[labels] + rng.normal(scale=0.05, size=(30, 3))
    names = np.array(list("abcdef"))[labels]
    for rule, expected in (("hardest", set("abc")), ("easiest", None)):
        numbers, picked = _by_granularity(features, names, rule, 3, 0, SILENT)
        assert (set(picked) == expected) == (rule == "hardest")
        assert numbers["chosen"]["value"] == pytest.approx(
            rankm(
                features[np.isin(names, picked)], names[np.isin(names, picked)]
            ).value
        )
    assert len(set(picked) & set("abc")) <= 1
    away = np.linalg.norm(features[:5] - features[:5].mean(axis=0), axis=1)
    assert _most_typical(features, labels, 0) == away.argmin()


def test_a_number_for_all_targets_or_for_each():
    assert _for_each((3,), ("a", "b")) == [3, 3]
    assert _for_each((2, 1), ("a", "b")) == [2, 1]


@pytest.mark.slow
def test_the_command_trains_on_them(world, tmp_path, monkeypatch, capsys):
    """From the terminal, with names that need quotes, up to a classifier."""
    from fgkeras.config import Config

    monkeypatch.chdir(world)
    words = ["data", "subset", "warm+cold", "--easiest", "3", "--size", "32"]
    words += ["--weights", "body.weights.h5", "--backbone", "small_cnn"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert f"--classes @{tmp_path}/out/classes.txt" in said
    config = Config.read(
        changes={
            "data.source": joined(world),
            "data.classes": f"@{tmp_path}/out/classes.txt",
        }
    )
    source = training_source(config.resolved())
    assert list(source.class_names) == load_class_list(
        tmp_path / "out" / "classes.txt"
    )
    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["classes"] == list(source.class_names)


def test_a_target_that_is_not_there_is_said_before_anything_takes_long(
    world, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        ImageSample, "__init__", lambda *a, **o: pytest.fail("read")
    )
    for job in (
        lambda: ask(world, tmp_path / "out", nearest=("nope",), count=(1,)),
        lambda: similarity(joined(world), ["nope"], weights="imagenet"),
    ):
        with pytest.raises(ValueError, match="nope.*there is nothing"):
            job()


def test_no_list_of_anybody_else_is_written_over(world, tmp_path):
    """A file of that name, a link, or ours that was edited since."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "classes.txt").write_text("oak\n")
    link = tmp_path / "link"
    link.mkdir()
    (link / "classes.txt").symlink_to(mine / "classes.txt")
    ours = tmp_path / "ours"
    ours.mkdir()
    about = {"source": joined(world), "rule": "hardest", "classes": ["oak"]}
    (ours / "subset.json").write_text(json.dumps(about))
    (ours / "classes.txt").write_text("oak\nelm\n")
    for folder, message in (
        (mine, "another file"),
        (link, "another file"),
        (ours, "edited since"),
    ):
        with pytest.raises(ValueError, match=f"{message}.*--out"):
            ask(world, folder, hardest=2)
    assert (mine / "classes.txt").read_text() == "oak\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one rule.*Received: none"),
        ({"hardest": 2, "easiest": 2}, "hardest and easiest"),
        ({"nearest": ("a",), "hardest": 2}, "nearest and hardest"),
        ({"hardest": 1}, "at least 2"),
        ({"hardest": 2, "count": (3,)}, "Leave it out"),
        ({"nearest": ("a",)}, "--count.*nearest="),
        ({"nearest": ("a", "b", "c"), "count": (1, 2)}, r"count=\[1, 2\] for"),
        ({"nearest": ("a",), "count": (0,)}, "at least 1"),
        ({"nearest": ("a", "a"), "count": (1,)}, "counts once"),
        ({"easiest": 7}, "7 classes of .*, which has 6 with 2"),
        ({"easiest": 3, "min_images": 9}, "largest class of .* has 6"),
    ],
)
def test_what_cannot_be_asked(world, tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        ask(world, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
