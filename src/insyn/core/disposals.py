"""What the public log says of disposals: each shred entry names what was destroyed, on what basis, when, and until when copies may live."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from .entries import EntryHead, EntryKind, read_head
from .errors import InvalidInput
from .stop_rule import Violation

_SHRED = EntryKind.SHRED.encode()


@dataclass
class DisposalRule:
    """Feed entries in order with :meth:`observe`; read ``records``, ``months`` (a class's month at a time) and ``violations`` at the end.

    All are plain tables of text and numbers, so that a rule can be kept and continued.
    """

    records: int = 0
    months: int = 0
    violations: list[Violation] = field(default_factory=list)

    def observe(self, index: int, entry: bytes) -> None:
        if _SHRED not in entry and b"\\u" not in entry:  # an escape may spell the word too
            return
        try:
            head = read_head(entry)
        except InvalidInput:
            return  # not an entry: the stop rule says so
        if head.kind != EntryKind.SHRED:
            return
        if head.retention and head.month:  # it may be about the decision
            self.months += 1
        else:
            self.records += 1
        missing = _missing(head)
        if missing:
            self.violations.append(Violation(index, f"a disposal that does not say {', '.join(missing)}"))


def _missing(head: EntryHead) -> list[str]:
    wanted = {
        "what was destroyed": bool(head.about or (head.retention and head.month)),
        "on what basis": bool(head.basis),
        "on what day": _is_day(head.day),
        "until when copies of the key may live": _is_day(head.until),
    }
    return [what for what, there in wanted.items() if not there]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
