"""From a press of the button to a stop that has come to rest. Uses the spool and the sequencer, never the register's database."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from insyn.core import spool
from insyn.core.beside import Beside
from insyn.core.errors import InsynError, Unreachable
from insyn.core.messages import Actor, Answer, Denied, Ping, Pong, Stop, StopOrder, StopReport, StopState
from insyn.core.refusals import Refusal
from insyn.core.scope import Target
from insyn.core.signing import SigningKey
from insyn.core.terms import StopStatus
from insyn.core.wire import STOP_CONTEXT, encode
from insyn.sdk.control import ControlClient
from insyn.sdk.ordering import tell_others

MAX_REASON = 2000


class Stage(StrEnum):
    """How far an order has come, as its page shows it."""

    NOT_DELIVERED = "not_delivered"  # neither written down nor received: the order must be given another way
    REFUSED = "refused"
    ORDERED_DOWN = "ordered_down"  # written down; nobody answers, so nothing is being answered
    ORDERED = "ordered"
    COMMITTED = "committed"
    DRAINED = "drained"
    LIFTED = "lifted"


@dataclass(frozen=True)
class Ordered:
    """What came of pressing the button."""

    order: str
    written: bool
    answer: Answer | None

    @property
    def refusal(self) -> Refusal | None:
        return self.answer.refusal if isinstance(self.answer, Denied) else None

    @property
    def delivered(self) -> bool:
        return self.written or self.answer is not None


def give_order(
    *,
    actor: Actor,
    system: str = "",
    of: Target | None = None,
    reason: str,
    now: datetime,
    folder: Path,
    key: SigningKey,
    client: ControlClient,
    exercise: bool = False,
    entered_by: Actor | None = None,
    others: Iterable[Beside] = (),
) -> Ordered:
    """Sign the order, flush it to the spool, then tell the sequencer. Each of the two alone is enough; none of them raises.

    ``of``: what to stop, otherwise the whole of ``system``. ``entered_by``: the order was given on paper at ``now``, by ``actor``.
    ``others``: sequencers beside the first, each told if it concerns them.
    """
    of = of or Target(system=system)
    order = StopOrder(
        order=secrets.token_hex(16),
        scope=of.scope,
        system=of.system,
        version=of.version,
        purpose=of.purpose,
        supplier=of.supplier,
        actor=actor,
        reason=reason.strip()[:MAX_REASON],
        ordered_at=now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        via="paper" if entered_by else "web",
        entered_by=entered_by,
        exercise=exercise,
    )
    signed = key.sign(STOP_CONTEXT, encode(order))
    try:
        spool.write_order(folder, signed)
        written = True
    except (OSError, InsynError):  # a full disk must not keep the order from the sequencer
        written = False
    try:
        answer = client.ask_new(lambda number: Stop(id=number, order=signed))
    except Unreachable:
        answer = None
    tell_others(others, signed, of, key)
    return Ordered(order.order, written, answer)


def ask_state(client: ControlClient, of: Target) -> StopReport | None:
    """The newest stop of exactly this, or None when the sequencer does not say."""
    try:
        answer = client.ask_new(
            lambda number: StopState(
                id=number, scope=of.scope, system=of.system, version=of.version, purpose=of.purpose, supplier=of.supplier
            )
        )
    except Unreachable:
        return None
    return answer if isinstance(answer, StopReport) else None


def ask_refusal(client: ControlClient) -> Refusal | None:
    """Why the sequencer refuses everything now, if it does and says so."""
    try:
        answer = client.ask_new(lambda number: Ping(id=number))
    except Unreachable:
        return None
    return answer.refusal if isinstance(answer, Pong) else None


def where(folder: Path, order: str) -> str:
    """Where the order lies in the spool: ``waiting``, ``done``, ``refused`` or ``gone``."""
    name = spool.order_path(folder, order).name
    if (folder / spool.REFUSED / name).exists():
        return "refused"
    if (folder / spool.DONE / name).exists():
        return "done"
    return "waiting" if (folder / name).exists() else "gone"


def stage_of(place: str, report: StopReport | None) -> Stage:
    """How far it has come, from where the order lies and what the sequencer says. Pure.

    Drained only on the sequencer's word: an order put away under ``done`` while nobody answers is committed, and the drain is not known.
    """
    if place == "refused":
        return Stage.REFUSED
    if report is None:
        return Stage.COMMITTED if place == "done" else Stage.ORDERED_DOWN
    if report.status is StopStatus.NONE:
        return Stage.ORDERED if place == "waiting" else Stage.LIFTED
    return {StopStatus.ORDERED: Stage.ORDERED, StopStatus.COMMITTED: Stage.COMMITTED, StopStatus.DRAINED: Stage.DRAINED}[report.status]
