"""What other clients do to a server while one is measured; see `serving.py`."""

import collections
import contextlib
import resource
import socket
import threading
import time

NAME = "model"
PATH = f"/v1/models/{NAME}:predict"
IDLE = 10_000
LARGE = 100_000_000


def slow_heads(port, end):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 999
    open_ones, refused = {}, 0
    while time.perf_counter() < end:
        if len(open_ones) < 100:
            open_ones[socket.create_connection(("127.0.0.1", port))] = 0
        for one, sent in list(open_ones.items()):
            try:
                one.send(head[sent : sent + 1])
                open_ones[one] = sent + 1
            except OSError:
                one.close()
                del open_ones[one]
                refused += 1
        time.sleep(0.05)
    for one in open_ones:
        one.close()
    return {"ended by the server": refused}


def slow_bodies(port, end):
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/json\r\nContent-Length: 1000000\r\n\r\n"
    )
    open_ones, refused = [], 0
    while time.perf_counter() < end:
        if len(open_ones) < 100:
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(head.encode())
            open_ones.append(one)
        for one in list(open_ones):
            try:
                one.send(b"{")
            except OSError:
                one.close()
                open_ones.remove(one)
                refused += 1
        time.sleep(0.05)
    for one in open_ones:
        one.close()
    return {"ended by the server": refused}


def half_closed(port, end):
    count, answered = 0, collections.Counter()
    body = b'{"instances": ["x"]}'
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        f"application/json\r\nContent-Length: {len(body) + 9}\r\n\r\n"
    )
    while time.perf_counter() < end:
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(head.encode() + body)
            one.shutdown(socket.SHUT_WR)
            one.settimeout(20)
            with contextlib.suppress(OSError):
                answered[one.recv(12).decode() or "closed"] += 1
        count += 1
        time.sleep(0.005)
    return {"connections": count, "answers": dict(answered)}


def large_bodies(port, end):
    part = b"a" * 65_536
    answers = collections.Counter()

    def send(is_chunked):
        while time.perf_counter() < end:
            with socket.create_connection(("127.0.0.1", port)) as one:
                length = (
                    "Transfer-Encoding: chunked"
                    if is_chunked
                    else f"Content-Length: {LARGE}"
                )
                head = (
                    f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n"
                    f"Content-Type: application/json\r\n{length}\r\n\r\n"
                )
                sent = 0
                with contextlib.suppress(OSError):
                    one.sendall(head.encode())
                    while sent < LARGE:
                        if is_chunked:
                            one.sendall(b"10000\r\n" + part + b"\r\n")
                        else:
                            one.sendall(part)
                        sent += len(part)
                with contextlib.suppress(OSError):
                    answers[one.recv(12).decode() or "closed"] += 1

    threads = [
        threading.Thread(target=send, args=(chunked,))
        for chunked in (False, True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"answers": dict(answers)}


def idle(port, end):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    open_ones, failed = [], 0
    for _ in range(min(IDLE, hard - 100)):
        try:
            open_ones.append(socket.create_connection(("127.0.0.1", port), 5))
        except OSError:
            failed += 1
    opened = len(open_ones)
    while time.perf_counter() < end:
        time.sleep(0.1)
    for one in open_ones:
        one.close()
    return {"opened": opened, "not accepted": failed}


ATTACKS = (slow_heads, slow_bodies, half_closed, large_bodies, idle)
