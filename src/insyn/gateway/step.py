"""One transaction under way: what every desk needs to judge and append in the same step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.messages import Answer, Denied, Receipt
from insyn.core.refusals import Refusal, RefusalCode, public_code, refuse
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import Appended, Fact
from insyn.evidence.store import EvidenceStore, Transaction

from .clock import Reading
from .settings import Settings
from .state import State
from .unreadable import denied

Private = Mapping[DisclosureGroup, bytes]
Reply = Callable[[Answer], None]
encode_group = msgspec.json.Encoder().encode


@dataclass
class Step:
    """``after`` runs when the transaction has committed, ``undo`` when it was rolled back."""

    tx: Transaction
    store: EvidenceStore
    state: State
    settings: Settings
    now: Reading
    after: list[Callable[[], None]] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.day, self.at = self.now.day(self.settings.zone), self.now.utc

    def append(
        self,
        kind: EntryKind,
        public: Mapping[str, object],
        *,
        private: Private | None = None,
        retention: str = "standard",
        fact: Fact | None = None,
        case: str = "",
        subject: str = "",
        waits: bool = False,
        blind_share: int = 0,
    ) -> Appended:
        """Append an entry of this day. Empty public fields are left out."""
        fields = {name: value for name, value in public.items() if value != ""}
        appended = self.tx.append(
            public={"kind": kind.value, "day": self.day, **fields},
            private=private,
            retention=retention,
            fact=fact,
            case=case,
            subject=subject,
            waits=waits,
            blind_share=blind_share,
        )
        if self.state.listed.lists(kind):
            self.after.append(lambda: self.state.listed.add(kind, appended.index))
        return appended

    def append_bytes(self, entry: bytes) -> Appended:
        """Append an act's entry as it is."""
        appended = self.tx.append_bytes(entry)
        self.after.append(lambda: self.state.listed.add(read_head(entry).kind, appended.index))
        return appended

    def receipt(self, appended: Appended) -> Receipt:
        return Receipt(log=self.store.origin, index=appended.index, leaf=appended.leaf.hex(), rid=appended.rid, day=self.day)

    def refused(self, refusal: Refusal, *, system: str, version: str = "", about: str = "") -> Denied:
        """A refusal of a known system, as an entry. The version stands in the public log only if the register knows it."""
        permit = self.state.permits[system]
        public = {
            "system": system,
            "version": version if version in permit.versions else "",
            "code": (code := public_code(refusal.code)).value,
            "epoch": permit.epoch,
            "about": about,
        }
        self.count(f"refused.{code}")
        return Denied(refusal=refusal, receipt=self.receipt(self.append(EntryKind.REFUSAL, public)))

    def only_counted(self, code: RefusalCode, *, place: str = "", detail: Text | None = None) -> Denied:
        """A refusal that leaves no entry: nobody known asked, or nothing was decided about a system."""
        self.count(f"refused.{code}")
        return Denied(refusal=refuse(code, place=place, detail=detail))

    def invalid(self, message: str, *, place: str, mend: str = "") -> Denied:
        return denied(InvalidInput(message, place=place, mend=mend))

    def count(self, name: str) -> None:
        self.state.counters[name] += 1

    def head_at(self, index: int) -> EntryHead:
        return read_head(self.store.entry(index))

    def head_of(self, rid: str) -> EntryHead:
        """The head of an entry that stands, by its id."""
        index = self.store.index_of(rid)
        return self.head_at(-1 if index is None else index)

    def receipt_of(self, index: int) -> Receipt:
        """The receipt of an entry that stands."""
        head = self.head_at(index)
        return Receipt(log=self.store.origin, index=index, leaf=self.store.leaf(index).hex(), rid=head.rid, day=head.day)

    def decision_of(self, system: str, rid: str) -> int | None:
        """Index of that system's decision (or proposal) with this id; ``None`` for anything else."""
        index = self.store.index_of(rid)
        if index is None:
            return None
        head = self.head_at(index)
        return index if head.system == system and head.kind == EntryKind.DECISION else None

    def fact_of(self, rid: str) -> str:
        """The id of a record's facts row, empty when it is erased."""
        try:
            return self.store.open_groups(rid, ()).fact_id
        except (RecordErased, RecordUnknown):
            return ""
