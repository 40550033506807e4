"""A system: overview, description, versions and keys."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.oversight.queries import stop_in_force
from insyn.web.site.status import status_of

from .. import actions, life, queries
from ..ends import holds_of
from ..forms import DescriptionForm, KeyForm, RegisterForm, RevokeForm, RotateForm
from .common import acting, may, system_called


@requires("system.see")
@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the system stands and where to go from here."""
    system = system_called(slug)
    permit = queries.permits_of([system]).get(system.pk)
    context = {
        "system": system,
        "permit": permit,
        "missing": [reason for reason in permit.missing if reason.rule] if permit else [],
        "closings": life.closings(permit, clock.today()) if permit else [],
        "status": status_of(system, stop_in_force(system), holds_of([system]).get(system.pk), clock.today()),
        "way": life.way_of(system),
        "steps": life.next_steps(system),
        "may_advance": may(request, "system.advance", system),
        "versions": system.versions.all(),
        "decisions": system.decisions.order_by("-pk")[:5],
        "acts": queries.acts_of(system)[:5],
        "interrupted": queries.interrupted().filter(system=system).first(),
        "may": {
            "describe": may(request, "system.describe", system),
            "stop": may(request, "stop.order"),
            "keys": may(request, "client_key.issue"),
            "hand_over": may(request, "system.hand_over", system),
        },
    }
    return render(request, "register/system.html", context)


@requires("system.register")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Enter a new system."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.register_system(actor=acting(request, "system.register"), **form.system()),
        done=_("The system stands in the register. Now see which requirements it must meet."),
    ):
        return redirect("register:gates", form.cleaned_data["slug"])
    return render(request, "register/register.html", {"form": form})


@requires("system.describe")
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the texts of the register entry."""
    system = system_called(slug)
    held = {name: getattr(system, name) for name in DescriptionForm.base_fields}
    form = DescriptionForm(request.POST or None, initial=held)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.describe_system(actor=acting(request, "system.describe", system), system=system, **form.cleaned_data),
        done=_("The description is changed."),
    ):
        return redirect("register:system", slug)
    return render(request, "register/describe.html", {"form": newest(form, system), "system": system})


def newest(form: object, system: object) -> object:
    """After a refusal the form carries the newest revision: what was typed stands, and sending it again is a choice made knowingly."""
    if form.is_bound:
        system.refresh_from_db()
        form.data = form.data.copy()
        form.data[form.add_prefix("revision")] = str(system.revision)
    return form


@requires("system.see")
@require_safe
def facts(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions of fact are answered in the classification; an old address leads there."""
    return redirect("assessments:start", system_called(slug).slug)


@requires("client_key.issue")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, slug: str) -> HttpResponse:
    """Client keys: issue one (shown once), replace one (shown once), revoke one."""
    system = system_called(slug)
    what = request.POST.get("what", "")
    revoking = what == "revoke"
    form = KeyForm(None if what else request.POST or None, initial={"revision": system.revision})
    revoke = RevokeForm(request.POST if revoking else None)
    rotate = RotateForm(request.POST if what == "rotate" else None)
    issued: list[actions.IssuedKey] = []
    if what == "rotate":
        attempt(
            request,
            rotate,
            lambda: issued.append(
                actions.rotate_client_key(actor=acting(request, "client_key.issue"), system=system, **rotate.cleaned_data)
            ),
            done=_("The new key is issued. The old one holds until its last day."),
        )
    elif request.method == "POST" and not revoking:
        attempt(
            request,
            form,
            lambda: issued.append(actions.issue_client_key(actor=acting(request, "client_key.issue"), system=system, **form.cleaned_data)),
            done=_("The key is issued."),
        )
    elif request.method == "POST" and attempt(
        request,
        revoke,
        lambda: actions.revoke_client_key(actor=acting(request, "client_key.revoke"), system=system, **revoke.cleaned_data),
        done=_("The key is revoked and refused from now on."),
    ):
        return redirect("register:keys", slug)
    system.refresh_from_db()
    fresh = KeyForm(initial={"revision": system.revision}) if issued else newest(form, system)
    context = {
        "form": fresh,
        "revoke": revoke,
        "rotate": rotate,
        "default_last_day": clock.today() + timedelta(days=14),
        "system": system,
        "keys": system.client_keys.all(),
        "issued": issued[0].key if issued else "",
    }
    return render(request, "register/keys.html", context)
