"""The part of :mod:`insyn.evidence.check` for the key file as such: month keys that are gone, numbers put back, escrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .escrow import PRESERVE
from .reader import EvidenceReader

if TYPE_CHECKING:
    from .check import CheckReport


def check_keys(reader: EvidenceReader, report: CheckReport) -> None:
    """Every record key has its month key; no id can be given out twice; what is kept for good is escrowed, in the bytes that were sealed."""
    keys = reader.keys.connection
    disposed = {kek for (kek,) in reader.connection.execute("SELECT kek FROM disposal")} if reader.has_table("disposal") else set()
    for (kek,) in keys.execute("SELECT DISTINCT kek FROM record_key WHERE kek NOT IN (SELECT id FROM kek)"):
        if kek not in disposed:
            report.add("kek", kek, "the row is missing, but record keys lie under it")
    for (kek,) in keys.execute("SELECT id FROM kek"):
        if kek in disposed:
            report.add("kek", kek, "still there, although its month is disposed of")
    last = keys.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record_key'").get or 0
    used = reader.connection.execute("SELECT max(key_id) FROM payload").get or 0
    if last < used:
        report.add("sqlite_sequence", "record_key", f"says {last}, but key {used} is in use: an id could be given out twice")
    if keys.execute("SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE name = 'escrow')").get:
        _check_escrow(reader, report)


def _check_escrow(reader: EvidenceReader, report: CheckReport) -> None:
    rows = reader.keys.connection.execute(
        "SELECT id, system, month, retention, recipient, sealed, mac FROM kek LEFT JOIN escrow ON kek = id ORDER BY id"
    )
    for kek, system, month, retention, recipient, sealed, mac in rows:
        if sealed is not None and mac != reader.keys.escrow_mac(kek, system, month, recipient, sealed):
            report.add("escrow", kek, "is not what was sealed to the archive authority")
        elif sealed is None and retention == PRESERVE:
            report.add("escrow", kek, f"the row is missing: the key of {system}, {month} is kept for good and nobody holds it in escrow")
