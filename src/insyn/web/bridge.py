"""The web site's way to the sequencer: the register's key, and one client for each process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings

from insyn.core.home import Home
from insyn.core.messages import Answer, ControlMessage
from insyn.core.signing import SigningKey
from insyn.sdk.control import ControlClient

KEY_NAME = "register"


def register_key() -> SigningKey:
    """The key that signs permits and control messages. Raises ``OSError`` where it is missing."""
    return _key(settings.HOME)


def control() -> ControlClient:
    """The client of this installation's sequencer."""
    return _client(settings.HOME)


def ask(make: Callable[[int], ControlMessage]) -> Answer:
    """Ask the sequencer; ``make`` is given the message's id. Raises :class:`~insyn.core.errors.Unreachable`."""
    return control().ask_new(make)


@cache
def _key(home: Home) -> SigningKey:
    return SigningKey.from_bytes(KEY_NAME, bytes.fromhex(home.register_key.read_text().strip()))


@cache
def _client(home: Home) -> ControlClient:
    return ControlClient(home.control_socket, _key(home))
