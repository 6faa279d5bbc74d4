"""A simulated labeller that speaks HTTP, as a browser does."""

import http.client
import json
import time
import urllib.parse

from fgkeras.bootstrap.simulated.refused import Refused
from fgkeras.bootstrap.simulated.work import Work

# A server that is killed and started again is back within half a minute.
_TRIES = 12
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 5.0
_SECONDS = 30.0
_TRANSIENT = (429, 500, 502, 503, 504, 507)


class HttpLabeller(Work):
    """A simulated labeller that works at a server.

    It comes in by a link of one use, keeps the cookie, and sends each answer
    under an id of its own. Where the connection breaks or the server is busy
    or has no room, the same is sent again with the same id, so that it counts
    once. Standard library alone.

    Args:
        link: String, the link of one use that `fgkeras bootstrap invite`
            prints.
        labeller: `SimulatedLabeller`.
        truth: Callable of a candidate's id, such as `candidate_truth`.
        pace: Float at least 0, real seconds that pass for each virtual one.
            Defaults to `0.0`.
        tries: Int at least 1, how often one thing is sent. Defaults to `12`,
            which takes half a minute.

    Attributes:
        retries: Int, how often something was sent again.

    Raises:
        ValueError: If the link is none, or an option is out of range.
        Refused: If the link was used.
        OSError: If the server does not answer.

    Example:

    >>> HttpLabeller("elms", None, None)
    Traceback (most recent call last):
    ...
    ValueError: A labeller comes in by a link. Received: 'elms'. Take what \
`fgkeras bootstrap invite` prints.
    """

    def __init__(self, link, labeller, truth, *, pace=0.0, tries=_TRIES):
        super().__init__(_Desk(link, tries), labeller, truth, pace=pace)

    @property
    def retries(self):
        return self.desk.retries

    def close(self):
        """Closes the connection."""
        self.desk.close()


class _Desk:
    """Questions and answers over one connection that is kept."""

    def __init__(self, link, tries):
        parts = urllib.parse.urlsplit(link)
        if parts.scheme != "http" or not parts.hostname or not parts.query:
            raise ValueError(
                f"A labeller comes in by a link. Received: {link!r}. Take "
                "what `fgkeras bootstrap invite` prints."
            )
        if tries < 1:
            raise ValueError(
                f"`tries` must be at least 1. Received: tries={tries}."
            )
        self.tries, self.retries, self.cookie = tries, 0, ""
        self.connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=_SECONDS
        )
        self._enter(f"{parts.path or '/'}?{parts.query}")

    def _enter(self, target):
        # A link works once: it is not sent again.
        status, headers, data = self._once("GET", target, None)
        given = headers.get_all("Set-Cookie") or []
        self.cookie = "; ".join(line.split(";")[0] for line in given)
        if status >= 400 or not self.cookie:
            raise Refused(status, _sentence(status, data))

    def cards(self, count):
        return self._ask("GET", f"/api/cards?count={count}")["cards"]

    def page(self, size):
        return self._ask("GET", f"/api/page?size={size}")

    def decide(self, **body):
        return self._ask("POST", "/api/decide", body)

    def commit(self, **body):
        return self._ask("POST", "/api/commit", body)

    def close(self):
        self.connection.close()

    def _ask(self, method, target, body=None):
        """Asks until there is an answer that stays."""
        data = None if body is None else json.dumps(body).encode()
        wait = _FIRST_WAIT
        left = self.tries
        while True:
            left -= 1
            try:
                status, _, answer = self._once(method, target, data)
                if status == 200:
                    return json.loads(answer)
                if status not in _TRANSIENT or not left:
                    raise Refused(status, _sentence(status, answer))
            except (OSError, http.client.HTTPException):
                if not left:
                    raise
            self.retries += 1
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _once(self, method, target, data):
        headers = {"Accept": "application/json"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, target, data, headers)
            response = self.connection.getresponse()
            return response.status, response.headers, response.read()
        except BaseException:
            # What is half sent or half read is not gone on with.
            self.connection.close()
            raise


def _sentence(status, data):
    """Why something was refused, in the server's words."""
    try:
        return json.loads(data)["error"]
    except (ValueError, KeyError, TypeError):
        return data.decode("utf-8", "replace")[:300] or f"HTTP {status}"
