"""The answer that shows a picture, and only ever a picture."""

from starlette.responses import PlainTextResponse

from fgkeras.web.content_response import content_response


def picture_type(data):
    """Returns the content type of encoded bytes, by what they begin with.

    Args:
        data: Bytes.

    Returns:
        `"image/jpeg"`, `"image/png"`, `"image/webp"`, or `None` for all else,
        such as SVG and HTML, which a browser would run.

    Example:

    >>> picture_type(bytes.fromhex("ffd8ffe0")), picture_type(b"<svg>")
    ('image/jpeg', None)
    """
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def picture_response(data, request=None, *, max_age=86_400):
    """Returns encoded bytes as a picture, or 415.

    Use it for all pictures, under a URL with a number, never a name: the type
    comes from the bytes, whatever a file is called, and `Guard` adds
    `nosniff`. A picture of one URL must never change.

    Args:
        data: Bytes of a JPEG, PNG or WebP file.
        request: `starlette.requests.Request`, for 304 where the browser has
            the picture; `None` always sends it. Defaults to `None`.
        max_age: Int, seconds that this browser, and no proxy, may keep it.
            Defaults to `86_400`.

    Returns:
        `starlette.responses.Response`.

    Raises:
        ValueError: If `max_age` is below 0.

    Example:

    >>> picture_response(b"<svg onload='alert(1)'/>").status_code
    415
    >>> shown = picture_response(bytes.fromhex("ffd8ffe0"))
    >>> shown.headers["cache-control"]
    'private, max-age=86400, immutable'
    """
    if max_age < 0:
        raise ValueError(
            f"max_age must be at least 0. Received: max_age={max_age}. Usual "
            "is a day, 86_400."
        )
    media_type = picture_type(data)
    if media_type is None:
        return PlainTextResponse(
            "Pictures are JPEG, PNG or WebP, and this one is not.\n", 415
        )
    return content_response(
        bytes(data),
        media_type,
        cache_control=f"private, max-age={max_age}, immutable",
        request=request,
    )
