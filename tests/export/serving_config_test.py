import re

import pytest

from fgkeras.export.serving_config import write_serving_config


def test_the_model_is_found_where_it_lies(tmp_path):
    folder = write_serving_config(tmp_path / "my birds" / "saved_model" / "3")
    text = (folder / "models.config").read_text("utf-8")
    assert folder == tmp_path / "my birds" / "tf_serving"
    assert 'name: "my_birds"' in text
    assert f'base_path: "{tmp_path}/my birds/saved_model"' in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("most", "sizes"),
    [(1, [1]), (2, [1, 2]), (8, [1, 2, 4, 8]), (12, [1, 2, 4, 8, 12])],
)
def test_batches_end_at_the_most(tmp_path, most, sizes):
    folder = write_serving_config(tmp_path / "saved_model/1", batch_size=most)
    text = (folder / "batching.config").read_text("utf-8")
    found = re.findall(r"^allowed_batch_sizes: (\d+)$", text, re.MULTILINE)
    # The last one must be the most: TensorFlow Serving stops otherwise.
    assert [int(n) for n in found] == sizes
    assert f"max_batch_size {{ value: {most} }}" in text


def test_what_was_changed_by_hand_stays(tmp_path):
    version = tmp_path / "saved_model" / "1"
    folder = write_serving_config(version)
    (folder / "models.config").write_text("mine")
    write_serving_config(version)
    assert (folder / "models.config").read_text() == "mine"


@pytest.mark.parametrize("place", ["birds", 'b"ir\\ds', "a\nb"])
def test_a_folder_that_was_moved_is_found_again(tmp_path, place):
    folder = write_serving_config(tmp_path / place / "saved_model" / "1")
    (folder / "batching.config").write_text("mine")
    moved = (tmp_path / place).rename(tmp_path / "moved")
    folder = write_serving_config(moved / "saved_model" / "1")
    text = (folder / "models.config").read_text("utf-8")
    assert f'base_path: "{moved}/saved_model"' in text
    assert 'name: "moved"' in text
    assert (folder / "batching.config").read_text() == "mine"
    models = folder / "models.config"
    models.write_text(text.replace("num_versions: 1", "num_versions: 2"))
    moved = moved.rename(tmp_path / "again")
    folder = write_serving_config(moved / "saved_model" / "1")
    assert "moved" in (folder / "models.config").read_text("utf-8")


def test_the_server_s_own_messages_read_them(tmp_path):
    config = pytest.importorskip(
        "tensorflow_serving.config.model_server_config_pb2"
    )
    text_format = pytest.importorskip("google.protobuf.text_format")
    folder = write_serving_config(tmp_path / 'a"b' / "saved_model" / "1")
    text = (folder / "models.config").read_text("utf-8")
    found = text_format.Parse(text, config.ModelServerConfig())
    (model,) = found.model_config_list.config
    assert model.base_path == str(tmp_path / 'a"b' / "saved_model")
