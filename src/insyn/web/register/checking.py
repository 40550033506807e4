"""The register held against the log: that every act is what its entry commits to, that none is missing, and none stands twice.

1. Entries of acts, permits and resumes each have their act; the act is of that verb and system, and the entry commits to its text.
2. Acts that the register took from the log (stops) say what was sealed there.
3. An act without an entry is on its way: its outbox row waits.
4. Outbox rows hold the bytes that stand in the log, in the order of the log.
5. Permits are those of their entries; packs are the texts that their digests name; records and decisions say what their acts say.

The evidence file is read first: an act stands in the register before its entry stands in the log, so nothing is missed that is on its way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InsynError, InvalidInput, PackError
from insyn.core.messages import StopOrder
from insyn.core.signing import Signed
from insyn.core.terms import DisclosureGroup
from insyn.evidence.reader import EvidenceReader

from . import texts
from .acts import is_committed
from .models import Act, Decision, IssuedPermit, LogCursor, Outbox, PackText, Record

#: Told of each finding: the table, the row, and what is wrong with it.
Tell = Callable[[str, object, str], None]
_BY_REGISTER = frozenset({EntryKind.ACT.value, EntryKind.PERMIT.value, EntryKind.RESUME.value})
_GROUP = DisclosureGroup.ACT.value


def check_register(reader: EvidenceReader, tell: Tell) -> int:
    """Compare the whole register with the log; returns how many acts were compared."""
    size = reader.size
    entries = _entries(reader)
    found = _check_acts(reader, entries, size, tell)
    _check_missing(entries, found, tell)
    _check_outbox(reader, size, tell)
    _check_permits(entries, tell)
    _check_wide_lists(entries, tell)
    _check_texts(tell)
    _check_copies(tell)
    return len(found)


def _entries(reader: EvidenceReader) -> dict[int, EntryHead]:
    """The entries that an act of the register stands behind, by index."""
    found: dict[int, EntryHead] = {}
    wanted = _BY_REGISTER | {EntryKind.STOP.value}
    marks = tuple(f'"kind":"{kind}"'.encode() for kind in sorted(wanted))
    for index, data in reader.connection.execute("SELECT idx, bytes FROM entry ORDER BY idx"):
        if any(mark in data for mark in marks):
            try:
                head = read_head(data)
            except InvalidInput:
                continue  # the check of the log names it
            if head.kind in wanted and head.rid:
                found[index] = head
    return found


def _check_acts(reader: EvidenceReader, entries: Mapping[int, EntryHead], size: int, tell: Tell) -> dict[int, str]:
    """Steps 1 to 3. Returns the act of each index."""
    found: dict[int, str] = {}
    waiting = set(Outbox.objects.filter(sent_at=None).values_list("act_id", flat=True))
    for act in Act.objects.select_related("system").order_by("pk").iterator(chunk_size=500):
        if act.log_index is None:
            if act.pk not in waiting:
                tell("register_act", act.pk, "stands neither in the log nor in the outbox")
            continue
        found[act.log_index] = act.pk
        if act.log_index < size:
            _check_act(reader, act, entries.get(act.log_index), tell)
    return found


def _check_act(reader: EvidenceReader, act: Act, head: EntryHead | None, tell: Tell) -> None:
    if head is None:
        if not _is_sealed_act(reader, act):
            tell("register_act", act.pk, f"entry {act.log_index} is no act's")
        return
    system = act.system.slug if act.system else ""
    if head.rid != act.pk:
        tell("register_act", act.pk, f"entry {act.log_index} is of another act, {head.rid}")
    elif head.kind == EntryKind.STOP:
        _check_stop(reader, act, tell)
    elif head.system != system:
        tell("register_act", act.pk, f"is of system {system or 'none'}, its entry {act.log_index} of {head.system or 'none'}")
    elif _GROUP in head.c and not is_committed(act, head.c[_GROUP]):
        tell("register_act", act.pk, f"is not the text that its entry {act.log_index} commits to")
    elif head.act and head.act != act.verb:
        tell("register_act", act.pk, f"is {act.verb!r}, its entry {act.log_index} says {head.act!r}")


def _is_sealed_act(reader: EvidenceReader, act: Act) -> bool:
    """Whether the entry is one that the sequencer sealed for an act of the same id (a hold, a disposal)."""
    try:
        return read_head(reader.entry(act.log_index or 0)).rid == act.pk
    except InvalidInput:
        return False


def _check_stop(reader: EvidenceReader, act: Act, tell: Tell) -> None:
    """A stop's act says what the order says that is sealed in the log."""
    try:
        sealed = reader.open_groups(act.pk, (DisclosureGroup.ORDER.value,)).groups
        order = msgspec.json.decode(sealed[DisclosureGroup.ORDER.value], type=StopOrder)
    except (InsynError, KeyError, msgspec.DecodeError):
        return  # erased, or named by the check of what is sealed
    held = {"person": act.person, "name": act.actor_name, "role": act.role, "office": act.office}
    said = {name: getattr(order.actor, name) for name in held}
    texts_of = {name: value for name, value in act.text.items() if name in ("reason", "via", "ordered_at", "order")}
    if held != said or any(getattr(order, name) != value for name, value in texts_of.items()):
        tell("register_act", act.pk, f"is not the stop order that is sealed at entry {act.log_index}")


def _check_missing(entries: Mapping[int, EntryHead], found: Mapping[int, str], tell: Tell) -> None:
    """An entry of the register's own without its act. What the relay has not read yet is not missed."""
    read = LogCursor.objects.filter(pk=1).values_list("next_index", flat=True).first() or 0
    unsent = set(Act.objects.filter(log_index=None).values_list("pk", flat=True))
    for index, head in entries.items():
        if head.act == "keep_stop_holders" or (head.kind == EntryKind.STOP and head.about):
            continue  # the sequencer's own: a list that an act changed, and a system that a supplier's stop holds
        own = head.kind != EntryKind.STOP and head.act != "narrow"
        if index not in found and head.rid not in unsent and (own or index < read):
            tell("register_act", head.rid, f"the row is missing, but entry {index} is its entry")


def _check_outbox(reader: EvidenceReader, size: int, tell: Tell) -> None:
    """Step 4."""
    before = -1
    rows = Outbox.objects.select_related("act").exclude(sent_at=None).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        index = row.act.log_index
        if index is None or index >= size:
            if index is None:
                tell("register_outbox", row.pk, f"is marked as sent, but act {row.act_id} has no entry")
            continue
        if bytes(row.entry) != reader.entry(index):
            tell("register_outbox", row.pk, f"does not hold the bytes of entry {index}")
        if index <= before:
            tell("register_outbox", row.pk, f"stands after a row whose entry {before} is newer than its own, {index}")
        before = max(before, index)
    sent = set(Outbox.objects.values_list("act_id", flat=True))
    from_log = ("order_stop", "narrow", "put_hold", "lift_hold", "dispose")
    for act in Act.objects.exclude(log_index=None).exclude(verb__in=from_log).values_list("pk", flat=True):
        if act not in sent:
            tell("register_outbox", act, "the row of this act is missing")


def _check_permits(entries: Mapping[int, EntryHead], tell: Tell) -> None:
    rows = IssuedPermit.objects.select_related("act")
    for row in rows.iterator(chunk_size=200):
        head = entries.get(row.act.log_index if row.act.log_index is not None else -1)
        if head is None or not head.permit:
            continue
        try:
            digest = hashlib.sha256(msgspec.json.decode(bytes(row.signed), type=Signed).body).hexdigest()
        except msgspec.DecodeError:
            digest = ""
        if (row.epoch, digest) != (head.epoch, head.permit):
            tell("register_issuedpermit", row.pk, f"is not the permit of entry {row.act.log_index}")
    held = set(rows.values_list("act__log_index", flat=True))
    for index, head in entries.items():
        if head.kind == EntryKind.PERMIT and head.permit and index not in held:
            tell("register_issuedpermit", f"{head.system} {head.epoch}", f"the row is missing, but entry {index} issued it")


def _check_wide_lists(entries: Mapping[int, EntryHead], tell: Tell) -> None:
    """A list of those who may stop everything is the one whose digest its entry holds."""
    from insyn.web.oversight.models import WideList

    for row in WideList.objects.exclude(log_index=None):
        head = entries.get(row.log_index)
        try:
            digest = hashlib.sha256(msgspec.json.decode(bytes(row.signed), type=Signed).body).hexdigest()
        except msgspec.DecodeError:
            digest = ""
        if head is not None and (row.number, digest) != (head.epoch, head.permit):
            tell("oversight_widelist", row.number, f"is not the list of entry {row.log_index}")


def _check_texts(tell: Tell) -> None:
    """Step 5: what the register's other tables copied from acts."""
    for digest in PackText.objects.values_list("pk", flat=True):
        try:
            texts.files_of(digest)
        except PackError as error:
            tell("register_packtext", digest[:16], str(error))
    for record in Record.objects.select_related("act").iterator(chunk_size=200):
        if not _says(record.act.text, {"content": record.content, "case_number": record.case_number, "kind": str(record.kind)}):
            tell("register_record", record.pk, f"does not say what its act {record.act_id} says")
    for decision in Decision.objects.select_related("act").iterator(chunk_size=200):
        held = {name: getattr(decision, name) for name in ("case_number", "delegation", "conditions")}
        held["decided_on"] = decision.decided_on.isoformat()
        if not _says(decision.act.text, held):
            tell("register_decision", decision.pk, f"does not say what its act {decision.act_id} says")


def _check_copies(tell: Tell) -> None:
    """Rows of other apps that an act was made of: stops, disposal decisions, legal holds."""
    from insyn.web.archive.models import DisposalDecision, LegalHold
    from insyn.web.oversight.models import StopOrder as StoppedRow, WideMandate

    wanted = (
        (StoppedRow, ("index", "ordered_at", "via", "reason", "scope", "version", "purpose", "supplier")),
        (WideMandate, ("last_day", "case_number", "stop_key")),
        (DisposalDecision, ("retention", "months", "case_number", "delegation", "reason")),
        (LegalHold, ("on", "record", "why", "case_number")),
    )
    for model, names in wanted:
        for row in model.objects.select_related("act"):
            if not _says(row.act.text, {name: getattr(row, name) for name in names}):
                tell(model._meta.db_table, row.pk, f"does not say what its act {row.act_id} says")


def _says(text: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether the row agrees with its act in all that the act says under these names."""
    return all(_plain(text[name]) == _plain(value) for name, value in held.items() if name in text)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.strip() if isinstance(value, str) else value
