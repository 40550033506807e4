"""The organisation as a tree, and the forms by which the administrator keeps it as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.attempts import attempt

from .actions import open_office
from .forms import CloseForm, MoveForm, OfficeForm, RenameForm
from .models import Office
from .organisation import close_office, move_office, rename_office
from .permissions import PERMISSIONS, actor_of, not_allowed, requires
from .tree import in_order


@requires("organisation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Every board, administration, company and union, with how many systems each answers for."""
    keeper = _keeper(request, "office.open")
    form = OfficeForm(request.POST or None)
    if request.method == "POST":
        if keeper is None:
            return not_allowed(request, "office.open")
        if attempt(request, form, lambda: open_office(actor=keeper, **form.cleaned_data), done=_("The office is entered.")):
            return redirect("accounts:organisation")
    offices = Office.objects.annotate(answers_for=Count("systems", distinct=True))
    context = {"offices": [(office, "– " * depth) for office, depth in in_order(offices)], "form": form, "may": keeper is not None}
    return render(request, "accounts/organisation.html", context)


@requires("organisation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """One office: what stands under it, and the forms to rename, move or close it."""
    found = get_object_or_404(Office.objects.select_related("parent"), slug=slug)
    made = {
        "rename": RenameForm(initial={"name_sv": found.name_sv, "name_en": found.name_en}, prefix="rename"),
        "move": MoveForm(initial={"parent": found.parent and found.parent.slug}, prefix="move"),
        "close": CloseForm(prefix="close"),
    }
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what not in made:
            raise Http404
        made[what] = type(made[what])(request.POST, prefix=what)
        if _changed(request, found, what, made[what]):
            return redirect("accounts:office", slug)
    children = in_order(found.children.all())
    context = {"office": found, "children": children, "may": _keeper(request, "office.rename") is not None, **made}
    return render(request, "accounts/office.html", context)


_ACTS: dict[str, tuple[str, Callable[..., object], Any]] = {
    "rename": ("office.rename", rename_office, gettext_lazy("The office has its new name.")),
    "move": ("office.move", move_office, gettext_lazy("The office stands in its new place.")),
    "close": ("office.close", close_office, gettext_lazy("The office is closed.")),
}


def _changed(request: HttpRequest, office: Office, what: str, form: forms.Form) -> bool:
    permission, act, done = _ACTS[what]
    keeper = _keeper(request, permission)
    if keeper is None:
        form.add_error(None, _("Only an administrator keeps the organisation."))
        return False
    return attempt(request, form, lambda: act(actor=keeper, office=office, **form.cleaned_data), done=str(done))


def _keeper(request: HttpRequest, permission: str) -> Actor | None:
    """The reader as the one who keeps the organisation, if they do."""
    roles = {role.value for role in PERMISSIONS[permission]}
    held = request.user.mandates.valid(clock.today()).filter(role__in=roles).first()
    return actor_of(request.user, held.role, clock.today()) if held else None
