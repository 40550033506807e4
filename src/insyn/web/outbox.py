"""Sends the register's acts to the log: in order, each exactly once, none lost.

The sequencer appends an act once however often it is sent (its id is the key), so a row is marked after the answer and sent again when in
doubt. The first refusal holds back all that follow. Two refusals can never turn into a yes: a resume after a newer stop, and a permit
compiled from an epoch that is no longer the newest. Such an act still happened: it goes to the log as an act without effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django.db import transaction

from insyn.core.errors import Unreachable
from insyn.core.messages import Denied, Done, SubmitAct
from insyn.core.refusals import Refusal, RefusalCode
from insyn.core.signing import Signed
from insyn.sdk.control import ControlClient

from . import clock
from .register.acts import entry_of
from .register.models import Act, IssuedPermit, Outbox

#: Refusals of an act's effect that time does not mend.
WITHOUT_EFFECT = frozenset({RefusalCode.RESUME_LATE, RefusalCode.EPOCH_OLD})


@dataclass(frozen=True)
class Sent:
    """How many acts got their entry, and why the next one did not (empty when none waits)."""

    count: int
    refusal: str = ""


def send_waiting(client: ControlClient, *, before: Act | None = None) -> Sent:
    """Send what waits. Raises :class:`~insyn.core.errors.Unreachable`; what was answered by then is marked.

    ``before``: an act of the transaction that is still open. It and what comes after it are left alone: rolled back, they never happened.
    """
    count, waiting = 0, Outbox.objects.filter(sent_at=None).select_related("act__system").order_by("id")
    if before is not None and (own := Outbox.objects.filter(act=before).first()) is not None:
        waiting = waiting.filter(pk__lt=own.pk)
    while (row := waiting.first()) is not None:
        answer = client.ask_new(lambda number, row=row: message_of(row, number))
        if isinstance(answer, Done):
            mark_sent(row, answer.receipt.index)
            count += 1
        elif isinstance(answer, Denied) and answer.refusal.code in WITHOUT_EFFECT and (row.permit or row.resume_of is not None):
            take_effect_away(row, answer.refusal)
        elif isinstance(answer, Denied):
            return Sent(count, keep_error(row, answer.refusal))
        else:
            raise Unreachable(f"the sequencer answered {type(answer).__name__} to an act")
    return Sent(count)


def message_of(row: Outbox, number: int) -> SubmitAct:
    system = row.act.system
    return SubmitAct(
        id=number,
        act=row.act_id,
        system=system.slug if system else "",
        entry=bytes(row.entry),
        permit=msgspec.json.decode(bytes(row.permit), type=Signed) if row.permit else None,
        resume_of=row.resume_of,
    )


@transaction.atomic
def mark_sent(row: Outbox, index: int) -> None:
    Outbox.objects.filter(pk=row.pk, sent_at=None).update(sent_at=clock.now())
    Act.objects.filter(pk=row.act_id).update(log_index=index)


@transaction.atomic
def take_effect_away(row: Outbox, refusal: Refusal) -> None:
    """The act stays an act; its entry no longer claims to allow anything, and its permit counts as never issued."""
    IssuedPermit.objects.filter(act=row.act_id).delete()
    Outbox.objects.filter(pk=row.pk, sent_at=None).update(
        entry=entry_of(row.act), permit=None, resume_of=None, error=f"{refusal.code}: {refusal.sentence.sv}"
    )


@transaction.atomic
def keep_error(row: Outbox, refusal: Refusal) -> str:
    text = f"{refusal.code}: {refusal.sentence.sv}"
    Outbox.objects.filter(pk=row.pk, sent_at=None).exclude(error=text).update(error=text)
    return text
