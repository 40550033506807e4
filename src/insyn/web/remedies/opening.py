"""A decided case as the officer sees it before reconsidering: the material, the proposal, and every decision so far. Kept only while the page is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insyn.core.entries import EntryKind, read_head
from insyn.core.errors import StoreFailed
from insyn.core.home import Home
from insyn.core.messages import Actor, Denied, Open, Opened
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import DisclosureGroup, Stage
from insyn.evidence.reader import EvidenceReader
from insyn.web import bridge
from insyn.web.oversight.opening import Case, open_case, outcome_label
from insyn.web.register.models import System

PURPOSE = "reconsideration"
_BY_PEOPLE = (EntryKind.BLIND_JUDGEMENT, EntryKind.REVIEW, EntryKind.RECONSIDERATION)
_HOLDS = (EntryKind.REVIEW, EntryKind.RECONSIDERATION)


@dataclass(frozen=True)
class Taken:
    """One decision about the record, by a person. ``person`` is compared with the reader and not shown."""

    rid: str
    kind: str
    verdict: str
    ground: str
    outcome: str
    outcome_label: str
    reasons: str
    heard_party: bool
    person: str
    name: str
    office: str
    at: str


@dataclass(frozen=True)
class Standing:
    """What holds now. ``replaces``: rid of the newest decision by a person, empty where only the system decided."""

    case: Case
    taken: list[Taken]

    @property
    def newest(self) -> Taken | None:
        return next((one for one in reversed(self.taken) if one.kind in _HOLDS), None)

    @property
    def replaces(self) -> str:
        return self.newest.rid if self.newest else ""

    @property
    def outcome(self) -> str:
        return self.newest.outcome if self.newest else self.case.proposed

    @property
    def outcome_label(self) -> str:
        return self.newest.outcome_label if self.newest else self.case.proposed_label

    def decided_by(self, person: str) -> bool:
        return any(one.person == person and one.kind in _HOLDS for one in self.taken)


def open_standing(system: System, rid: str, *, actor: Actor, language: str) -> Standing:
    """Open the record and every decision about it; each opening stands in the log. Raises :class:`Refused` and ``Unreachable``."""
    case = open_case(system, rid, actor=actor, purpose=PURPOSE, language=language)
    wanted = [(rid, kind) for rid, kind in case.followers if kind in _BY_PEOPLE]
    return Standing(case, [_taken(rid, kind, system, actor) for rid, kind in wanted])


def _taken(rid: str, kind: str, system: System, actor: Actor) -> Taken:
    answer = bridge.ask(
        lambda number: Open(id=number, rid=rid, groups=(DisclosureGroup.REVIEW,), actor=actor, purpose=PURPOSE, system=system.slug)
    )
    if isinstance(answer, Denied):
        raise Refused(answer.refusal)
    if not isinstance(answer, Opened):
        raise Refused(refuse(RefusalCode.NOT_READY))
    return taken_of(rid, kind, _mapping(answer.groups.get(DisclosureGroup.REVIEW)), system)


def taken_of(rid: str, kind: str, sealed: Mapping[str, object], system: System) -> Taken:
    """Pure: the sealed decision in the register's words."""
    actor = _mapping(sealed.get("actor"))
    outcome = str(sealed.get("outcome", ""))
    return Taken(
        rid=rid,
        kind=kind,
        verdict=str(sealed.get("verdict", "")),
        ground=str(sealed.get("ground", "")),
        outcome=outcome,
        outcome_label=outcome_label(system, outcome),
        reasons=str(sealed.get("reasons", "")),
        heard_party=sealed.get("heard_party") is True,
        person=str(actor.get("person", "")),
        name=str(actor.get("name", "")),
        office=str(actor.get("office", "")),
        at=str(sealed.get("at", ""))[:10],
    )


def waits_for_first_decision(home: Home, rid: str) -> bool | None:
    """Whether a person is still to decide the proposal for the first time, from what is public; ``None`` where the log cannot be read here."""
    try:
        with EvidenceReader.read_only(home.evidence) as reader:
            index = reader.index_of(rid)
            if index is None or read_head(reader.entry(index)).verdict != Stage.PROPOSAL:
                return False
            return not any(kind in _HOLDS for _, kind in reader.followers(rid))
    except StoreFailed:
        return None


def is_decision(reader: EvidenceReader, system: str, rid: str) -> bool:
    """Whether the log holds a decision, or a proposal, of this system under that id. Raises ``InvalidInput`` for what is no id."""
    index = reader.index_of(rid)
    head = None if index is None else read_head(reader.entry(index))
    return head is not None and head.kind == EntryKind.DECISION and head.system == system


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
