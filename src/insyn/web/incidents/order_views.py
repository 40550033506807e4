"""Pages of stop orders to people: the standing way, one order, the list, and who can stop now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.permissions import actor_of, holds, requires
from insyn.web.attempts import attempt
from insyn.web.oversight.queries import may_stop, stop_in_force
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may, system_called

from . import orders, rota, routes
from .forms import ConfirmForm, DoneForm, DutyForm, OrderForm, RouteForm, ToldDoneForm, ToldForm, WhyForm, now_local
from .models import DatedOrder, StopDuty
from .queries import open_orders
from .reach import rests_on_people, route_of
from .wording import clock_text, duration_text
from .words import OrderState

PAGE = 50


@requires("order.see")
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Every order: those that wait on top, the most urgent first."""
    now = clock.now()
    waiting = [Line(order, order.is_overdue(now), clock_text(order.due, now)) for order in open_orders()[:PAGE]]
    ended = DatedOrder.objects.filter(state__in=(OrderState.CONFIRMED, OrderState.WITHDRAWN)).select_related("system", "to_user")
    page = Paginator(ended, PAGE).get_page(request.GET.get("page"))
    lines = [Ended(order, *_measured(order)) for order in page.object_list]
    return render(request, "incidents/orders.html", {"waiting": waiting, "ended": lines, "page": page})


@dataclass(frozen=True)
class Line:
    """An order that waits, with its clock in words."""

    order: DatedOrder
    overdue: bool
    left: str


@dataclass(frozen=True)
class Ended:
    """An order that is over, with its measured times in words."""

    order: DatedOrder
    acknowledged_after: str
    done_after: str


def _measured(order: DatedOrder) -> tuple[str, str]:
    return tuple("" if time is None else duration_text(time) for time in (order.to_acknowledge, order.to_done))  # type: ignore[return-value]


@requires("stop.order")
@require_http_methods(["GET", "HEAD", "POST"])
def new_order(request: HttpRequest, slug: str) -> HttpResponse:
    """Order a person to stop a system that Insyn cannot hold."""
    system = system_called(slug)
    if not rests_on_people(system):
        return redirect("oversight:stop", slug)
    route = route_of(system, clock.today())
    form = OrderForm(request.POST or None, initial=_proposed(system))
    made: list[DatedOrder] = []
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: made.append(_order(request, system, form)),
        done=_("The order is given. See to it that it arrives: call too."),
    ):
        return redirect("incidents:order", made[0].pk)
    context = {
        "system": system,
        "form": form,
        "route": route,
        "promised": duration_text(route.promised) if route else "",
        "stopped": stop_in_force(system),
        "may_stop": may_stop(system, request.user.person, clock.today()),
    }
    return render(request, "incidents/new_order.html", context)


def _proposed(system: System) -> dict[str, object]:
    """What the standing arrangement says, and when it promises to be done."""
    route = route_of(system, clock.today())
    if route is None:
        return {"due": now_local() + timedelta(hours=1)}
    return {
        "to_kind": route.to_kind,
        "to_user": route.to_user,
        "contact_name": route.contact_name,
        "organisation": route.organisation,
        "channel": route.channel,
        "what": route.what,
        "due": now_local() + max(route.promised, timedelta(minutes=1)) + timedelta(minutes=1),
    }


def _order(request: HttpRequest, system: System, form: forms.Form) -> DatedOrder:
    return orders.stop_and_order(actor=acting(request, "stop.order", system), system=system, **form.cleaned_data)


@dataclass(frozen=True)
class Step:
    """One thing that can be done with an order now, with its form."""

    name: str
    title: Promise
    button: Promise
    done: Promise
    form: type[forms.Form]
    act: Callable[..., DatedOrder]


_ACKNOWLEDGE = Step(
    "acknowledge",
    gettext_lazy("I have got the order"),
    gettext_lazy("Acknowledge"),
    gettext_lazy("You have acknowledged the order."),
    forms.Form,
    orders.acknowledge_order,
)
_DONE = Step(
    "done",
    gettext_lazy("The system is stopped"),
    gettext_lazy("Report done"),
    gettext_lazy("Reported. Somebody else now looks and confirms."),
    DoneForm,
    orders.report_order_done,
)
_TOLD = Step(
    "told",
    gettext_lazy("Word has come that the order has arrived"),
    gettext_lazy("Enter the acknowledgement"),
    gettext_lazy("The acknowledgement is entered."),
    ToldForm,
    orders.acknowledge_order,
)
_TOLD_DONE = Step(
    "told_done",
    gettext_lazy("Word has come that the system is stopped"),
    gettext_lazy("Enter what was told"),
    gettext_lazy("Entered. Somebody now looks and confirms."),
    ToldDoneForm,
    orders.report_order_done,
)
_CONFIRM = Step(
    "confirm",
    gettext_lazy("Confirm"),
    gettext_lazy("Confirm that the system is stopped"),
    gettext_lazy("Confirmed. The measured time stands on the public page."),
    ConfirmForm,
    orders.confirm_order_done,
)
_WITHDRAW = Step(
    "withdraw",
    gettext_lazy("Take the order back"),
    gettext_lazy("Withdraw the order"),
    gettext_lazy("The order is withdrawn."),
    WhyForm,
    orders.withdraw_order,
)


@requires("order.see")
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with every step's time, and what the reader can do."""
    found = get_object_or_404(DatedOrder.objects.select_related("system__owner", "to_user", "ordered_by", "act"), pk=pk)
    steps = _steps(request, found)
    sent: tuple[Step, forms.Form] | None = None
    if request.method == "POST":
        step = next((one for one in (*steps, *_all_steps()) if one.name == request.POST.get("step")), None)
        if step is None:
            raise Http404
        form = step.form(request.POST, auto_id=f"{step.name}-%s")
        if attempt(
            request, form, lambda: step.act(actor=_actor(request, found, step), order=found, **form.cleaned_data), done=str(step.done)
        ):
            return redirect("incidents:order", pk)
        found.refresh_from_db()
        sent = (step, form)
    shown = [(step, sent[1] if sent and sent[0] is step else _blank(step)) for step in steps]
    after_acknowledged, after_done = _measured(found)
    context = {
        "order": found,
        "system": found.system,
        "overdue": found.is_overdue(clock.now()),
        "left": clock_text(found.due, clock.now()),
        "steps": shown,
        "form": sent[1] if sent else None,
        "acknowledged_after": after_acknowledged,
        "done_after": after_done,
        "mine": found.to_user_id == request.user.pk,
    }
    return render(request, "incidents/order.html", context)


def _all_steps() -> tuple[Step, ...]:
    return (_ACKNOWLEDGE, _DONE, _TOLD, _TOLD_DONE, _CONFIRM, _WITHDRAW)


def _blank(step: Step) -> forms.Form:
    return step.form(auto_id=f"{step.name}-%s", initial={"at": now_local()})


def _steps(request: HttpRequest, found: DatedOrder) -> list[Step]:
    """What the reader may do now. The act checks it again."""
    roles = set(request.user.mandates.valid(clock.today()).values_list("role", flat=True))
    stops = Role.STOP_HOLDER in roles and may_stop(found.system, request.user.person, clock.today())
    mine = Role.TECHNICIAN in roles and found.to_user_id == request.user.pk
    steps: list[Step] = []
    if found.state == OrderState.ORDERED:
        steps += [*([_ACKNOWLEDGE] if mine else []), *([_TOLD] if stops and not mine else [])]
    if found.waits:
        steps += [*([_DONE] if mine else []), *([_TOLD_DONE] if stops and not mine else []), *([_WITHDRAW] if stops else [])]
    if found.state == OrderState.DONE and not mine and (stops or may(request, "order.confirm", found.system)):
        steps.append(_CONFIRM)
    return steps


def _actor(request: HttpRequest, found: DatedOrder, step: Step) -> Actor:
    """Who was ordered speaks as the technician; everybody else in the role that gives the permission."""
    if step in (_ACKNOWLEDGE, _DONE):
        return actor_of(request.user, Role.TECHNICIAN, clock.today())
    if step is _CONFIRM:
        return acting(request, "order.confirm", found.system)
    return actor_of(request.user, Role.STOP_HOLDER, clock.today())


@requires("order.see")
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: HttpRequest, slug: str) -> HttpResponse:
    """The standing arrangement of one system, and its earlier ones."""
    system = system_called(slug)
    current = route_of(system, clock.today())
    form = RouteForm(request.POST if request.POST.get("step") == "set" else None, initial=_as_it_is(system, current))
    end = WhyForm(request.POST if request.POST.get("step") == "end" else None, auto_id="end-%s")
    if request.method == "POST":
        actor = acting(request, "stop_route.set", system)
        if form.is_bound and attempt(
            request,
            form,
            lambda: routes.set_stop_route(actor=actor, system=system, **form.cleaned_data),
            done=_("The way to stop is in force."),
        ):
            return redirect("incidents:route", slug)
        if (
            end.is_bound
            and current
            and attempt(
                request,
                end,
                lambda: routes.end_stop_route(actor=actor, route=current, **end.cleaned_data),
                done=_("The way to stop has ended."),
            )
        ):
            return redirect("incidents:route", slug)
    context = {
        "system": system,
        "rests": rests_on_people(system),
        "route": current,
        "promised": duration_text(current.promised) if current else "",
        "earlier": system.stop_routes.exclude(pk=current.pk if current else None).select_related("to_user"),
        "form": form,
        "end": end,
        "may_set": may(request, "stop_route.set", system),
        "may_order": holds(request.user, "stop.order", clock.today()) is not None,
        "orders": [(one, *_measured(one)) for one in system.dated_orders.select_related("to_user")[:PAGE]],
    }
    return render(request, "incidents/route.html", context)


def _as_it_is(system: System, current: object) -> dict[str, object]:
    names = ("to_kind", "to_user", "contact_name", "organisation", "channel", "what", "out_of_hours", "promised_minutes")
    known = {name: getattr(current, name) for name in names} if current else {}
    return {**known, "revision": system.revision}


@requires("order.see")
@require_http_methods(["GET", "HEAD", "POST"])
def stop_rota(request: HttpRequest) -> HttpResponse:
    """Who can stop now, system by system; printed for the wall of whoever answers at night."""
    form = DutyForm(
        request.POST if request.POST.get("step") == "set" else None, systems=_settable(request), initial={"first_day": clock.today()}
    )
    end = WhyForm(request.POST if request.POST.get("step") == "end" else None, auto_id="end-%s")
    if request.method == "POST" and _rota_act(request, form, end):
        return redirect("incidents:rota")
    page = Paginator(rota.running_systems(), PAGE).get_page(request.GET.get("page"))
    context = {
        "rotas": rota.rotas(page.object_list, clock.today()),
        "page": page,
        "ahead": rota.AHEAD,
        "today": clock.today(),
        "form": form,
        "end": end,
        "may_set": holds(request.user, "stop_duty.set", clock.today()) is not None,
        "duties": StopDuty.objects.covering(clock.today(), clock.today() + timedelta(days=3650)),
    }
    return render(request, "incidents/rota.html", context)


def _settable(request: HttpRequest) -> object:
    running = System.objects.filter(phase__in=rota.RUNNING).order_by("name_sv")
    coordinates = Role.AI_COORDINATOR in set(request.user.mandates.valid(clock.today()).values_list("role", flat=True))
    return running if coordinates else running.filter(owner=request.user)


def _rota_act(request: HttpRequest, form: forms.Form, end: forms.Form) -> bool:
    if form.is_bound:
        return attempt(
            request,
            form,
            lambda: rota.set_duty(actor=acting(request, "stop_duty.set", form.cleaned_data["system"]), **form.cleaned_data),
            done=_("The person is on the list."),
        )
    duty = get_object_or_404(StopDuty.objects.select_related("system"), pk=request.POST.get("duty") if end.is_bound else 0)
    return attempt(
        request,
        end,
        lambda: rota.end_duty(actor=acting(request, "stop_duty.set", duty.system), duty=duty, **end.cleaned_data),
        done=_("The person is off the list from today."),
    )
