"""In by the code of a letter; and the letter itself, for the officer who sends it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import not_allowed, public, requires
from insyn.web.oversight.queries import may_review
from insyn.web.register.models import System

from .actions import CODE_DAYS, count_try, issue_case_code, use_code
from .forms import CodeForm
from .queries import too_many_tries
from .sessions import let_in, private
from .standing import Via


@public("a resident comes with a code and nothing else")
@private
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Where the code is entered. A wrong, an old and a used code get the same answer."""
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "residents/enter.html", _shown(form))
    address = request.META.get("REMOTE_ADDR", "")
    if too_many_tries(address, clock.now()):
        return render(request, "residents/wait.html", status=429)
    count_try(address)
    code = use_code(form.cleaned_data["code"])
    if code is None:
        return render(request, "residents/enter.html", _shown(CodeForm(), wrong=True), status=422)
    return let_in(request, redirect("residents:mine"), via=Via.CODE, code=code)


def _shown(form: CodeForm, *, wrong: bool = False) -> dict[str, object]:
    return {"form": form, "wrong": wrong, "eid": settings.INSYN_EID is not None}


@public("an address that older letters and bookmarks name; it only leads on")
@private
@require_safe
def case(request: HttpRequest) -> HttpResponse:
    return redirect("residents:mine")


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
