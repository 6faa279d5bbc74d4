"""Who has a link, and who came in by one."""

import hashlib
import hmac
import secrets
import threading
import typing

_BYTES = 32


class Sessions(typing.Protocol):
    """What `Access` asks: who may come in.

    Both are called in the event loop for one request after the other, so they
    must be quick.

    Example:

    >>> sessions: Sessions = MemorySessions()
    >>> sessions.person_of("made up") is None
    True
    """

    def redeem(self, token: str) -> tuple[str, str] | None:
        """Person and cookie for a token that was not used yet, else `None`.

        Before it returns, the token must be marked as used for good.
        """

    def person_of(self, cookie: str) -> str | None:
        """The person who was given this cookie, else `None`."""


class MemorySessions:
    """Sessions that live as long as the process.

    Use it in tests and for a server that nobody comes back to. Of tokens and
    cookies, 32 random bytes each, only the SHA-256 is kept.

    Example:

    >>> sessions = MemorySessions()
    >>> token = sessions.invite("Ann")
    >>> person, cookie = sessions.redeem(token)
    >>> person, sessions.person_of(cookie), sessions.redeem(token)
    ('Ann', 'Ann', None)
    """

    def __init__(self):
        self._lock = threading.Lock()
        # SHA-256 in hexadecimal -> person.
        self._tokens: dict[str, str] = {}
        self._cookies: dict[str, str] = {}

    def invite(self, person):
        """Returns a token for a person, good for one use.

        Args:
            person: String, the name that handlers see.

        Raises:
            ValueError: If it is empty or no text.
        """
        if not isinstance(person, str) or not person.strip():
            raise ValueError(
                f"A person has a name. Received: person={person!r}. Give the "
                "name that decisions are kept under."
            )
        token = secrets.token_urlsafe(_BYTES)
        with self._lock:
            self._change({**self._tokens, digest(token): person}, self._cookies)
        return token

    def redeem(self, token):
        """See `Sessions`."""
        with self._lock:
            key = _found(self._tokens, token)
            if key is None:
                return None
            person, cookie = self._tokens[key], secrets.token_urlsafe(_BYTES)
            tokens = {k: p for k, p in self._tokens.items() if k != key}
            self._change(tokens, {**self._cookies, digest(cookie): person})
        return person, cookie

    def person_of(self, cookie):
        """See `Sessions`."""
        cookies = self._cookies
        key = _found(cookies, cookie)
        return None if key is None else cookies[key]

    def withdraw(self, person):
        """Ends all links and cookies of a person.

        Args:
            person: String, as given to `invite`.
        """
        with self._lock:
            self._change(
                {k: p for k, p in self._tokens.items() if p != person},
                {k: p for k, p in self._cookies.items() if p != person},
            )

    def _change(self, tokens, cookies):
        """Puts both tables in place, or neither."""
        self._tokens, self._cookies = tokens, cookies


def digest(secret):
    """Returns what is kept of a token or a cookie, its SHA-256.

    Args:
        secret: String.

    Example:

    >>> digest("abc")[:8]
    'ba7816bf'
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _found(table, secret):
    """The key of a secret, in a time that does not tell how near it is."""
    wanted, found = digest(secret), None
    for key in table:
        if hmac.compare_digest(key, wanted):
            found = key
    return found
