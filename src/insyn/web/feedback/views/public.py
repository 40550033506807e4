"""What anybody may send, without saying who it is, and how it is followed."""

from __future__ import annotations

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number, mask
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import public
from insyn.web.needs.queries import public_needs
from insyn.web.participation.models import Contribution, Round
from insyn.web.participation.words import RoundState
from insyn.web.register.models import System
from insyn.web.residents.sessions import private

from .. import limits
from ..codes import opens, read_receipt
from ..events import place_of
from ..forms import KeyForm, MessageForm
from ..models import Message
from ..queries import public_feedback
from ..receiving import About, Sent, numbers_in, receive_message
from ..words import ANSWER_DAYS, CONTACT_DAYS, Kind

_FIELDS = ("kind", "part", "text", "token", "email")


@public("anyone may say something about the register, without saying who it is")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest) -> HttpResponse:
    """About the site as a whole."""
    return _tell(request, About())


@public("anyone may say something about a record, without saying who it is")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def tell_of_system(request: HttpRequest, slug: str) -> HttpResponse:
    return _tell(request, About(system=get_object_or_404(System, slug=slug)))


@public("anyone may say something about a need, without saying who it is")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def tell_of_need(request: HttpRequest, number: str) -> HttpResponse:
    """About a decided need: the public knows of no other."""
    return _tell(request, About(need=get_object_or_404(public_needs(), number=number)))


@public("anyone may say something about a round, without saying who it is")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def tell_of_round(request: HttpRequest, slug: str) -> HttpResponse:
    return _tell(request, About(round=get_object_or_404(Round.objects.exclude(state=RoundState.DRAFT), slug=slug)))


def _tell(request: HttpRequest, about: About) -> HttpResponse:
    kind = request.GET.get("slag", "")
    initial = {"token": secrets.token_hex(16), "kind": kind if kind in Kind.values else ""}
    form, status = MessageForm(about.parts, request.POST or None, initial=initial), 200
    context = {"about": about, "form": form, "days": ANSWER_DAYS, "contact_days": CONTACT_DAYS.days}
    if request.method == "POST":
        found = _take(request, about, form)
        if isinstance(found, Sent):
            return render(request, "feedback/received.html", {**context, "sent": found, "key": found.key})
        status = found
    context["warned"] = status == 422 and "keep" in form.errors
    if about == About():
        context["feedback"] = public_feedback(clock.today())
    return render(request, "feedback/tell.html", context, status=status)


def _take(request: HttpRequest, about: About, form: MessageForm) -> Sent | int:
    """Take the message in. Otherwise the status of the answer: the form says what is in the way, and holds what was typed."""
    if not form.is_valid():
        return 422
    data = form.cleaned_data
    if not limits.count("message", request.META.get("REMOTE_ADDR", "")):
        form.add_error(None, _("Many messages have come from your connection in the last hour. Wait an hour, or write a letter."))
        return 429
    lines = numbers_in(data["text"])
    if lines and not data["keep"]:
        form.add_error("text", _number_found(lines))
        form.add_error("keep", _("Take the number away, or say that it is to stand there."))
        return 422
    try:
        return receive_message(
            about=about,
            language=(get_language() or "sv")[:2],
            may_publish=not data["private"],
            suspected=bool(data["webbplats"]),
            **{name: data[name] for name in _FIELDS},
        )
    except InvalidInput as error:
        form.add_error(error.place if error.place in form.fields else None, error.message)
        return 422
    except ActRefused as error:
        form.add_error(None, list(error.reasons))
        return 409


def _number_found(lines: list[int]) -> str:
    """Where the number stands; the number itself is not said again."""
    said = ", ".join(map(str, lines[:10]))
    words = ngettext(
        "There is an identity number in line %(lines)s of what you wrote.",
        "There are identity numbers in lines %(lines)s of what you wrote.",
        len(lines),
    )
    return words % {"lines": said}


@public("whoever has a receipt may follow it; the page tells nothing of who sent it")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Where the number of a receipt is typed. It is sent in a form: what is no receipt, a key or an identity number, stands in no address."""
    typed = request.POST.get("nummer", "")
    if typed:
        return redirect("feedback:status", ("" if holds_identity_number(typed) else read_receipt(typed)) or "-")
    return render(request, "feedback/find.html", {})


@public("whoever has a receipt may follow it; the text is shown to the sender's key only")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, receipt: str) -> HttpResponse:
    """How far a message has come. Every number that leads nowhere gets the same answer, and too many of them one that is the same for all."""
    address = request.META.get("REMOTE_ADDR", "")
    if limits.is_used_up("follow", address):
        return render(request, "feedback/wait.html", status=429)
    number = read_receipt(receipt)
    rows = Message.objects.select_related(
        "system", "need", "round", "act", "changed__act", "merged_into__changed__act", "merged_into__system"
    )
    found = rows.filter(receipt=number).first() if number else None
    if found is None:
        return _of_round(request, number, address)
    form, known = KeyForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        known = opens(found.token, form.cleaned_data["key"])
        if not known:
            limits.count("follow", address)
            form.add_error("key", _("The key does not fit. It stands on the page where you got your number."))
    answered = found.merged_into or found
    context = {
        "message": found,
        "answered": answered,
        "answer": mask(answered.answer),
        "form": form,
        "known": known,
        "about": _about(found),
    }
    context["place"] = place_of(found)
    return render(request, "feedback/status.html", context, status=422 if form.is_bound and not known else 200)


def _of_round(request: HttpRequest, number: str, address: str) -> HttpResponse:
    """The receipt of a proposal in a round, if it is one."""
    rows = Contribution.objects.select_related("round__system").exclude(round__state=RoundState.DRAFT)
    found = rows.filter(receipt=number).first() if number else None
    if found is None:
        limits.count("follow", address)
        return render(request, "feedback/unknown.html", status=404)
    if request.method == "POST":
        raise Http404
    return render(request, "feedback/status_round.html", {"one": found, "row": found.round})


def _about(message: Message) -> About:
    return About(message.system, message.need, message.round)
