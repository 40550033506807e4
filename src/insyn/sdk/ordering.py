"""One stop order to every sequencer that it concerns: into each spool, then to each socket. One that is away keeps back none of the others."""

from __future__ import annotations

from collections.abc import Iterable

from insyn.core.beside import Beside
from insyn.core.errors import InsynError
from insyn.core.messages import Answer, Stop
from insyn.core.scope import Target
from insyn.core.signing import Signed, SigningKey
from insyn.core.spool import write_order

from .control import ControlClient


def tell_others(others: Iterable[Beside], signed: Signed, of: Target, key: SigningKey) -> dict[str, Answer | None]:
    """What each of the others answered, by name; ``None`` for one that is away, which reads its spool when it is back."""
    answers: dict[str, Answer | None] = {}
    concerned = [other for other in others if other.governs(of)]
    for other in concerned:
        try:
            write_order(other.spool_folder, signed)
        except (OSError, InsynError):  # its socket may take the order all the same
            continue
    for other in concerned:
        client = ControlClient(other.control_socket, key)
        try:
            answers[other.name] = client.ask_new(lambda number: Stop(id=number, order=signed))
        except InsynError:
            answers[other.name] = None
        finally:
            client.close()
    return answers
