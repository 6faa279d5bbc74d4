"""A run's own images are found again, or refused; others are told apart."""

import types

import numpy as np
import pytest
from PIL import Image

from fgkeras.config import Config
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.runs.chosen_images import chosen_images
from fgkeras.runs.classifier.sources import training_source
from fgkeras.runs.evaluate import place_of
from fgkeras.runs.evaluation_sources import other_source
from fgkeras.runs.evaluation_sources import reading
from fgkeras.runs.evaluation_sources import recorded_source
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.inputs import SplitImages
from fgkeras.runs.run_data import RunData
from fgkeras.storage import write_json
from fgkeras.training.reporter import SILENT


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), "uint8")
    Image.fromarray(pixels).save(path)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run on `folder:photos`, as it stands after its training."""
    monkeypatch.chdir(tmp_path)
    for c, label in enumerate(("coot", "crow")):
        for i in range(5):
            picture(tmp_path / "photos" / label / f"{i}.png", 10 * c + i)
    config = Config.read(
        changes={"data.source": "folder:photos", "data.holdout": 0.4}
    )
    folder = RunFolder(tmp_path / "run")
    folder.start(config)
    source = training_source(config.resolved())
    read = {
        role: SplitImages(source, role, config, reporter=SILENT).sha256
        for role in ("train", "test")
    }
    RunData.of(config, source).with_hashes(read).write(folder)
    write_json(
        folder / "classes.json",
        {
            "class_names": source.class_names,
            "train_counts": source.counts("train").tolist(),
        },
    )
    return types.SimpleNamespace(
        folder=folder,
        config=config,
        source=source,
        root=tmp_path,
        kept=lambda: RunData.read(folder),
    )


def chosen(run, *args):
    return chosen_images(run.folder, run.config, *args, reporter=SILENT)


def test_images_that_came_move_no_threshold(run):
    ids = run.source.split("test").ids
    for i in range(20):
        picture(run.root / "photos" / "coot" / f"a{i}.png", 100 + i)
    picture(run.root / "photos" / "auk" / "0.png", 200)
    found, notes = recorded_source(run.kept(), run.config, "test")
    assert found.split("test").ids == ids
    assert found.class_names == ("coot", "crow")
    assert found.split("test").labels.tolist() == [0, 0, 1, 1]
    assert "21 came (auk/0.png, coot/a0.png" in notes[0]
    # Held out by the rule of the training, they would be others.
    assert set(training_source(run.config.resolved()).split("test").ids) != set(
        ids
    )


@pytest.mark.parametrize("role", ["train", "test"])
def test_images_that_went_or_changed_are_refused(run, role):
    image_id = run.source.split(role).ids[0]
    path = run.root / "photos" / image_id
    size = path.stat().st_size
    picture(path, 999)
    assert path.stat().st_size == size  # Only the bytes tell.
    split = {"train": "train", "test": None}[role]
    with pytest.raises(ValueError, match=r"1 with other contents .*--data"):
        chosen(run, None, split)
    path.write_bytes(b"another size")
    with pytest.raises(ValueError, match=r"1 with other contents .*--data"):
        recorded_source(run.kept(), run.config, role)
    path.unlink()
    with pytest.raises(ValueError, match=f"1 went .{image_id}.*--data"):
        recorded_source(run.kept(), run.config, role)


def test_a_renamed_class_is_refused(run):
    (run.root / "photos" / "crow").rename(run.root / "photos" / "rook")
    with pytest.raises(ValueError, match="2 went .crow/"):
        recorded_source(run.kept(), run.config, "test")


def test_place_of_the_training_then_the_place_as_typed(run, monkeypatch):
    ids = run.source.split("test").ids
    elsewhere = run.root / "elsewhere"
    for c, label in enumerate(("coot", "crow")):
        for i in range(5):
            picture(elsewhere / "photos" / label / f"{i}.png", 50 + 10 * c + i)
    monkeypatch.chdir(elsewhere)
    found, _ = recorded_source(run.kept(), run.config, "test")
    assert found.spec == f"folder:{run.root}/photos"
    # Both the run and its pictures went to another machine.
    moved = run.root / "moved"
    moved.mkdir()
    (run.root / "photos").rename(moved / "photos")
    with pytest.raises(ValueError, match="with other contents"):
        chosen(run)
    monkeypatch.chdir(moved)
    assert (
        recorded_source(run.kept(), run.config, "test")[0].split("test").ids
        == ids
    )
    assert chosen(run).role == "test"
    monkeypatch.chdir(run.root)
    with pytest.raises(ValueError, match="nor at folder:photos"):
        recorded_source(run.kept(), run.config, "test")


def test_what_was_trained_on_is_left_out_of_other_data(run):
    trained = set(run.source.split("train").ids)
    source, split, left, notes = other_source(
        run.kept(), run.config, "folder:photos"
    )
    assert split == "all"
    assert notes == []
    assert left == len(trained) == 6
    assert not trained & set(source.split("all").ids)
    # Copies under other names are known by their bytes.
    copies = run.root / "copies"
    for i, image_id in enumerate(run.source.listed):
        path = copies / image_id.split("/")[0] / f"copy{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((run.root / "photos" / image_id).read_bytes())
    found = chosen(run, f"folder:{copies}")
    assert found.facts["trained_on_left_out"] == 6
    assert len(found.images) == len(found.images.ids) == 4
    assert found.images.labels.tolist() == [0, 0, 1, 1]
    assert found.role is None
    with pytest.raises(ValueError, match="6 images are all .*trained on"):
        chosen(run, f"folder:{subset(run, trained)}")


def subset(run, ids):
    for image_id in ids:
        path = run.root / "subset" / image_id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((run.root / "photos" / image_id).read_bytes())
    return run.root / "subset"


def test_split_of_the_training_images_is_theirs(run):
    found = chosen(run, None, "train")
    assert found.role == "train"
    assert found.images.ids == run.source.split("train").ids


def test_places_of_evaluations_are_never_shared(run):
    places = set()
    names = ["photos", "pho-tos", "fotos ä", "fotos ö", "x" * 200]
    for number, name in enumerate(names):
        for i in range(2):
            picture(run.root / name / "coot" / f"new{i}.png", 300 + number + i)
        found = chosen(run, f"folder:{name}")
        places.add(place_of(run.folder, found, None))
    picture(run.root / "photos" / "coot" / "one_more.png", 900)
    places.add(place_of(run.folder, chosen(run, "folder:photos"), None))
    places.add(place_of(run.folder, chosen(run), None))
    assert len(places) == len(names) + 2
    assert all(p.is_dir() and p.parent.name == "evaluations" for p in places)
    assert all(len(p.name) <= 50 and p.name.isascii() for p in places)


def test_links_to_the_own_folder_are_the_own_folder(run):
    (run.root / "link").symlink_to(run.root / "photos")
    _, _, left, _ = other_source(run.kept(), run.config, "folder:link", "all")
    assert left == 6


def test_all_images_at_the_place_as_typed_are_its_own(run, monkeypatch):
    moved = run.root / "moved"
    moved.mkdir()
    (run.root / "photos").rename(moved / "photos")
    monkeypatch.chdir(moved)
    _, _, left, _ = other_source(run.kept(), run.config, None, "*")
    assert left == 6
    # Another set of that name is none of the run's.
    for c, label in enumerate(("coot", "crow")):
        for i in range(5):
            path = run.root / "other" / "photos" / label / f"{i}.png"
            picture(path, 50 + 10 * c + i)
    monkeypatch.chdir(run.root / "other")
    with pytest.raises(ValueError, match="with other contents"):
        chosen(run, None, "*")


def test_images_on_the_disk_are_compared_once_they_are_read(run):
    """What `data.input=disk` reads is known after the model has seen it."""
    copies = run.root / "copies"
    for i, image_id in enumerate(run.source.listed):
        path = copies / image_id.split("/")[0] / f"copy{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((run.root / "photos" / image_id).read_bytes())
    run.config = run.config.with_options({"data.input": "disk"}).resolved()
    found = chosen(run, f"folder:{copies}")
    assert len(found.images) == 10
    outputs = np.arange(10)
    for i in range(10):
        found.images.encoded[i]
    settled, rows = found.settled(outputs)
    assert len(settled.images) == len(rows) == 4
    assert settled.noted["trained_on_left_out"] == 6
    assert [int(settled.images.ids[0].split("copy")[1][0])] == [rows[0]]
    own = chosen(run)
    path = run.root / "photos" / own.images.ids[0]
    size = path.stat().st_size
    picture(path, 999)
    assert path.stat().st_size == size
    for i in range(len(own.images)):
        own.images.encoded[i]
    with pytest.raises(ValueError, match="1 with other contents"):
        own.settled(outputs)


def test_labels_of_a_column_that_other_data_lack_are_refused(run):
    column = {"data.label_column": "family"}
    run.config = run.config.with_options(column).resolved()
    other = run.root / "other"
    picture(other / "auk" / "0.png", 1)
    with pytest.raises(ValueError, match="column='family'"):
        other_source(run.kept(), run.config, f"folder:{other}")
    # Folders that are named by the run's labels need no table.
    source, *_ = other_source(
        run.kept(), run.config, f"folder:{subset(run, run.source.listed)}"
    )
    assert source.class_names == ("coot", "crow")


def test_a_run_of_an_earlier_version_says_what_is_not_known(run):
    (run.folder / "data.json").unlink()
    found = chosen(run, "folder:photos", "all")
    notes = found.noted["notes"]
    assert any("keeps no data.json" in note for note in notes)
    assert any("does not say which images" in note for note in notes)


def test_a_bare_path_that_is_gone_names_the_way_out(run):
    kept = run.kept()
    kept.sources["source"] = {"typed": "gone", "absolute": "folder:/no/gone"}
    with pytest.raises(ValueError, match="nor at gone.*--data"):
        recorded_source(kept, run.config, "test")


def test_several_splits_are_counted_without_the_trained(tmp_path):
    spec = "flora:species=2,images=4,val=2,test=3,size=16,imbalance=1"
    config = Config.read(changes={"data.source": spec})
    folder = RunFolder(tmp_path / "run")
    folder.start(config)
    source = training_source(config.resolved())
    RunData.of(config, source).write(folder)
    kept = RunData.read(folder)
    for split, count, trained in (
        ("val+test", 10, 0),
        ("*", 10, 8),
        ("train+val", 4, 8),
    ):
        found, name, left, _ = other_source(kept, config, None, split)
        assert (len(found.split(name)), left) == (count, trained)
        assert name == split
    more = f"{spec},distractors=3"
    with pytest.raises(ValueError, match="needs a class.*distractors"):
        other_source(kept, config, more, "distractors")


def test_globs_of_the_training_need_not_meet_other_images(run):
    picture(run.root / "more" / "coot" / "0.png", 300)
    asked = {"data.ignore": "*.mov,old"}
    run.config = run.config.with_options(asked).resolved()
    source = other_source(run.kept(), run.config, "folder:more")[0]
    assert source.notes == ()
    # What is typed now is told, and what the training looked at.
    config = reading(run.config, ignore=["*.mov", "*.heic"])
    (text,) = other_source(run.kept(), config, "folder:more")[0].notes
    assert "(--ignore), '*.mov', '*.heic' meets nothing of folder:more" in text
    (text,) = recorded_source(run.kept(), run.config, "test")[0].notes
    assert "'*.mov', 'old' meets nothing of folder:" in text


def test_what_is_left_out_is_said_at_each_call(run):
    picture(run.root / "more" / "coot" / "0.png", 300)
    (run.root / "more" / "coot" / "film.mov").write_bytes(b"no")
    (run.root / "more" / "coot" / "cut.png").write_bytes(b"no")
    spec = "folder:more"
    with pytest.raises(ValueError, match=r"film\.mov: films are not read"):
        other_source(run.kept(), run.config, spec)
    config = reading(run.config, ignore=["*.mov"])
    found = other_source(run.kept(), config, spec)[0]
    assert len(found.split("all")) == 2
    assert config.data.holdout == run.config.data.holdout
    config = reading(run.config, skip_bad=True)
    found = other_source(run.kept(), config, spec)[0]
    assert found.split("all").ids == ("coot/0.png",)
    refused = [name for name, _ in found.refused]
    assert refused == ["coot/film.mov", "coot/cut.png"]
    assert reading(run.config) is run.config
    # Pictures are decoded as the run saw them, whatever is left out now.
    earlier = run.config.seen_by(EARLIER_DECODER)
    for more in ({"skip_bad": True}, {"groups": "100"}):
        assert reading(earlier, **more).decoder == EARLIER_DECODER
    assert reading(run.config, groups="30").evaluation.groups == [30]
    with pytest.raises(ValueError, match="groups.*rising"):
        reading(run.config, groups="30,20")


def test_a_run_of_some_classes_leaves_images_of_others_out(run):
    for i, label in enumerate(("auk", "coot", "auk", "eider", "crow", "coot")):
        picture(run.root / "more" / label / f"{i}.png", 300 + i)
    picture(run.root / "strange" / "auk" / "0.png", 400)
    with pytest.raises(ValueError, match="2 others in folder:more: auk, eider"):
        chosen(run, "folder:more")
    run.config = run.config.with_options({"data.classes": "1:3"}).resolved()
    found = chosen(run, "folder:more")
    assert found.images.ids == ("coot/1.png", "coot/5.png", "crow/4.png")
    assert found.images.labels.tolist() == [0, 0, 1]
    (note,) = found.noted["notes"]
    assert note == (
        "3 images of 2 classes that the run was not trained on (--classes 1:3) "
        "were left out of folder:more."
    )
    with pytest.raises(ValueError, match="1 others in folder:strange: auk"):
        chosen(run, "folder:strange")
    # So it is with another split of its own source.
    picture(run.root / "photos" / "auk" / "0.png", 500)
    found = chosen(run, None, "*")
    assert len(found.images) == 4
    assert "1 images of 1 classes" in found.noted["notes"][0]
    # Embeddings tested on the classes they learned do the same; of others
    # they look at any.
    changes = {"method.name": "margin", "data.classes": "1:3"}
    run.config = Config.read(changes=changes).resolved()
    kept = run.kept()
    source, *_ = other_source(kept, run.config, "folder:more")
    assert source.class_names == ("coot", "crow")
    kept.test_class_names = ("auk",)
    source, *_, notes = other_source(kept, run.config, "folder:more")
    assert (source.num_classes, notes) == (4, [])


def test_other_data_without_boxes_are_told_what_a_trained_run_can_take(run):
    picture(run.root / "more" / "coot" / "0.png", 300)
    run.config = run.config.with_options({"data.crop_to_box": True}).resolved()
    whole = "or list 0,0,1,1 as the box of whole pictures"
    with pytest.raises(ValueError, match=whole):
        other_source(run.kept(), run.config, "folder:more")
    rows = "path,label,ymin,xmin,ymax,xmax\ncoot/0.png,coot,0,0,1,1\n"
    (run.root / "more" / "list.csv").write_text(rows)
    spec = f"csv:{run.root / 'more' / 'list.csv'}"
    source, *_ = other_source(run.kept(), run.config, spec)
    assert source.split("all").boxes.tolist() == [[0, 0, 1, 1]]
