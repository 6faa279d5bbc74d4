"""One connection of the server, with ends to what may take forever."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from fgkeras.web.answers import raw_answer

# At once; a browser opens up to 6.
_CONNECTIONS = 256
# From the first byte of a request, or from the connection, to its last header.
_HEAD_SECONDS = 10
# Until somebody takes what was sent.
_WRITE_SECONDS = 20


class Connection(H11Protocol):
    """A connection of uvicorn that waits for nobody forever.

    uvicorn waits without an end for the head of a request, and answers what is
    no HTTP, and what is too much, without the headers of `Guard`. Here a head
    has 10 seconds (408), and who does not read what is sent has 20. Of
    connections beyond `limit` the new one gets 503; with `makes_room` the one
    that has been silent longest ends instead, where there is one.

    Attributes:
        limit: Int, connections at once, or `None` for 256.
        makes_room: Bool, whether silent ones make room for new ones, or else
            new ones get 503.
        silent: Dict whose keys are connections that owe a request, in order.

    Example:

    >>> import uvicorn
    >>> uvicorn.Config(app=None, http=Connection, ws="none").http is Connection
    True
    """

    limit: int | None = None
    makes_room = False
    silent: dict = {}
    _head_timer = None
    _write_timer = None

    def connection_made(self, transport):
        super().connection_made(transport)
        limit = _CONNECTIONS if self.limit is None else self.limit
        if len(self.connections) > limit and not self._make_room():
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
        self._stop_writing()
        super().connection_lost(exc)

    def send_400_response(self, msg):
        self._end(400, "This is no request.")

    def pause_writing(self):
        super().pause_writing()
        self._abort_later()

    def resume_writing(self):
        self._stop_writing()
        super().resume_writing()

    def timeout_keep_alive_handler(self):
        super().timeout_keep_alive_handler()
        self._abort_later()

    def _make_room(self):
        """Ends the connection that has waited longest; whether there is one."""
        if not self.makes_room:
            return False
        # First who has asked nothing yet, in the order in which they came.
        oldest = next((one for one in self.silent if one is not self), None)
        if oldest is None:
            oldest = self._longest_between_requests()
        if oldest is None:
            return False
        oldest._stop_waiting()
        oldest.transport.abort()
        self.connections.discard(oldest)
        return True

    def _longest_between_requests(self):
        waiting = [
            (one.timeout_keep_alive_task.when(), id(one), one)
            for one in self.connections
            if isinstance(one, Connection)
            and one.timeout_keep_alive_task is not None
            and not one.transport.is_closing()
        ]
        return min(waiting)[-1] if waiting else None

    def _wait_for_head(self):
        self.silent[self] = True
        self._head_timer = self.loop.call_later(
            _HEAD_SECONDS, self._end, 408, "The request did not come in time."
        )

    def _stop_waiting(self):
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
            self.silent.pop(self, None)

    def _abort_later(self):
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(
                _WRITE_SECONDS, self.transport.abort
            )

    def _stop_writing(self):
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _end(self, status, sentence):
        self._stop_waiting()
        if self.transport.is_closing():
            return
        # While a response is under way its reader would take this for a part.
        cycle = getattr(self, "cycle", None)  # None before the first request.
        if cycle is None or cycle.response_complete:
            self.transport.write(raw_answer(status, sentence))
        self.transport.close()
        self._abort_later()
