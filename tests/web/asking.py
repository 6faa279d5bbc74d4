"""Asks an ASGI application as a server would, with any headers at all."""

import asyncio
import dataclasses


@dataclasses.dataclass
class Answer:
    status: int = 0
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = b""

    def values(self, name):
        return [v for k, v in self.headers if k.lower() == name]


def ask(
    app,
    method="GET",
    path="/",
    headers=(("host", "localhost"),),
    chunks=(b"",),
    query="",
    port=8000,
    after=None,
):
    """Returns the answer; `after` is what `receive` does past the chunks."""

    async def run():
        parts, answer = list(chunks), Answer()

        async def receive():
            if not parts:
                if after is not None:
                    return await after()
                return {"type": "http.disconnect"}
            part = parts.pop(0)
            more = bool(parts) or after is not None
            return {"type": "http.request", "body": part, "more_body": more}

        async def send(message):
            if message["type"] == "http.response.start":
                assert answer.status == 0, "two answers"
                answer.status = message["status"]
                answer.headers = list(message["headers"])
            else:
                answer.body += message.get("body", b"")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "server": ("127.0.0.1", port),
            "client": ("127.0.0.1", 5),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in headers],
        }
        await app(scope, receive, send)
        return answer

    return asyncio.run(run())


class Recorder:
    """An application that notes what reaches a handler."""

    def __init__(self, headers=()):
        self.bodies = []
        self.people = []
        self.headers = list(headers)

    async def __call__(self, scope, receive, send):
        message = await receive()
        self.bodies.append(message["body"])
        self.people.append(scope.get("state", {}).get("person"))
        start = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"seen"})
