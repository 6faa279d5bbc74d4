"""The body of a request, whole before a handler runs, or refused."""

import asyncio

from fgkeras.web.answers import header_values
from fgkeras.web.refusal import Refusal

# What is read and dropped of a refused body, so that its sender gets to the
# answer, and for how long.
_DROPPED = 2**20
_DROP_SECONDS = 1


class Budget:
    """Bytes that bodies may have together.

    Args:
        total: Int, or `None` for any number.

    Example:

    >>> budget = Budget(100)
    >>> budget.take(60), budget.take(60)
    (True, False)
    """

    def __init__(self, total):
        self._left = total

    def take(self, count):
        """Takes so many, or none; returns whether it did.

        Args:
            count: Int.
        """
        if self._left is None:
            return True
        if count > self._left:
            return False
        self._left -= count
        return True

    def give(self, count):
        """Gives them back.

        Args:
            count: Int.
        """
        if self._left is not None:
            self._left += count


class WholeBody:
    """Reads a body once, at most so long and for so long.

    Use it so that a handler never sees half of a request: what is too large,
    too slow, or not as long as it says ends here.

    Args:
        scope: Dict, the ASGI scope.
        receive: The ASGI callable.
        budget: `Budget` of all bodies, or `None` (default).

    Example:

    >>> async def receive():
    ...     return {"type": "http.request", "body": b"{}", "more_body": False}
    >>> body = WholeBody({"headers": []}, receive)
    >>> asyncio.run(body.read(limit=64, seconds=30))
    b'{}'
    """

    def __init__(self, scope, receive, budget=None):
        self._budget = budget or Budget(None)
        self._taken = 0
        self._scope = scope
        self._receive = receive
        self._body = b""
        self._given = False
        self._late = False
        self.is_there = False

    async def read(self, limit, seconds):
        """Returns the body, or `None` if its sender has gone.

        Args:
            limit: Int, bytes that it may have.
            seconds: Float, until it must be there.

        Raises:
            Refusal: With 400, 408 or 413, and 503 where all bodies together
                are too much.
        """
        length = self._length()
        large = Refusal(413, f"A body has at most {limit} bytes.")
        if length is not None and length > limit:
            raise large
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                while not self.is_there:
                    part = await self._next()
                    if part is None:
                        return None
                    if len(body) + len(part) > limit:
                        raise large
                    if not self._budget.take(len(part)):
                        raise Refusal(503, "Too much at once. Try again.")
                    self._taken += len(part)
                    body += part
        except TimeoutError:
            self._late = True
            raise Refusal(408, "The body did not come in time.") from None
        if length is not None and len(body) != length:
            raise Refusal(400, "A body is as long as its request says.")
        self._body = bytes(body)
        return self._body

    def give_back(self):
        """Gives back what it took of the budget; the request has ended."""
        self._budget.give(self._taken)
        self._taken = 0

    async def drop(self):
        """Reads on for a little, unless the sender is late, or asked first."""
        if self._late or header_values(self._scope, "expect"):
            return
        dropped = 0
        try:
            async with asyncio.timeout(_DROP_SECONDS):
                while not self.is_there and dropped < _DROPPED:
                    dropped += len(await self._next() or b"")
        except TimeoutError:
            return

    async def receive(self):
        """The ASGI callable that gives what was read, then goes on."""
        if self._given:
            return await self._receive()
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _next(self):
        """The next bytes, or `None` if there will be no more."""
        message = await self._receive()
        self.is_there = not message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return None
        return message.get("body", b"")

    def _length(self):
        """What the head says of the length."""
        said = header_values(self._scope, "content-length")
        if not said:
            return None
        text = said[0]
        if (
            len(set(said)) > 1
            or not (text.isascii() and text.isdigit())
            or header_values(self._scope, "transfer-encoding")
        ):
            raise Refusal(400, "A request says once how long its body is.")
        return int(text[-18:]) if len(text.lstrip("0")) <= 18 else 10**18
