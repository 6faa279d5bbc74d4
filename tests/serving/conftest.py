import base64
import hashlib
import shutil
from copy import copy as copied

import pytest
from starlette.testclient import TestClient

from fgkeras.export import export_classifier
from fgkeras.export.folder import check_checksums
from fgkeras.export.folder import write_checksums
from fgkeras.export.gallery import Gallery
from fgkeras.export.gallery import read_gallery
from fgkeras.export.gallery import write_gallery
from fgkeras.serving import Additions
from fgkeras.serving import ServedVersion
from fgkeras.serving import Versions
from fgkeras.serving import serving_app
from fgkeras.serving import versions as module
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model

VARIABLES = "variables/variables.data-00000-of-00001"
NAMES = ["<script>alert(1)</script>", *NAMES[1:]]


def b64(data):
    return {"b64": base64.b64encode(data).decode()}


def export_version(folder, seed=3, **options):
    """Adds a version of another model each time the seed is another."""
    return export_classifier(
        small_model(seed=seed),
        folder,
        class_names=NAMES,
        image_size=24,
        resize=28,
        top_k=3,
        overwrite=True,
        **options,
    )


def add_gallery(version, embed):
    """Puts a gallery of 6 pictures of 2 classes into a version."""
    vectors = embed([picture(i) for i in range(6)])
    labels = [0, 0, 0, 1, 1, 1]
    ids = [f"{i}.jpg" for i in range(6)]
    write_gallery(version, Gallery(vectors, labels, ["elm", "oak"], ids))
    write_checksums(version)


@pytest.fixture(scope="session")
def plain_export(tmp_path_factory):
    """Version 1, no gallery; tests must not write to it."""
    folder = tmp_path_factory.mktemp("plain")
    export_version(folder)
    return folder


@pytest.fixture(scope="session")
def loaded(plain_export):
    """What `plain_export` holds; each first call of a graph takes long."""
    return ServedVersion(plain_export / "saved_model" / "1", 1)


@pytest.fixture(scope="session")
def loaded_once(loaded):
    """Where the graph is that of `loaded`, it is not loaded again."""

    def opened(path, number):
        check_checksums(path)
        same = [
            (path / name).read_bytes() == (loaded.path / name).read_bytes()
            for name in ("saved_model.pb", VARIABLES)
        ]
        if not all(same):
            return ServedVersion(path, number)
        one = copied(loaded)
        one.path, one.number = path, number
        one.model = hashlib.sha256(
            (path / "SHA256SUMS").read_bytes()
        ).hexdigest()
        one.files = one.gallery = read_gallery(path)
        return one

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ServedVersion", opened)
        yield


@pytest.fixture(scope="session")
def gallery_export(plain_export, loaded, loaded_once, tmp_path_factory):
    """Version 1 with a gallery; tests must not write to it."""
    folder = tmp_path_factory.mktemp("gallery") / "export"
    shutil.copytree(plain_export, folder)
    add_gallery(folder / "saved_model" / "1", loaded.embed)
    return folder


@pytest.fixture
def copy(gallery_export, tmp_path):
    return shutil.copytree(gallery_export, tmp_path / "copy")


@pytest.fixture(scope="session")
def versions(gallery_export):
    return Versions(gallery_export, batch_sizes=())


@pytest.fixture(scope="session")
def client(versions):
    with TestClient(serving_app(versions, name="birds"),
            base_url="http://localhost") as client:  # fmt: skip
        yield client


@pytest.fixture
def writable(copy):
    """A client, and the folder of the export, whose gallery grows."""
    additions = Additions(copy / "gallery_additions", writable=True)
    served = Versions(copy, batch_sizes=(), additions=additions)
    app = serving_app(served, name="birds", token="secret", writable=True)
    with TestClient(app, base_url="http://localhost") as client:
        yield client, copy
