"""What data a system uses: what is decided, what is missing, what nobody used, and the acts on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import actor_of, requires
from insyn.web.attempts import attempt

from .. import actions, queries
from ..data_forms import DecideDataForm, ProposeForm, RetireFieldForm
from ..datalimits import is_ruled, uncovered
from ..fieldsused import read_seen, unused_fields
from ..forms import Revised, WhyForm
from ..models import DataUse, System
from .common import acting, may, system_called
from .systems import newest


@requires("system.see")
@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Every use of data, what lacks a decision, and the fields that nobody used."""
    system, today = system_called(slug), clock.today()
    rows = list(DataUse.objects.filter(system=system).select_related("act"))
    seen = read_seen(settings.HOME.fields_named, system.slug)
    context = {
        "system": system,
        "rows": [(row, row.holds(today)) for row in rows],
        "uncovered": uncovered(system.purposes, [row for row in rows if row.holds(today)]),
        "ruled": is_ruled(rows),
        "fields": unused_fields(system, today, seen),
        "seen": seen,
        "may_propose": may(request, "data_use.propose", system),
    }
    return render(request, "register/data.html", context)


@requires("data_use.propose")
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Propose a use of data."""
    system = system_called(slug)
    asked = request.GET.get("andamal", "")
    purpose = next((one for one in system.purposes if one["purpose"] == asked), {})
    name = purpose.get("name", {})
    held = {
        "purpose": purpose.get("purpose", ""),
        "what_sv": name.get("sv", ""),
        "what_en": name.get("en", ""),
        "categories": ", ".join(purpose.get("categories", ())),
    }
    form = ProposeForm(request.POST or None, initial={"revision": system.revision, **held})
    if form.wants_more:
        form = form.as_typed()
    elif request.method == "POST" and attempt(
        request,
        form,
        form.at_its_cell(lambda: actions.propose_data_use(actor=acting(request, "data_use.propose", system), system=system, **form.sent())),
        done=_("The use of data is proposed. An elected member or a delegate decides it."),
    ):
        return redirect("register:data", slug)
    return render(request, "register/data_propose.html", {"system": system, "form": newest(form, system)})


@dataclass(frozen=True)
class Step:
    """Something that can be done to a use of data: its form and the act."""

    form: type[Form]
    act: Callable[[HttpRequest, System, DataUse, Form], object]
    done: Promise


def _decide(request: HttpRequest, system: System, row: DataUse, form: DecideDataForm) -> object:
    return actions.decide_data_use(actor=acting(request, "data_use.decide", system), system=system, data_use=row, **form.sent())


def _withdraw(request: HttpRequest, system: System, row: DataUse, form: Form) -> object:
    return actions.withdraw_data_use(actor=acting(request, "data_use.withdraw", system), system=system, data_use=row, **form.cleaned_data)


def _retire(request: HttpRequest, system: System, row: DataUse, form: Form) -> object:
    return actions.retire_data_field(actor=acting(request, "data_field.retire", system), system=system, data_use=row, **form.cleaned_data)


def _cite(request: HttpRequest, system: System, row: DataUse, form: Form) -> object:
    role = queries.supplying_role(request.user, system, RecordKind.DATA_USE, clock.today())
    if not role:
        raise NotAllowed(_("None of your roles may supply this record."))
    actor = actor_of(request.user, role, clock.today())
    return actions.cite_data_use(actor=actor, system=system, data_use=row, **form.cleaned_data)


STEPS = {
    "decide": Step(DecideDataForm, _decide, gettext_lazy("The use of data is decided.")),
    "withdraw": Step(WhyForm, _withdraw, gettext_lazy("The use of data is withdrawn, and what rested on it is closed.")),
    "retire": Step(RetireFieldForm, _retire, gettext_lazy("The field is retired.")),
    "cite": Step(Revised, _cite, gettext_lazy("The record is supplied.")),
}


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def data_use(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One use of data, and what the reader may do about it."""
    system, today = system_called(slug), clock.today()
    row = DataUse.objects.select_related("act", "deciding", "ending").filter(pk=pk, system=system).first()
    if row is None:
        raise Http404
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    if asked and asked not in STEPS:
        raise Http404
    sent = STEPS[asked].form(request.POST, auto_id=f"{asked}-%s") if asked else None
    if sent is not None and attempt(request, sent, lambda: STEPS[asked].act(request, system, row, sent), done=str(STEPS[asked].done)):
        return redirect("register:data_use", slug, pk)
    if sent is not None:
        newest(sent, system)
    holds = row.holds(today)
    possible = {
        "decide": row.waits and _may_decide(request, system, row),
        "withdraw": (row.waits or holds) and may(request, "data_use.withdraw", system),
        "retire": (row.waits or holds) and len(row.fields_in_use()) > 1 and may(request, "data_field.retire", system),
        "cite": holds and _may_cite(request, system, row),
    }
    held = {"revision": system.revision, "decided_on": today}
    context = {
        "system": system,
        "row": row,
        "holds": holds,
        "sent": sent,
        "forms": {name: _form(name, asked, sent, held) for name, can in possible.items() if can},
        "records": row.records.order_by("-pk"),
        "closes": _closed_by(system, row) if possible["decide"] else [],
    }
    return render(request, "register/data_use.html", context)


def _form(name: str, asked: str, sent: Form | None, held: dict[str, object]) -> Form:
    return sent if name == asked and sent is not None else STEPS[name].form(initial=held, auto_id=f"{name}-%s")


def _may_decide(request: HttpRequest, system: System, row: DataUse) -> bool:
    return may(request, "data_use.decide", system) and request.user.person not in {row.act.person, system.owner.person}


def _may_cite(request: HttpRequest, system: System, row: DataUse) -> bool:
    role = queries.supplying_role(request.user, system, RecordKind.DATA_USE, clock.today())
    return bool(role) and not row.records.filter(supplied_role=role, withdrawn_on=None).exists()


def _closed_by(system: System, row: DataUse) -> list[object]:
    """What a yes closes: from the first decided use on, each purpose and category needs one of its own."""
    rows = list(DataUse.objects.filter(system=system))
    if row.purpose_kind != "ordinary" or is_ruled(rows):
        return []
    return list(uncovered(system.purposes, [row]))
