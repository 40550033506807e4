"""`insyn up`: all of Insyn on one machine, with SQLite.

Processes: the sequencer (owns the log), the relay (acts from the register to the log, stops from the log to the register), the publisher
(the public log and figures), the HTTP front, the proxy where models are configured for it, and the web site over WSGI.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from insyn.core.home import Home
from insyn.evidence.logkeys import add_log_key

from .processes import Child, ServiceFailed, end, spawn, wait_ready

#: In the order they start; they end in the opposite order, so that nothing answers after the log has closed.
NAMES = ("sequencer", "relay", "publisher", "front", "web")
#: The same, with what runs only where it is configured.
_ORDER = ("sequencer", "relay", "publisher", "front", "proxy", "web")


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Services:
    """The processes of one installation; a context manager that ends what it started."""

    def __init__(
        self,
        home: Home,
        *,
        settings: str = "insyn.web.settings",
        packs: Iterable[Path] = (),
        web_port: int = 0,
        http_port: int = 0,
        proxy_port: int = 0,
        public_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.web_port = web_port or free_port()
        self.http_port = http_port or free_port()
        self.proxy_port = proxy_port or free_port()
        self.children: dict[str, Child] = {}
        self._public_seconds = public_seconds
        self._environment = {
            "INSYN_HOME": str(home.root),
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        if folders := [str(path) for path in packs]:
            self._environment["INSYN_PACKS"] = os.pathsep.join(folders)

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def proxy_url(self) -> str:
        return f"http://127.0.0.1:{self.proxy_port}"

    @property
    def names(self) -> tuple[str, ...]:
        """Those of this installation: the proxy only where models are configured for it."""
        return _ORDER if self.home.proxies.exists() else NAMES

    def start(self, names: Iterable[str] | None = None) -> None:
        """Start the named processes (all of them unless told) that are not running and return when each is ready. Raises :class:`ServiceFailed`."""
        wanted = set(self.names if names is None else names)
        for name in (known for known in _ORDER if known in wanted):
            if name not in self.children or not self.children[name].alive:
                self._start_one(name)

    def _start_one(self, name: str) -> None:
        if name in self.children:
            end(self.children.pop(name))
        self._refuse_taken_port({"front": self.http_port, "proxy": self.proxy_port, "web": self.web_port}.get(name))
        command, ready = self._command(name)
        child = spawn(name, command, log=self.home.root / "logs" / f"{name}.log", environment=self._environment, ready=ready)
        self.children[name] = child
        wait_ready(child)

    @staticmethod
    def _refuse_taken_port(port: int | None) -> None:
        """Another server on the port would answer in place of ours, and we would take it for ready."""
        if port is not None and _listens(port):
            raise ServiceFailed(f"Somebody listens on port {port} already. Give another port.")

    def _command(self, name: str) -> tuple[list[str], Callable[[], bool]]:
        python, config = sys.executable, str(self.home.sequencer_config)
        if name == "sequencer":
            return [python, "-m", "insyn.gateway.sequencer", "--config", config], lambda: _answers(self.home.control_socket)
        if name == "relay":
            return [python, "-m", "insyn.web.relay"], lambda: True
        if name == "publisher":
            interval = [] if self._public_seconds is None else ["--seconds", str(self._public_seconds)]
            return [python, "-m", "insyn.cli.publisher", *interval], lambda: True
        if name == "front":
            return [python, "-m", "insyn.gateway.front", "--config", config, "--port", str(self.http_port)], lambda: _serves(
                f"{self.api_url}/health"
            )
        if name == "proxy":
            listen = ["--config", config, "--proxies", str(self.home.proxies), "--port", str(self.proxy_port)]
            return [python, "-m", "insyn.gateway.proxy", *listen], lambda: _serves(f"{self.proxy_url}/v2/health/live")
        listen = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.web_port), "--no-ws", "--blocking-threads", "4"]
        return [python, "-m", "granian", *listen, "insyn.web.wsgi:application"], lambda: _serves(f"{self.web_url}/")

    def stop(self, names: Iterable[str] = _ORDER) -> dict[str, str]:
        """End the named processes, last started first; return how each ended."""
        wanted = set(names)
        return {name: end(self.children.pop(name)) for name in reversed(_ORDER) if name in wanted and name in self.children}

    def fallen(self) -> Child | None:
        """A process that ended by itself, if any."""
        return next((child for child in self.children.values() if not child.alive), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _listens(port: int) -> bool:
    """Does anything accept connections on this port of this machine?"""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(path: Path) -> bool:
    """Does somebody accept connections on this Unix socket?"""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            probe.connect(str(path))
        return True
    except OSError:
        return False


def _serves(url: str) -> bool:
    """Does the server answer at all? An error page is an answer: the service is up, and says what it lacks."""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 - a loopback address that we made
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for_end(services: Services) -> str:
    """Block until Ctrl-C, SIGTERM or the fall of a service; return why, in words."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    while not asked.wait(0.5):
        child = services.fallen()
        if child is not None:
            return f"{child.name} ended by itself with code {child.process.returncode}; its log is {child.log}\n{child.tail()}"
    return "asked to end"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("up", help="run the whole installation on this machine until Ctrl-C")
    home(command)
    command.add_argument("--port", type=int, default=8000, help="port of the web site (default 8000)")
    command.add_argument("--http-port", type=int, default=8001, help="port of the HTTP interface for systems (default 8001)")
    command.add_argument("--proxy-port", type=int, default=8002, help="port of the proxy, where proxies.json names models (default 8002)")
    command.add_argument("--settings", default="insyn.web.settings", help="Django settings module")
    command.set_defaults(
        run=lambda given: up(
            given.home, settings=given.settings, web_port=given.port, http_port=given.http_port, proxy_port=given.proxy_port
        )
    )


def up(home: Home, *, settings: str, web_port: int, http_port: int, proxy_port: int = 0) -> int:
    """Run everything until it is asked to end. Exit code 1 when a service fell."""
    if home.sequencer_config.exists() and add_log_key(home):  # an installation from before the log had a second key
        print(f"The log has an ML-DSA-44 key from now on; its public half is in {home.log_ml_dsa_vkey}.")
    with Services(home, settings=settings, web_port=web_port, http_port=http_port, proxy_port=proxy_port) as services:
        try:
            services.start()
        except ServiceFailed as error:
            print(error, file=sys.stderr)
            return 1
        proxy = f"Models: {services.proxy_url}/   " if home.proxies.exists() else ""
        print(f"Web: {services.web_url}/   HTTP for systems: {services.api_url}/   {proxy}Ctrl-C ends.", flush=True)
        why = wait_for_end(services)
        for name, how in services.stop().items():
            print(f"{name}: {how}")
    print(f"Ended: {why}")
    return 0 if why == "asked to end" else 1
