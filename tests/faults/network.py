"""What lies between callers and sequencer: a wire that can be held or cut, and the HTTP front with one who calls it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Any, Self

import msgspec
from gateway_kit import KEY, asked, outcome

from .run import PATIENCE, Run

#: Set in the environment by :mod:`tests.faults.__main__` where it could get namespaces of its own.
APART = "INSYN_FAULTS_APART"


def own_network() -> str:
    """Why there is no network to take down; empty where there is one of our own."""
    return "" if os.environ.get(APART) else "no network namespace of its own is permitted here"


class Wire:
    """A socket that callers connect to; bytes go on to the sequencer's, unless held."""

    def __init__(self, run: Run) -> None:
        self.path = run.town.home.root / "wire.sock"
        self._target = run.town.home.decide_socket
        self._may_pass = {"questions": threading.Event(), "answers": threading.Event()}
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.release()

    def hold(self, what: str) -> None:
        for direction, event in self._may_pass.items():
            if what in (direction, "both"):
                event.clear()

    def release(self) -> None:
        for event in self._may_pass.values():
            event.set()

    def cut(self) -> None:
        """Nobody gets in, and whoever is in is thrown out."""
        if self._listener is not None:
            self.path.unlink()
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            target = socket.socket(socket.AF_UNIX)
            try:
                target.connect(str(self._target))
            except OSError:
                caller.close()
                target.close()
                continue
            self._open += [caller, target]
            for source, sink, direction in ((caller, target, "questions"), (target, caller, "answers")):
                threading.Thread(target=self._carry, args=(source, sink, self._may_pass[direction]), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket, may_pass: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                may_pass.wait()
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            source.close()


class Front:
    """The HTTP front in a process group of its own, and a thread that asks it without end."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._receipts: list[dict[str, Any]] = []
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._workers = run.chance.choice(("1", "2"))
        self._thread = threading.Thread(target=self._ask_on, daemon=True)

    def __enter__(self) -> Self:
        self.start()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self.signal(signal.SIGCONT)
        self._thread.join(PATIENCE)
        self.kill()

    def start(self) -> None:
        program = [sys.executable, "-m", "insyn.gateway.front", "--config", str(self._run.town.home.sequencer_config)]
        with (self._run.town.home.root / "front.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*program, "--port", str(self._port), "--workers", self._workers],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """To the front and every worker of it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE)
            self._process = None

    def answers(self, more: int) -> None:
        wanted = len(self._receipts) + more
        self._run.wait(lambda: len(self._receipts) >= wanted, "the front gives no answers")

    def collect(self) -> None:
        """The front answers again, by a yes or a refusal in words; every receipt so far was a promise."""
        self._run.wait(self._speaks, "the front does not speak")
        self._run.promised.receipts += list(self._receipts)

    def _speaks(self) -> bool:
        try:
            return self._post() != 0
        except (OSError, HTTPException):
            return False

    def _ask_on(self) -> None:
        while not self._ended.is_set():
            try:
                self._post()
            except (OSError, HTTPException):
                time.sleep(0.05)
            time.sleep(0.005)

    def _post(self) -> int:
        body = json.dumps({"asked": msgspec.to_builtins(asked()), "outcome": msgspec.to_builtins(outcome())})
        connection = HTTPConnection("127.0.0.1", self._port, timeout=3)
        try:
            connection.request("POST", "/v1/decisions", body, {"content-type": "application/json", "authorization": f"Bearer {KEY}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status == 201:
            receipt = answer["receipt"]
            self._receipts.append({"index": receipt["index"], "leaf": receipt["leaf"]})
        return response.status
