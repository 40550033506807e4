"""A system's life as the pages show it: the steps, where it stands, what the next one asks, and what closes by itself when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _, gettext_lazy

from insyn.core.permit import End, Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, RecordKind, Role
from insyn.law.model import Demand, Pack
from insyn.rules.permits import OWNER
from insyn.rules.phases import comes_no_later, steps_on
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.incidents.reach import WHAT as STOP_ROUTE
from insyn.web.language import spoken

from . import ends, packs as rule_packs
from .actions.phases import STEPS
from .labels import label
from .models import System

_WAY = (Phase.NEEDS_ANALYSIS, Phase.DEVELOPMENT, Phase.ASSESSMENT, Phase.DECISION, Phase.PILOT, Phase.IN_USE, Phase.RETIRED, Phase.ARCHIVED)
#: Where a phase that is not on the way stands beside it.
_AT = {Phase.PROCUREMENT: Phase.DEVELOPMENT, Phase.PAUSED: Phase.IN_USE, Phase.STOPPED: Phase.IN_USE, Phase.REFUSED: Phase.RETIRED}
_ENDED = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})
_USED = frozenset({Phase.IN_USE, Phase.PAUSED, Phase.STOPPED})


_STEP_WORDS = {
    Phase.NEEDS_ANALYSIS: gettext_lazy("needs analysis"),
    Phase.DEVELOPMENT: gettext_lazy("development"),
    Phase.PROCUREMENT: gettext_lazy("procurement"),
    Phase.ASSESSMENT: gettext_lazy("assessment"),
    Phase.DECISION: gettext_lazy("a decision on use"),
    Phase.PILOT: gettext_lazy("pilot"),
    Phase.IN_USE: gettext_lazy("use"),
    Phase.ARCHIVED: gettext_lazy("the archive"),
}


def step_word(phase: Phase) -> str:
    """The phase as something that one goes on to."""
    return str(_STEP_WORDS.get(phase, label("phase", phase).lower()))


@dataclass(frozen=True)
class Stage:
    """A step on the way. ``state``: ``done``, ``now``, ``coming``, or empty for one that was skipped or came before the register."""

    name: str
    state: str


def way_of(system: System) -> list[Stage]:
    """Every step from the need to the archive, with where the system stands."""
    now = Phase(system.phase)
    here, passed = _WAY.index(_AT.get(now, now)), _passed(system)
    found = []
    for number, phase in enumerate(_WAY):
        state = "now" if number == here else "coming" if number > here else "done" if phase in passed else ""
        found.append(Stage(_name(phase, now) if number == here else _name(phase), state))
    return found


def _passed(system: System) -> set[Phase]:
    """The steps that the system's acts tell of."""
    found: set[str] = set()
    for verb, text in system.acts.filter(verb__in=("advance_system", "propose_use", "decide_use")).values_list("verb", "text"):
        found |= {text.get("from", Phase.ASSESSMENT), text.get("to", ""), text.get("phase", "")}
        if verb == "propose_use":
            found.add(Phase.DECISION)
    return {_AT.get(Phase(phase), Phase(phase)) for phase in found if phase in set(Phase)}


def _name(phase: Phase, now: Phase | None = None) -> str:
    if now is not None:
        return label("phase", now)
    if phase is Phase.DEVELOPMENT:
        return _("%(one)s or %(other)s") % {"one": label("phase", phase), "other": label("phase", Phase.PROCUREMENT).lower()}
    return label("phase", phase)


@dataclass(frozen=True)
class NextStep:
    """A transition that is open to somebody: the owner on a page of its own, or whoever takes the decision."""

    to: Phase
    by_owner: bool
    roles: tuple[Role, ...]

    @property
    def word(self) -> str:
        return step_word(self.to)


def next_steps(system: System) -> list[NextStep]:
    """What can come next in the order of the life, and who takes it there."""
    if system.phase == Phase.PAUSED:
        return [NextStep(Phase(system.paused_from or Phase.IN_USE), False, _who("system.continue"))]
    found = []
    for to in steps_on(Phase(system.phase)):
        if to is not Phase.PAUSED:
            permission = "system.advance" if to in STEPS else "use.decide"
            found.append(NextStep(to, to in STEPS, _who(permission)))
    return found


def _who(permission: str) -> tuple[Role, ...]:
    return tuple(sorted(PERMISSIONS[permission]))


T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """Gates that stand before the same step. ``first``: those that the next step asks, or that use rests on."""

    title: str
    first: bool
    lines: list[object]
    met: int

    @property
    def all(self) -> int:
        return len(self.lines)


def grouped(system: System, lines: Sequence[T], *, before: Callable[[T], Phase | None], met: Callable[[T], bool]) -> list[Group]:
    """The lines by the step that asks for them, the next one first. A gate that should have been met earlier is asked by the next step."""
    groups: dict[str, list[T]] = {}
    titles = list(_titles(system))
    for line in lines:
        title = next((title for title, phase in titles if _asked_by(before(line), phase)), titles[-1][0])
        groups.setdefault(title, []).append(line)
    first = titles[0][0]
    return [Group(title, title == first, groups[title], sum(map(met, groups[title]))) for title, _phase in titles if title in groups]


def _asked_by(due: Phase | None, phase: Phase) -> bool:
    return due is None or comes_no_later(due, phase)


def _titles(system: System) -> Iterator[tuple[str, Phase]]:
    """The steps that still ask for something, in order."""
    now = Phase(system.phase)
    if now in _USED:
        yield (_("What use rests on") if now is Phase.IN_USE else _("Asked before it goes on")), Phase.IN_USE
        return
    if now in _ENDED:
        yield _("What use would ask for"), Phase.IN_USE
        return
    if now is Phase.PILOT:
        yield _("What the pilot rests on"), Phase.PILOT
    if now is Phase.NEEDS_ANALYSIS:
        either = _("%(one)s or %(other)s") % {"one": step_word(Phase.DEVELOPMENT), "other": step_word(Phase.PROCUREMENT)}
        yield _("Before: %(step)s") % {"step": either}, Phase.PROCUREMENT
    here = _WAY.index(_AT.get(now, now))
    for phase in _WAY[here + 1 : _WAY.index(Phase.RETIRED)]:
        if phase is not Phase.DEVELOPMENT:
            yield _("Before: %(step)s") % {"step": step_word(phase)}, phase


@dataclass(frozen=True)
class Closing:
    """A day after which the system closes by itself. ``who`` can prolong it; ``passed``: the day has gone by."""

    day: date
    what: str
    mend: str
    who: tuple[Role, ...]
    passed: bool


def closings(permit: Permit, on: date) -> list[Closing]:
    """What ends by itself, the first to come first, in words, with who can prolong it."""
    rules = _demands(rule_packs.in_force(on))
    found = [_closing(end, rules, on) for end in permit.ends if end.last_day < "9999-12-31"]
    return sorted(found, key=lambda closing: (closing.day, closing.what))


def _demands(packs: Iterable[Pack]) -> dict[str, tuple[str, str, Demand | None]]:
    return {rule.id: (spoken(rule.title), spoken(rule.mend), rule.demands) for pack in packs for rule in pack.rules.values()}


def _closing(end: End, rules: Mapping[str, tuple[str, str, Demand | None]], on: date) -> Closing:
    day = date.fromisoformat(end.last_day)
    if end.what in rules:
        title, mend, demand = rules[end.what]
        what = (
            _("The record for: %(gate)s") if end.code is RefusalCode.RECORD_EXPIRED else _("From the next day the law asks for: %(gate)s")
        )
        return Closing(day, what % {"gate": title}, mend, tuple(demand.supplied_by) if demand else (), day < on)
    what, mend, who = _known_end(end, rules)
    return Closing(day, what, mend, who, day < on)


def _known_end(end: End, rules: Mapping[str, tuple[str, str, Demand | None]]) -> tuple[str, str, tuple[Role, ...]]:
    match end.what:
        case "evaluation":
            return _("The time until the next evaluation"), _("Supply an evaluation."), _suppliers(RecordKind.EVALUATION, rules)
        case "stop_holder":
            return _("The last mandate to stop"), _("Name another stop holder."), _suppliers(RecordKind.STOP_MANDATE, rules)
        case "reviewer":
            return (
                _("The last reviewer's mandate, instruction or training"),
                _("Name reviewers anew."),
                _suppliers(RecordKind.HUMAN_OVERSIGHT, rules),
            )
        case what if what == OWNER:
            return _("The owner's mandate"), _("Give the system another owner, or the owner a new mandate."), _who("system.hand_over")
        case "decision":
            return ends.what_ended(end, {}), _("Take a new decision."), _who("use.decide")
        case "delegation":
            return ends.what_ended(end, {}), _("The board delegates anew, or the system is used in another way."), _who("delegation.adopt")
        case what if what == STOP_ROUTE:
            return ends.what_ended(end, {}), _("Arrange anew who is ordered to stop it."), _who("stop_route.set")
        case what if what.startswith("data_use"):
            return ends.what_ended(end, {}), _("Decide the use of data anew."), _who("data_use.decide")
    return ends.what_ended(end, {}), "", ()


def _suppliers(kind: RecordKind, rules: Mapping[str, tuple[str, str, Demand | None]]) -> tuple[Role, ...]:
    named = {role for _title, _mend, demand in rules.values() if demand and demand.record is kind for role in demand.supplied_by}
    return tuple(sorted(named)) or (Role.AI_COORDINATOR, Role.SYSTEM_OWNER)
