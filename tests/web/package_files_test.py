import os

import pytest

from fgkeras.web import PackageFiles


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "a_page_of_tests"
    folder.mkdir()
    (folder / "label.js").write_text("let a = 1;")
    (folder / "label.css").write_text("p { color: red }")
    (folder / "private.js").write_text("secret")
    (folder / "page.html").write_text("<p>")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder.name


def test_the_files_of_the_list_and_no_others(package):
    files = PackageFiles(package, ["label.js", "label.css"])
    script = files.response("label.js")
    assert (script.status_code, script.body) == (200, b"let a = 1;")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "private, no-cache"
    style = files.response("label.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    # The colours that all pages share come first.
    assert style.body.startswith(b":root {")
    assert style.body.endswith(b"}\np { color: red }")
    for name in (
        "private.js",
        "./label.js",
        "label.js/",
        "../a_page_of_tests/label.js",
        "label%2ejs",
        "LABEL.JS",
        "label.js\0",
        "",
        os.path.abspath("label.js"),
    ):
        assert files.response(name).status_code == 404


@pytest.mark.parametrize(
    "name", ["page.html", "../x.js", "a/b.js", "a\\b.js", "missing.js", "js"]
)
def test_refuses_a_list_that_cannot_be_served(package, name):
    with pytest.raises(ValueError, match="Received: "):
        PackageFiles(package, [name])
