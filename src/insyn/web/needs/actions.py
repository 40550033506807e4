"""The acts about needs: raise, analyse, decide, reopen, begin. A need has one way through, and reopening is the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Office, User
from insyn.web.accounts.permissions import require
from insyn.web.decisions.delegations import item_for
from insyn.web.decisions.words import Delegable
from insyn.web.register.actions import register_system, supply_record
from insyn.web.register.acts import write_act
from insyn.web.register.contents import check_content
from insyn.web.register.models import Act, System
from insyn.web.register.shapes import decision_day, worded

from .models import Need, NeedAnalysis, NeedDecision
from .words import FITTING, FocusArea, NeedOutcome, NeedPhase

MAX_TEXT, MAX_TITLE, MAX_LINE = 8_000, 160, 200


@transaction.atomic
def raise_need(
    *,
    actor: Actor,
    title_sv: str,
    title_en: str = "",
    problem: str,
    concerns: str,
    today: str,
    wanted: str,
    focus_area: str,
    office: Office,
) -> Act:
    """Enter a need. Anybody who works with the register may; whether AI is the answer is not yet asked."""
    require(actor, "need.raise")
    texts = {"problem": problem, "concerns": concerns, "today": today, "wanted": wanted}
    found = {place: _text(place, text) for place, text in texts.items()}
    title = _text("title_sv", title_sv, MAX_TITLE)
    title_en = _text("title_en", title_en, MAX_TITLE) if title_en.strip() else ""
    if focus_area not in set(FocusArea):
        raise InvalidInput(_("Choose one of the alternatives."), place="focus_area")
    if office.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="office")
    day, number = clock.today(), _next_number()
    text = {"number": number, "title_sv": title, "title_en": title_en, **found, "focus_area": str(focus_area), "office": office.slug}
    act = write_act(verb="raise_need", actor=actor, text=text)
    Need.objects.create(
        number=number,
        title_sv=title,
        title_en=title_en,
        focus_area=focus_area,
        office=office,
        raised_by=User.objects.get(person=actor.person),
        raised_on=day,
        act=act,
        **found,
    )
    return act


def _next_number() -> str:
    """The year and the next free number in it. Nothing is deleted, so the last one is the highest."""
    start = f"B-{clock.today().year}-"
    last = Need.objects.filter(number__startswith=start).order_by("-pk").values_list("number", flat=True).first()
    return f"{start}{int(last.rpartition('-')[2]) + 1 if last else 1:03d}"


@transaction.atomic
def analyse_need(
    *,
    actor: Actor,
    need: Need,
    summary: str,
    alternatives: Sequence[Mapping[str, Any]],
    chosen: str,
    reasons: str,
    measure: str,
    expected: str,
    expected_by: date | str,
    revision: int | None = None,
) -> Act:
    """Weigh AI against the traditional solution. A newer analysis takes the older one's place until the need is decided.

    Raises :class:`InvalidInput` that names the field (``alternatives[1].cost``).
    """
    require(actor, "need.analyse")
    need = _fresh(need, revision)
    _expect(need, NeedPhase.OPEN, NeedPhase.ANALYSED)
    given = {
        "summary": summary,
        "need": need.number,
        "focus_area": str(need.focus_area),
        "alternatives": [{name: value for name, value in row.items() if value} for row in alternatives],
        "chosen": chosen,
        "reasons": reasons,
        "measure": measure,
        "expected": expected,
        "expected_by": expected_by,
    }
    content = check_content(RecordKind.NEEDS_ANALYSIS, given, holds_role=lambda person, role: False)
    _check_analysis(content)
    act = write_act(verb="analyse_need", actor=actor, text=content)
    NeedAnalysis.objects.create(
        need=need,
        **{name: content[name] for name in ("summary", "alternatives", "chosen", "reasons", "measure", "expected", "expected_by")},
        person=actor.person,
        person_name=actor.name,
        role=actor.role,
        made_on=clock.today(),
        act=act,
    )
    return _moved(need, act, phase=NeedPhase.ANALYSED)


def _check_analysis(content: Mapping[str, Any]) -> None:
    """What a form for one need can ask, beyond what every record of an analysis says."""
    names = [row["name"] for row in content["alternatives"]]
    if len(set(names)) < len(names):
        raise InvalidInput(_("Give each solution a name of its own."), place="alternatives")
    for place in ("chosen", "measure", "expected"):
        _text(place, str(content[place]), MAX_LINE)
    if date.fromisoformat(str(content["expected_by"])) <= clock.today():
        raise InvalidInput(_("The benefit lies ahead: name a day to come."), place="expected_by")


@transaction.atomic
def decide_need(
    *,
    actor: Actor,
    need: Need,
    outcome: str,
    why_sv: str,
    why_en: str = "",
    case_number: str,
    delegation: str = "",
    decided_on: date | None = None,
    revision: int | None = None,
) -> Act:
    """Decide what the need ends in. From now on need, analysis and reasons are public. Nobody decides on their own analysis.

    ``delegation``: for an official the number of the item that hands them this decision.
    """
    mandate = require(actor, "need.decide")
    need = _fresh(need, revision)
    _expect(need, NeedPhase.ANALYSED)
    analysis = need.analyses.first()
    if actor.person in set(need.analyses.values_list("person", flat=True)):
        raise NotAllowed(_("Nobody decides on a need that they analysed themselves. Somebody else must take this decision."))
    if outcome not in FITTING[analysis.chosen_kind]:
        raise InvalidInput(_("The analysis chose another kind of solution. Reopen the need if it should be weighed anew."), place="outcome")
    why_sv, why_en = _text("why_sv", why_sv), _text("why_en", why_en) if why_en.strip() else ""
    case_number, decided_on = _text("case_number", case_number, 40), _on_a_day(decided_on, analysis.made_on)
    if actor.role == Role.DELEGATE:
        item_for(actor, Delegable.NEED, office=need.office, number=delegation, on=decided_on)
    text = {"need": need.number, "outcome": str(outcome), "why_sv": why_sv, "why_en": why_en, "case_number": case_number}
    text |= {"delegation": delegation.strip()} if delegation.strip() else {}
    act = write_act(verb="decide_need", actor=actor, text={**text, "decided_on": decided_on.isoformat()})
    NeedDecision.objects.create(
        need=need,
        analysis=analysis,
        outcome=outcome,
        why_sv=why_sv,
        why_en=why_en,
        decided_on=decided_on,
        case_number=case_number,
        decider_person=actor.person,
        decider_name=actor.name,
        decider_role=actor.role,
        decider_office_sv=mandate.office.name_sv,
        decider_office_en=mandate.office.name_en,
        act=act,
    )
    return _moved(need, act, phase=NeedPhase.ENDED, outcome=outcome)


def _on_a_day(day: date | None, not_before: date) -> date:
    day = decision_day(day)
    if day < not_before:
        raise InvalidInput(
            _("The decision rests on the analysis of %(day)s and cannot be older.") % {"day": not_before.isoformat()}, place="decided_on"
        )
    return day


@transaction.atomic
def reopen_need(*, actor: Actor, need: Need, why: str, revision: int | None = None) -> Act:
    """Open a need again, to weigh it anew. What was decided before stays to be read."""
    require(actor, "need.reopen")
    need = _fresh(need, revision)
    if need.phase == NeedPhase.OPEN:
        raise ActRefused(_("The need is open already. Nothing was changed."))
    if need.system_id is not None:
        raise ActRefused(_("A system has begun from this need. Whether it goes on is decided there: %(system)s.") % {"system": need.system})
    act = write_act(verb="reopen_need", actor=actor, text={"need": need.number, "why": _text("why", why)})
    return _moved(need, act, phase=NeedPhase.OPEN, outcome="")


@transaction.atomic
def begin_system_from_need(
    *,
    actor: Actor,
    need: Need,
    slug: str,
    name_sv: str,
    name_en: str,
    summary_sv: str,
    summary_en: str,
    kind: str,
    reach: str,
    revision: int | None = None,
) -> Act:
    """Register the system that the need ended in, owned by the one who begins it, with the needs analysis as its first record.

    The system stands at the needs analysis: the next step asks its gates like any other.
    """
    require(actor, "need.begin")
    need = _fresh(need, revision)
    if need.system_id is not None:
        raise ActRefused(_("A system has begun from this need already: %(system)s. Nothing was changed.") % {"system": need.system})
    if need.phase != NeedPhase.ENDED or need.outcome != NeedOutcome.AI:
        raise ActRefused(_("A system begins from a need that was decided to be solved with AI."))
    decision = need.decisions.first()
    texts = {"name_sv": name_sv, "name_en": name_en, "summary_sv": summary_sv, "summary_en": summary_en}
    owner = User.objects.get(person=actor.person)
    words = {**texts, "kind": kind, "reach": reach}
    register_system(actor=actor, slug=slug, owner=owner, office=need.office, phase=Phase.NEEDS_ANALYSIS, **words)
    system = System.objects.get(slug=slug)
    content = record_content(decision.analysis)
    supply_record(actor=actor, system=system, kind=RecordKind.NEEDS_ANALYSIS, content=content, case_number=decision.case_number)
    act = write_act(verb="begin_system", actor=actor, system=system, text={"need": need.number, "system": slug})
    need.system = system
    return _moved(need, act)


def record_content(analysis: NeedAnalysis) -> dict[str, Any]:
    """The analysis as the record that gates ask for."""
    same = {name: getattr(analysis, name) for name in ("summary", "alternatives", "chosen", "reasons", "measure", "expected")}
    need = analysis.need
    return {**same, "expected_by": analysis.expected_by.isoformat(), "need": need.number, "focus_area": str(need.focus_area)}


def _fresh(need: Need, revision: int | None) -> Need:
    """The need as it is now. Raises :class:`ChangedMeanwhile` when somebody changed it after ``revision``."""
    now = Need.objects.select_for_update().select_related("office").get(pk=need.pk)
    if revision is not None and revision != now.revision:
        raise ChangedMeanwhile(
            _("Somebody else has changed the need since you opened the page. Nothing was saved; what you wrote stands below.")
        )
    return now


def _expect(need: Need, *phases: NeedPhase) -> None:
    if need.phase not in phases:
        raise ActRefused(_("This cannot be done to a need that: %(phase)s. Nothing was changed.") % {"phase": need.phase_word.lower()})


def _moved(need: Need, act: Act, **changes: Any) -> Act:
    for field, value in changes.items():
        setattr(need, field, value)
    need.revision += 1
    need.save()
    return act


def _text(place: str, text: str, limit: int = MAX_TEXT) -> str:
    return worded(place, text, limit)


def may_decide(person: str, need: Need) -> bool:
    """Nobody decides on an analysis of their own."""
    return need.phase == NeedPhase.ANALYSED and person not in set(need.analyses.values_list("person", flat=True))
