import json
import os
import signal

import numpy as np
import pytest

from fgkeras.serving import Additions
from fgkeras.serving.served_version import UndecodedPicture
from fgkeras.storage import FolderTaken
from fgkeras.web.refusal import Refusal
from tests.export.conftest import picture
from tests.serving.conftest import b64
from tests.serving.serving_process import serving

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow


class Version:
    """A version whose vectors are made of a picture's bytes and its model."""

    def __init__(self, model="a" * 64):
        self.model = model
        self.embedded = []
        self.rows = ([], [], [])

    def embed(self, pictures):
        for i, data in enumerate(pictures):
            if data.startswith(b"bad"):
                raise UndecodedPicture(i)
        self.embedded += pictures
        rows = [self.vector(data) for data in pictures]
        return np.array(rows, "float32").reshape(len(rows), 3)

    def vector(self, data):
        seed = [*data, *self.model.encode()]
        row = np.random.default_rng(seed).normal(size=3)
        return (row / np.linalg.norm(row)).astype("float32")

    def with_added(self, vectors, names, ids):
        self.rows = (vectors, names, ids)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "gallery_additions"


def opened(folder):
    return Additions(folder, writable=True)


def test_what_was_added_is_there_after_a_restart(folder):
    version = Version()
    with_it = opened(folder)
    assert with_it.add("elm", [b"one", b"two"], lambda: [version]) == 2
    assert with_it.add("云雀", [b"three"], lambda: [version]) == 1
    with_it.close()
    again = Version()
    found = Additions(folder)
    assert len(found) == 3
    assert found.classes() == {"elm": 2, "云雀": 1}
    found.bring_to(again)
    vectors, names, ids = again.rows
    assert names == ["elm", "elm", "云雀"]
    np.testing.assert_array_equal(
        vectors, [version.vector(d) for d in (b"one", b"two", b"three")]
    )
    # The vectors of this model were kept.
    assert again.embedded == []
    assert found.picture(ids[1]) == b"two"
    assert found.picture("added-none") is None
    assert found.picture("../additions.jsonl") is None


def test_another_model_embeds_again_and_never_mixes(folder):
    first, second = Version("1" * 64), Version("2" * 64)
    with_it = opened(folder)
    with_it.add("elm", [b"one"], lambda: [first])
    with_it.bring_to(second)
    assert second.embedded == [b"one"]
    np.testing.assert_array_equal(second.rows[0][0], second.vector(b"one"))
    # Both models answer now, and both know the next one by their own vector.
    with_it.add("elm", [b"two"], lambda: [first, second])
    for version in (first, second):
        np.testing.assert_array_equal(
            version.rows[0], [version.vector(b"one"), version.vector(b"two")]
        )
    with_it.close()
    again = Version("2" * 64)
    opened(folder).bring_to(again)
    assert again.embedded == []


def test_a_model_that_was_away_embeds_what_came_meanwhile(folder):
    first, second = Version("1" * 64), Version("2" * 64)
    with_it = opened(folder)
    with_it.add("elm", [b"one"], lambda: [first, second])
    with_it.add("elm", [b"two"], lambda: [first])
    with_it.close()
    again = Version("2" * 64)
    opened(folder).bring_to(again)
    assert again.embedded == [b"two"]
    np.testing.assert_array_equal(
        again.rows[0], [again.vector(b"one"), again.vector(b"two")]
    )


def test_the_same_picture_is_added_once(folder):
    version = Version()
    with_it = opened(folder)
    assert with_it.add("elm", [b"one", b"one"], lambda: [version]) == 1
    assert with_it.add("elm", [b"one", b"two"], lambda: [version]) == 1
    assert with_it.add("elm", [b"one"], lambda: [version]) == 0
    assert len(with_it) == 2
    lines = (folder / "additions.jsonl").read_text().splitlines()
    assert len(lines) == 3
    with pytest.raises(Refusal) as error:
        with_it.add("oak", [b"three", b"two"], lambda: [version])
    assert error.value.status == 409
    assert "Picture 1" in error.value.sentence
    assert len(with_it) == 2


def test_a_bad_picture_is_named_and_nothing_is_added(folder):
    version = Version()
    with_it = opened(folder)
    with_it.add("elm", [b"one"], lambda: [version])
    before = sorted(p.name for p in folder.rglob("*"))
    with pytest.raises(Refusal) as error:
        with_it.add("elm", [b"one", b"two", b"bad 3"], lambda: [version])
    assert error.value.status == 400
    assert "Picture 2" in error.value.sentence
    assert sorted(p.name for p in folder.rglob("*")) == before
    assert len(with_it) == 1


@pytest.mark.parametrize(
    "name", ["", " elm", "a\nb", "x" * 201, 3, None, "\x1b[31m"]
)
def test_a_name_is_one_line(folder, name):
    with pytest.raises(Refusal) as error:
        opened(folder).add(name, [b"one"], list)
    assert error.value.status == 400


def test_no_pictures_and_too_many_are_refused(folder, monkeypatch):
    from fgkeras.serving import additions

    version = Version()
    with_it = opened(folder)
    with pytest.raises(Refusal):
        with_it.add("elm", [], lambda: [version])
    monkeypatch.setattr(additions, "_MOST", 2)
    with pytest.raises(Refusal) as error:
        with_it.add("elm", [b"one", b"two", b"three"], lambda: [version])
    assert error.value.status == 507
    with_it.add("elm", [b"one", b"two"], lambda: [version])
    monkeypatch.setattr(additions, "_MOST_BYTES", 7)
    monkeypatch.setattr(additions, "_MOST", 9)
    with pytest.raises(Refusal):
        with_it.add("elm", [b"five"], lambda: [version])


def test_one_process_adds(folder):
    with_it = opened(folder)
    with pytest.raises(FolderTaken):
        opened(folder)
    Additions(folder)
    with_it.close()
    opened(folder).close()


def test_a_kill_leaves_nothing_that_counts(folder):
    version = Version()
    with_it = opened(folder)
    with_it.add("elm", [b"one"], lambda: [version])
    with_it.close()
    # Killed between a picture and its line, and in the middle of a line.
    (folder / "pictures" / ("f" * 64)).write_bytes(b"two")
    (folder / "pictures" / "notes.txt").write_text("of somebody")
    with open(folder / "additions.jsonl", "a") as file:
        file.write('{"class": "elm", "pict')
    again = opened(folder)
    assert again.classes() == {"elm": 1}
    left = sorted(p.name for p in (folder / "pictures").iterdir())
    assert len(left) == 2
    assert "notes.txt" in left
    again.add("oak", [b"three"], lambda: [version])
    again.close()
    assert Additions(folder).classes() == {"elm": 1, "oak": 1}


def test_damage_is_named(folder):
    version = Version()
    with_it = opened(folder)
    with_it.add("elm", [b"one"], lambda: [version])
    (path,) = (folder / "pictures").iterdir()
    path.write_bytes(b"other")
    with pytest.raises(ValueError, match="it was changed"):
        with_it.bring_to(Version("b" * 64))
    path.unlink()
    with pytest.raises(ValueError, match="it is lost"):
        Additions(folder)
    with open(folder / "additions.jsonl", "a") as file:
        file.write('{"class": "elm", "pictures": ["../../x"], "vectors": {}}\n')
    with pytest.raises(ValueError, match="names no picture"):
        Additions(folder)


@pytest.mark.slow
def test_what_was_answered_survives_kill_9(copy):
    import http.client
    import threading

    answered, lock = [], threading.Lock()

    def ask(port, token, number, posted):
        body = json.dumps(
            {"name": f"class {number % 3}", "images": [b64(posted)]}
        )
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {token}",
        }
        try:
            one.request("POST", "/gallery/classes", body, headers)
            answer = one.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return
        finally:
            one.close()
        assert answer.status == 200, content
        with lock:
            answered.append(number)

    number = 0
    for turn in range(3):
        with serving(copy, "--writable") as (process, port):
            token = process.said.partition("Bearer ")[2].split()[0]
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/gallery")
            found = json.loads(connection.getresponse().read())
            connection.close()
            # Not one that was answered is missing; one that was not may be.
            added = sum(found["added"].values())
            assert len(answered) <= added <= number
            threads = []
            for _ in range(24):
                threads.append(
                    threading.Thread(
                        target=ask, args=(port, token, number, picture(number))
                    )
                )
                number += 1
            for thread in threads:
                thread.start()
            while len(answered) < 8 * (turn + 1):
                threads[0].join(0.002)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            for thread in threads:
                thread.join()
    assert len(answered) >= 24
