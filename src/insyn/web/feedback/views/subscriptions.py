"""Letters about the register: asked for, confirmed, ended."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from insyn.core.errors import InvalidInput
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import public
from insyn.web.register.models import System
from insyn.web.residents.sessions import private

from .. import limits, subscribing
from ..forms import SubscribeForm


@public("anyone may ask for letters about the register")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Of the whole register, of an office or of one kind of event."""
    return _subscribe(request, None)


@public("anyone may ask for letters about a record")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe_to_system(request: HttpRequest, slug: str) -> HttpResponse:
    return _subscribe(request, get_object_or_404(System, slug=slug))


def _subscribe(request: HttpRequest, system: System | None) -> HttpResponse:
    initial = {"kind": "", "language": (get_language() or "sv")[:2]}
    form, status = SubscribeForm(request.POST or None, initial=initial, of_one_system=system is not None), 200
    if request.method == "POST":
        status = _note(request, form, system)
        if status == 200:
            return render(request, "feedback/asked.html", {"system": system})
    return render(request, "feedback/subscribe.html", {"form": form, "system": system}, status=status)


def _note(request: HttpRequest, form: SubscribeForm, system: System | None) -> int:
    """Put the question down; what is done and said is the same whether the address is known or not."""
    if not form.is_valid():
        return 422
    if not limits.count("subscribe", request.META.get("REMOTE_ADDR", "")):
        form.add_error(None, _("Many have asked for letters from your connection in the last hour. Wait an hour."))
        return 429
    data = form.cleaned_data
    if data["webbplats"]:  # nobody who sees the page fills this in
        return 200
    wanted = {"email": data["email"], "office": data.get("office"), "kind": data["kind"], "language": data["language"]}
    try:
        subscribing.ask(system=system, **wanted)
    except InvalidInput as error:
        form.add_error(error.place if error.place in form.fields else None, error.message)
        return 422
    except ActRefused as error:
        form.add_error(None, list(error.reasons))
        return 409
    return 200


@public("the signed link of a letter; opening it changes nothing, since programs open links too")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Say yes to a subscription, by a button."""
    wish = subscribing.confirm(token) if request.method == "POST" else subscribing.wish_of(token)
    if wish is None:
        return render(request, "feedback/no_link.html", status=404)
    context = {"words": subscribing.words_of(wish), "done": wish.confirmed_at is not None}
    return render(request, "feedback/confirm.html", context)


@csrf_exempt  # the mail program presses the button, and has no cookie; the signed link is what it takes
@public("the signed link of a letter: one click ends the letters")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """End the letters and delete the address (RFC 8058). The answer to a link that leads nowhere is the same."""
    if request.method == "POST":
        subscribing.end(token)
        return render(request, "feedback/ended.html")
    return render(request, "feedback/end.html")
