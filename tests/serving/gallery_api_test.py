import errno

import pytest
from starlette.testclient import TestClient

from fgkeras.serving import Additions
from fgkeras.serving import Versions
from fgkeras.serving import serving_app
from fgkeras.storage import DiskRefusal
from tests.export.conftest import picture
from tests.serving.conftest import b64
from tests.serving.conftest import export_version

# An export is made and loaded; `rest_test.py` asks one by default.
pytestmark = pytest.mark.slow

NEAR = "/gallery/neighbours"
ADD = "/gallery/classes"
BEARER = {"authorization": "Bearer secret"}


def test_neighbours_of_pictures(client):
    rows = [b64(picture(4)), b64(b"no picture")]
    answer = client.post(NEAR, json={"instances": rows, "k": 2})
    assert answer.status_code == 200
    first, second = answer.json()["neighbours"]
    assert first["valid"] is True
    assert (first["ids"][0], first["classes"][0]) == ("4.jpg", "oak")
    assert first["similarities"][0] == pytest.approx(1, abs=1e-5)
    assert len(first["ids"]) == 2
    assert second == {
        "valid": False,
        "classes": [],
        "ids": [],
        "similarities": [],
    }
    found = client.post(NEAR, json={"instances": rows[:1]}).json()
    assert len(found["neighbours"][0]["ids"]) == 5


def test_what_is_in_the_gallery(client):
    found = client.get("/gallery").json()
    assert found["classes"] == {"elm": 3, "oak": 3}
    assert (found["pictures"], found["writable"]) == (6, False)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"instances": []},
        {"instances": "x"},
        {"instances": [3]},
        {"instances": [b64(b"x")], "k": 0},
        {"instances": [b64(b"x")], "k": True},
        {"instances": [b64(b"x")], "k": 10**6},
        {"instances": [b64(b"x")], "more": 1},
    ],
    ids=repr,
)
def test_what_breaks_the_form_is_refused(client, content):
    assert client.post(NEAR, json=content).status_code == 400


def test_nothing_is_added_unless_the_server_is_writable(client):
    answer = client.post(ADD, json={"name": "ash", "images": []})
    assert answer.status_code == 403


def test_a_class_is_added_and_found(writable):
    client, folder = writable
    added = {"name": "<b>ash</b>", "images": [b64(picture(20))]}
    assert client.post(ADD, json=added).status_code == 401
    answer = client.post(ADD, json=added, headers=BEARER)
    assert answer.json() == {
        "model_version": "1",
        "class": "<b>ash</b>",
        "added": 1,
        "pictures": 1,
    }
    again = client.post(ADD, json=added, headers=BEARER).json()
    assert (again["added"], again["pictures"]) == (0, 1)
    asked = {"instances": [b64(picture(20))], "k": 1}
    (near,) = client.post(NEAR, json=asked).json()["neighbours"]
    assert near["classes"] == ["<b>ash</b>"]
    shown = client.get(f"/gallery/pictures/{near['ids'][0]}")
    assert shown.content == picture(20)
    assert shown.headers["content-type"] == "image/jpeg"
    # Nothing was written into the version, whose files have checksums.
    assert Versions(folder / "saved_model" / "1", batch_sizes=()).get()


def test_what_cannot_be_added_adds_nothing(writable):
    client, _ = writable
    good = b64(picture(21))
    for content in (
        {"name": "ash"},
        {"name": "", "images": [good]},
        {"name": "ash", "images": []},
        {"name": "ash", "images": good},
        {"name": "ash", "images": [good, b64(b"no")]},
        {"name": "ash", "images": [good] * 65},
    ):
        answer = client.post(ADD, json=content, headers=BEARER)
        assert answer.status_code == 400, content
    assert client.get("/gallery").json()["added"] == {}


@pytest.mark.parametrize("name", ["whole_file", "Journal.append"])
def test_a_full_disk_is_said_and_nothing_counts(writable, monkeypatch, name):
    client, folder = writable
    added = {"name": "ash", "images": [b64(picture(22))]}

    def full(*args, **options):
        error = OSError(errno.ENOSPC, "No space left on device")
        raise DiskRefusal(error, folder)

    with monkeypatch.context() as patch:
        patch.setattr(f"fgkeras.serving.additions.{name}", full)
        answer = client.post(ADD, json=added, headers=BEARER)
    assert answer.status_code == 507
    assert "Nothing was added" in answer.json()["error"]
    assert client.get("/gallery").json()["added"] == {}
    answer = client.post(ADD, json=added, headers=BEARER)
    assert answer.json()["added"] == 1


@pytest.mark.slow
def test_it_stays_after_a_restart_and_with_another_version(writable):
    client, folder = writable
    added = {"name": "ash", "images": [b64(picture(20)), b64(picture(21))]}
    assert client.post(ADD, json=added, headers=BEARER).status_code == 200
    export_version(folder, seed=8)
    served = Versions(
        folder,
        batch_sizes=(),
        additions=Additions(folder / "gallery_additions"),
    )
    version = served.get()
    # The new one has no gallery of its own.
    assert (version.number, version.files) == (2, None)
    assert version.gallery.class_names == ("ash",)
    # A version that embeds otherwise is asked by its own vectors.
    indices, similarities = version.gallery.nearest(
        version.embed([picture(21)]), 1
    )
    assert similarities[0, 0] == pytest.approx(1, abs=1e-5)
    assert indices[0, 0] == 1
    assert served.get(1).gallery.class_names == ("elm", "oak", "ash")


def test_an_export_without_a_gallery_says_so(plain_export):
    served = Versions(plain_export, batch_sizes=())
    app = serving_app(served, name="birds")
    with TestClient(app, base_url="http://localhost") as client:
        answer = client.post(NEAR, json={"instances": [b64(picture(0))]})
        assert answer.status_code == 404
        assert "no gallery" in answer.json()["error"]
        assert client.get("/gallery").json()["pictures"] == 0
