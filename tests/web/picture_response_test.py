import io

import pytest
from PIL import Image
from starlette.requests import Request

from fgkeras.web import picture_response
from fgkeras.web import picture_type


def encoded(kind):
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (10, 20, 30)).save(file, kind)
    return file.getvalue()


def asking(tag):
    header = (b"if-none-match", tag.encode())
    return Request({"type": "http", "method": "GET", "headers": [header]})


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_pictures_are_what_pillow_wrote(kind):
    data = encoded(kind)
    response = picture_response(data)
    assert response.status_code == 200
    assert response.body == data
    assert response.headers["content-type"] == f"image/{kind}"
    control = response.headers["cache-control"]
    assert control == "private, max-age=86400, immutable"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"\xef\xbb\xbf<svg/>",
        b" " + encoded("png"),
        b"RIFF\0\0\0\0WAVE",
        b"RIFFWEBP",
        encoded("gif"),
        encoded("bmp"),
        encoded("tiff"),
        b"%PDF-1.4",
    ],
)
def test_all_else_is_refused_and_not_repeated(data):
    response = picture_response(data)
    assert response.status_code == 415
    assert response.headers["content-type"].startswith("text/plain")
    assert b"alert" not in response.body
    assert "cache-control" not in response.headers
    assert picture_type(data) is None


def test_a_tag_is_of_the_content():
    data, other = encoded("png"), encoded("jpeg")
    tag = picture_response(data).headers["etag"]
    assert picture_response(bytearray(data)).headers["etag"] == tag
    assert picture_response(other).headers["etag"] != tag
    for known in (tag, f"W/{tag}", f'"a", {tag}', "*"):
        response = picture_response(data, asking(known), max_age=5)
        assert response.status_code == 304
        assert response.body == b""
        assert response.headers["etag"] == tag
        assert "max-age=5" in response.headers["cache-control"]
    for known in ('"a"', tag.strip('"'), ""):
        assert picture_response(data, asking(known)).status_code == 200


def test_refuses_an_age_below_0():
    with pytest.raises(ValueError, match="max_age=-1"):
        picture_response(encoded("png"), max_age=-1)
