"""An answer that a browser keeps by what it holds."""

import hashlib

from starlette.responses import Response


def content_response(body, media_type, *, cache_control, request=None):
    """Returns bytes with an `ETag`, or 304 if the browser has them.

    Args:
        body: Bytes.
        media_type: String, such as `"image/jpeg"`.
        cache_control: String, the header of that name.
        request: `starlette.requests.Request`, whose `If-None-Match` counts, or
            `None`. Defaults to `None`.

    Returns:
        `starlette.responses.Response`.

    Example:

    >>> response = content_response(b"a", "text/css", cache_control="no-cache")
    >>> response.status_code, response.headers["etag"][:9]
    (200, '"ca978112')
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": cache_control}
    known = "" if request is None else request.headers.get("if-none-match", "")
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    if tag in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
