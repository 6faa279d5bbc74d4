import shutil
import subprocess

import numpy as np
import pytest

from fgkeras.export import load_exported
from tests.export.conftest import NAMES
from tests.export.conftest import picture


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "copy")


def test_predict_gives_one_dict_per_image(exported):
    loaded = load_exported(exported)
    images = [picture(0), b"no image", picture(1)]
    rows = loaded.predict(images, batch_size=2)
    assert [row["valid"] for row in rows] == [True, False, True]
    assert rows[1]["classes"] == rows[1]["scores"] == []
    assert set(rows[0]["classes"]) < set(NAMES)
    assert rows[0]["scores"] == sorted(rows[0]["scores"], reverse=True)
    assert np.linalg.norm(rows[2]["embedding"]) == pytest.approx(1, abs=1e-6)
    assert loaded.class_names == tuple(NAMES)


def test_batches_do_not_matter(exported):
    loaded = load_exported(exported)
    images = [picture(i) for i in range(5)]
    whole = loaded.run("probabilities", images)["probabilities"]
    parts = loaded.run("probabilities", images, 2)["probabilities"]
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_no_image_is_no_row(exported):
    assert load_exported(exported).predict([]) == []


def test_arguments_are_checked(exported):
    loaded = load_exported(exported)
    with pytest.raises(ValueError, match="signature='none'"):
        loaded.run("none", [])
    with pytest.raises(ValueError, match="batch_size=0"):
        loaded.predict([], 0)
    with pytest.raises(ValueError, match="of type bytes"):
        loaded.predict(picture())


def test_finds_the_version_from_any_folder(exported):
    for path in ("", "saved_model", "saved_model/1"):
        assert load_exported(exported / path).path.name == "1"


def test_newest_is_by_number(copy):
    base = copy / "saved_model"
    (base / "1").rename(base / "9")
    shutil.copytree(base / "9", base / "10")
    (base / "next").mkdir()
    assert load_exported(copy).path.name == "10"


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match="export_classifier"):
        load_exported(tmp_path)


@pytest.mark.parametrize("change", ["changed", "added", "lost"])
def test_damage_is_refused_unless_trusted(copy, change):
    folder = copy / "saved_model" / "1"
    if change == "changed":
        card = folder / "MODEL_CARD.md"
        card.write_bytes(card.read_bytes().replace(b"Small", b"Smell"))
    elif change == "added":
        (folder / "assets" / "more.txt").write_text("more")
    else:
        (folder / "MODEL_CARD.md").unlink()
    with pytest.raises(ValueError, match=rf"\({change}\).*trust=True"):
        load_exported(copy)
    assert load_exported(copy, trust=True).class_names == tuple(NAMES)


def test_missing_checksums_are_refused(copy):
    (copy / "saved_model" / "1" / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match="SHA256SUMS.*trust=True"):
        load_exported(copy)


def test_checksums_are_those_of_the_common_tool(exported):
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum on this machine")
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=exported / "saved_model" / "1",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["m.pkl", "m.PT", "m.joblib", "m.h5"])
def test_files_that_are_programs_are_refused_by_name(tmp_path, name):
    from fgkeras.serving.versions import folder_of_versions

    (tmp_path / name).write_bytes(b"cos\nsystem\n")
    for way in (load_exported, folder_of_versions):
        with pytest.raises(ValueError, match=f"{name}, .*fgkeras export"):
            way(tmp_path / name)


@pytest.mark.parametrize("place", ["onnx", "litert/1", "out"])
def test_exports_of_other_formats_are_named(tmp_path, place):
    from fgkeras.serving.versions import folder_of_versions

    name = "model.onnx" if "onnx" in place else "model.tflite"
    folder = tmp_path / "litert" / "1" if place == "out" else tmp_path / place
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"x")
    asked = tmp_path if place == "out" else tmp_path / place
    for way in (load_exported, folder_of_versions):
        with pytest.raises(ValueError, match="an export for (ONNX|LiteRT)"):
            way(asked)
