"""Formal decisions about a system: use, pause, retirement, refusal. Nobody decides alone what they proposed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, Reach
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.accounts.permissions import require

from ..compiling import may_be_high_risk, permit_of
from ..issuing import act_on
from ..models import Act, Decision, System
from ..shapes import required
from .common import fresh, only_own

_BEFORE_USE = frozenset({Phase.NEEDS_ANALYSIS, Phase.DEVELOPMENT, Phase.PROCUREMENT, Phase.ASSESSMENT, Phase.DECISION})
_IN_USE = frozenset({Phase.PILOT, Phase.IN_USE})
_ENDED = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})


@transaction.atomic
def propose_use(*, actor: Actor, system: System, why: str, revision: int | None = None) -> Act:
    """The owner asks for a decision on use."""
    require(actor, "use.propose")
    system = fresh(system, revision)
    only_own(actor, system)
    _expect(system, _BEFORE_USE)
    system.phase = Phase.DECISION
    return act_on(system, verb="propose_use", actor=actor, text={"why": required("why", why)})


@transaction.atomic
def decide_use(
    *,
    actor: Actor,
    system: System,
    versions: Iterable[str],
    case_number: str,
    delegation: str = "",
    conditions: str = "",
    decided_on: date | None = None,
    pilot: bool = False,
    revision: int | None = None,
) -> Act:
    """Decide that these versions may be used, whatever was decided before.

    Raises :class:`ActRefused` with a reason for every gate that is not met, and :class:`NotAllowed` for who owns, registered or
    proposed the system.
    """
    mandate = require(actor, "use.decide")
    system = fresh(system, revision)
    _somebody_else(actor, system)
    _expect(system, _BEFORE_USE | _IN_USE)
    case_number, decided_on = required("case_number", case_number), _not_ahead(decided_on)
    covered = _cover(system, versions)
    system.phase = Phase.PILOT if pilot else Phase.IN_USE
    packs = _refuse_while_anything_is_missing(system)
    text = {"versions": covered, "case_number": case_number, "delegation": delegation, "conditions": conditions}
    act = act_on(
        system, verb="decide_use", actor=actor, text={**text, "phase": system.phase, "decided_on": decided_on.isoformat()}, settles=True
    )
    _write(
        system,
        act,
        mandate,
        what="use",
        case_number=case_number,
        decided_on=decided_on,
        delegation=delegation,
        conditions=conditions,
        packs=packs,
    )
    return act


def _somebody_else(actor: Actor, system: System) -> None:
    proposers = set(system.acts.filter(verb__in=("register_system", "propose_use")).values_list("person", flat=True))
    if actor.person in proposers | {system.owner.person}:
        raise NotAllowed(_("Nobody decides alone what they proposed or own. Another elected member must take this decision."))


def _cover(system: System, names: Iterable[str]) -> list[str]:
    """Mark exactly these versions as decided. Where Insyn sees no call, there is no version to hold it to."""
    names = sorted(set(names))
    if not names and system.reach != Reach.CONTRACT_ONLY:
        raise InvalidInput(_("Name the versions that the decision covers."), place="versions")
    known = set(system.versions.values_list("name", flat=True))
    if unknown := [name for name in names if name not in known]:
        raise InvalidInput(_("The system has no version %(name)s.") % {"name": unknown[0]}, place="versions")
    system.versions.update(decided=False)
    system.versions.filter(name__in=names).update(decided=True)
    return names


def _refuse_while_anything_is_missing(system: System) -> str:
    """Return the digest of the packs decided under. Raises :class:`ActRefused` with every reason.

    A use that rests on contract and licence never gets an open permit. It is decided on its gates alone, and only where its class does
    not demand control of every call.
    """
    permit = permit_of(system, epoch=1, compiled_from=0, on=clock.today())
    if system.reach == Reach.CONTRACT_ONLY:
        _refuse_contract_only(system, permit)
    elif permit.missing:
        raise ActRefused(*permit.missing)
    lacking = set(system.versions.filter(decided=True).values_list("name", flat=True)) - permit.versions
    if permit.granted and lacking:
        raise ActRefused(_("Not every requirement is met for version %(names)s.") % {"names": ", ".join(sorted(lacking))})
    return permit.packs


def _refuse_contract_only(system: System, permit: Permit) -> None:
    gates = [reason for reason in permit.missing if reason.code in (RefusalCode.GATE_UNMET, RefusalCode.RECORD_EXPIRED)]
    if gates:
        raise ActRefused(*gates)
    if may_be_high_risk(system, on=clock.today()):
        raise ActRefused(
            _(
                "The system is, or may be, of high risk: then every call must be held, and contract and licence are not enough. Answer the questions of fact that are open, or choose another reach."
            )
        )


@transaction.atomic
def pause_system(*, actor: Actor, system: System, why: str, revision: int | None = None) -> Act:
    """Close the system for a while; the decision stands."""
    require(actor, "system.pause")
    system = fresh(system, revision)
    only_own(actor, system)
    _expect(system, _IN_USE)
    system.paused_from, system.phase = system.phase, Phase.PAUSED
    return act_on(system, verb="pause_system", actor=actor, text={"why": required("why", why)})


@transaction.atomic
def continue_system(
    *, actor: Actor, system: System, case_number: str, why: str, decided_on: date | None = None, revision: int | None = None
) -> Act:
    """Decide that a paused system goes on. Refused while anything is missing."""
    mandate = require(actor, "system.continue")
    system = fresh(system, revision)
    _somebody_else(actor, system)
    _expect(system, frozenset({Phase.PAUSED}))
    system.phase, system.paused_from = system.paused_from or Phase.IN_USE, ""
    packs = _refuse_while_anything_is_missing(system)
    case_number, decided_on = required("case_number", case_number), _not_ahead(decided_on)
    text = {"why": required("why", why), "case_number": case_number, "decided_on": decided_on.isoformat()}
    act = act_on(system, verb="continue_system", actor=actor, text=text, settles=True)
    _write(system, act, mandate, what="continue", case_number=case_number, decided_on=decided_on, conditions=why, packs=packs)
    return act


@transaction.atomic
def retire_system(*, actor: Actor, system: System, why: str, case_number: str, revision: int | None = None) -> Act:
    """Take the system out of use for good. It stays in the public register."""
    mandate = require(actor, "system.retire")
    system = fresh(system, revision)
    only_own(actor, system)
    if system.phase in _ENDED:
        raise ActRefused(_("The system is out of use already."))
    system.phase = Phase.RETIRED
    case_number, why = required("case_number", case_number), required("why", why)
    act = act_on(system, verb="retire_system", actor=actor, text={"why": why, "case_number": case_number})
    _write(system, act, mandate, what="retire", case_number=case_number, decided_on=clock.today(), conditions=why)
    return act


@transaction.atomic
def refuse_system(*, actor: Actor, system: System, why_sv: str, why_en: str, case_number: str, revision: int | None = None) -> Act:
    """Decide not to use the system. It stays in the public register with the reason."""
    mandate = require(actor, "system.refuse")
    system = fresh(system, revision)
    if system.phase in _ENDED:
        raise ActRefused(_("The system is out of use already."))
    system.phase = Phase.REFUSED
    system.refused_why_sv, system.refused_why_en = required("why_sv", why_sv), required("why_en", why_en)
    case_number = required("case_number", case_number)
    act = act_on(system, verb="refuse_system", actor=actor, text={"why_sv": why_sv, "why_en": why_en, "case_number": case_number})
    _write(system, act, mandate, what="refuse", case_number=case_number, decided_on=clock.today(), conditions=why_sv)
    return act


def _expect(system: System, phases: frozenset[Phase]) -> None:
    from ..labels import label

    if system.phase not in phases:
        raise ActRefused(_("This cannot be done to a system whose status is: %(phase)s.") % {"phase": label("phase", system.phase)})


def _not_ahead(day: date | None) -> date:
    day = day or clock.today()
    if day > clock.today():
        raise InvalidInput(_("The day lies ahead. Record the decision when it has been taken."), place="decided_on")
    return day


def _write(system: System, act: Act, mandate: Mandate, **fields: object) -> None:
    Decision.objects.create(
        system=system,
        act=act,
        decider_person=act.person,
        decider_name=act.actor_name,
        decider_office=mandate.office.name_sv,
        **fields,
    )
