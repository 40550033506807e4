"""The history of an entry, for the public and for those who work with it. Addresses are permanent: a revision keeps its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from insyn.web.accounts.permissions import public, requires
from insyn.web.register.models import System

from .models import Revision
from .queries import lines_of
from .reading import content, told

PAGE = 25
_HIGHEST = 2**31


@public("the register is public, and so is what it said before")
@require_safe
def of_system(request: HttpRequest, slug: str) -> HttpResponse:
    """When the entry was changed, what was changed, and by which office."""
    return _list(request, _system(slug), public_only=True)


@public("the register is public, and so is what it said before")
@require_safe
def revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The entry as it stood, and what differed from the revision before."""
    return _revision(request, _system(slug), number, public_only=True)


@requires("system.see")
@require_safe
def work_of_system(request: HttpRequest, slug: str) -> HttpResponse:
    """The same with internal and withheld fields."""
    return _list(request, _system(slug), public_only=False)


@requires("system.see")
@require_safe
def work_revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return _revision(request, _system(slug), number, public_only=False)


def _system(slug: str) -> System:
    return get_object_or_404(System.objects.select_related("office"), slug=slug)


def _list(request: HttpRequest, system: System, *, public_only: bool) -> HttpResponse:
    page = Paginator(system.revisions.order_by("-number").select_related("act"), PAGE).get_page(request.GET.get("sida"))
    context = {"system": system, "page": page, "lines": lines_of(page.object_list, _readers(system, public_only)), "public": public_only}
    return render(request, _template("list", public_only), context)


def _revision(request: HttpRequest, system: System, number: int, *, public_only: bool) -> HttpResponse:
    if number > _HIGHEST:
        raise Http404
    found = get_object_or_404(system.revisions.select_related("act"), number=number)
    before = system.revisions.filter(number=number - 1).first()
    fields = told(content(found), content(before) if before else None, public_by=_readers(system, public_only))
    context = {
        "system": system,
        "revision": found,
        "fields": fields,
        "changed": [field for field in fields if field.changed],
        "before": before,
        "after": _next(system, found),
        "public": public_only,
    }
    return render(request, _template("revision", public_only), context)


def _next(system: System, found: Revision) -> Revision | None:
    return system.revisions.filter(number=found.number + 1).first()


def _readers(system: System, public_only: bool) -> Mapping[str, Any] | None:
    return system.visibility if public_only else None


def _template(name: str, public_only: bool) -> str:
    return f"history/{name}.html" if public_only else f"history/work_{name}.html"
