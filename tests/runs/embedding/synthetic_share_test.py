"""What is said of synthetic tuples, and when."""

import pytest

from fgkeras.jobs import train
from fgkeras.runs.embedding.synthetic_share import ShareWarning
from fgkeras.runs.embedding.synthetic_share import share_notes
from fgkeras.runs.embedding.synthetic_share import share_of
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting


def told(shares, steps=10, block=20, beta=1e4):
    said = []
    callback = ShareWarning(said.append, beta, block)
    callback.set_params({"steps": steps})
    for epoch, share in enumerate(shares):
        callback.on_epoch_end(epoch, {"synthetic_share": share})
    return said


def test_a_low_share_is_said_once_after_the_first_block():
    said = told([0.01, 0.01, 0.05, 0.02])
    assert len(said) == 1
    assert said[0].startswith("After epoch 3: Synthetic tuples weigh 5.0 %")
    assert "1,024 features" in said[0]
    assert "beta=scaled" in said[0]
    assert not told([0.01, 0.01, 0.1, 0.5])
    assert "train longer" in told([0, 0, 0.0], beta="scaled")[0]


def test_notes_are_of_the_last_epoch():
    rows = [{"synthetic_share": s} for s in (0.01, 0.3, 0.2)]
    found = share_of(rows, 1e4)
    assert found == {"last": 0.2, "most": 0.3, "beta": 1e4}
    assert share_notes(found) == [
        "Synthetic tuples weighed 20.0 % in the last epoch (beta=10000.0)."
    ]
    low = share_notes(share_of(rows[:1], 1e4))
    assert "less than 10 %" in low[0]
    assert share_of([{"loss": 1.0}], None) is None
    assert share_notes(None) == []


@pytest.mark.slow
def test_a_run_keeps_and_shows_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    config = fitting(
        {
            "data.source": "flora:species=6,images=16,test=6,size=32,seed=3",
            "data.size": 32,
            "data.batch_size": 12,
            "method.name": "hdml-npair",
            "method.dim": 8,
            "method.options": "block=2,beta=scaled,hidden=8",
            "method.generator_rate": 3e-3,
            "train.mode": "frozen",
            "train.epochs": 2,
            "evaluation.resamples": 20,
        }
    )
    folder, metrics = train(config, tmp_path / "run", reporter=SILENT)
    share = metrics["synthetic_share"]
    assert share["beta"] == "scaled"
    table = (folder / "history.csv").read_text().splitlines()
    column = table[0].split(",").index("synthetic_share")
    assert float(table[-1].split(",")[column]) == pytest.approx(share["last"])
    page = (folder / "report.html").read_text()
    assert "Synthetic share" in page
    assert share_notes(share)[0].split(" (")[0] in page
