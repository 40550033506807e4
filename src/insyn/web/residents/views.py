"""A resident's own case, by a code from a letter; and the letter itself, for the officer who sends it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insyn.core.errors import Unreachable
from insyn.core.refusals import RefusalCode, Refused
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import not_allowed, public, requires
from insyn.web.oversight.opening import Case, open_case, outcome_label
from insyn.web.oversight.queries import may_review
from insyn.web.register.models import System

from . import plain
from .actions import CODE_DAYS, RESIDENT, VIEW_TIME, answer_request, ask_for_human, count_try, issue_case_code, use_code
from .forms import AskForm, CodeForm
from .models import CaseCode, RightsRequest
from .queries import requests_of, too_many_tries

COOKIE, SALT = "insyn_case", "insyn.residents.view"


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Kept by no cache and found by no search engine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = never_cache(view)(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@public("a resident comes with a code and nothing else")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Where the code is entered. A wrong, an old and a used code get the same answer."""
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "residents/enter.html", {"form": form, "wrong": False})
    address = request.META.get("REMOTE_ADDR", "")
    if too_many_tries(address, clock.now()):
        return render(request, "residents/wait.html", status=429)
    count_try(address)
    code = use_code(form.cleaned_data["code"])
    if code is None:
        return render(request, "residents/enter.html", {"form": CodeForm(), "wrong": True}, status=422)
    response = redirect("residents:case")
    _let_in(response, code)
    return response


def _let_in(response: HttpResponse, code: CaseCode) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps({"code": code.pk}, salt=SALT),
        max_age=int(VIEW_TIME.total_seconds()),
        path=reverse("residents:enter"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _code_of(request: HttpRequest) -> CaseCode | None:
    """The code whose half hour is running, by the signed cookie and by the time in the register."""
    try:
        held = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=VIEW_TIME)
        code = CaseCode.objects.filter(pk=held["code"]).select_related("system").first()
    except (signing.BadSignature, KeyError, TypeError):
        return None
    running = code is not None and code.used_at is not None and code.used_at + VIEW_TIME > clock.now()
    return code if running else None


@public("the signed cookie of an entered code")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest) -> HttpResponse:
    """The resident's case, for half an hour after the code was entered."""
    code = _code_of(request)
    if code is None:
        return render(request, "residents/over.html", status=403)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_human(code=code, rid=form.cleaned_data["rid"], message=form.cleaned_data["message"])
        except ActRefused as refused:
            messages.error(request, str(refused))
        return redirect(reverse("residents:case") + "#begaran")
    context = {"system": code.system, "requests": requests_of(code), "form": form, "until": code.used_at + VIEW_TIME}
    try:
        context["cases"] = [_shown(_open(code, rid), code.system) for rid in code.rids]
    except Unreachable:
        return render(request, "residents/down.html", context, status=503)
    except Refused as refused:
        context["erased"] = refused.refusal.code is RefusalCode.RECORD_ERASED
        return render(request, "residents/closed.html", {**context, "refusal": refused.refusal}, status=409)
    if code.system.favourable_outcome:
        context["favourable"] = outcome_label(code.system, code.system.favourable_outcome)
    return render(request, "residents/case.html", context)


def _open(code: CaseCode, rid: str) -> Case:
    return open_case(code.system, rid, actor=RESIDENT, purpose="own_case", language=get_language() or "sv", with_review=True)


def _shown(case: Case, system: System) -> dict[str, object]:
    weighty = plain.significant(case.factors)
    return {"case": case, "significant": weighty, "others": len(case.factors) - len(weighty)}


@public("ends the half hour early, on a shared computer")
@private
@require_http_methods(["POST"])
def leave(request: HttpRequest) -> HttpResponse:
    response = redirect("residents:enter")
    response.delete_cookie(COOKIE, path=reverse("residents:enter"))
    return response


@requires("letter.issue")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, rid: str) -> HttpResponse:
    """A letter with a new code. The page after the press shows the code, once."""
    system = get_object_or_404(System, slug=request.POST.get("system") or request.GET.get("system", ""))
    if not may_review(system, request.actor.person, clock.today()):
        return not_allowed(request, "letter.issue")
    if request.method != "POST":
        return render(request, "residents/letter_ask.html", {"system": system, "rid": rid})
    try:
        code = issue_case_code(actor=request.actor, system=system, rids=[rid])
    except (ActRefused, NotAllowed) as refused:
        messages.error(request, str(refused))
        return redirect(f"{request.path}?system={system.slug}")
    address = request.build_absolute_uri(reverse("residents:enter"))
    context = {
        "system": system,
        "code": code,
        "address": address,
        "issued": clock.today(),
        "days": CODE_DAYS,
        "rid": rid,
        "officer": request.actor.name,
    }
    return render(request, "residents/letter.html", context)


@requires("rights.answer")
@private
@require_http_methods(["POST"])
def answered(request: HttpRequest, receipt: str) -> HttpResponse:
    """Note that a request has been answered."""
    asked = get_object_or_404(RightsRequest, receipt=receipt)
    if not may_review(asked.system, request.actor.person, clock.today()):
        return not_allowed(request, "rights.answer")
    try:
        answer_request(actor=request.actor, request=asked)
        messages.success(request, _("Noted: the request has been answered."))
    except (ActRefused, NotAllowed) as refused:
        messages.error(request, str(refused))
    return redirect("oversight:queue")
