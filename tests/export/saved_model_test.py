import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf

from fgkeras.data.images.decode import decode_for_evaluation
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.export import export_classifier
from fgkeras.export import load_exported
from fgkeras.layers import KernelPooling
from fgkeras.models import backbone
from fgkeras.models import classifier
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model

ROOT = pathlib.Path(__file__).parents[2]


def softmax(logits):
    powers = np.exp(np.asarray(logits, "float64"))
    return powers / powers.sum(axis=-1, keepdims=True)


def test_scores_are_those_of_the_keras_model(model, exported):
    images = [picture(i) for i in range(4)]
    pixels = np.stack([decode_for_evaluation(i, 24, 28) for i in images])
    expected = softmax(model.predict(pixels, verbose=0))
    rows = load_exported(exported).run("serving_default", images)
    order = np.argsort(-expected, axis=1)[:, :3]
    names = [[NAMES[k] for k in row] for row in order]
    served = [[c.decode() for c in row] for row in rows["classes"]]
    assert served == names
    best = np.take_along_axis(expected, order, axis=1)
    np.testing.assert_allclose(rows["scores"], best, atol=1e-5)
    pooled = keras.Model(model.input, model.get_layer("pooling").output)
    vectors = pooled.predict(pixels, verbose=0)
    vectors /= np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(rows["embedding"], vectors, atol=1e-5)


@pytest.mark.slow
def test_temperature_and_sigmoid(tmp_path):
    model = small_model(num_classes=2, embedding=True)
    path = export_classifier(
        model,
        tmp_path,
        class_names=["a", "b"],
        image_size=24,
        top_k=2,
        temperature=2.5,
        activation="sigmoid",
    )
    image = picture()
    logits = model(decode_for_evaluation(image, 24)[None], training=False)
    expected = 1 / (1 + np.exp(-np.asarray(logits) / 2.5))
    exported = load_exported(path)
    rows = exported.run("probabilities", [image])
    np.testing.assert_allclose(rows["probabilities"], expected, atol=1e-5)
    assert exported.run("embed", [image])["embedding"].shape == (1, 4)


def test_bad_rows_change_no_other(exported):
    good = picture()
    cut = picture(1, "PNG")[:-60]
    served = load_exported(exported)
    rows = served.run("serving_default", [good, b"garbage", b"", cut])
    assert rows["valid"].tolist() == [True, False, False, False]
    assert (rows["classes"][1:] == b"").all()
    assert not rows["scores"][1:].any()
    assert not rows["embedding"][1:].any()
    alone = served.run("serving_default", [good])
    # A product of four rows rounds otherwise than one of one, on some
    # processors.
    for name, value in alone.items():
        found, wanted = rows[name][0], value[0]
        if name in ("classes", "valid"):
            np.testing.assert_array_equal(found, wanted)
        else:
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_every_output_has_the_batch_first(exported, batch):
    loaded = tf.saved_model.load(str(exported / "saved_model" / "1"))
    images = tf.constant([picture()] * batch)
    for name in ("serving_default", "probabilities", "embed"):
        rows = loaded.signatures[name](image_bytes=images)
        assert {v.shape[0] for v in rows.values()} == {batch}
    pixels = tf.zeros((batch, 24, 24, 3))
    rows = loaded.signatures["serve_tensor"](images=pixels)
    assert set(rows) == {"logits", "probabilities", "embedding"}
    assert {v.shape[0] for v in rows.values()} == {batch}


def test_labels_keep_their_order_and_letters(exported):
    folder = exported / "saved_model" / "1"
    text = (folder / "assets" / "labels.txt").read_bytes()
    assert text.decode().split("\n") == [*NAMES, ""]
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    assert labels == NAMES
    about = json.loads((folder / "model-metadata.json").read_text())
    digest = hashlib.sha256(text).hexdigest()
    assert about["output"]["class_names_sha256"] == digest
    assert about["input"] == {
        "size": 24,
        "resize": 28,
        "range": [0, 255],
        "types": ["bytes", "uint8", "float32"],
        "decoder": DECODER_VERSION,
    }
    assert about["preprocessing"]["resize"] == 28
    assert about["parity"]["source"] == "drawn"
    assert about["parity"]["probabilities"] < 1e-5
    assert set(about["parity"]["inputs"]) == {"bytes", "float", "uint8"}
    assert about["metadata"]["test"]["top1"] == 0.8123


@pytest.mark.slow
def test_half_precision_models_give_float32(tmp_path):
    model = small_model(dtype="mixed_bfloat16")
    options = {"class_names": NAMES, "image_size": 24}
    # It has three digits, and a graph rounds in other places.
    with pytest.raises(ValueError, match="Half precision.*--tolerance"):
        export_classifier(model, tmp_path, **options)
    path = export_classifier(model, tmp_path, **options, tolerance=0.02)
    exported = load_exported(path)
    rows = exported.run("serving_default", [picture()])
    assert rows["scores"].dtype == rows["embedding"].dtype == np.float32
    assert rows["scores"].sum() == pytest.approx(1, abs=1e-6)
    length = np.linalg.norm(rows["embedding"])
    assert length == pytest.approx(1, abs=1e-6)


@pytest.mark.slow
def test_fast_fourier_transforms_are_exported(tmp_path):
    keras.utils.set_random_seed(0)
    body = backbone("small_cnn", (24, 24, 3))
    pooling = KernelPooling(61, order=3, transform="fft")
    model = classifier(body, 5, pooling=pooling)
    path = export_classifier(
        model, tmp_path, class_names=NAMES, image_size=24, tolerance=1e-4
    )
    x = np.random.default_rng(0).uniform(0, 255, (9, 24, 24, 3))
    x = x.astype("float32")
    for count in (1, 9):
        rows = load_exported(path).run("serve_tensor", x[:count])
        np.testing.assert_allclose(
            rows["probabilities"],
            softmax(model.predict(x[:count], verbose=0)),
            atol=1e-5,
        )


@pytest.mark.slow
def test_versions_are_added_and_never_changed(model, tmp_path):
    options = {"class_names": NAMES, "image_size": 24}
    first = export_classifier(model, tmp_path, **options)
    before = (first / "SHA256SUMS").read_bytes()
    with pytest.raises(ValueError, match="overwrite=True.*version 2"):
        export_classifier(model, tmp_path, **options)
    second = export_classifier(model, tmp_path, **options, overwrite=True)
    assert (first.name, second.name) == ("1", "2")
    assert (first / "SHA256SUMS").read_bytes() == before
    assert load_exported(tmp_path).path == second
    names = sorted(os.listdir(tmp_path / "saved_model"))
    assert names == ["1", "2"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_k": 6}, "top_k=6"),
        ({"top_k": 0}, "top_k=0"),
        ({"temperature": 0.0}, "temperature=0.0"),
        ({"temperature": float("nan")}, "temperature=nan"),
        ({"activation": "relu"}, "activation='relu'"),
        ({"image_size": 32}, "image_size=32"),
        ({"resize": 20}, "resize=20"),
        ({"class_names": NAMES[:4]}, "4 names"),
        ({"class_names": ["a", "b", "c", "d", "a"]}, "distinct"),
        ({"class_names": ["a", "b", "c", "d", "e\nf"]}, "one line"),
        ({"class_names": ["a", "b", "c", "d", ""]}, "not empty"),
    ],
)
def test_errors_name_what_was_received(model, tmp_path, options, message):
    options = {"class_names": NAMES, "image_size": 24, **options}
    with pytest.raises(ValueError, match=message):
        export_classifier(model, tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_a_model_needs_a_named_embedding(tmp_path):
    images = keras.Input((24, 24, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    model = keras.Model(images, keras.layers.Dense(5)(x))
    with pytest.raises(ValueError, match="named 'pooling'"):
        export_classifier(model, tmp_path, class_names=NAMES, image_size=24)


@pytest.mark.slow
def test_a_failed_export_leaves_nothing(model, tmp_path, monkeypatch):
    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr("fgkeras.export.saved_model.write_warmup", fail)
    with pytest.raises(OSError, match="disk full"):
        export_classifier(model, tmp_path, class_names=NAMES, image_size=24)
    assert not os.listdir(tmp_path)


def run(code, *arguments, **options):
    code = textwrap.dedent(code)
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.slow
def test_serves_where_keras_and_the_package_are_absent(exported, tmp_path):
    (tmp_path / "image.jpg").write_bytes(picture())
    done = run(
        """
        import pathlib
        import sys
        sys.modules["keras"] = None
        sys.modules["fgkeras"] = None
        import tensorflow as tf
        loaded = tf.saved_model.load(sys.argv[1])
        image = pathlib.Path(sys.argv[2]).read_bytes()
        for name in ("serving_default", "probabilities", "embed"):
            rows = loaded.signatures[name](tf.constant([b"", image]))
            print(rows["valid"].numpy().tolist())
        rows = loaded.signatures["serve_tensor"](tf.zeros((2, 24, 24, 3)))
        print(rows["logits"].shape)
        """,
        exported / "saved_model" / "1",
        tmp_path / "image.jpg",
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["[False, True]"] * 3 + ["(2, 5)"], (
        done.stderr[-2000:]
    )


@pytest.mark.slow
@pytest.mark.parametrize("step", ["write_warmup", "write_checksums", "rename"])
def test_a_killed_export_leaves_no_version(tmp_path, step):
    done = run(
        """
        import os
        import signal
        import sys
        import fgkeras.export.saved_model as saved_model
        import fgkeras.export.version as version
        from tests.export.conftest import NAMES, small_model

        def die(*args, **kwargs):
            os.kill(os.getpid(), signal.SIGKILL)

        step = sys.argv[2]
        places = {"rename": os, "write_warmup": saved_model}
        setattr(places.get(step, version), step, die)
        saved_model.export_classifier(
            small_model(), sys.argv[1], class_names=NAMES, image_size=24
        )
        """,
        tmp_path,
        step,
        cwd=ROOT,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    (left,) = (tmp_path / "saved_model").glob(".unfinished-*")
    assert (left / "saved_model.pb").is_file()
    with pytest.raises(ValueError, match="must hold an exported model"):
        load_exported(tmp_path)
    path = export_classifier(
        small_model(), tmp_path, class_names=NAMES, image_size=24
    )
    assert path.name == "1"
    assert [p.name for p in path.parent.iterdir()] == ["1"]
