"""The register held against the log: whoever edits, deletes or re-orders its rows behind its back is found, and the row is named."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from insyn.core.messages import Actor
from insyn.evidence.reader import EvidenceReader
from insyn.web.register.actions import pause_system
from insyn.web.register.checking import check_register
from insyn.web.register.models import Act, System
from insyn.web.relay import relay_once

pytestmark = [pytest.mark.usefixtures("sequencer"), pytest.mark.django_db]
Found = list[tuple[str, str]]

#: What a database administrator may do, the table that is named, and what the message says.
TAMPERED = [
    ("UPDATE register_act SET text = json_set(text, '$.why', 'Annat.') WHERE verb = 'pause_system'", "register_act", "commits to"),
    ("UPDATE register_act SET actor_name = 'Någon Annan' WHERE verb = 'decide_use'", "register_act", "commits to"),
    ("UPDATE register_act SET person = 'p-other' WHERE verb = 'pause_system'", "register_act", "commits to"),
    ("UPDATE register_act SET at = datetime(at, '-1 hour') WHERE verb = 'pause_system'", "register_act", "commits to"),
    ("UPDATE register_act SET verb = 'continue_system' WHERE verb = 'pause_system'", "register_act", "commits to"),
    ("UPDATE register_act SET salt = substr(salt, 2) || CASE substr(salt, 1, 1) WHEN 'a' THEN 'b' ELSE 'a' END WHERE verb = 'decide_use'", "register_act", "commits to"),
    ("UPDATE register_act SET text = json_set(text, '$.because', 'x') WHERE verb = 'narrow'", "register_act", "commits to"),
    ("UPDATE register_act SET system_id = NULL WHERE verb = 'pause_system'", "register_act", "is of system none"),
    ("UPDATE register_act SET log_index = NULL WHERE verb = 'pause_system'", "register_act", "neither in the log nor in the outbox"),
    ("UPDATE register_act SET log_index = log_index + 1000 WHERE verb = 'pause_system'", "register_act", "the row is missing"),
    ("UPDATE register_outbox SET entry = CAST(replace(entry, 'act', 'akt') AS BLOB) WHERE id = (SELECT max(id) FROM register_outbox)", "register_outbox", "bytes of entry"),
    ("UPDATE register_outbox SET id = 100000 WHERE id = (SELECT min(id) FROM register_outbox)", "register_outbox", "newer than its own"),
    ("DELETE FROM register_outbox WHERE id = (SELECT min(id) FROM register_outbox)", "register_outbox", "is missing"),
    ("UPDATE register_issuedpermit SET epoch = epoch + 1000", "register_issuedpermit", "is not the permit"),
    ("UPDATE register_issuedpermit SET signed = x'7b7d'", "register_issuedpermit", "is not the permit"),
    ("DELETE FROM register_issuedpermit", "register_issuedpermit", "the row is missing"),
    ("UPDATE register_packtext SET files = x'00'", "register_packtext", "cannot be read"),
    ("UPDATE register_record SET content = json_set(content, '$.summary', 'Ändrat.')", "register_record", "its act"),
    ("UPDATE register_decision SET case_number = 'KS 2026/999'", "register_decision", "its act"),
]  # fmt: skip


def findings(home: Any) -> Found:
    found: Found = []
    root_key = bytes.fromhex(home.root_key.read_text())
    with EvidenceReader.read_only(home.evidence, root_key=root_key) as reader:
        check_register(reader, lambda table, row, message: found.append((table, f"{row}: {message}")))
    return found


def test_who_edits_deletes_or_reorders_rows_of_the_register_is_found(
    sequencer: Any, in_use: System, owner: Actor, make_system: Any
) -> None:
    make_system("annat")
    relay_once(sequencer.client())
    pause_system(actor=owner, system=System.objects.get(pk=in_use.pk), why="Konstiga förslag.")
    assert findings(sequencer.home) == [], "what is on its way is not missed"
    relay_once(sequencer.client())
    assert findings(sequencer.home) == []
    for statement, table, message in TAMPERED:
        found = after(statement, sequencer.home)
        assert any(name == table and message in said for name, said in found), (statement, found)
    assert findings(sequencer.home) == []


def after(statement: str, home: Any) -> Found:
    """What is found after the statement, which is then taken back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, f"changes nothing: {statement}"
        found = findings(home)
        transaction.set_rollback(True)
    return found


def test_two_acts_that_change_places_are_both_found(sequencer: Any, in_use: System) -> None:
    relay_once(sequencer.client())
    one, two = Act.objects.exclude(log_index=None).order_by("log_index")[:2]
    with transaction.atomic():
        Act.objects.filter(pk=one.pk).update(log_index=-1)
        Act.objects.filter(pk=two.pk).update(log_index=one.log_index)
        Act.objects.filter(pk=one.pk).update(log_index=two.log_index)
        named = {said.split(":")[0] for table, said in findings(sequencer.home) if table == "register_act"}
        transaction.set_rollback(True)
    assert {one.pk, two.pk} <= named


def test_a_deleted_act_is_missed(sequencer: Any, in_use: System) -> None:
    relay_once(sequencer.client())
    act = Act.objects.filter(verb="open_register").get()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute("DELETE FROM register_act WHERE id = %s", [act.pk])
        found = findings(sequencer.home)
        transaction.set_rollback(True)
    assert any(table == "register_act" and act.pk in said and "missing" in said for table, said in found)
