"""What training reads, predict reads: of a run and of its export."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.training.reporter import SILENT
from tests.data.flavours import flavours
from tests.data.flavours import unserved
from tests.runs.folder_test import TINY

SETTINGS = {
    **TINY,
    "data.size": 24,
    "data.holdout": 0.4,
    "train.epochs": 1,
}


@pytest.mark.slow
def test_a_run_and_its_export_answer_alike_of_every_format(tmp_path):
    pictures = {**flavours(), **unserved()}
    for i, (name, data) in enumerate(pictures.items()):
        kind = name.split()[0]
        path = tmp_path / "photos" / "ab"[i % 2] / f"{i}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    asked = {**SETTINGS, "data.source": f"folder:{tmp_path / 'photos'}"}
    run = tmp_path / "run"
    train(Config.read(changes=asked), run, reporter=SILENT)
    with pytest.warns(UserWarning, match=r"\.tiff and \.webp.*predict"):
        export(run)
    ours = predict(run, [tmp_path / "photos"])
    theirs = predict(run / "saved_model", [tmp_path / "photos"])
    assert len(ours) == len(pictures)
    for a, b in zip(ours, theirs, strict=True):
        assert a["valid"], a
        assert b["valid"], b
        assert a["classes"] == b["classes"]
        np.testing.assert_allclose(a["scores"], b["scores"], atol=5e-3)
