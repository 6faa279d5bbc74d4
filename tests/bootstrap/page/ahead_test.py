import hashlib
import io

import numpy as np
from PIL import Image

from fgkeras.bootstrap.page.ahead import tiles_ahead
from fgkeras.bootstrap.page.pictures import Pictures
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round


def test_first_tiles_are_there_and_a_bad_file_stops_nothing(tmp_path):
    files = {}
    for i in range(5):
        file = io.BytesIO()
        pixels = np.random.default_rng(i).integers(0, 255, (40, 60, 3), "uint8")
        Image.fromarray(pixels).save(file, "JPEG")
        files[f"{i}.jpg"] = file.getvalue()
    store = Store(tmp_path / FILE, create=True)
    with store.writing() as db:
        db.execute("INSERT INTO class VALUES (0, 'elm', '')")
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (?, 'pool', ?, ?)",
            [
                (i, name, hashlib.sha256(data).hexdigest())
                for i, (name, data) in enumerate(files.items())
            ],
        )
    open_round(
        store, 1, {}, [Candidate(i, 0, None, 0.9, None, i) for i in range(5)]
    )
    files["1.jpg"] = b"changed"
    pictures = Pictures(lambda row: files[row["name"]], tmp_path / "small")
    told = []
    count = tiles_ahead(
        store, pictures, 1, most=4, progress=lambda *now: told.append(now)
    )
    assert count == 4
    assert told[-1] == (4, 4)
    assert len(list((tmp_path / "small").glob("*-tile.jpg"))) == 3
