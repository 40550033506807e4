"""What of this part waits for somebody, and its days. Evaluations and permits have days of their own in the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Phase, RecordKind, Role
from insyn.core.text import Text
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import AHEAD, DATES, MOST, Dated, Item, seen_by
from insyn.web.register.models import Decision, Record, System

from .models import DelegationItem, Deviation
from .words import DeviationState, Outcome

KINDS = {
    "deviation": Text("Avvikelse", "Deviation"),
    "delegation": Text("Delegation som går ut", "Delegation that ends"),
    "decided_through": Text("Beslut som går ut", "Decision that ends"),
    "evaluation_change": Text("Ändring efter utvärdering", "Change after an evaluation"),
}


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What the person can do today as the owner of a system, or as the secretary."""
    found: list[Item] = []
    if Role.SYSTEM_OWNER in roles:
        found += [*_deviations(user, on), *_decisions(user, on), *_changes(user)]
    if Role.COUNCIL_SECRETARY in roles:
        found += _delegations(on)
    return found


def _deviations(user: User, on: date) -> Iterator[Item]:
    rows = Deviation.objects.filter(system__owner=user).select_related("system").order_by("last_day")
    for row in rows.filter(state=DeviationState.PROPOSED)[:MOST]:
        title = _("%(system)s: accept the risk of a deviation, or say no") % {"system": row.system.name}
        yield Item("deviation", title, _address(row), None, row.system, Role.SYSTEM_OWNER)
    for row in rows.filter(state=DeviationState.ACCEPTED, last_day__lte=on + AHEAD)[:MOST]:
        title = _("%(system)s: follow the rule again, or propose a new deviation") % {"system": row.system.name}
        yield Item("deviation", title, _address(row), row.last_day, row.system, Role.SYSTEM_OWNER)


def _address(row: Deviation) -> str:
    return reverse("decisions:deviation", args=[row.system.slug, row.pk])


def _decisions(user: User, on: date) -> Iterator[Item]:
    """The decision in force ends soon, or has ended."""
    for row in _newest(Decision.objects.filter(system__owner=user, valid_through__lte=on + AHEAD)):
        title = _("%(system)s: ask for a new decision") % {"system": row.system.name}
        yield Item(
            "decided_through",
            title,
            reverse("register:decisions", args=[row.system.slug]),
            row.valid_through,
            row.system,
            Role.SYSTEM_OWNER,
        )


def _newest(rows: object, *, most: int = MOST) -> Iterator[Decision]:
    """Of each system in use the decision whose last day counts."""
    from .standing import last_days

    used = rows.filter(system__phase__in=(Phase.PILOT, Phase.IN_USE, Phase.PAUSED), what__in=("use", "continue"))
    seen: set[int] = set()
    newest = list(used.select_related("system").order_by("-pk")[:most])
    through = last_days({row.system_id for row in newest})
    for row in newest:
        if row.system_id not in seen and through[row.system_id] == row.valid_through:
            seen.add(row.system_id)
            yield row


def _changes(user: User) -> Iterator[Item]:
    for record in _asked_changes().filter(system__owner=user).prefetch_related("act__work_items")[:MOST]:
        title = f"{record.system.name}: {record.content['change_what'][:120]}"
        href = reverse("register:work_item", args=[min(item.pk for item in record.act.work_items.all())])
        due = date.fromisoformat(record.content["change_by"])
        yield Item("evaluation_change", title, href, due, record.system, Role.SYSTEM_OWNER)


def _asked_changes() -> object:
    """Evaluations that ask for a change whose work item is open."""
    return (
        Record.objects.filter(
            kind=RecordKind.EVALUATION, content__outcome=Outcome.CHANGE.value, withdrawn_on=None, act__work_items__closed=None
        )
        .exclude(act__work_items=None)
        .select_related("system", "act")
        .order_by("pk")
    )


def _delegations(on: date) -> Iterator[Item]:
    soon = DelegationItem.objects.in_force(on).filter(last_day__lte=on + AHEAD, ended_on=None).select_related("board")
    for item in soon[:MOST]:
        title = _("Item %(number)s of %(board)s ends") % {"number": item.number, "board": item.board.name}
        href = reverse("decisions:item", args=[item.pk])
        yield Item("delegation", title, href, item.last_day, None, Role.COUNCIL_SECRETARY)


def calendar(on: date) -> list[Dated]:
    """The last days of deviations and delegations, and the days by which evaluations want a change."""
    return [*_deviation_days(on), *_delegation_days(on), *_change_days(on)]


def calendar_of(user: User, roles: frozenset[str], first: date, last: date) -> list[Dated]:
    """The last days of decisions: as many as there are systems, so only those that the person is told of."""
    told = frozenset({Role.SYSTEM_OWNER, Role.ELECTED_MEMBER})
    rows = seen_by(Decision.objects.filter(valid_through__gte=max(first, clock.today()), valid_through__lte=last), user, roles, told)
    return [_decision_day(row, told) for row in _newest(rows, most=DATES)]


def _deviation_days(on: date) -> Iterator[Dated]:
    owner = frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR})
    for row in Deviation.objects.filter(state=DeviationState.ACCEPTED, last_day__gte=on).select_related("system"):
        title = _ends(row.system, "avvikelsen upphör", "the deviation ends")
        yield Dated(f"deviation-{row.pk}", row.last_day, title, _address(row), row.system_id, owner)


def _decision_day(row: Decision, told: frozenset[str]) -> Dated:
    title = _ends(row.system, "beslutet upphör", "the decision ends")
    href = reverse("register:decisions", args=[row.system.slug])
    return Dated(f"decision-{row.pk}", row.valid_through, title, href, row.system_id, told)


def _ends(system: System, sv: str, en: str) -> Text:
    return Text(f"{system.name_sv}: {sv}", f"{system.name_en}: {en}")


def _delegation_days(on: date) -> Iterator[Dated]:
    for item in DelegationItem.objects.filter(last_day__gte=on, ended_on=None).select_related("board"):
        title = Text(f"Punkt {item.number} upphör ({item.board.name_sv})", f"Item {item.number} ends ({item.board.name_en})")
        href = reverse("decisions:item", args=[item.pk])
        yield Dated(f"delegation-{item.pk}", item.last_day or on, title, href, None, frozenset({Role.COUNCIL_SECRETARY}))


def _change_days(on: date) -> Iterator[Dated]:
    for record in _asked_changes():
        title = _ends(record.system, "ändringen efter utvärderingen ska vara gjord", "the change after the evaluation is due")
        href = reverse("decisions:evaluations", args=[record.system.slug])
        day = date.fromisoformat(record.content["change_by"])
        if day >= on:
            yield Dated(f"change-{record.pk}", day, title, href, record.system_id, frozenset({Role.SYSTEM_OWNER}))
