"""The application that `server_test.py` starts as a process of its own."""

import asyncio
import sys

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import fgkeras.web.connection
from fgkeras.web import Guard
from fgkeras.web import serve


async def page(request):
    return PlainTextResponse(f"{request.client.host} {request.url.scheme}")


async def echo(request):
    print("handled", flush=True)
    return JSONResponse(await request.json())


async def slow(request):
    print("begun", flush=True)
    await asyncio.sleep(0.3)
    return PlainTextResponse("finished")


async def broken(request):
    raise RuntimeError("the secret")


async def long(request):
    return PlainTextResponse("a" * 20_000_000)


def main(host, port, seconds="10", *more):
    connection = fgkeras.web.connection
    connection._HEAD_SECONDS, connection._CONNECTIONS = float(seconds), 8
    connection._WRITE_SECONDS = float(seconds)
    failing = "failing" in more
    routes = [
        Route("/", page),
        Route("/echo", echo, methods=["POST"]),
        Route("/slow", slow),
        Route("/broken", broken),
        Route("/long", long),
    ]
    app = Guard(Starlette(routes=routes), limit=1000, seconds=float(seconds))
    serve(
        fails_to_start if failing else app,
        host=host,
        port=int(port),
        ready=lambda url: print(url, flush=True),
        connections=8 if "room" in more else None,
    )
    print("ended", flush=True)


async def fails_to_start(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no model"})


if __name__ == "__main__":
    main(*sys.argv[1:])
