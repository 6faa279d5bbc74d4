"""The command line answers fast and says what is wrong."""

import json
import subprocess
import sys

import pytest

import fgkeras
from fgkeras.cli.main import main
from tests.data.pictures import jpeg


@pytest.fixture
def photos(tmp_path):
    for split in ("train", "test"):
        for name in ("ash", "oak"):
            folder = tmp_path / "photos" / split / name
            folder.mkdir(parents=True)
            for i in range(3):
                seed = i + 10 * (name == "oak") + 100 * (split == "test")
                (folder / f"{i}.jpg").write_bytes(jpeg(seed))
    return tmp_path / "photos"


def light(arguments):
    """Runs a verb in a fresh interpreter; returns what it imported."""
    code = (
        "import sys, json\n"
        "from fgkeras.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'tensorflow', 'keras', 'jax'} & set(sys.modules)\n"
        "print(json.dumps(sorted(heavy)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_help_and_info_import_no_framework(photos):
    assert light(["--help"]) == []
    assert light(["train", "--help"]) == []
    assert light(["data", "info", f"folder:{photos}"]) == []
    assert light(["data", "catalogue"]) == []


@pytest.mark.parametrize(
    "words",
    [
        ["train", "--data", "flora:", "--set", "loss.bta=0.9"],
        ["train", "--data", "flora:", "--loss", "soft"],
        ["train", "--data", "flora:", "--folds", "3"],
        ["train"],
        ["train", "--data", "folder:nothing"],
        ["train", "--data", "flora:+zip:nothing.zip"],
        ["tune", "--data", "flora:", "--epochs", "0", "--out", "x"],
        ["tune", "--data", "flora:"],
        ["compare", "a", "b", "--groups", "9,5"],
    ],
)
def test_wrong_options_are_said_before_a_framework_is_imported(words):
    assert light(words) == []


def test_info_json(photos, capsys):
    assert main(["data", "info", f"folder:{photos}", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["num_classes"] == 2


def test_convert_and_verify(photos, tmp_path, capsys):
    out = tmp_path / "records"
    assert main(["data", "convert", f"folder:{photos}", str(out)]) == 0
    assert main(["data", "verify", str(out)]) == 0
    shard = next(p for p in sorted(out.iterdir()) if "tfrecord" in p.name)
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    assert main(["data", "verify", str(out)]) == 1
    assert shard.name in capsys.readouterr().out


def test_convert_names_what_it_leaves_out(photos, tmp_path, capsys):
    (photos / "train/ash/note.jpg").write_text("not an image")
    arguments = ["data", "convert", f"folder:{photos}", str(tmp_path / "out")]
    assert main([*arguments, "--skip-bad"]) == 0
    shown = capsys.readouterr().out
    assert "left out: ash/note.jpg: it is text" in shown.replace("train/", "")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["data", "info", "folder:no/such/place"], "no/such/place"),
        (["data", "info", "ftp:there"], "ftp"),
        (["evaluate", "no/such/run"], "no/such/run"),
        (["train", "--set", "train.epochs"], "NAME=VALUE"),
        (["train", "--data", "flora:", "--loss", "hinge"], "hinge"),
    ],
)
def test_errors_are_one_clear_line(arguments, match, capsys):
    assert main(arguments) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("fgkeras: ")
    assert match in printed
    assert "Traceback" not in printed


def test_info_for_people_lists_bad_images(photos, capsys):
    (photos / "train" / "oak" / "x.jpg").write_text("no image")
    assert main(["data", "info", f"folder:{photos}"]) == 0
    printed = capsys.readouterr().out
    assert "train images" in printed
    assert "oak/x.jpg: it is text, not an image" in printed


@pytest.mark.slow
def test_a_run_that_never_trained_can_be_corrected(photos, tmp_path, capsys):
    out = str(tmp_path / "run")
    common = ["train", "--quiet", "--data", f"folder:{photos}", "--out", out]
    more = ["--size", "32", "--epochs", "1", "--set", "bootstrap=10"]
    assert main([*common, "--backbone", "resnet99"]) == 1
    assert "resnet99" in capsys.readouterr().err
    assert main([*common, *more, "--backbone", "small_cnn"]) == 0
    assert "top1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--epochs", "1"], "no --data"),
        (["train", "--data", "flora:", "--epochs", "0"], "train.epochs='0'"),
    ],
)
def test_what_was_forgotten_is_asked_for(arguments, message, capsys):
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "fgkeras", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fgkeras.__version__
