"""In by e-ID: to the provider, and back with who it was. Nothing of it touches the session of staff."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from insyn.core.errors import Unreachable
from insyn.core.refusals import Refused
from insyn.web import clock
from insyn.web.accounts.permissions import public

from .actions import count_try
from .eid import PATIENCE, Problem, SignInFailed, begin, finish
from .queries import too_many_tries
from .sessions import let_in, private
from .standing import OWN_CASE, RESIDENT, Via, token_of

COOKIE = "insyn_eid"
#: Sign-ins that an address may begin in a quarter of an hour. A library's computers share one.
MOST_BEGUN = 40
_STATUS = {Problem.DOWN: 503}


@public("a resident is on the way to sign in by e-ID")
@private
@require_safe
def eid_begin(request: HttpRequest) -> HttpResponse:
    """To the provider. What the browser keeps meanwhile is signed, and good for ten minutes."""
    provider = settings.INSYN_EID
    if provider is None:
        return render(request, "residents/how_to_get_in.html", {"eid": False}, status=404)
    address = request.META.get("REMOTE_ADDR", "")
    if too_many_tries(address, clock.now(), scope="eid", most=MOST_BEGUN):
        return render(request, "residents/wait.html", {"eid": True}, status=429)
    count_try(address, scope="eid")
    try:
        begun = begin(provider, callback=_callback(request), language=get_language() or "sv")
    except SignInFailed as failed:
        return _failed(request, failed.problem)
    response = redirect(begun.address)
    response.set_cookie(
        COOKIE,
        begun.cookie,
        max_age=int(PATIENCE.total_seconds()),
        path=reverse("residents:mine"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@public("a resident comes back from the e-ID; who it is, the provider has signed")
@private
@require_safe
def eid_back(request: HttpRequest) -> HttpResponse:
    """Back from the provider. The identity number is asked for its token here, and kept nowhere."""
    provider = settings.INSYN_EID
    if provider is None:
        return render(request, "residents/how_to_get_in.html", {"eid": False}, status=404)
    try:
        number = finish(provider, callback=_callback(request), cookie=request.COOKIES.get(COOKIE, ""), answer=request.GET.dict())
        token = token_of(number, actor=RESIDENT, purpose=OWN_CASE)
    except SignInFailed as failed:
        return _failed(request, failed.problem)
    except (Unreachable, Refused):
        return _failed(request, Problem.DOWN)
    response = let_in(request, redirect("residents:mine"), via=Via.EID, token=token)
    response.delete_cookie(COOKIE, path=reverse("residents:mine"), samesite="Lax")
    return response


def _callback(request: HttpRequest) -> str:
    """Our own address, as the provider knows it. The host is one of those that the settings allow."""
    return request.build_absolute_uri(reverse("residents:eid_back"))


def _failed(request: HttpRequest, problem: Problem) -> HttpResponse:
    response = render(request, "residents/eid_failed.html", {"says": _words(problem), "problem": problem}, status=_STATUS.get(problem, 400))
    response.delete_cookie(COOKIE, path=reverse("residents:mine"), samesite="Lax")
    return response


def _words(problem: Problem) -> tuple[str, str]:
    """What happened, and what to do."""
    again = _("Nothing has been lost. Begin again.")
    return {
        Problem.DOWN: (_("The sign-in does not answer"), _("Try again in a while. A code from a letter works meanwhile.")),
        Problem.CANCELLED: (_("You did not sign in"), _("You or the e-ID broke off. Begin again when you want to.")),
        Problem.NOT_BEGUN: (_("The sign-in was not begun here"), _("Begin and end in the same browser, and let it keep cookies.")),
        Problem.TOO_OLD: (_("It took too long"), _("A sign-in must be done within ten minutes. Begin again.")),
        Problem.USED: (_("The sign-in has been used already"), again),
        Problem.UNTRUE: (_("We could not trust the answer from the e-ID"), again),
        Problem.NO_NUMBER: (
            _("Your e-ID did not tell us your identity number"),
            _("Without it we cannot find your cases. Use a code from a letter, or contact the office."),
        ),
        Problem.NOT_A_NUMBER: (
            _("Your e-ID gave a number that is no identity number"),
            _("Tell the office that you got this page. Use a code from a letter meanwhile."),
        ),
    }[problem]
