"""What the sequencer opens, in the shape that pages need. Kept only while a page is being made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from insyn.core.entries import EntryKind
from insyn.core.explained import from_sealed
from insyn.core.messages import Actor, Counterfactual, Open, Opened
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import DisclosureGroup
from insyn.web import bridge
from insyn.web.language import spoken
from insyn.web.register.models import System
from insyn.web.residents import plain
from insyn.web.rights.restricted import stops_opening

CASE_GROUPS = (DisclosureGroup.INPUT, DisclosureGroup.OUTPUT, DisclosureGroup.FACTORS, DisclosureGroup.CASE)


@dataclass(frozen=True)
class Review:
    """A person's decision on a case, as it was sealed. ``code``: the outcome's; ``outcome`` is its word. ``person`` is compared, and not shown.

    ``notice``: whether it says how the one concerned was told that AI helped.
    """

    verdict: str
    outcome: str
    reasons: str
    heard_party: bool
    name: str
    office: str
    code: str = ""
    ground: str = ""
    person: str = ""
    at: str = ""
    notice: bool = False


@dataclass(frozen=True)
class Case:
    """One proposal with what it was made from, in plain words. ``dropped``: fields that were sent and not kept.

    ``opened``: rid of the entry that opening it left. ``notice``: how the person was told that AI is used, as the caller said. ``blind``: proposal
    and factors are held back until a person has judged, and ``kept_back`` fields of the input; ``judgement`` is what that person judged.
    ``counterfactual`` is a sentence, empty where none was given; ``citations`` the places that a text system rests on, in their surroundings.
    """

    rid: str
    index: int
    leaf: str
    day: str
    version: str
    number: str
    proposed: str
    proposed_label: str
    score: float | None
    rows: list[tuple[str, str]]
    factors: list[plain.FactorLine]
    matter_type: str = ""
    dropped: int = 0
    followers: tuple[tuple[str, str], ...] = ()
    review: Review | None = None
    opened: str = ""
    notice: str = ""
    mode: str = ""
    blind: bool = False
    kept_back: int = 0
    judgement: Review | None = None
    counterfactual: str = ""
    citations: tuple[plain.CitedLine, ...] = ()
    system: System | None = None

    @property
    def decided(self) -> bool:
        return any(kind == EntryKind.REVIEW for _, kind in self.followers)

    @property
    def not_used(self) -> bool:
        return any(kind == EntryKind.NOT_USED for _, kind in self.followers)

    @property
    def sentences(self) -> list[str]:
        """What the system and the register say of the case: a person's own reasons are held against these."""
        cited = [cited.text for cited in self.citations]
        return [
            *(line.sentence for line in self.factors),
            self.counterfactual,
            *cited,
            *(f"{label}: {value}" for label, value in self.rows),
        ]


def open_case(system: System, rid: str, *, actor: Actor, purpose: str, language: str, with_review: bool = False) -> Case:
    """Open a record of the system for the actor; leaves one entry, and ``with_review`` one more for each review and blind judgement.

    Raises :class:`Unreachable`, and :class:`Refused` where the sequencer says no or the record is another system's.
    """
    if stops_opening(system.slug, rid, purpose):
        raise Refused(refuse(RefusalCode.RECORD_RESTRICTED, place="rid"))
    opened = _ask(Open(id=0, rid=rid, groups=CASE_GROUPS, actor=actor, purpose=purpose, system=system.slug))
    if opened.system != system.slug or (DisclosureGroup.OUTPUT not in opened.groups and not opened.blind):
        raise Refused(refuse(RefusalCode.RECORD_UNKNOWN, place="rid"))
    case = case_of(opened, system, language)
    if not with_review:
        return case

    def follower(kind: EntryKind) -> Review | None:
        found = next((about for about, of in case.followers if of == kind), "")
        return open_review(system, found, actor=actor, purpose=purpose) if found else None

    return replace(case, review=follower(EntryKind.REVIEW), judgement=follower(EntryKind.BLIND_JUDGEMENT))


def open_review(system: System, rid: str, *, actor: Actor, purpose: str) -> Review | None:
    """Open what a person said of a case; leaves one entry. Raises as :func:`open_case` does."""
    return review_of(_ask(Open(id=0, rid=rid, groups=(DisclosureGroup.REVIEW,), actor=actor, purpose=purpose, system=system.slug)), system)


def case_of(opened: Opened, system: System, language: str) -> Case:
    """Pure: the opened groups in the register's words."""
    output = _mapping(opened.groups.get(DisclosureGroup.OUTPUT))
    facts = _mapping(opened.groups.get(DisclosureGroup.CASE))
    payload = _mapping(opened.groups.get(DisclosureGroup.INPUT))
    why = from_sealed(opened.groups.get(DisclosureGroup.FACTORS))
    proposed = str(output.get("outcome", ""))
    score = output.get("score")
    return Case(
        rid=opened.rid,
        index=opened.index,
        leaf=opened.leaf,
        day=opened.day,
        version=opened.version,
        number=str(facts.get("case", "")),
        proposed=proposed,
        proposed_label=outcome_label(system, proposed),
        score=score if isinstance(score, int | float) else None,
        rows=plain.input_rows(payload, system.factors, language),
        factors=plain.factor_lines(why.factors, system.factors, language),
        matter_type=str(facts.get("matter_type", "")),
        dropped=number if isinstance(number := facts.get("dropped"), int) else 0,
        followers=opened.followers,
        opened=opened.opened,
        notice=str(facts.get("notice", "")),
        mode=str(facts.get("mode", "")),
        blind=opened.blind,
        kept_back=opened.kept_back,
        counterfactual=_counterfactual(why.counterfactual, system, language),
        citations=tuple(plain.cited_lines(why.citations, payload, system.factors, language)),
        system=system,
    )


def _counterfactual(told: Counterfactual | None, system: System, language: str) -> str:
    return plain.counterfactual_sentence(told, system.factors, outcome_label(system, told.outcome), language) if told else ""


def review_of(opened: Opened, system: System) -> Review | None:
    """Pure: the sealed review in words, or None where it holds none."""
    sealed = _mapping(opened.groups.get(DisclosureGroup.REVIEW))
    if not sealed:
        return None
    actor = _mapping(sealed.get("actor"))
    code = str(sealed.get("outcome", ""))
    return Review(
        verdict=str(sealed.get("verdict", "")),
        outcome=outcome_label(system, code),
        reasons=str(sealed.get("reasons", "")),
        heard_party=sealed.get("heard_party") is True,
        name=str(actor.get("name", "")),
        office=str(actor.get("office", "")),
        code=code,
        ground=str(sealed.get("ground", "")),
        person=str(actor.get("person", "")),
        at=str(sealed.get("at", ""))[:10],
        notice=isinstance(sealed.get("notice"), Mapping),
    )


def outcome_label(system: System, code: str) -> str:
    """The register's word for an outcome, or its code."""
    return spoken(system.outcomes.get(code)) or code


def _ask(message: Open) -> Opened:
    return bridge.expect(Opened, lambda number: msgspec.structs.replace(message, id=number))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
