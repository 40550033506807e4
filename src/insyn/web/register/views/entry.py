"""The entry as a whole: every field with who reads it, and a form for each part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.history.reading import as_lines

from .. import actions
from ..entry import ALWAYS_INTERNAL, ALWAYS_PUBLIC, DECIDABLE, LEVEL_WORDS, content_of, reading
from ..entry_forms import (
    AffectedForm,
    ChangeableForm,
    KindForm,
    KlassaForm,
    LinksForm,
    OfficeForm,
    PartForm,
    PurposesForm,
    RowsForm,
    VisibilityForm,
    at_its_field,
)
from ..models import System
from .common import acting, may, system_called
from .systems import newest

_PARTS: dict[str, type[PartForm]] = {
    "syften": PurposesForm,
    "berorda": AffectedForm,
    "lankar": LinksForm,
    "klassa": KlassaForm,
    "art": KindForm,
    "namnd": OfficeForm,
    "andringsbart": ChangeableForm,
}
#: Which part changes which field.
_PART_OF = {
    "purposes": "syften",
    "modes": "syften",
    "reach": "syften",
    "affected_groups": "berorda",
    "klassa": "klassa",
    "kind": "art",
    "office": "namnd",
    "factors": "andringsbart",
}


@requires("system.see")
@require_safe
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    """Every field of the entry, with its value, who reads it, and the way to change it."""
    system = system_called(slug)
    content = {**content_of(system), "class": ""}
    rows = []
    for field in (*ALWAYS_PUBLIC, *DECIDABLE, *ALWAYS_INTERNAL):
        if field.name != "class":
            part = "lankar" if field.name.startswith("links.") else _PART_OF.get(field.name, "")
            now = reading(system.visibility, field)
            row = {"field": field, "lines": as_lines(field, content), "reading": now, "level": LEVEL_WORDS[now.level], "part": part}
            rows.append(row)
    may_change = {"parts": may(request, "system.describe", system), "visibility": may(request, "visibility.set", system)}
    return render(request, "register/entry.html", {"system": system, "rows": rows, "may": may_change})


@requires("system.describe")
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """The form for one part of the entry."""
    system = system_called(slug)
    if part not in _PARTS:
        raise Http404
    kind = _PARTS[part]
    form = kind(request.POST or None, initial={"revision": system.revision, **kind.held(system)})
    if isinstance(form, RowsForm) and form.wants_more:
        form = form.one_more()
    elif request.method == "POST" and attempt(
        request, form, at_its_field(form, _act(request, system, form)), done=_("The entry is changed.")
    ):
        return redirect("register:entry", slug)
    return render(request, "register/part.html", {"form": newest(form, system), "system": system, "with_rows": isinstance(form, RowsForm)})


def _act(request: HttpRequest, system: System, form: PartForm) -> Callable[[], object]:
    def place() -> object:
        return actions.place_system(actor=acting(request, "system.place", system), system=system, **_sent(form))

    def describe() -> object:
        return actions.describe_system(actor=acting(request, "system.describe", system), system=system, **_sent(form))

    return place if isinstance(form, OfficeForm) else describe


def _sent(form: PartForm) -> dict[str, Any]:
    return {**form.part(), "revision": form.cleaned_data["revision"]}


@requires("visibility.set")
@require_http_methods(["GET", "HEAD", "POST"])
def visibility(request: HttpRequest, slug: str) -> HttpResponse:
    """Who reads each field."""
    system = system_called(slug)
    form = VisibilityForm(request.POST or None, system=system)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.set_visibility(
            actor=acting(request, "visibility.set", system),
            system=system,
            readings=form.readings(),
            revision=form.cleaned_data["revision"],
        ),
        done=_("It is decided who reads the fields."),
    ):
        return redirect("register:entry", slug)
    return render(request, "register/visibility.html", {"form": newest(form, system), "system": system, "always": ALWAYS_PUBLIC})
