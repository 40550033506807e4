"""A log of many decisions, written straight into the store's own tables: what the sequencer would have left, without its keys."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import msgspec

from insyn.core.entries import encode_entry
from insyn.evidence.schema import EVIDENCE_ADDITIONS, EVIDENCE_FILE, EVIDENCE_TABLES, connect

FIRST = date(2026, 9, 1)


def rid_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


class Log:
    """``decide`` leaves a decision and returns its id; ``decided`` says how far it has come."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.write = connect(folder / EVIDENCE_FILE, tables=EVIDENCE_TABLES, additions=EVIDENCE_ADDITIONS)
        self.next = 0

    def _entry(self, rid: str, kind: str, day: date, version: str, about: str = "") -> int:
        index, self.next = self.next, self.next + 1
        fields = {"kind": kind, "system": "lanestod", "rid": rid, "day": day.isoformat(), "version": version, "verdict": "proposal"}
        self.write.execute(
            "INSERT INTO entry VALUES (?, ?, ?)", (index, encode_entry({**fields, **({"about": about} if about else {})}), b"")
        )
        for one in (rid, about):
            if one:
                self.write.execute("INSERT INTO tag VALUES (?, ?)", (bytes.fromhex(one), index))
        return index

    def _fact(self, index: int, day: date, version: str, stage: str, outcome: str, groups: dict[str, str], about: str) -> None:
        row = (index, 0, f"f{index}", day.isoformat()[:7], "lanestod", version, stage, outcome, None, msgspec.json.encode(groups).decode())
        self.write.execute("INSERT INTO fact_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?)", (*row, about))

    def decide(
        self,
        *,
        day: date = FIRST,
        version: str = "1.0",
        stage: str = "proposal",
        outcome: str = "deny",
        decided: bool = True,
        waiting: bool = False,
        groups: dict[str, str] | None = None,
    ) -> str:
        rid = rid_of(self.next)
        index = self._entry(rid, "decision", day, version)
        self._fact(index, day, version, stage, outcome, groups or {}, "")
        if waiting:
            self.write.execute("INSERT INTO waiting VALUES ('lanestod', ?)", (index,))
        elif decided and stage == "proposal":
            self.review(rid, index, day, version, outcome)
        return rid

    def review(self, rid: str, index: int, day: date, version: str = "1.0", outcome: str = "deny") -> None:
        self.write.execute("DELETE FROM waiting WHERE idx = ?", (index,))
        reviewed = self._entry(rid_of(10_000_000 + self.next), "review", day, version, about=rid)
        self._fact(reviewed, day, version, "review", outcome, {}, f"f{index}")

    def again(self, rid: str, day: date) -> int:
        """A reconsideration; returns its index."""
        return self._entry(rid_of(20_000_000 + self.next), "reconsideration", day, "1.0", about=rid)

    def erase(self, rid: str) -> None:
        index = self.write.execute("SELECT idx FROM tag WHERE tag = ? ORDER BY idx LIMIT 1", (bytes.fromhex(rid),)).get
        self.write.execute("INSERT INTO erased VALUES (?, ?, 0)", (index, self.next))
        self.write.execute("UPDATE fact_row SET erased = 1 WHERE idx = ?", (index,))

    def many(self, count: int, *, over: int = 60) -> list[str]:
        """So many decided decisions, evenly over the days."""
        with self.write:
            return [self.decide(day=FIRST + timedelta(days=number * over // count)) for number in range(count)]
