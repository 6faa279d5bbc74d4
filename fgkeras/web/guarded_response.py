"""The way out of a response: its headers, and failures held back."""

from fgkeras.web.answers import guarded_headers


class GuardedResponse:
    """An ASGI `send` that adds headers and keeps a 500 until it is meant.

    An application that fails may answer first, in debug mode with the whole
    traceback, and raise then. So a response of status 500 waits for `release`,
    and a second one takes its place; all others go out at once.

    Args:
        send: The ASGI callable.

    Example:

    >>> import asyncio
    >>> sent = []
    >>> async def send(message):
    ...     sent.append(message)
    >>> response = GuardedResponse(send)
    >>> start = {"type": "http.response.start", "status": 500, "headers": []}
    >>> asyncio.run(response.send(start))
    >>> len(sent), asyncio.run(response.release()), len(sent)
    (0, None, 1)
    """

    def __init__(self, send):
        self._send = send
        self._held: list | None = None
        self.is_sent = False
        self.close = False

    async def send(self, message):
        """Takes a message of the application."""
        if message["type"] == "http.response.start":
            headers = guarded_headers(
                message.get("headers", ()), close=self.close
            )
            message = {**message, "headers": headers}
            if message["status"] == 500:
                self._held = []
        if self._held is None:
            self.is_sent = True
            await self._send(message)
        else:
            self._held.append(message)

    async def release(self):
        """Sends what was held back: nothing was raised."""
        held, self._held = self._held or (), None
        for message in held:
            self.is_sent = True
            await self._send(message)
