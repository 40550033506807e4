"""What came by visit, phone or letter: whom it concerns, the request, and the letter back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.core.entries import EntryKind
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Actor, FindCase, Found, SubjectRecord
from insyn.core.refusals import Refused
from insyn.core.subject import is_persons_number
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.language import spoken
from insyn.web.register.models import System
from insyn.web.register.views.common import acting
from insyn.web.residents.actions import CODE_DAYS, issue_case_code
from insyn.web.residents.sessions import private
from insyn.web.residents.standing import find_token, is_protected, persons_of_case, token_of, tokens_of

from .actions import enter_request
from .employees import outside_the_line
from .forms import WhomForm
from .grounds import ABOUT
from .handling import complaint_to, why_not_for
from .models import RightsRequest
from .words import Channel, RequestKind

_PURPOSE, _SALT, _SECONDS = "rights_request", "insyn.rights.person", 900


@dataclass(frozen=True)
class Whom:
    """A person as the register may know them, and their records that a request can be about."""

    token: str
    records: tuple[SubjectRecord, ...]


@requires("rights.enter")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def whom(request: HttpRequest) -> HttpResponse:
    """Whom it concerns and what they ask; where there are several records, then which. The number is in no page that comes back."""
    form = WhomForm(request.POST if request.method == "POST" else None, initial={"kind": request.GET.get("slag", "")})
    if request.method != "POST":
        return render(request, "rights/enter.html", {"form": form})
    entered: list[RightsRequest] = []
    several: list[Whom] = []

    def act() -> None:
        actor = acting(request, "rights.enter")
        person = _outside(request, _find(request, form, actor))
        kind = RequestKind(form.cleaned_data["kind"])
        rid = _which(request, person, kind, several)
        entered.append(_enter(form, person, rid, kind, actor))

    try:
        done = attempt(request, form, act, done=_("The request is entered. Give or send this receipt to the person."))
    except (Unreachable, Refused) as error:
        form.add_error(None, _in_words(error))
        done = False
    if done:
        return redirect("rights:letter", entered[0].receipt)
    context = {"form": _shown_again(request), "said": form, "found": several[0] if several else None, "names": _names(several)}
    if several and several[0].token:
        context["person"] = signing.dumps({"token": several[0].token, "by": request.actor.person}, salt=_SALT)
    return render(request, "rights/enter.html", context, status=422)


def _find(request: HttpRequest, form: WhomForm, actor: Actor) -> Whom:
    """The person's token and records. By case number the person whom the case was about, where it says so."""
    number, system = form.cleaned_data["number"].strip(), form.cleaned_data["system"]
    if held := request.POST.get("person", ""):
        token = _held(held, actor)
        return Whom(token, _records(token, system, actor))
    if number and not is_persons_number(number, on=clock.today()):
        raise InvalidInput(_("This is no identity number. Check it, or write the case number."), place="number")
    if number:
        token = token_of(number, actor=actor, purpose=_PURPOSE)
        return Whom(token, _records(token, system, actor))
    case = form.cleaned_data["case"].strip()
    if not case or system is None:
        raise InvalidInput(_("Say whom it concerns: by identity number or by case number."), place="number")
    rids = _by_case(system, case, actor)
    if not rids:
        raise InvalidInput(_("The log holds no such case in that system. Check the number."), place="case")
    persons = persons_of_case(system.slug, rids, actor=actor, purpose=_PURPOSE)
    known = [token for token in persons if token]
    if len(known) > 1:
        raise InvalidInput(_("The case is about several persons. Write the identity number instead."), place="number")
    token = known[0] if known else ""
    rids = tuple(persons[token][1])
    records = tuple(SubjectRecord(rid=rid, index=-1, system=system.slug, version="", day="", kind=EntryKind.DECISION.value) for rid in rids)
    return Whom(token, records)


def _outside(request: HttpRequest, person: Whom) -> Whom:
    """The person with the records that the officer may know of: what says something about an employee is kept from their own line."""
    mandate = request.mandate
    found = System.objects.filter(slug__in={one.system for one in person.records}).select_related("office__parent")
    away = {system.slug for system in found if not outside_the_line(system, mandate.user, mandate.office)}
    left = tuple(one for one in person.records if one.system not in away)
    if away and not left:
        raise NotAllowed(_("What employees ask for is handled outside their own line: by a rights officer of another office."))
    return Whom(person.token, left)


def _held(sealed: str, actor: Actor) -> str:
    """The token of the step before, made for the same officer a short while ago."""
    try:
        said = signing.loads(sealed, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature as error:
        raise ActRefused(_("The page was open for too long. Give the identity number again.")) from error
    if said["by"] != actor.person:
        raise ActRefused(_("The page was open for too long. Give the identity number again."))
    return str(said["token"])


def _which(request: HttpRequest, person: Whom, kind: RequestKind, several: list[Whom]) -> str:
    """The record that it is about; empty where it is about everything. Raises :class:`InvalidInput` where somebody has to choose."""
    if not ABOUT[kind].needs_record:
        return ""
    chosen = request.POST.get("rid", "")
    if chosen:
        return chosen
    if len(person.records) == 1:
        return person.records[0].rid
    if not person.records:
        raise InvalidInput(_("The log holds no record of this person."), place="number")
    several.append(person)
    raise ActRefused(_("Choose which of the records it is about."))


def _records(token: str, system: System | None, actor: Actor) -> tuple[SubjectRecord, ...]:
    found = (one for each in tokens_of(token) for one in find_token(each, actor=actor, purpose=_PURPOSE))
    decisions = [one for one in found if one.kind == EntryKind.DECISION.value and not one.erased]
    return tuple(one for one in decisions if system is None or one.system == system.slug)


def _by_case(system: System, case: str, actor: Actor) -> tuple[str, ...]:
    answer = bridge.ask_allowed(lambda number: FindCase(id=number, system=system.slug, case=case, actor=actor, purpose=_PURPOSE))
    return answer.rids if isinstance(answer, Found) else ()


def _enter(form: WhomForm, person: Whom, rid: str, kind: RequestKind, actor: Actor) -> RightsRequest:
    record = next((one for one in person.records if one.rid == rid), None)
    if rid and record is None:
        raise InvalidInput(_("That record is not about this person."), place="case")
    return enter_request(
        actor=actor,
        channel=Channel(form.cleaned_data["channel"]),
        kind=kind,
        system=System.objects.filter(slug=record.system).select_related("office").first() if record else None,
        rid=rid,
        token=person.token,
        message=form.cleaned_data["message"],
    )


def _shown_again(request: HttpRequest) -> WhomForm:
    """What was typed comes back, but for the identity number."""
    return WhomForm(initial={name: request.POST.get(name, "") for name in ("channel", "kind", "system", "case", "message")})


def _names(found: list[Whom]) -> dict[str, str]:
    slugs = {one.system for person in found for one in person.records}
    return {system.slug: system.name for system in System.objects.filter(slug__in=slugs)}


def _in_words(error: Unreachable | Refused) -> str:
    if isinstance(error, Unreachable):
        return _("The log does not answer, so nothing was changed. Try again in a moment.")
    reason = error.refusal.reasons[0]
    return f"{spoken(reason.sentence)} {spoken(reason.mend)}"


@requires("rights.see")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, receipt: str) -> HttpResponse:
    """The letter back, to print: the receipt, more time taken, or the answer. A press makes a code with which the person can follow it."""
    asked = get_object_or_404(RightsRequest.objects.select_related("system__office", "act"), receipt=receipt)
    if why_not := why_not_for(request.mandate, asked):
        return render(request, "rights/refused.html", {"asked": asked, "why_not": why_not}, status=403)
    context = {
        "asked": asked,
        "about": ABOUT[RequestKind(asked.kind)],
        "complaints": complaint_to(asked),
        "officer": request.actor,
        "protected": is_protected(asked.token) if asked.token else False,
        "today": clock.today(),
        "may_code": bool(asked.rid and asked.system),
        "address": request.build_absolute_uri(reverse("residents:enter")),
        "days": CODE_DAYS,
    }
    if request.method == "POST" and asked.rid and asked.system:
        try:
            context["code"] = issue_case_code(actor=acting(request, "letter.issue"), system=asked.system, rids=[asked.rid])
        except (ActRefused, NotAllowed) as refused:
            messages.error(request, str(refused))
    return render(request, "rights/letter.html", context)
