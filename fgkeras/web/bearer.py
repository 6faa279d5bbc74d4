"""Scripts come in by a token in a header."""

import hmac
import re

from fgkeras.web.answers import header_values
from fgkeras.web.answers import send_sentence
from fgkeras.web.sessions import digest


class Bearer:
    """ASGI middleware that lets in who sends `Authorization: Bearer TOKEN`.

    Use it inside of `Guard`, around what scripts ask, such as a server of
    predictions: there are no cookies and no links. Without the token all is
    401. Handlers find whose token it is as `request.state.person`.

    Args:
        app: The ASGI application.
        tokens: Dict from `digest` of a token to a name; only digests are kept.
            A token is long and random, such as `secrets.token_urlsafe(32)`.

    Raises:
        ValueError: If there is none, or a key is no digest.

    Example:

    >>> from starlette.applications import Starlette
    >>> from starlette.testclient import TestClient
    >>> client = TestClient(Bearer(Starlette(), {digest("secret"): "nightly"}))
    >>> client.get("/").status_code
    401
    >>> headers = {"Authorization": "Bearer secret"}
    >>> client.get("/", headers=headers).status_code
    404
    """

    def __init__(self, app, tokens):
        wrong = [k for k in tokens if not re.fullmatch("[0-9a-f]{64}", str(k))]
        if wrong or not tokens:
            # A key may be the token itself: it is not shown.
            raise ValueError(
                "tokens must have SHA-256 digests as keys. Received: "
                f"{len(tokens)} tokens, {len(wrong)} keys that are none. Use "
                "fgkeras.web.digest(token)."
            )
        self._app = app
        self._tokens = dict(tokens)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        person = self._person(scope)
        if person is None:
            await send_sentence(
                scope,
                send,
                401,
                "Send the token of this server as Authorization: Bearer TOKEN.",
                [(b"www-authenticate", b"Bearer")],
            )
            return
        state = {**scope.get("state", {}), "person": person}
        await self._app({**scope, "state": state}, receive, send)

    def _person(self, scope):
        sent = header_values(scope, "authorization")
        if len(sent) != 1:
            return None
        kind, _, token = sent[0].partition(" ")
        if kind.lower() != "bearer":
            return None
        wanted, person = digest(token.strip()), None
        for key, name in self._tokens.items():
            if hmac.compare_digest(key, wanted):
                person = name
        return person
