"""The steps of a system's life. Each asks the gates of every pack in force, and is refused with every reason that stands in the way.

The owner takes the system through the steps before a decision, back to assessment, and into the archive at the end. Use itself is decided
by others: :mod:`insyn.web.register.actions.decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.rules.gates import GateState, in_the_way, missing_reasons
from insyn.rules.phases import comes_no_later, leads_back, may_follow
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require

from .. import packs
from ..compiling import gates_of
from ..issuing import act_on
from ..labels import label
from ..models import Act, System
from ..shapes import at_most, required, worded
from .common import fresh, only_own

#: What each step of the owner is recorded as.
STEPS = {
    Phase.DEVELOPMENT: "advance_system",
    Phase.PROCUREMENT: "advance_system",
    Phase.ASSESSMENT: "advance_system",
    Phase.DECISION: "propose_use",
    Phase.ARCHIVED: "advance_system",
}


@dataclass(frozen=True)
class Step:
    """A transition before it is taken: the gates that it asks, and those of them that stand in the way."""

    to: Phase
    gates: tuple[GateState, ...]
    lacking: tuple[GateState, ...]


def step_to(system: System, to: Phase) -> Step:
    """What the transition would meet today. Changes nothing. A step that leads back or ends a life asks no gate."""
    if leads_back(Phase(system.phase), to) or not comes_no_later(to, to):
        return Step(to, (), ())
    versions = _versions_asked(system)
    gates = gates_of(system, packs.in_force(clock.today()), versions=versions, on=clock.today(), before=to)
    return Step(to, gates, in_the_way(gates, frozenset(versions)))


def _versions_asked(system: System) -> Sequence[str]:
    decided = list(system.versions.filter(decided=True).values_list("name", flat=True))
    return decided or list(system.versions.values_list("name", flat=True))


@transaction.atomic
def advance_system(*, actor: Actor, system: System, to: Phase | str, why: str, case_number: str = "", revision: int | None = None) -> Act:
    """Take the system one step on in its life, or back to assessment.

    Raises :class:`ActRefused` with a reason for every gate that is not met, or because the system is there already.
    """
    require(actor, "system.advance")
    system = fresh(system, revision)
    only_own(actor, system)
    to = _phase(to)
    _refuse_what_does_not_follow(system, to)
    if lacking := step_to(system, to).lacking:
        raise ActRefused(*missing_reasons(lacking))
    text = {"from": str(system.phase), "to": to.value, "why": required("why", why), "case_number": _case_number(to, case_number)}
    if leads_back(Phase(system.phase), to):
        system.versions.update(decided=False)  # what was decided is to be assessed anew
        system.paused_from = ""
    system.phase = to
    return act_on(system, verb=STEPS[to], actor=actor, text=text)


def _phase(to: Phase | str) -> Phase:
    if to not in set(Phase):
        raise InvalidInput(_("There is no such step."), place="to")
    return Phase(to)


def _refuse_what_does_not_follow(system: System, to: Phase) -> None:
    now = Phase(system.phase)
    words = {"now": label("phase", now), "to": label("phase", to)}
    if now is to:
        raise ActRefused(_("The system is there already: %(now)s. Nothing was changed.") % words)
    if not may_follow(now, to):
        raise ActRefused(_("From %(now)s no step leads to %(to)s.") % words)
    if to not in STEPS:
        raise ActRefused(_("The step to %(to)s is taken by a decision. See Decisions.") % words)


def _case_number(to: Phase, given: str) -> str:
    """An archived system is a formal matter, so its case is named."""
    return worded("case_number", given, 40) if to is Phase.ARCHIVED else at_most("case_number", given, 40)


@transaction.atomic
def hand_over_system(*, actor: Actor, system: System, owner: User, why: str, revision: int | None = None) -> Act:
    """Give the system another owner: the one there is does it, or the coordinator when that one has left."""
    require(actor, "system.hand_over")
    system = fresh(system, revision)
    only_own(actor, system)
    if owner.pk == system.owner_id:
        raise ActRefused(_("%(owner)s owns the system already. Nothing was changed.") % {"owner": owner})
    if actor.role != Role.SYSTEM_OWNER and _is_owner(system.owner):
        raise NotAllowed(_("The owner is there and does this: %(owner)s.") % {"owner": system.owner})
    if not _is_owner(owner):
        raise InvalidInput(_("%(person)s holds no mandate as system owner.") % {"person": owner}, place="owner")
    text = {"from": system.owner.person, "to": owner.person, "why": required("why", why)}
    system.owner = owner
    return act_on(system, verb="hand_over_system", actor=actor, text=text)


def _is_owner(person: User) -> bool:
    return person.mandates.valid(clock.today()).filter(role=Role.SYSTEM_OWNER).exists()
