"""What the guard says by itself: a status, a sentence, nothing else."""

import http
import json

# On each response, whatever a handler says. Scripts, styles and pictures come
# from this server alone, and no page of another one may hold what it shows.
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; img-src 'self'; script-src 'self'; "
        b"style-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
        b"base-uri 'none'; form-action 'self'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_NO_STORE = (b"cache-control", b"no-store")


def header_values(scope, name):
    """Returns all values of one header of a request, as text.

    Args:
        scope: Dict, the ASGI scope.
        name: String, in lower case.

    Returns:
        List of strings, empty if the header is missing. Two values are two
        items: who expects one must refuse two.

    Example:

    >>> header_values({"headers": [(b"host", b"localhost")]}, "host")
    ['localhost']
    """
    key = name.encode()
    return [v.decode("latin-1") for k, v in scope["headers"] if k == key]


def guarded_headers(headers, *, close=False):
    """Returns the headers of a response with those of security in place.

    Args:
        headers: Iterable of pairs of bytes, names in any case.
        close: Bool, whether the connection ends with it. Defaults to `False`.

    Returns:
        List of pairs of bytes. What a handler said of the fixed ones is
        dropped; its `Cache-Control` stays, and is `no-store` without one.

    Example:

    >>> dict(guarded_headers([(b"X-Frame-Options", b"ALLOW")]))[
    ...     b"x-frame-options"
    ... ]
    b'DENY'
    """
    fixed = dict(SECURITY_HEADERS)
    kept = [(k, v) for k, v in headers if k.lower() not in fixed]
    if all(k.lower() != _NO_STORE[0] for k, _ in kept):
        kept.append(_NO_STORE)
    if close:
        kept.append((b"connection", b"close"))
    return kept + list(SECURITY_HEADERS)


def sentence_body(scope, sentence):
    """Returns a sentence in the form that the asking side reads.

    Scripts get JSON, `{"error": sentence}`, people plain text. A script is who
    sends JSON or asks for it.

    Args:
        scope: Dict, the ASGI scope of the request.
        sentence: String.

    Returns:
        Tuple of the content type and the body, both bytes.

    Example:

    >>> sentence_body({"method": "GET", "headers": []}, "Not here.")
    (b'text/plain; charset=utf-8', b'Not here.\\n')
    """
    asked = "".join(header_values(scope, "accept"))
    if scope["method"] in ("GET", "HEAD") and "application/json" not in asked:
        return b"text/plain; charset=utf-8", f"{sentence}\n".encode()
    return b"application/json", json.dumps({"error": sentence}).encode()


async def send_sentence(scope, send, status, sentence, headers=()):
    """Answers a request with a status and a sentence.

    Args:
        scope: Dict, the ASGI scope of the request.
        send: The ASGI callable.
        status: Int, such as `403`.
        sentence: String: what is asked for, and the way out. Nothing that the
            asking side sent stands in it.
        headers: Pairs of bytes beside those of the body. Defaults to none.

    Example:

    >>> import asyncio
    >>> async def show(message):
    ...     print(message["type"])
    >>> scope = {"method": "GET", "headers": []}
    >>> asyncio.run(send_sentence(scope, show, 403, "Not from here."))
    http.response.start
    http.response.body
    """
    kind, body = sentence_body(scope, sentence)
    found = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send(
        {"type": "http.response.start", "status": status, "headers": found}
    )
    await send({"type": "http.response.body", "body": body})


def raw_answer(status, sentence):
    """Returns a whole HTTP/1.1 answer, for where there is no request yet.

    Args:
        status: Int, such as `400`.
        sentence: String, plain text.

    Returns:
        Bytes; the connection ends after them.

    Example:

    >>> raw_answer(408, "Too slow.").split(b"\\r\\n")[0]
    b'HTTP/1.1 408 Request Timeout'
    """
    body = f"{sentence}\n".encode()
    headers = guarded_headers(
        [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ],
        close=True,
    )
    first = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode()
    lines = [first, *(k + b": " + v for k, v in headers), b"", body]
    return b"\r\n".join(lines)
