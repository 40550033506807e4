"""What the pages of the register read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec
from django.db.models import F, QuerySet

from insyn.core.permit import Permit
from insyn.core.signing import Signed
from insyn.core.terms import Phase, RecordKind, Role, SystemKind
from insyn.law.answers import facts_of
from insyn.law.model import Fact
from insyn.rules.classify import SystemClass
from insyn.rules.gates import GateState
from insyn.web.accounts.models import Mandate, User
from insyn.web.history.finding import Found, below, listings
from insyn.web.history.models import Listing

from . import packs as rule_packs
from .actions.records import BY_OWN_ACTS, suppliers_of
from .compiling import gates_of
from .ends import Hold, holds_of
from .models import Act, IssuedPermit, Outbox, Record, System, WorkItem
from .rows import Rows

#: A start page shows so many work items.
SHOWN = 100
#: ... and of an act, whose text and entry are long.
_ACT_SHOWN = (
    "verb", "person", "actor_name", "role", "office", "at", "log_index", "system__slug", "system__name_sv", "system__name_en", "outbox__error",
)  # fmt: skip
#: What a choice of class says for systems that nobody has classified.
NO_CLASS = "none"
_LISTED = (
    "slug",
    "name_sv",
    "name_en",
    "phase",
    "reach",
    "evaluation_due",
    "refused_why_sv",
    "refused_why_en",
    "owner__first_name",
    "owner__last_name",
    "owner__username",
    "office__name_sv",
    "office__name_en",
)


def systems_matching(words: str, *, phase: str = "", office: str = "", system_class: str = "", kind: str = "") -> Found:
    """The lines of the systems that fit, by name: all words in what those who work with them may search."""
    filters: dict[str, object] = {"phase": phase} if phase in set(Phase) else {}
    if kind in set(SystemKind):
        filters["kind"] = kind
    if system_class in {*SystemClass, NO_CLASS}:
        filters["found_class"] = "" if system_class == NO_CLASS else system_class
    if office:
        filters["office__in"] = below(office)
    return listings(words, public=False, filters=filters)


def with_holds(rows: Iterable[Listing]) -> list[tuple[System, Hold | None]]:
    """The systems of these lines, in the same order, each with what its newest permit holds."""
    keys = [row.system_id for row in rows]
    systems = System.objects.select_related("owner", "office").only(*_LISTED).in_bulk(keys)
    holds = holds_of(systems.values())
    return [(systems[key], holds.get(key)) for key in keys]


def permits_of(systems: Iterable[System]) -> dict[int, Permit]:
    """The newest permit of each system, by the system's key. Read from our own rows, so the signature is not checked again."""
    keys = [system.pk for system in systems]
    rows = IssuedPermit.objects.filter(system__in=keys, epoch=F("system__epoch")).values_list("system", "signed")
    decode = msgspec.json.Decoder(Signed).decode
    permit = msgspec.json.Decoder(Permit).decode
    return {key: permit(decode(bytes(signed)).body) for key, signed in rows}


def open_work(user: User) -> QuerySet[WorkItem]:
    """What waits to be dealt with on the systems that the user owns."""
    found = WorkItem.objects.filter(closed=None, system__owner=user).select_related("system")
    return found.order_by("opened", "pk")[:SHOWN]


def stuck() -> Outbox | None:
    """The act that holds the way to the log, if the sequencer has refused it."""
    return Outbox.objects.filter(sent_at=None).exclude(error="").select_related("act").order_by("id").first()


def interrupted() -> QuerySet[IssuedPermit]:
    """Narrowings whose act was cut off and that nobody has done again or decided on."""
    newest = IssuedPermit.objects.filter(interrupted=True, epoch=F("system__epoch"))
    return newest.select_related("system", "act")


@dataclass(frozen=True)
class GateLine:
    """A gate as the page shows it. ``may_supply``: one of the reader's roles may supply the record that it demands."""

    gate: GateState
    record: Record | None
    suppliers: tuple[Role, ...]
    may_supply: bool
    questions: tuple[Fact, ...]

    @property
    def anchor(self) -> str:
        return anchor_of(self.gate)


def anchor_of(gate: GateState) -> str:
    """Where the gate stands on the page of requirements."""
    return "gate-" + re.sub(r"[^a-z0-9]+", "-", f"{gate.rule} {gate.version}".lower()).strip("-")


def gate_lines(system: System, roles: Iterable[str], *, on: date) -> list[GateLine]:
    """Every gate of the system, those not met first."""
    packs = rule_packs.in_force(on)
    rows = Rows(system)
    records = {str(record.pk): record for record in rows.records}
    questions, held = facts_of(packs), set(roles)
    lines = []
    for gate in gates_of(system, packs, versions=rows.versions_asked, on=on, before=Phase.IN_USE, rows=rows):
        suppliers = tuple(sorted(suppliers_of(gate.demands, packs))) if gate.demands else gate.who
        lines.append(
            GateLine(
                gate=gate,
                record=records.get(gate.record_id),
                suppliers=suppliers,
                may_supply=gate.demands not in (None, *BY_OWN_ACTS) and bool(held & set(suppliers)),
                questions=tuple(questions[fact] for fact in gate.unknown if fact in questions),
            )
        )
    return sorted(lines, key=lambda line: line.gate.met)


def roles_on(user: User, system: System | None, on: date) -> frozenset[str]:
    """The roles in which the user may act on the system: an owner's only on their own."""
    roles = frozenset(user.mandates.valid(on).values_list("role", flat=True))
    own = system is None or system.owner_id == user.pk
    return roles if own else roles - {Role.SYSTEM_OWNER}


def supplying_role(user: User, system: System, kind: RecordKind, on: date) -> str:
    """The role in which the user may supply a record of this kind; empty when there is none."""
    held = roles_on(user, system, on) & suppliers_of(kind, rule_packs.in_force(on))
    return min(held, default="")


def acts_of(system: System | None = None) -> QuerySet[Act]:
    """Acts, newest first."""
    found = Act.objects.select_related("system", "outbox").only(*_ACT_SHOWN).order_by("-at", "-pk")
    return found if system is None else found.filter(system=system)


def holders_of(role: Role | None, on: date) -> list[tuple[str, str]]:
    """Person id and name of everybody who holds the role on the day, for a list to choose from."""
    found = Mandate.objects.valid(on).filter(role=role) if role else Mandate.objects.valid(on)
    people = {mandate.user.person: str(mandate.user) for mandate in found.select_related("user")}
    return sorted(people.items(), key=lambda pair: pair[1])
