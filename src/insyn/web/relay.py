"""The relay between register and log: acts to the log; stops, interrupted narrowings and reconsiderations from the log to the register.

``python -m insyn.web.relay`` goes round every 0.2 s. It may be killed anywhere: whatever was not marked is sent or read again, and neither
the sequencer nor the register takes the same thing twice.

Beside it, in a thread of its own, go the letters that somebody waits for: a mail server that hangs holds back no stop.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import Unreachable
from insyn.core.messages import Denied, Entries, EntriesOf, LogEntry, OpenOrder, Order
from insyn.sdk.control import ControlClient

LOOK_SECONDS = 0.2
LETTER_SECONDS = 1.0
PAGE = 200
#: An intent this old, with the whole log read and no entry found, was never sent.
INTENT_SECONDS = 60.0


def relay_once(client: ControlClient) -> int:
    """One round: read what is new, then send what waits. Returns how many acts were sent. Raises :class:`Unreachable`.

    Reading comes first: a permit compiled without knowing of an interrupted narrowing would be refused.
    """
    from . import outbox
    from .beside import relay_to_others
    from .oversight.wide import tell_wide_holders
    from .remedies.errors import list_what_waits

    while not _read_page(client):
        pass
    _drop_stale_intents()
    tell_wide_holders(client)
    count = outbox.send_waiting(client).count
    relay_to_others(client)
    list_what_waits()
    return count


def _read_page(client: ControlClient) -> bool:
    """Read one page of the log from the cursor on; true when the log is read to its end."""
    from .register.models import LogCursor

    start = LogCursor.objects.filter(pk=1).values_list("next_index", flat=True).first() or 0
    kinds = (EntryKind.STOP.value, EntryKind.PERMIT.value, EntryKind.RECONSIDERATION.value)
    answer = client.ask_new(lambda number: EntriesOf(id=number, kinds=kinds, start=start, limit=PAGE))
    if isinstance(answer, Denied):
        raise Unreachable(f"the sequencer refused to read the log: {answer.refusal.code}")
    if not isinstance(answer, Entries):
        raise Unreachable(f"the sequencer answered {type(answer).__name__} to a reading of the log")
    for found in answer.entries:
        _take_in(client, found)
    whole = len(answer.entries) < PAGE
    following = answer.size if whole else answer.entries[-1].index + 1
    if following != start:
        LogCursor.objects.update_or_create(pk=1, defaults={"next_index": following})
    return whole


def _take_in(client: ControlClient, found: LogEntry) -> None:
    """Make the act of an entry that the register did not write. Nothing, when the act is there."""
    from .register.interrupted import record_interrupted
    from .register.models import Act
    from .remedies.taking_in import record_reconsideration_from_log

    head = read_head(found.entry)
    if head.kind == EntryKind.RECONSIDERATION:
        record_reconsideration_from_log(head, found.index)
        return
    if Act.objects.filter(pk=head.rid).exclude(log_index=None).exists():
        return
    if head.kind == EntryKind.STOP:
        _take_in_stop(client, head, found)
    else:
        record_interrupted(head, found.index)


def _take_in_stop(client: ControlClient, head: EntryHead, found: LogEntry) -> None:
    from .oversight.actions import record_cover_from_log, record_stop_from_log
    from .register.models import System

    if head.about:
        record_cover_from_log(head, found.index)
        return
    if head.system and not System.objects.filter(slug=head.system).exists():
        print(f"entry {found.index} stops {head.system!r}, which is not in this register", file=sys.stderr, flush=True)  # noqa: T201
        return
    answer = client.ask_new(lambda number: OpenOrder(id=number, rid=head.rid))
    if not isinstance(answer, Order):
        raise Unreachable(f"the order of the stop at {found.index} could not be opened")
    record_stop_from_log(head=head, index=found.index, order=answer.order)


def _drop_stale_intents() -> None:
    from .register import intents
    from .register.models import Act

    waiting = intents.waiting()
    known = set(Act.objects.filter(pk__in=waiting).values_list("pk", flat=True)) if waiting else set()
    for act_id, written in waiting.items():
        if act_id in known or time.time() - written > INTENT_SECONDS:
            intents.remove(act_id)


def run(ended: threading.Event) -> None:
    """Go round until asked to end. A sequencer that is down and a register that is locked are waited for."""
    from django.db import OperationalError, close_old_connections, connection

    from . import bridge

    told = ""
    while not ended.is_set():
        try:
            close_old_connections()
            relay_once(bridge.control())
            told = ""
        except (Unreachable, OperationalError) as error:
            if str(error) != told:
                told = str(error)
                print(f"waiting: {told}", file=sys.stderr, flush=True)  # noqa: T201 - the relay's own log
            connection.close()
        ended.wait(LOOK_SECONDS)


def send_letters(ended: threading.Event) -> None:
    """Send the letters that somebody has just asked for, until asked to end. What cannot be sent waits for the day's job."""
    from django.db import OperationalError, close_old_connections, connection

    from .feedback.letters import send_asked_for

    while not ended.wait(LETTER_SECONDS):
        try:
            close_old_connections()
            send_asked_for()
        except OperationalError:  # the register is locked, or not made yet
            connection.close()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insyn.web.settings")
    import django

    django.setup()
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=send_letters, args=(ended,), daemon=True).start()
    run(ended)
    return 0


if __name__ == "__main__":
    sys.exit(main())
