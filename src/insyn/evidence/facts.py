"""Facts rows: their columns, and the digest by which a sealed record vouches for its row."""

from __future__ import annotations

from hashlib import sha256

import apsw
import msgspec

from .records import Fact

_COLUMNS = Fact.__struct_fields__
_json = msgspec.json.Encoder(order="sorted").encode


def fact_digest(fact_id: str, fact: Fact) -> bytes:
    """SHA-256 over id and content; it stands sealed with the record, so an edited row shows."""
    return sha256(fact_id.encode() + _json([getattr(fact, name) for name in _COLUMNS])).digest()


def insert_fact(cursor: apsw.Cursor, index: int, fact_id: str, fact: Fact) -> None:
    cursor.execute(
        "INSERT INTO fact_row VALUES(?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            index,
            fact_id,
            fact.month,
            fact.system,
            fact.version,
            fact.stage,
            fact.outcome,
            fact.score_bin,
            _json(fact.groups).decode(),
            _json(fact.features).decode(),
            fact.about,
        ),
    )
