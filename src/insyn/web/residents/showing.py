"""What a resident's pages say: the list of records, and one record with its decisions. Made while a page is made, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from insyn.core.entries import DECIDED_BY_A_PERSON, EntryKind
from insyn.core.identity import mask
from insyn.core.messages import Open, Opened, SubjectRecord, Waiting, WaitingList
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import DisclosureGroup
from insyn.web import bridge
from insyn.web.oversight.opening import Case, Review, open_case, review_of
from insyn.web.register.models import System

from . import plain
from .standing import OWN_CASE, Resident

_SHOWN = (EntryKind.DECISION.value, EntryKind.HISTORICAL_DECISION.value)
#: A person's decisions on a proposal, and on an earlier decision.
_MOST_WAITING = 500


@dataclass(frozen=True)
class Line:
    """A record in the list. ``waits``: a person has not decided yet; ``None`` where that stands on the record's own page only."""

    record: SubjectRecord
    system: System | None
    waits: bool | None

    @property
    def name(self) -> str:
        return str(self.system.name) if self.system else self.record.system

    @property
    def year(self) -> str:
        return self.record.day[:4]

    @property
    def opens(self) -> bool:
        return not self.record.erased and self.record.kind == EntryKind.DECISION.value

    @property
    def state(self) -> str:
        """In words: where the record stands on its way to a decision."""
        if self.record.erased:
            return _("Erased")
        if self.record.kind == EntryKind.HISTORICAL_DECISION.value:
            return _("Decided before this register began")
        if self.waits is None:
            return _("Open it to see")
        return _("A proposal. A person decides") if self.waits else _("No longer waits for a person")


@dataclass(frozen=True)
class Decision:
    """A person's decision, as it was sealed. ``again``: it was taken when somebody looked again. ``letter``: there is a letter about it."""

    rid: str
    index: int
    day: str
    review: Review
    again: bool
    letter: str


@dataclass(frozen=True)
class Shown:
    """One record with its decisions, the newest first. ``held_back``: values that a protected identity keeps off the page."""

    case: Case
    system: System
    decisions: tuple[Decision, ...]
    held_back: bool

    @property
    def newest(self) -> Decision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def weighty(self) -> list[plain.FactorLine]:
        return plain.significant(list(self.case.factors))[:3]


def lines_of(resident: Resident) -> tuple[list[Line], int]:
    """The resident's records, the newest first, and how many parts of answers were let out beside them.

    Raises :class:`~insyn.core.errors.Unreachable` and :class:`Refused`.
    """
    records = [record for record in reversed(resident.records) if record.kind in _SHOWN]
    systems = {system.slug: system for system in System.objects.filter(slug__in={record.system for record in records})}
    waiting = {slug: _waiting(slug) for slug in systems}
    lines = [Line(record, systems.get(record.system), _waits(record, waiting.get(record.system))) for record in records]
    return lines, sum(record.kind == EntryKind.RELEASE.value for record in resident.records)


def _waits(record: SubjectRecord, waiting: tuple[frozenset[str], bool] | None) -> bool | None:
    rids, whole = waiting or (frozenset(), False)
    return True if record.rid in rids else False if whole else None


def _waiting(system: str) -> tuple[frozenset[str], bool]:
    """Ids of what waits for a person, and whether that is all of it. Nothing is opened, so nobody's name is needed."""
    answer = bridge.ask(lambda number: Waiting(id=number, system=system, limit=_MOST_WAITING))
    if not isinstance(answer, WaitingList):
        return frozenset(), False
    return frozenset(item.rid for item in answer.items), answer.total <= len(answer.items)


def show(resident: Resident, rid: str, *, language: str) -> Shown | None:
    """The record with its decisions, or None where it is not this resident's. Each opening leaves an entry in the log.

    Raises :class:`~insyn.core.errors.Unreachable` and :class:`Refused`.
    """
    system = system_of(resident, rid)
    if system is None:
        return None
    case = open_case(system, rid, actor=resident.actor, purpose=OWN_CASE, language=language)
    decisions = tuple(reversed([_decision(resident, system, about, kind) for about, kind in case.followers if kind in DECIDED_BY_A_PERSON]))
    return Shown(_masked(case, system, resident), system, decisions, held_back=resident.protected)


def system_of(resident: Resident, rid: str) -> System | None:
    """The system of the resident's own record; None for everybody else's and for what is not there."""
    if resident.code is not None:
        return resident.code.system if resident.may_see(rid, resident.code.system.slug) else None
    found = next((record for record in resident.records if record.rid == rid), None)
    return System.objects.filter(slug=found.system).first() if found else None


def letter_of(resident: Resident, rid: str, decision: str) -> tuple[System, str, str] | None:
    """The letter of a decision about the resident's own record: system, text and day; None where there is none."""
    system = system_of(resident, rid)
    if system is None:
        return None
    about = bridge.ask_allowed(
        lambda number: Open(id=number, rid=rid, groups=(), actor=resident.actor, purpose=OWN_CASE, system=system.slug)
    )
    kinds = dict(about.followers) if isinstance(about, Opened) else {}
    if kinds.get(decision) not in DECIDED_BY_A_PERSON:
        return None
    found = _decision(resident, system, decision, kinds[decision])
    return (system, found.letter, found.day) if found.letter else None


def _decision(resident: Resident, system: System, rid: str, kind: str) -> Decision:
    groups = (DisclosureGroup.REVIEW,)
    opened = bridge.ask_allowed(
        lambda number: Open(id=number, rid=rid, groups=groups, actor=resident.actor, purpose=OWN_CASE, system=system.slug)
    )
    review = review_of(opened, system) if isinstance(opened, Opened) else None
    if review is None:
        raise Refused(refuse(RefusalCode.RECORD_UNKNOWN, place="rid"))
    sealed = opened.groups[DisclosureGroup.REVIEW]
    # Reasons and letters are free text too: of a protected person the office hands them over.
    letter = str(sealed.get("letter", "")) if isinstance(sealed, Mapping) and not resident.protected else ""
    masked = replace(review, reasons=_("not shown on the page") if resident.protected else mask(review.reasons))
    return Decision(rid, opened.index, opened.day, masked, kind == EntryKind.RECONSIDERATION.value, letter)


def _masked(case: Case, system: System, resident: Resident) -> Case:
    """Identity numbers are masked for all. Of somebody with protected identity no free text is shown: a name or an address may stand in it."""
    if not resident.protected:
        return replace(
            case,
            rows=[(label, mask(value)) for label, value in case.rows],
            factors=[replace(one, value=mask(one.value), sentence=mask(one.sentence)) for one in case.factors],
            counterfactual=mask(case.counterfactual),
            citations=tuple(_masked_quotation(one) for one in case.citations),
        )
    measured = _measured(system.factors)
    hidden = _("not shown on the page")
    rows = [(label, value if label in measured else hidden) for label, value in case.rows]
    factors = [factor if factor.label in measured else _without_value(factor, hidden) for factor in case.factors]
    return replace(case, rows=rows, factors=factors, citations=(), counterfactual="")


def _masked_quotation(cited: plain.CitedLine) -> plain.CitedLine:
    """Masked as a whole first: a number may lie across the edge of what is quoted."""
    if mask(whole := cited.before + cited.text + cited.after) == whole:
        return cited
    return replace(cited, before="", text=mask(whole), after="")


def _without_value(factor: plain.FactorLine, hidden: str) -> plain.FactorLine:
    return replace(factor, value=hidden, sentence=f"{factor.label}: {hidden}.")


def _measured(factors: Mapping[str, object]) -> set[str]:
    """Labels, in either language, of what is measured in a unit or chosen from a list: no name and no address is."""
    told = (entry for entry in factors.values() if isinstance(entry, Mapping) and (entry.get("unit") or entry.get("values")))
    return {str(word) for entry in told for word in _words(entry.get("label"))}


def _words(label: object) -> Iterable[object]:
    return label.values() if isinstance(label, Mapping) else ()
