"""For those who record who may look for whom, whose identity is protected, and which numbers are one person's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.core.refusals import Refused
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import as_actor, holds, requires
from insyn.web.attempts import attempt
from insyn.web.language import spoken

from . import authority
from .models import NumberLink, ProtectedIdentity, Representation
from .sessions import private
from .staff_forms import ConfirmLinkForm, ConfirmRepresentationForm, LinkForm, ProtectionForm, RepresentationForm, WhyForm
from .standing import is_protected


@requires("representation.record")
@private
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """Everything that is recorded. No name and no number: a case number and a kind."""
    today = clock.today()
    rows = [(row, row.holds(today), is_protected(row.whom)) for row in Representation.objects.select_related("act")]
    context = {"rows": rows, "marks": ProtectedIdentity.objects.filter(lifted_on=None), "links": NumberLink.objects.all()}
    return render(request, "residents/standing.html", context)


@requires("representation.record")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def new_representation(request: HttpRequest) -> HttpResponse:
    form = RepresentationForm(request.POST or None)

    def act() -> None:
        told = form.cleaned_data
        authority.record_representation(
            actor=request.actor,
            kind=told["kind"],
            **_represented(request.actor, told),
            first_day=told["first_day"],
            last_day=told["last_day"],
            evidence=told["evidence"],
            case_number=told["case_number"],
            despite_protection=told["despite_protection"],
        )

    done = _("The authority is noted. It gives nothing before somebody else has confirmed it.")
    return _form_page(request, form, act, (_("Record an authority"), done))


@requires("representation.record")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def one_representation(request: HttpRequest, key: int) -> HttpResponse:
    """One authority, and the ways to confirm and to end it."""
    row = get_object_or_404(Representation.objects.select_related("act", "confirm_act", "end_act"), pk=key)
    form = WhyForm(request.POST or None)

    def act() -> None:
        authority.end_representation(actor=_actor_for(request, "representation.end"), representation=row, why=form.cleaned_data["why"])

    words = (_("End the authority"), _("The authority has ended. It gives nothing from now on."))
    return _form_page(request, form, act, words, row=row, ended=row.ended_on is not None, own=row.act.person == request.actor.person)


def _represented(actor: Actor, told: dict[str, Any]) -> dict[str, authority.Person]:
    """Both persons of an authority, by the numbers or the case that was typed."""
    by_case = {"system": told["whom_system"], "case": told["whom_case"]}
    return {
        "whom": authority.find_person(actor=actor, place="whom_number", number=told["whom_number"], **by_case),
        "who": authority.find_person(actor=actor, place="who_number", number=told["who_number"]),
    }


@requires("representation.record")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_representation(request: HttpRequest, key: int) -> HttpResponse:
    """The second person's own search for the two."""
    row = get_object_or_404(Representation.objects.select_related("act"), pk=key)
    form = ConfirmRepresentationForm(request.POST or None)

    def act() -> None:
        persons = _represented(request.actor, form.cleaned_data)
        authority.confirm_representation(actor=request.actor, representation=row, **persons)

    done = _("The authority is confirmed. The representative signs in with their own e-ID.")
    return _confirm_page(request, form, act, done, row, reverse("residents:representation", args=[key]))


@requires("protection.mark")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def new_protection(request: HttpRequest) -> HttpResponse:
    form = ProtectionForm(request.POST or None)

    def act() -> None:
        told = form.cleaned_data
        person = authority.find_person(actor=request.actor, place="number", number=told["number"], system=told["system"], case=told["case"])
        authority.mark_protected(actor=request.actor, person=person, why=told["why"], case_number=told["case_number"])

    words = (_("Mark an identity as protected"), _("The identity is marked as protected. It takes effect at once."))
    return _form_page(request, form, act, words)


@requires("protection.mark")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def one_protection(request: HttpRequest, key: int) -> HttpResponse:
    """One mark, and the way to lift it."""
    mark = get_object_or_404(ProtectedIdentity, pk=key)
    form = WhyForm(request.POST or None)

    def act() -> None:
        authority.lift_protection(actor=_actor_for(request, "protection.lift"), mark=mark, why=form.cleaned_data["why"])

    words = (_("Lift the protection"), _("The identity is marked as protected no longer."))
    return _form_page(request, form, act, words, mark=mark, ended=mark.lifted_on is not None)


@requires("number.link")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def new_link(request: HttpRequest) -> HttpResponse:
    form = LinkForm(request.POST or None)

    def act() -> None:
        told = form.cleaned_data
        authority.link_numbers(
            actor=request.actor,
            **_linked(request.actor, told),
            evidence=told["evidence"],
            case_number=told["case_number"],
        )

    done = _("The link is noted. It shows nothing before somebody else has confirmed it.")
    return _form_page(request, form, act, (_("Link two numbers of one person"), done))


@requires("number.link")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def one_link(request: HttpRequest, key: int) -> HttpResponse:
    """One link, and the way to end it."""
    link = get_object_or_404(NumberLink.objects.select_related("act", "confirm_act", "end_act"), pk=key)
    form = WhyForm(request.POST or None)

    def act() -> None:
        authority.end_link(actor=request.actor, link=link, why=form.cleaned_data["why"])

    words = (_("End the link"), _("The numbers are linked no longer."))
    return _form_page(request, form, act, words, link=link, ended=link.end_act is not None, own=link.act.person == request.actor.person)


@requires("number.link")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_link(request: HttpRequest, key: int) -> HttpResponse:
    """The second person's own typing of the two numbers."""
    link = get_object_or_404(NumberLink.objects.select_related("act"), pk=key)
    form = ConfirmLinkForm(request.POST or None)

    def act() -> None:
        authority.confirm_link(actor=request.actor, link=link, **_linked(request.actor, form.cleaned_data))

    return _confirm_page(request, form, act, _("The numbers are linked."), link, reverse("residents:link", args=[key]))


def _linked(actor: Actor, told: dict[str, Any]) -> dict[str, authority.Person]:
    return {name: authority.find_person(actor=actor, place=f"{name}_number", number=told[f"{name}_number"]) for name in ("old", "new")}


def _confirm_page(
    request: HttpRequest, form: forms.Form, act: Callable[[], None], done: str, two: Representation | NumberLink, back: str
) -> HttpResponse:
    """What the first person noted, but for the numbers: whoever confirms takes these from the evidence."""
    if not two.to_confirm or two.act.person == request.actor.person:  # the page of it says why
        return redirect(back)
    return _form_page(request, form, act, (_("Confirm what was noted"), done), template="residents/confirm.html", two=two, back=back)


def _form_page(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], None],
    words: tuple[str, str],
    *,
    template: str = "residents/standing_form.html",
    **context: object,
) -> HttpResponse:
    """The form; after the act the list. A log that does not answer changes nothing, and what was typed is shown again."""
    title, done = words
    if request.method == "POST" and attempt(request, form, lambda: _said(act), done=done):
        return redirect("residents:standing")
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, "title": title, **context}, status=status)


def _said(act: Callable[[], None]) -> None:
    """The act, where the sequencer's no is a sentence on the page."""
    try:
        act()
    except Unreachable as error:
        raise ActRefused(_("The log does not answer. Nothing has been changed. Try again in a moment.")) from error
    except Refused as refused:
        raise ActRefused(*(spoken(reason.sentence) for reason in refused.refusal.reasons)) from refused


def _actor_for(request: HttpRequest, permission: str) -> object:
    mandate = holds(request.user, permission, clock.today())
    return as_actor(mandate) if mandate else request.actor
