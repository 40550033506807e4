"""Formal decisions about a system: use, pause, retirement, refusal. Nobody decides alone what they proposed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, Reach, RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.accounts.permissions import require
from insyn.web.decisions.delegations import as_stated, item_behind, note_item, refuse_undelegated_automation
from insyn.web.decisions.models import DelegationItem
from insyn.web.decisions.words import Delegable, Outcome
from insyn.web.incidents.reach import route_lacking

from .. import packs
from ..compiling import gates_of, may_be_high_risk, permit_of
from ..complete import refuse_incomplete
from ..datalimits import days_of_data
from ..issuing import act_on
from ..limiting import as_stored, limits_of_entry
from ..models import Act, Decision, IssuedPermit, System, new_id
from ..shapes import decision_day, iso_days, required
from .common import fresh, only_own
from .phases import advance_system
from .systems import DECIDED_ON

#: A board may decide on what is assessed whether or not it was asked; the gates are the same.
_BEFORE_USE = frozenset({Phase.ASSESSMENT, Phase.DECISION})
_IN_USE = frozenset({Phase.PILOT, Phase.IN_USE})
_ENDED = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})


@transaction.atomic
def propose_use(*, actor: Actor, system: System, why: str, revision: int | None = None) -> Act:
    """The owner asks for a decision on use. Raises :class:`ActRefused` with a reason for every gate that stands before a decision."""
    require(actor, "use.propose")
    return advance_system(actor=actor, system=system, to=Phase.DECISION, why=why, revision=revision)


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
    valid_through: date | None = None,
    pilot: bool = False,
    revision: int | None = None,
) -> Act:
    """Decide that these versions may be used, through ``valid_through`` if it says a day, whatever was decided before.

    ``delegation``: for an official the number of the item that covers the decision on its day. Raises :class:`ActRefused` with a reason
    for every gate that is not met, and :class:`NotAllowed` for who owns, registered or proposed the system.
    """
    mandate = require(actor, "use.decide")
    system = fresh(system, revision)
    _somebody_else(actor, system)
    _expect(system, _BEFORE_USE | _IN_USE)
    case_number, decided_on = required("case_number", case_number), decision_day(decided_on)
    _not_over(valid_through, decided_on)
    item = item_behind(actor, Delegable.USE, system=system, number=delegation, on=decided_on)
    refuse_undelegated_automation(system)
    phase = Phase.PILOT if pilot else Phase.IN_USE
    said = {"case_number": case_number, "delegation": as_stated(item, delegation), "conditions": conditions}
    days = {"decided_on": decided_on, "valid_through": valid_through}
    text = {"versions": sorted(set(versions)), **said, "phase": phase.value, **iso_days(days)}
    _refuse_the_same_again(system, text)
    _cover(system, text["versions"])
    system.phase = phase
    decision = _write(system, actor, mandate, what="use", **said, **days)
    _settle(system, decision, item)
    text["revision"] = system.revision + 1
    return act_on(system, verb="decide_use", actor=actor, text=text, settles=True, act_id=decision.act_id)


def _refuse_the_same_again(system: System, text: Mapping[str, object]) -> None:
    """The newest decision says the same, and nothing has happened since. After an act that was cut off it may be taken again."""
    newest = system.decisions.order_by("-pk").select_related("act").first()
    cut_off = IssuedPermit.objects.filter(system=system, epoch=system.epoch, interrupted=True).exists()
    if newest is None or newest.what != "use" or cut_off or newest.act.text.get("revision") != system.revision:
        return
    if {name: value for name, value in newest.act.text.items() if name != "revision"} == dict(text):
        raise ActRefused(_("This is decided already, under case number %(number)s.") % {"number": newest.case_number})


def _settle(system: System, decision: Decision, item: DelegationItem | None) -> None:
    """What holds for every decision to use a system: nothing is missing, and it was not taken before what it rests on."""
    decision.packs = _refuse_while_anything_is_missing(system)
    system.limits_decided = as_stored(limits_of_entry(system))
    _refuse_before_what_it_rests_on(system, decision.decided_on)
    decision.save()
    note_item(decision, item)


def _refuse_before_what_it_rests_on(system: System, decided_on: date) -> None:
    today = clock.today()
    versions = list(system.versions.filter(decided=True).select_related("act"))
    gates = gates_of(system, packs.in_force(today), versions=[version.name for version in versions], on=today)
    days = [*_days_of_acts(system), *days_of_data(system, versions, today), *(timezone.localdate(version.act.at) for version in versions)]
    days += [*system.records.filter(pk__in=[gate.record_id for gate in gates if gate.record_id]).values_list("recorded_on", flat=True)]
    days += system.deviations.filter(pk__in=[gate.deviation for gate in gates if gate.deviation]).values_list("accepted_on", flat=True)
    if days and decided_on < max(days):
        raise InvalidInput(
            _("The decision rests on what was recorded on %(day)s. It cannot have been taken before that day.")
            % {"day": max(days).isoformat()},
            place="decided_on",
        )


def _days_of_acts(system: System) -> list[date]:
    """When what a decision rests on was last changed, or an earlier decision was undone."""
    acts = system.acts.filter(
        verb__in=("answer_facts", "record_classification", "describe_system", "advance_system", "set_limits")
    ).values_list("verb", "text", "at")
    return [timezone.localdate(at) for verb, text, at in acts if _unsettles(verb, text)]


def _unsettles(verb: str, text: Mapping[str, object]) -> bool:
    match verb:
        case "describe_system":
            return not DECIDED_ON.isdisjoint(text)
        case "advance_system":
            return text.get("to") == Phase.ASSESSMENT
    return True


def _somebody_else(actor: Actor, system: System) -> None:
    """Whoever entered, proposed or owns the system, or has owned it, decides nothing about its use."""
    proposers = set(system.acts.filter(verb__in=("register_system", "import_system", "propose_use")).values_list("person", flat=True))
    owners = {text.get("from") for text in system.acts.filter(verb="hand_over_system").values_list("text", flat=True)}
    if actor.person in proposers | owners | {system.owner.person}:
        raise NotAllowed(_("Nobody decides alone what they proposed or own. Another elected member must take this decision."))


def _cover(system: System, names: Collection[str]) -> None:
    """Mark exactly these versions as decided. Where Insyn sees no call, there is no version to hold it to."""
    if not names and system.reach != Reach.CONTRACT_ONLY:
        raise InvalidInput(_("Name the versions that the decision covers."), place="versions")
    known = set(system.versions.values_list("name", flat=True))
    if unknown := [name for name in names if name not in known]:
        raise InvalidInput(_("The system has no version %(name)s.") % {"name": unknown[0]}, place="versions")
    system.versions.update(decided=False)
    system.versions.filter(name__in=names).update(decided=True)


def _refuse_while_anything_is_missing(system: System) -> str:
    """Return the digest of the packs decided under. Raises :class:`ActRefused` with every reason.

    A use that rests on contract and licence never gets an open permit. It is decided on its gates alone, and only where its class does
    not demand control of every call.
    """
    refuse_incomplete(system)
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
    if lacking := route_lacking(system, clock.today()):
        raise ActRefused(*lacking)


@transaction.atomic
def pause_system(*, actor: Actor, system: System, why: str, delegation: str = "", revision: int | None = None) -> Act:
    """Close the system for a while; the decision stands."""
    require(actor, "system.pause")
    system = fresh(system, revision)
    only_own(actor, system)
    _expect(system, _IN_USE)
    item = item_behind(actor, Delegable.PAUSE, system=system, number=delegation, on=clock.today())
    system.paused_from, system.phase = system.phase, Phase.PAUSED
    text = {"why": required("why", why), "delegation": as_stated(item, delegation)}
    return act_on(system, verb="pause_system", actor=actor, text=text)


@transaction.atomic
def continue_system(
    *,
    actor: Actor,
    system: System,
    case_number: str,
    why: str,
    delegation: str = "",
    decided_on: date | None = None,
    valid_through: date | None = None,
    revision: int | None = None,
) -> Act:
    """Decide that a paused system goes on. Refused while anything is missing. Without a last day of its own the earlier decision's stands."""
    mandate = require(actor, "system.continue")
    system = fresh(system, revision)
    _somebody_else(actor, system)
    _expect(system, frozenset({Phase.PAUSED}))
    case_number, why, decided_on = required("case_number", case_number), required("why", why), decision_day(decided_on)
    _not_over(valid_through, decided_on)
    _refuse_before_the_pause(system, decided_on)
    item = item_behind(actor, Delegable.CONTINUE, system=system, number=delegation, on=decided_on)
    refuse_undelegated_automation(system)
    system.phase, system.paused_from = system.paused_from or Phase.IN_USE, ""
    said = {"case_number": case_number, "delegation": as_stated(item, delegation)}
    days = {"decided_on": decided_on, "valid_through": valid_through}
    decision = _write(system, actor, mandate, what="continue", conditions=why, **said, **days)
    _settle(system, decision, item)
    return act_on(
        system, verb="continue_system", actor=actor, text={"why": why, **said, **iso_days(days)}, settles=True, act_id=decision.act_id
    )


def _refuse_before_the_pause(system: System, decided_on: date) -> None:
    days = [timezone.localdate(at) for at in system.acts.filter(verb="pause_system").values_list("at", flat=True)]
    stopping = system.records.filter(kind=RecordKind.EVALUATION, content__outcome=Outcome.STOP)
    days += stopping.values_list("recorded_on", flat=True)
    if days and decided_on < max(days):
        day = max(days).isoformat()
        raise InvalidInput(
            _("The system was paused on %(day)s. It cannot have been let go on before that.") % {"day": day}, place="decided_on"
        )


@transaction.atomic
def retire_system(*, actor: Actor, system: System, why: str, case_number: str, delegation: str = "", revision: int | None = None) -> Act:
    """Take the system out of use for good. It stays in the public register."""
    mandate = require(actor, "system.retire")
    system = fresh(system, revision)
    only_own(actor, system)
    if system.phase in _ENDED:
        raise ActRefused(_("The system is out of use already."))
    item = item_behind(actor, Delegable.RETIRE, system=system, number=delegation, on=clock.today())
    system.phase = Phase.RETIRED
    why = required("why", why)
    said = {"case_number": required("case_number", case_number), "delegation": as_stated(item, delegation)}
    decision = _write(system, actor, mandate, what="retire", decided_on=clock.today(), conditions=why, **said)
    note_item(decision, item)
    return act_on(system, verb="retire_system", actor=actor, text={"why": why, **said}, act_id=decision.act_id)


@transaction.atomic
def refuse_system(
    *, actor: Actor, system: System, why_sv: str, why_en: str, case_number: str, delegation: str = "", revision: int | None = None
) -> Act:
    """Decide not to use the system. It stays in the public register with the reason."""
    mandate = require(actor, "system.refuse")
    system = fresh(system, revision)
    if system.phase in _ENDED:
        raise ActRefused(_("The system is out of use already."))
    item = item_behind(actor, Delegable.REFUSE, system=system, number=delegation, on=clock.today())
    system.phase = Phase.REFUSED
    system.refused_why_sv, system.refused_why_en = required("why_sv", why_sv), required("why_en", why_en)
    said = {"case_number": required("case_number", case_number), "delegation": as_stated(item, delegation)}
    decision = _write(system, actor, mandate, what="refuse", decided_on=clock.today(), conditions=why_sv, **said)
    note_item(decision, item)
    text = {"why_sv": why_sv, "why_en": why_en, **said}
    return act_on(system, verb="refuse_system", actor=actor, text=text, act_id=decision.act_id)


def _expect(system: System, phases: frozenset[Phase]) -> None:
    from ..labels import label

    if system.phase not in phases:
        raise ActRefused(_("This cannot be done to a system whose status is: %(phase)s.") % {"phase": label("phase", system.phase)})


def _not_over(valid_through: date | None, decided_on: date) -> None:
    if valid_through is not None and valid_through < decided_on:
        raise InvalidInput(_("The last day lies before the day of the decision."), place="valid_through")
    if valid_through is not None and valid_through < clock.today():
        raise InvalidInput(_("The day has passed."), place="valid_through")


def _write(system: System, actor: Actor, mandate: Mandate, **fields: object) -> Decision:
    """The decision itself. Its act comes after it, so that the permit of that act knows how long the decision holds."""
    return Decision.objects.create(
        system=system,
        act_id=new_id(),
        decider_person=actor.person,
        decider_name=actor.name,
        decider_office=mandate.office.name_sv,
        **fields,
    )
