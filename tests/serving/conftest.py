import base64
import shutil

import numpy as np
import pytest
from starlette.testclient import TestClient

from fgkeras.export import export_classifier
from fgkeras.export.folder import write_checksums
from fgkeras.export.gallery import Gallery
from fgkeras.export.gallery import write_gallery
from fgkeras.serving import Additions
from fgkeras.serving import Versions
from fgkeras.serving import serving_app
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model

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


def add_gallery(version):
    """Puts a gallery of 6 pictures of 2 classes into a version."""
    from fgkeras.export.load import ExportedClassifier

    pictures = [picture(i) for i in range(6)]
    rows = ExportedClassifier(version).run("embed", pictures)
    labels = [0, 0, 0, 1, 1, 1]
    ids = [f"{i}.jpg" for i in range(6)]
    write_gallery(
        version, Gallery(rows["embedding"], labels, ["elm", "oak"], ids)
    )
    write_checksums(version)


@pytest.fixture(scope="session")
def plain_export(tmp_path_factory):
    """Version 1, no gallery; tests must not write to it."""
    folder = tmp_path_factory.mktemp("plain")
    export_version(folder)
    return folder


@pytest.fixture(scope="session")
def gallery_export(plain_export, tmp_path_factory):
    """Version 1 with a gallery; tests must not write to it."""
    folder = tmp_path_factory.mktemp("gallery") / "export"
    shutil.copytree(plain_export, folder)
    add_gallery(folder / "saved_model" / "1")
    return folder


@pytest.fixture
def copy(gallery_export, tmp_path):
    return shutil.copytree(gallery_export, tmp_path / "copy")


@pytest.fixture(scope="session")
def versions(gallery_export):
    return Versions(gallery_export, batch_sizes=(1,))


@pytest.fixture(scope="session")
def client(versions):
    with TestClient(serving_app(versions, name="birds"),
            base_url="http://localhost") as client:  # fmt: skip
        yield client


@pytest.fixture
def writable(copy):
    """A client, and the folder of the export, whose gallery grows."""
    additions = Additions(copy / "gallery_additions", writable=True)
    served = Versions(copy, batch_sizes=(1,), additions=additions)
    app = serving_app(served, name="birds", token="secret", writable=True)
    with TestClient(app, base_url="http://localhost") as client:
        yield client, copy


def vectors_of(version, pictures):
    return np.concatenate([version.embed([one]) for one in pictures])
