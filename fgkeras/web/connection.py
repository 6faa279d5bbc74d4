"""One connection of the server, with ends to what may take forever."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from fgkeras.web.answers import raw_answer

# At once; a browser opens up to 6.
_CONNECTIONS = 256
# From the first byte of a request, or from the connection, to its last header.
_HEAD_SECONDS = 10


class Connection(H11Protocol):
    """A connection of uvicorn that waits for nobody forever.

    uvicorn waits without an end for the head of a request, and answers what is
    no HTTP, and what is too much, without the headers of `Guard`. Here a head
    has 10 seconds (408), and the 257th connection gets 503.

    Example:

    >>> import uvicorn
    >>> uvicorn.Config(app=None, http=Connection, ws="none").http is Connection
    True
    """

    _head_timer = None

    def connection_made(self, transport):
        super().connection_made(transport)
        if len(self.connections) > _CONNECTIONS:
            self._end(503, "Too many connections. Try again in a moment.")
        else:
            self._wait_for_head()

    def data_received(self, data):
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._head_timer is None:
            self._wait_for_head()

    def connection_lost(self, exc):
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg):
        self._end(400, "This is no request.")

    def _wait_for_head(self):
        self._head_timer = self.loop.call_later(
            _HEAD_SECONDS, self._end, 408, "The request did not come in time."
        )

    def _stop_waiting(self):
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end(self, status, sentence):
        self._stop_waiting()
        if self.transport.is_closing():
            return
        # While a response is under way its reader would take this for a part.
        cycle = getattr(self, "cycle", None)  # None before the first request.
        if cycle is None or cycle.response_complete:
            self.transport.write(raw_answer(status, sentence))
        self.transport.close()
