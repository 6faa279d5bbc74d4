"""A server in this process, from its socket to its clean end."""

import contextlib
import signal
import threading

from fgkeras.web.listening import is_loopback
from fgkeras.web.listening import listening_sockets

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Connections that are taken at once, and those that the system lets wait.
_TAKEN, _QUEUED = 64, 4096
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def serve(
    app,
    *,
    host="127.0.0.1",
    port=0,
    remote=False,
    ready=None,
    connections=None,
):
    """Serves an application until SIGTERM or SIGINT.

    Use it for pages and predictions on one machine. Requests under way when
    the signal comes are answered, for up to `10` seconds; then it returns, and
    the process goes on. A second SIGINT ends it at once. Nothing is written to
    the log of accesses, and headers of proxies are not believed.

    Args:
        app: The ASGI application, inside of `Guard`.
        host: String, an address or name of this machine; `"localhost"` serves
            IPv4 and IPv6. Defaults to `"127.0.0.1"`.
        port: Int, or 0 for one that is free. Defaults to `0`.
        remote: Bool, whether other machines may reach it; show
            `remote_warning(host)` then. Defaults to `False`.
        ready: `None`, or callable of the URL, called once it listens. Defaults
            to `None`.
        connections: Int at least 1, connections at once: of more the one that
            has waited longest without asking anything makes room; or `None`
            (default) for 256, of which none makes room.

    Raises:
        ValueError: If the port is taken, the host is none of this machine, or
            other machines would reach it and `remote` is not set.
        RuntimeError: If the application fails to start.

    Example:

    >>> from starlette.applications import Starlette
    >>> from fgkeras.web import Guard
    >>> serve(Guard(Starlette()), ready=lambda url: signal.raise_signal(
    ...     signal.SIGTERM
    ... ))
    """
    if not remote and not is_loopback(host):
        raise ValueError(
            "Only this machine reaches a server, unless other ones are asked "
            f"for. Received: host={host!r}. Take 127.0.0.1, or set remote=True."
        )
    sockets = listening_sockets(host, port)
    with contextlib.ExitStack() as stack:
        for one in sockets:
            stack.callback(one.close)
        # Here, since nobody else pays for its import.
        import uvicorn

        from fgkeras.web.connection import Connection

        class Server(uvicorn.Server):
            async def startup(self, sockets=None):
                await super().startup(sockets)
                for one in sockets:
                    one.listen(_QUEUED)
                if ready is not None and self.started:
                    ready(url_of(host, sockets[0].getsockname()[1]))

        class Limited(Connection):
            limit = connections
            makes_room = connections is not None
            silent: dict = {}

        config = uvicorn.Config(
            app,
            http=Limited,
            ws="none",
            loop="asyncio",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=10,
            h11_max_incomplete_event_size=16_384,
            # asyncio takes as many in one go, before it reads of any.
            backlog=_TAKEN,
        )
        server = Server(config)
        stack.enter_context(_stopped_by_signals(server))
        try:
            server.run(sockets=sockets)
        except SystemExit as error:
            raise RuntimeError(
                "The application could not start. Its log says why."
            ) from error


def url_of(host, port):
    """Returns where a browser of this machine finds a server.

    Args:
        host: String, as given to `serve`; for all addresses, `"0.0.0.0"` or
            `"::"`, the loopback stands in.
        port: Int.

    Example:

    >>> url_of("::1", 8000), url_of("0.0.0.0", 80)
    ('http://[::1]:8000', 'http://127.0.0.1:80')
    """
    bare = host.strip("[]")
    bare = _WILDCARDS.get(bare, bare)
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"


@contextlib.contextmanager
def _stopped_by_signals(server):
    """Makes signals end the server, and nothing but it.

    uvicorn raises a signal again once it has ended, for whoever had it before:
    that is the handler here, which has nothing left to end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
