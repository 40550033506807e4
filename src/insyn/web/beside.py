"""The relay to other sequencers: what governs a system stands in the log that decides about it too.

A round, for each sequencer in ``sequencers.json``: the newest list of wide stop holders; then, from where the last round ended, each permit,
stop and resume of the first log, in its order. A permit and a resume are sent as the acts that they are, a stop as the order that it was; the
other log takes each once. A resume names the index that the same stop has in the other log. One that is away is waited for, and keeps back
none of the others. A stop does not wait for this: whoever orders it tells every sequencer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import msgspec
from django.conf import settings

from insyn.core.beside import Beside, load_beside
from insyn.core.entries import EntryHead, EntryKind, encode_entry, read_head
from insyn.core.errors import Unreachable
from insyn.core.messages import (
    Answer,
    ControlMessage,
    Denied,
    Entries,
    EntriesOf,
    KeepStopHolders,
    LogEntry,
    OpenOrder,
    Order,
    Stop,
    StopReport,
    StopState,
    SubmitAct,
)
from insyn.core.refusals import RefusalCode
from insyn.core.scope import Target, target_of
from insyn.core.signing import Signed
from insyn.core.wire import STOP_CONTEXT, encode
from insyn.sdk.control import ControlClient

from . import bridge

PAGE = 200
_Make = Callable[[int], ControlMessage]
_KINDS = (EntryKind.PERMIT.value, EntryKind.STOP.value, EntryKind.RESUME.value)
#: Refusals that say that the other log has gone further, or has nothing to hold: the next entry says the rest.
_BEHIND = frozenset({RefusalCode.RESUME_LATE, RefusalCode.EPOCH_OLD, RefusalCode.STOP_TARGET_UNKNOWN})


def relay_to_others(first: ControlClient) -> None:
    """One round to each. Raises :class:`Unreachable` for the first log only, and ``InvalidInput`` for a broken file."""
    for other in load_beside(settings.HOME.other_sequencers):
        client = ControlClient(other.control_socket, bridge.register_key())
        try:
            _Relay(first, client, other).run()
        except _Away as error:
            print(f"waiting for {other.name}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the relay's own log
        finally:
            client.close()


class _Away(Exception):
    """The other sequencer does not answer, or refuses for now."""


class _Relay:
    def __init__(self, first: ControlClient, client: ControlClient, other: Beside) -> None:
        self._first, self._client, self._other = first, client, other

    def run(self) -> None:
        from .oversight.models import OtherLog

        row, _made = OtherLog.objects.get_or_create(name=self._other.name)
        self._tell_holders(row)
        start = row.next_index
        answer = self._first.ask_new(lambda number: EntriesOf(id=number, kinds=_KINDS, start=start, limit=PAGE))
        if not isinstance(answer, Entries):
            raise Unreachable("the log could not be read")
        for found in answer.entries:
            self._pass_on(found)
            OtherLog.objects.filter(pk=row.pk).update(next_index=found.index + 1)

    def _tell_holders(self, row: object) -> None:
        from .oversight.models import OtherLog, WideList

        newest = WideList.objects.first()
        if newest is None or newest.number <= row.wide_number:  # type: ignore[attr-defined]
            return
        signed = msgspec.json.decode(bytes(newest.signed), type=Signed)
        self._ask(lambda number: KeepStopHolders(id=number, holders=signed))
        OtherLog.objects.filter(name=self._other.name).update(wide_number=newest.number)

    def _pass_on(self, found: LogEntry) -> None:
        head = read_head(found.entry)
        if head.kind == EntryKind.PERMIT:
            self._permit(head, found.entry)
        elif head.kind == EntryKind.RESUME:
            self._resume(head, found.entry)
        else:
            self._stop(head)

    def _permit(self, head: EntryHead, entry: bytes) -> None:
        from .register.models import IssuedPermit

        if not self._other.governs(Target(system=head.system)):
            return
        issued = IssuedPermit.objects.filter(act=head.rid).first()
        if issued is None:
            raise _Away(f"the permit of act {head.rid} is not in the register yet")
        signed = msgspec.json.decode(bytes(issued.signed), type=Signed)
        self._ask(lambda number: SubmitAct(id=number, act=head.rid, system=head.system, entry=entry, permit=signed))

    def _stop(self, head: EntryHead) -> None:
        """An entry about a system that a supplier's stop holds brings the supplier's order again: the other log may know the supplier only now."""
        if not self._other.governs(Target(system=head.system) if head.about else target_of(head)):
            return
        rid = head.about or head.rid
        opened = self._first.ask_new(lambda number: OpenOrder(id=number, rid=rid))
        if not isinstance(opened, Order):
            raise Unreachable(f"the order of the stop {rid} could not be opened")
        signed = bridge.register_key().sign(STOP_CONTEXT, encode(opened.order))
        self._ask(lambda number: Stop(id=number, order=signed))

    def _resume(self, head: EntryHead, entry: bytes) -> None:
        of = target_of(head)
        if not self._other.governs(of):
            return
        stop = self._first.ask_new(lambda number: EntriesOf(id=number, kinds=(EntryKind.STOP.value,), start=head.at, limit=1))
        state = self._ask(
            lambda number: StopState(
                id=number, scope=of.scope, system=of.system, version=of.version, purpose=of.purpose, supplier=of.supplier
            )
        )
        if not isinstance(stop, Entries) or not isinstance(state, StopReport) or state.rid != read_head(stop.entries[0].entry).rid:
            return  # the other log knows a newer stop, or never had this one
        fields = {**msgspec.json.decode(entry), "at": state.index}
        fields.pop("v")
        self._ask(lambda number: SubmitAct(id=number, act=head.rid, system=head.system, entry=encode_entry(fields), resume_of=state.index))

    def _ask(self, make: _Make) -> Answer:
        try:
            answer = self._client.ask_new(make)
        except Unreachable as error:
            raise _Away(str(error)) from error
        if isinstance(answer, Denied) and answer.refusal.code not in _BEHIND:
            raise _Away(f"it refused: {answer.refusal.code}")
        return answer
