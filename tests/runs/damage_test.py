"""Files of a run that were edited, cut or exchanged are refused by name."""

import io
import json
import shutil
import warnings
import zipfile

import h5py
import keras
import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.run_data import RunData
from fgkeras.training.checkpoint import load_state
from fgkeras.training.reporter import SILENT

FLORA = "flora:species=3,images=6,test=2,size=16"
TINY = {
    "data.source": FLORA,
    "data.size": 16,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    train(Config.read(changes=TINY), out, reporter=SILENT)
    return out


@pytest.fixture
def run(finished, tmp_path):
    return RunFolder(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    source = open_source(FLORA)
    path = tmp_path_factory.mktemp("pictures") / "a.png"
    path.write_bytes(source.read(source.split("test").ids[0]))
    return path


def edit(path, change):
    """Rewrites a JSON file, or replaces it by text."""
    value = json.loads(path.read_text("utf-8"))
    value = change(value)
    path.write_text(value if isinstance(value, str) else json.dumps(value))


def with_key(key, value):
    return lambda old: {**old, key: value}


def without(key):
    return lambda old: {k: v for k, v in old.items() if k != key}


OTHER_SHAPES = {
    "list": lambda old: [old],
    "deep": lambda old: DEEP,
    "cut": lambda old: json.dumps(old)[:-9],
    "empty": lambda old: "",
    "number": lambda old: 7,
}
CLASSES = {
    **OTHER_SHAPES,
    "no names": without("class_names"),
    "names twice": with_key("class_names", ["a", "a", "b"]),
    "more names": with_key("class_names", list("abcd")),
    "other names": with_key("class_names", list("abc")),
    "no text": with_key("class_names", [1, 2, 3]),
    "infinite": with_key("train_counts", [float("inf"), 1, 1]),
    "truth": with_key("train_counts", [True, 1, 1]),
    "no counts": without("train_counts"),
    "hierarchy": with_key("hierarchy", {"family": ["a"]}),
}


@pytest.mark.parametrize("name", CLASSES)
def test_classes(run, name):
    edit(run / "classes.json", CLASSES[name])
    with pytest.raises(ValueError, match=r"classes\.json.*damaged.*--restart"):
        Predictor(run)


def of_images(change):
    def changed(old):
        old["images"]["test"] = change(old["images"]["test"])
        return old

    return changed


DATA = {
    **OTHER_SHAPES,
    "no images": without("images"),
    "images a list": with_key("images", []),
    "class of another": of_images(with_key("classes", [0, 9, 0, 0, 0, 0])),
    "class below 0": of_images(with_key("classes", [0, -1, 0, 0, 0, 0])),
    "class true": of_images(with_key("classes", [True, 0, 0, 0, 0, 0])),
    "class 1.5": of_images(with_key("classes", [1.5, 0, 0, 0, 0, 0])),
    "fewer classes": of_images(with_key("classes", [0])),
    "ids": of_images(with_key("ids", [1, 2, 3, 4, 5, 6])),
    "sums": of_images(with_key("sha256", ["a"])),
    "sources": with_key("sources", {"source": "flora:"}),
    "no source": with_key("sources", {}),
    "no test": lambda old: {**old, "images": {"train": old["images"]["train"]}},
    "another split": of_images(with_key("split", "x")),
    "another class": of_images(with_key("classes", [2, 0, 1, 1, 2, 2])),
    "stamps": of_images(with_key("stamps", [[]] * 6)),
    "ids twice": of_images(lambda old: {**old, "ids": old["ids"][:1] * 6}),
    "classes in another order": lambda old: {
        **old,
        "class_names": old["class_names"][::-1],
    },
    "of a later version": with_key("format", 2),
    "names": with_key("names", "abc"),
}


@pytest.mark.parametrize("name", DATA)
def test_data(run, name):
    edit(run / "data.json", DATA[name])
    with pytest.raises(ValueError, match=r"data\.json.*damaged.*--restart"):
        RunData.read(run)


def of_resolved(section, key, value):
    def changed(old):
        old["resolved"][section][key] = value
        return old

    return changed


GROUP = {"num_classes": 1, "num_images": 2, "class_mean": None}
CONFIG = {
    **OTHER_SHAPES,
    "resolved": with_key("resolved", []),
    "section": with_key("resolved", {"data": 3}),
    "asked": with_key("asked", [3]),
    "epochs 2.7": of_resolved("train", "epochs", 2.7),
    "epochs true": of_resolved("train", "epochs", True),
    "size": of_resolved("data", "size", float("inf")),
    "no number": of_resolved("train", "learning_rate", float("nan")),
    "stages": with_key("resolved", {"stages": 3}),
}


@pytest.mark.parametrize("name", CONFIG)
def test_config(run, name):
    edit(run / "config.json", CONFIG[name])
    with pytest.raises(ValueError, match=r"config\.json.*damaged.*--restart"):
        RunFolder.open(run.path).config()


@pytest.mark.parametrize(
    "change",
    [
        without("num_images"),
        with_key("num_images", None),
        with_key("num_images", 2.5),
        without("top1"),
        with_key("top1", {"value": "x"}),
        with_key("top1", {"value": 2.7}),
        with_key("top1", {"value": 0.5, "low": float("nan")}),
        with_key("top1", {"value": 0.5, "high": 0.6}),
        with_key("groups", {"tail": {**GROUP, "num_classes": []}}),
        with_key("groups", {"tail": {**GROUP, "num_images": 2.5}}),
    ],
)
def test_metrics(run, change):
    edit(run / "metrics.json", change)
    with pytest.raises(ValueError, match=r"metrics\.json.*damaged.*--restart"):
        run.metrics()


@pytest.mark.parametrize(
    "text",
    ["epoch,loss\n1,x\n", "epoch,loss\n1\n", "epoch\n1,2,3\n", "a\n\xff"],
)
def test_history(run, text):
    (run / "history.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"history\.csv.*damaged"):
        run.history()


def test_lost_files(run):
    (run / "classes.json").unlink()
    with pytest.raises(ValueError, match=r"classes\.json.*it is lost"):
        run.classes()


def test_weights_that_are_no_numbers(run):
    model = load_model(run / "model.keras")
    head = model.layers[-1]
    head.set_weights([w * np.nan for w in head.get_weights()])
    model.save(run / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras.*not finite"):
        Predictor(run)


def test_a_model_of_other_outputs(run):
    model = load_model(run / "model.keras")
    more = keras.layers.Concatenate()([model.output, model.output])
    keras.Model(model.input, more).save(run / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras.*\(6,\).*3 classes"):
        Predictor(run)


@pytest.mark.parametrize(
    "change",
    [
        lambda old: {k: v for k, v in old.items() if k != "data"},
        lambda old: {**old, "data": {**old["data"], "size": 32}},
        lambda old: {**old, "data": {**old["data"], "resize": 8}},
    ],
    ids=["no data", "another size", "a smaller image than its crop"],
)
def test_a_config_of_other_pictures(run, change):
    edit(
        run / "config.json",
        lambda old: {**old, "resolved": change(old["resolved"])},
    )
    with pytest.raises(ValueError, match=r"config\.json.*16 x 16 pixels"):
        Predictor(run)


def test_a_model_of_two_outputs(run):
    model = load_model(run / "model.keras")
    keras.Model(model.input, [model.output] * 2).save(run / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras.*2 outputs, not one"):
        Predictor(run)


def test_a_run_without_its_config_is_no_export(run, picture):
    (run / "config.json").unlink()
    with pytest.raises(ValueError, match=r"no config\.json\. Check its name"):
        predict(run.path, [picture])


def test_a_model_without_some_of_its_weights(run):
    path = run / "model.keras"
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    data = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(data, "r+") as file:
        group = file.get("layers", file)
        del group[next(name for name in group if "dense" in name)]
    parts["model.weights.h5"] = data.getvalue()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match=r"model\.keras, which is damaged"):
            Predictor(run)
    assert not [w for w in said if "initialized" in str(w.message)]


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def other_config(path):
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["config.json"] = b'{"class_name": "Nothing", "config": []}'
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


def no_weights(path):
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts.pop("model.weights.h5")
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


@pytest.mark.parametrize(
    "change",
    [
        cut,
        other_config,
        no_weights,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("text"),
    ],
)
def test_a_model_file_that_is_damaged(run, change):
    change(run / "model.keras")
    with pytest.raises(ValueError, match=r"model\.keras, which is damaged"):
        Predictor(run)


def test_a_checkpoint_behind_its_history(run):
    (run / "metrics.json").unlink()
    (run / "model.keras").unlink()
    path = run.checkpoint("head")
    with np.load(path) as file:
        header = json.loads(str(file["header"]))
    header["info"]["step"] = 10**9
    saved(path, header=np.array(json.dumps(header)))
    with pytest.raises(ValueError, match=r"head\.npz.*step 10{9} .*epoch 3"):
        train(Config.read(changes=TINY), run.path, reporter=SILENT)


def test_a_checkpoint_that_is_not_finite(run):
    (run / "metrics.json").unlink()
    (run / "model.keras").unlink()
    path = run.checkpoint("head")
    with np.load(path) as file:
        first = np.full_like(file["v00000"], np.nan)
    saved(path, v00000=first)
    with pytest.raises(ValueError, match=r"head\.npz.*is not finite.*diverged"):
        train(Config.read(changes=TINY), run.path, reporter=SILENT)


def saved(path, **changes):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays.update(changes)
    np.savez(path, **arrays)


CHECKPOINTS = {
    "cut": cut,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("text"),
    "pickle": lambda path: path.write_bytes(b"\x80\x04N."),
    "objects": lambda path: saved(path, v00000=np.array([{}], object)),
    "header": lambda path: saved(path, header=np.array("[")),
    "header a list": lambda path: saved(path, header=np.array("[]")),
    "step": lambda path: saved(
        path,
        header=np.array('{"names": [], "info": {"step": 1.5, "history": []}}'),
    ),
    "text for numbers": lambda path: saved(path, m00000=np.array(["a", "b"])),
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_checkpoints(run, name):
    path = run.checkpoint("head")
    CHECKPOINTS[name](path)
    with pytest.raises(
        ValueError, match=r"head\.npz, which is damaged.*`checkpoints` to start"
    ) as found:
        load_state(path, None)
    assert "allow_pickle" not in str(found.value)


@pytest.mark.slow
def test_no_edit_ends_in_a_traceback(finished, tmp_path, picture, capsys):
    """Every edit of every file, through every verb that reads it."""
    sets = [f"--set={k}={v}" for k, v in TINY.items()]
    bad = []
    for number, (file, name, change) in enumerate(edits()):
        out = shutil.copytree(finished, tmp_path / str(number))
        edit(out / file, change)
        for command in (
            ["train", "--quiet", "--out", str(out), *sets],
            ["evaluate", "--quiet", str(out)],
            ["predict", str(out), str(picture)],
        ):
            code = main(command)
            said = capsys.readouterr().err
            if code and (not said.startswith("fgkeras: ") or "nobody" in said):
                bad.append((file, name, command[0], said))
        shutil.rmtree(out)
    assert not bad, "\n".join(map(str, bad))


def edits():
    """Tuples of a file, a name and a change."""
    kinds = {
        "classes.json": CLASSES,
        "data.json": DATA,
        "config.json": CONFIG,
        "metrics.json": METRICS,
        "environment.json": OTHER_SHAPES,
    }
    for file, changes in kinds.items():
        for name, change in changes.items():
            yield file, name, change


METRICS = {
    **OTHER_SHAPES,
    "no top1": without("top1"),
    "top1": with_key("top1", []),
    "groups": with_key("groups", 3),
    "notes": with_key("notes", 3),
    "seconds": with_key("seconds", {}),
    "refused": with_key("refused", "x"),
    "batch_statistics": with_key("batch_statistics", []),
    "at_chance": with_key("at_chance", [7]),
    "monitored_split": with_key("monitored_split", 5),
}
