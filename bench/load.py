"""``python -m bench.load``: a caller that costs little, in a process of its own, so that what is measured is the server.

Keeps ``--callers`` questions under way, over HTTP (a connection each) or as frames on the decide socket (one connection). Prints a JSON
object: seconds of each answer, the rate, and how many were no decision.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Callable

import msgspec

from bench.figures import Load
from bench.installation import KEY, SYSTEM, outcome
from insyn.core import messages as m

_HEADER = struct.Struct(">I")
WIDTH = 9


def asked() -> m.Asked:
    return m.Asked(system=SYSTEM, version="1", purpose="measure", categories=("economy",), matter_type="loan")


def _around(whole: bytes) -> Callable[[int], bytes]:
    """The message with its nine-digit number set in; the length stays the same."""
    head, tail = whole.split(b"123456789")
    return lambda number: b"".join((head, b"%09d" % number, tail))


def http_request(path: str = "/v1/decisions") -> Callable[[int], bytes]:
    body = msgspec.json.encode({"asked": asked(), "outcome": outcome(123456789)})
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return _around(head.encode() + body)


def frame_request() -> Callable[[int], bytes]:
    body = msgspec.json.encode(m.Decide(id=1, key=KEY, asked=asked(), outcome=outcome(123456789)))
    return _around(_HEADER.pack(len(body)) + body)


def drive_http(port: int, callers: int, count: int, path: str) -> tuple[list[float], float, int]:
    """Each connection asks again when it was answered."""
    request, clock = http_request(path), time.perf_counter
    poll = select.epoll()
    lines: dict[int, socket.socket] = {}
    began_at: dict[int, float] = {}
    rest: dict[int, bytes] = {}
    for _ in range(callers):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines[line.fileno()] = line
        poll.register(line.fileno(), select.EPOLLIN)
    found: list[float] = []
    sent = bad = 0
    began = clock()
    for handle, line in lines.items():
        began_at[handle] = clock()
        line.sendall(request(sent))
        sent += 1
    while len(found) < count:
        for handle, _ in poll.poll():
            data = rest.pop(handle, b"") + lines[handle].recv(65536)
            if not _whole(data):
                if not data:
                    raise ConnectionError("the server closed the connection")
                rest[handle] = data
                continue
            now = clock()
            found.append(now - began_at[handle])
            bad += data[9:11] != b"20"
            began_at[handle] = now
            lines[handle].sendall(request(sent))
            sent += 1
    took = clock() - began
    for line in lines.values():
        line.close()
    return found, len(found) / took, bad


def _whole(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    at = head.lower().find(b"content-length:")
    return len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0])


def drive_frames(path: str, window: int, count: int) -> tuple[list[float], float, int]:
    """One connection with ``window`` questions under way. Answers come in the order of the questions."""
    request, clock = frame_request(), time.perf_counter
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    waiting: list[float] = []
    found: list[float] = []
    buffer, sent, bad = bytearray(), 0, 0
    began = clock()
    line.sendall(b"".join(request(number) for number in range(window)))
    waiting = [clock()] * window
    sent = window
    while len(found) < count:
        buffer += line.recv(1 << 18)
        start, answered = 0, 0
        while len(buffer) - start >= 4:
            end = start + 4 + _HEADER.unpack_from(buffer, start)[0]
            if end > len(buffer):
                break
            bad += b'"recorded"' not in buffer[start:end]
            start, answered = end, answered + 1
        del buffer[:start]
        now = clock()
        found += [now - moment for moment in waiting[:answered]]
        waiting[:answered] = []
        waiting += [now] * answered
        line.sendall(b"".join(request(sent + number) for number in range(answered)))
        sent += answered
    took = clock() - began
    line.close()
    return found, len(found) / took, bad


def run_load(*words: str) -> Load:
    """Run this program and read what it found. Raises ``RuntimeError`` when something was answered with no decision."""
    import subprocess

    said = subprocess.run([sys.executable, "-m", "bench.load", *words], stdout=subprocess.PIPE, check=True).stdout
    found = json.loads(said)
    if found["bad"]:
        raise RuntimeError(f"{found['bad']} answers were no decision: {words}")
    return Load(found["seconds"], found["rate"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="HTTP port")
    parser.add_argument("--socket", default="", help="path of the decide socket")
    parser.add_argument("--path", default="/v1/decisions", help="HTTP path")
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    given = parser.parse_args()
    if given.socket:
        seconds, rate, bad = drive_frames(given.socket, given.callers, given.count)
    else:
        seconds, rate, bad = drive_http(given.port, given.callers, given.count, given.path)
    print(json.dumps({"seconds": seconds, "rate": rate, "bad": bad}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
