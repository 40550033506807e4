"""What decisions, delegations and deviations mean for a permit. Reads rows; :mod:`insyn.web.register.compiling` asks, and the rules judge.

An automated mode holds only while the board's delegation list names every type of matter that the system's purposes touch, and while the
municipality has not decided that one of them is never to be automated. Otherwise the mode is left out; with no other mode left, the permit
is closed and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insyn.core.permit import End
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.terms import Mode
from insyn.core.text import Text
from insyn.law.model import Answer, Pack
from insyn.rules import gates
from insyn.rules.classify import SystemClass, classify
from insyn.web.accounts.models import Office
from insyn.web.register.models import Decision, System

from .models import DelegationItem, Deviation, NeverAutomated
from .words import RANK, Delegable, DeviationState, HighestClass

_CLASS = {
    SystemClass.MINIMAL: HighestClass.MINIMAL,
    SystemClass.OUT_OF_SCOPE: HighestClass.MINIMAL,
    SystemClass.TRANSPARENCY: HighestClass.LIMITED,
    SystemClass.DEROGATED: HighestClass.LIMITED,
}


@dataclass(frozen=True)
class Standing:
    """For the permit: the modes that hold, the last days that come with them, and what is lacking."""

    modes: frozenset[Mode]
    ends: tuple[End, ...]
    lacking: tuple[Reason, ...]


@dataclass(frozen=True)
class Automation:
    """How far the automated mode is carried: matters without an item, matters that are never to be automated, and the last day."""

    undelegated: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    last_day: date | None = None
    items: tuple[DelegationItem, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.undelegated and not self.forbidden


def standing_of(system: System, packs: Sequence[Pack], answers: Mapping[str, Answer], *, on: date) -> Standing:
    """What the newest decision and the delegation list give on the day."""
    modes = frozenset(Mode(mode) for mode in system.modes)
    ends, lacking = [], []
    last = decided_through(system)
    if last is not None:
        ends.append(End(last_day=last.isoformat(), code=RefusalCode.NOT_APPROVED, what="decision"))
    if Mode.AUTOMATED in modes:
        found = automation_of(system, class_of(packs, answers, on=on), on=on)
        if not found.holds:
            modes -= {Mode.AUTOMATED}
            if not modes:
                lacking.append(reason(RefusalCode.MODE_NOT_ALLOWED, detail=why_not(found)))
        elif found.last_day is not None:
            ends.append(End(last_day=found.last_day.isoformat(), code=RefusalCode.MODE_NOT_ALLOWED, what="delegation"))
    return Standing(modes, tuple(ends), tuple(lacking))


#: What the decisions on use are called.
ON_USE = ("use", "continue")


def decided_through(system: System) -> date | None:
    """The last day of the decision on use. A decision to go on prolongs it only by saying a day of its own."""
    return last_days([system.pk]).get(system.pk)


def last_days(systems: Iterable[int]) -> dict[int, date | None]:
    """:func:`decided_through` of several systems, by key; those that nobody has decided on are not there."""
    rows = Decision.objects.filter(system__in=list(systems), what__in=ON_USE).order_by("-pk")
    return newest_days(rows.values_list("system", "what", "valid_through"))


def newest_days(rows: Iterable[tuple[int, str, date | None]]) -> dict[int, date | None]:
    """The same of rows (system, what, last day) that were read already, newest first."""
    found: dict[int, date | None] = {}
    for key, what, day in rows:
        if key not in found and (day is not None or what == "use"):
            found[key] = day
    return found


def deviations_of(system: System, *, on: date) -> tuple[gates.Deviation, ...]:
    """Accepted by the day and not ended by an act. One whose last day has passed is passed too, so that its gate can say so.

    The risk is the owner's own: what another owner took on holds for nobody after them.
    """
    return tuple(deviation for accepted_on, deviation in accepted_deviations(system) if accepted_on <= on)


def accepted_deviations(system: System) -> list[tuple[date, gates.Deviation]]:
    """Every deviation that the owner has accepted and no act has ended, with the day from which it is accepted."""
    rows = Deviation.objects.filter(system=system, state=DeviationState.ACCEPTED, accepted_on__isnull=False, accepted_by=system.owner_id)
    found = rows.values_list("accepted_on", "rule", "pk", "last_day")
    return [(day, gates.Deviation(rule=rule, deviation_id=str(pk), last_day=last)) for day, rule, pk, last in found]


def class_of(packs: Sequence[Pack], answers: Mapping[str, Answer], *, on: date) -> HighestClass:
    """How far an item must reach for a system with these answers. What is not settled, or forbidden, counts as high."""
    return _CLASS.get(classify(packs, answers, on=on).system_class, HighestClass.HIGH)


def automation_of(system: System, needed: HighestClass, *, on: date) -> Automation:
    """Which items carry the automated mode on the day, and through when."""
    matters = matters_of(system)
    items = [
        item
        for item in DelegationItem.objects.in_force(on).filter(what=Delegable.AUTOMATED, board__in=boards_over(system.office))
        if RANK[HighestClass(item.highest_class)] >= RANK[needed]
    ]
    last_days = {matter: _latest([item for item in items if matter in item.matter_types]) for matter in matters}
    return Automation(
        undelegated=tuple(matter for matter, last in last_days.items() if last is None) if matters else ("–",),
        forbidden=tuple(sorted(set(matters) & never_automated())),
        last_day=min((last for last in last_days.values() if last is not None and last != date.max), default=None),
        items=tuple(item for item in items if set(matters) & set(item.matter_types)),
    )


def _latest(items: Sequence[DelegationItem]) -> date | None:
    """The last day of the item that holds longest; ``date.max`` for one without an end, ``None`` for no item."""
    return max((item.ends_on or date.max for item in items), default=None)


def matters_of(system: System) -> tuple[str, ...]:
    """The types of matter that the system's purposes touch."""
    return tuple(sorted({str(matter) for purpose in system.purposes for matter in purpose.get("matter_types", ())}))


def never_automated() -> frozenset[str]:
    """The types of matter that the municipality has decided never to automate."""
    return frozenset(NeverAutomated.objects.filter(lifted_on=None).values_list("matter_type", flat=True))


def why_not(found: Automation) -> Text:
    if found.forbidden:
        names = ", ".join(found.forbidden)
        return Text(
            f"Kommunen har beslutat att detta aldrig automatiseras: {names}.", f"The municipality has decided never to automate: {names}."
        )
    names = ", ".join(found.undelegated)
    return Text(
        f"Ingen punkt i nämndens delegationsordning låter en automatiserad funktion besluta i: {names}.",
        f"No item of the board's delegation list lets an automated function decide in: {names}.",
    )


def boards_over(office: Office) -> tuple[int, ...]:
    """The office itself and every office above it: whose delegation list reaches the systems of this office."""
    found: list[int] = []
    now: Office | None = office
    while now is not None and now.pk not in found:
        found.append(now.pk)
        now = now.parent
    return tuple(found)


def offices_under(board: Office) -> tuple[int, ...]:
    """The board and every office below it."""
    found, layer = [board.pk], [board.pk]
    while layer:
        layer = [pk for pk in Office.objects.filter(parent__in=layer).values_list("pk", flat=True) if pk not in found]
        found += layer
    return tuple(found)
