"""The demonstration's installation: made by the same functions as any other, with Lindvalla's packs and the demonstration's settings."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from demo.marks import mark
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.gateway.config import MAX_SOCKET_PATH
from insyn.web.setup import prepare_home, prepare_register

ROOT = Path(__file__).resolve().parent
ORIGIN = "lindvalla.example/insyn"
MAX_AGE_MS = 1000
SETTINGS = "demo.settings"


def packs() -> tuple[Path, ...]:
    """Law and models of policy that Insyn ships, and Lindvalla's own policy."""
    return ROOT.parent / "packs", ROOT / "packs"


def environment(home: Home) -> dict[str, str]:
    """What every process of the demonstration is told."""
    return {
        "INSYN_HOME": str(home.root),
        "INSYN_PACKS": os.pathsep.join(str(path) for path in packs()),
        "INSYN_HTTPS": "0",
        "PYTHONPATH": os.pathsep.join(part for part in (str(ROOT.parent), os.environ.get("PYTHONPATH", "")) if part),
        "DJANGO_SETTINGS_MODULE": SETTINGS,
    }


def prepare(home: Home) -> bool:
    """Make what is missing of the installation, and let this process act in its register; true when it was new.

    Raises :class:`InvalidInput` for a folder that is not the demonstration's.
    """
    check_socket_path(home)
    mark(home)
    new = not home.register.exists()
    prepare_home(home, ORIGIN, MAX_AGE_MS)
    os.environ.update(environment(home))
    prepare_register(home)
    return new


def check_port(option: str, port: int) -> None:
    """Raises :class:`InvalidInput` when something listens there already: its pages would be taken for ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was left a moment ago is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InvalidInput(
                f"port {port} cannot be used ({error.strerror})",
                place=option,
                mend="Give another one, such as `make run PORT=8100 HTTP_PORT=8101`.",
            ) from error


def check_socket_path(home: Home) -> None:
    """A Unix socket's path is short. Raises :class:`InvalidInput` with a folder that would do."""
    if len(bytes(home.control_socket)) > MAX_SOCKET_PATH:
        raise InvalidInput(
            f"the folder's name is too long for a Unix socket (at most {MAX_SOCKET_PATH} bytes with what comes after)",
            place=str(home.root),
            mend=f"Give a shorter one with --home, such as {tempfile.gettempdir()}/lindvalla.",
        )
