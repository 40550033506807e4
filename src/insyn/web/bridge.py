"""The web site's way to the sequencer: the register's key, and one client for each process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from django.conf import settings

from insyn.core.beside import Beside, load_beside
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Answer, ControlMessage, Denied
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.signing import SigningKey
from insyn.sdk.control import ControlClient

KEY_NAME = "register"
Expected = TypeVar("Expected", bound=Answer)


def register_key() -> SigningKey:
    """The key that signs permits and control messages. Raises ``OSError`` where it is missing."""
    return _key(settings.HOME)


def control() -> ControlClient:
    """The client of this installation's sequencer."""
    return _client(settings.HOME)


def others() -> tuple[Beside, ...]:
    """The other sequencers of the municipality. A broken file keeps no stop from the first: it is named in the log, and none are told."""
    try:
        return load_beside(settings.HOME.other_sequencers)
    except InvalidInput as error:
        logging.getLogger("insyn.bridge").error("other sequencers are not told: %s", error)
        return ()


def ask(make: Callable[[int], ControlMessage]) -> Answer:
    """Ask the sequencer; ``make`` is given the message's id. Raises :class:`~insyn.core.errors.Unreachable`."""
    return control().ask_new(make)


def ask_allowed(make: Callable[[int], ControlMessage]) -> Answer:
    """Ask the sequencer; a no is a :class:`Refused`. Raises :class:`~insyn.core.errors.Unreachable`."""
    answer = ask(make)
    if isinstance(answer, Denied):
        raise Refused(answer.refusal)
    return answer


def expect(kind: type[Expected], make: Callable[[int], ControlMessage]) -> Expected:
    """Ask for an answer of one kind. A no, or an answer of another kind, is a :class:`Refused`; raises ``Unreachable`` too."""
    answer = ask_allowed(make)
    if not isinstance(answer, kind):
        raise Refused(refuse(RefusalCode.NOT_READY))
    return answer


@cache
def _key(home: Home) -> SigningKey:
    return SigningKey.from_bytes(KEY_NAME, bytes.fromhex(home.register_key.read_text().strip()))


@cache
def _client(home: Home) -> ControlClient:
    return ControlClient(home.control_socket, _key(home))
