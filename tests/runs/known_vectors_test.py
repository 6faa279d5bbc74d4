"""What a run keeps of its training images, and how near others are."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.models import embedding_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept import known_vectors
from fgkeras.runs.kept.known_vectors import FILE
from fgkeras.runs.kept.known_vectors import places_kept
from fgkeras.runs.kept.known_vectors import read_known_vectors
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train
from fgkeras.training.reporter import SILENT

CHANGES = {
    "data.source": "flora:species=3,images=30,test=5,size=32,imbalance=1",
    "data.size": 32,
    "model.backbone": "small_cnn",
    "train.mode": "frozen",
    "train.epochs": 1,
    "evaluation.resamples": 0,
}


def test_no_class_is_without_where_there_is_no_room(monkeypatch):
    monkeypatch.setattr(known_vectors, "_VECTORS", 7)
    labels = np.array([0] * 90 + [1] * 2 + [2] * 30)
    kept = places_kept(labels, 8, seed=3)
    assert (np.diff(kept) > 0).all()
    assert np.bincount(labels[kept]).tolist() == [3, 2, 2]
    assert places_kept(labels, 8, seed=3).tolist() == kept.tolist()
    assert places_kept(labels, 8, seed=4).tolist() != kept.tolist()
    monkeypatch.setattr(known_vectors, "_BYTES", 3 * 4 * 8)
    assert np.bincount(labels[places_kept(labels, 8)]).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "arrays",
    [
        {"vectors": np.eye(2)},
        {"vectors": np.eye(2), "calibration": np.eye(2)},
        {"vectors": np.zeros((0, 2)), "calibration": np.ones(1)},
        {"vectors": np.eye(2, dtype=int), "calibration": np.ones(1)},
        {"vectors": np.eye(2), "calibration": np.array([np.nan])},
    ],
)
def test_a_damaged_file_is_named(tmp_path, arrays):
    write_arrays(tmp_path / FILE, **arrays)
    with pytest.raises(ValueError, match="known_vectors.npz"):
        read_known_vectors(RunFolder(tmp_path))


def cosines(folder, asked, known, apart=()):
    """The largest cosines by the run's model, an image at a time."""
    model = embedding_model(Predictor(folder).model)

    def unit(images):
        found = np.asarray(images.answers(model), "float64")
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    rows, columns = unit(asked), unit(known)
    return [
        max(
            r @ c
            for name, c in zip(known.ids, columns, strict=True)
            if name != own or not apart
        )
        for own, r in zip(asked.ids, rows, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"data.calibration_share": 0.25, "model.pooling": "kernel"},
        {"data.calibration_share": 0.25, "train.mode": "finetune"},
        {"data.calibration_folds": 3},
    ],
)
def test_it_is_what_the_model_says_of_the_images(tmp_path, changes):
    changes = {**CHANGES, **changes}
    if changes.get("model.pooling") == "kernel":
        changes["pooling.dim"] = 64
    config = Config.read(changes=changes)
    folder = train(config, tmp_path / "run", reporter=SILENT)[0]
    found = read_known_vectors(folder)
    from fgkeras.jobs.exporting.gallery_images import GalleryImages

    predictor = Predictor(folder)
    train_images = GalleryImages.open(
        predictor, predictor.config, reporter=SILENT
    ).images
    assert len(found.vectors) == len(train_images)
    if "data.calibration_folds" in changes:
        asked, apart = train_images, ("own",)
    else:
        kept = np.load(folder / "calibration_predictions.npz")
        whole = GalleryImages.open(
            predictor,
            predictor.config,
            CHANGES["data.source"],
            "train",
            reporter=SILENT,
        ).images
        places = [whole.ids.index(i) for i in kept["ids"].tolist()]
        asked, apart = whole.take(places), ()
    expected = cosines(folder, asked, train_images, apart)
    np.testing.assert_allclose(found.calibration, expected, atol=1e-5)
