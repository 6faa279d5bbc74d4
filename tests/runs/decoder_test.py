"""A run is answered by the decoder that it was trained under."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.data.images import image
from fgkeras.data.images.decode import decode_batch_guarded
from fgkeras.jobs import train
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.views import View
from fgkeras.training.reporter import SILENT
from tests.data.flavours import flavours
from tests.data.flavours import unserved
from tests.runs.folder_test import TINY

OLD, NEW = image.EARLIER_DECODER, image.DECODER_VERSION
# The shorter side of the pictures: nothing is resized.
SIZE = 24


def crops(view, data):
    ((found, reasons),) = view.stream(data, batch_size=len(data))
    assert reasons == [None] * len(data)
    return found


def test_all_that_look_at_a_picture_see_the_same():
    served, others = flavours(), unserved()
    data = [*served.values(), *others.values()]
    by_graph = crops(View(SIZE, SIZE), data)
    by_pillow = crops(View(SIZE, SIZE, arrays=True), data)
    assert np.abs(by_graph - by_pillow).max() <= 1
    exported, valid = decode_batch_guarded(data, SIZE)
    assert valid.numpy().tolist() == [True] * len(served) + [False] * len(
        others
    )
    assert np.abs(exported[: len(served)] - by_pillow[: len(served)]).max() <= 1


@pytest.mark.slow
def test_the_decoder_is_kept_and_goes_on(tmp_path):
    config = Config.read(changes=TINY)
    path = tmp_path / "config.json"
    train(config, tmp_path, until=("head", 1), reporter=SILENT)
    stored = json.loads(path.read_text())
    assert stored.pop("decoder") == NEW
    # As a run of an earlier version.
    path.write_text(json.dumps(stored))
    train(config, tmp_path, reporter=SILENT)
    assert json.loads(path.read_text())["decoder"] == OLD
    predictor = Predictor(tmp_path)
    assert predictor.view.decoder == OLD
    clear = flavours()["png rgba"]
    seen = crops(predictor.view, [clear])
    old = View(predictor.size, predictor.resize, decoder=OLD)
    new = View(predictor.size, predictor.resize)
    np.testing.assert_array_equal(seen, crops(old, [clear]))
    assert np.abs(seen - crops(new, [clear])).max() > 50


def test_a_later_decoder_is_refused(tmp_path):
    config = Config.read(changes=TINY).resolved()
    stored = {**config.as_json(), "decoder": NEW + 1}
    (tmp_path / "config.json").write_text(json.dumps(stored))
    with pytest.raises(ValueError, match="later version of fgkeras"):
        RunFolder(tmp_path).config()
