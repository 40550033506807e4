"""A decided case as the officer sees it before reconsidering: the material, the proposal, and every decision so far. Kept only while the page is made."""

from __future__ import annotations

from dataclasses import dataclass

from insyn.core.entries import DECIDED_BY_A_PERSON, SAID_BY_A_PERSON, EntryKind, read_head
from insyn.core.errors import StoreFailed
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Stage
from insyn.evidence.reader import EvidenceReader
from insyn.web.oversight.opening import Case, Review, open_case, open_review
from insyn.web.register.models import System

PURPOSE = "reconsideration"


@dataclass(frozen=True)
class Taken:
    """One decision about the record, by a person: its entry, and what was said in it."""

    rid: str
    kind: str
    said: Review


@dataclass(frozen=True)
class Standing:
    """What holds now. ``replaces``: rid of the newest decision by a person, empty where only the system decided."""

    case: Case
    taken: list[Taken]

    @property
    def newest(self) -> Taken | None:
        return next((one for one in reversed(self.taken) if one.kind in DECIDED_BY_A_PERSON), None)

    @property
    def replaces(self) -> str:
        return self.newest.rid if self.newest else ""

    @property
    def outcome(self) -> str:
        return self.newest.said.code if self.newest else self.case.proposed

    @property
    def outcome_label(self) -> str:
        return self.newest.said.outcome if self.newest else self.case.proposed_label

    @property
    def told(self) -> bool:
        """Whether the record, or a decision about it, says how the one concerned was told that AI helped."""
        return bool(self.case.notice.strip()) or any(one.said.notice for one in self.taken)

    def decided_by(self, person: str) -> bool:
        return any(one.said.person == person and one.kind in DECIDED_BY_A_PERSON for one in self.taken)


def open_standing(system: System, rid: str, *, actor: Actor, language: str) -> Standing:
    """Open the record and every decision about it; each opening stands in the log. Raises ``Refused`` and ``Unreachable``."""
    case = open_case(system, rid, actor=actor, purpose=PURPOSE, language=language)
    wanted = [(rid, kind) for rid, kind in case.followers if kind in SAID_BY_A_PERSON]
    read = [(rid, kind, open_review(system, rid, actor=actor, purpose=PURPOSE)) for rid, kind in wanted]
    return Standing(case, [Taken(rid, kind, said) for rid, kind, said in read if said])


def waits_for_first_decision(home: Home, rid: str) -> bool | None:
    """Whether a person is still to decide the proposal for the first time, from what is public; ``None`` where the log cannot be read here."""
    try:
        with EvidenceReader.read_only(home.evidence) as reader:
            index = reader.index_of(rid)
            if index is None or read_head(reader.entry(index)).verdict != Stage.PROPOSAL:
                return False
            return not any(kind in DECIDED_BY_A_PERSON for _, kind in reader.followers(rid))
    except StoreFailed:
        return None


def is_decision(reader: EvidenceReader, system: str, rid: str) -> bool:
    """Whether the log holds a decision, or a proposal, of this system under that id. Raises ``InvalidInput`` for what is no id."""
    index = reader.index_of(rid)
    head = None if index is None else read_head(reader.entry(index))
    return head is not None and head.kind == EntryKind.DECISION and head.system == system
