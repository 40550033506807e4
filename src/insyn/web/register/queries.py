"""What the pages of the register read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec
from django.db.models import F, Q, QuerySet

from insyn.core.permit import Permit
from insyn.core.refusals import Reason
from insyn.core.signing import Signed
from insyn.core.terms import Phase, RecordKind, Role
from insyn.law.answers import facts_of
from insyn.law.model import Fact
from insyn.rules.gates import GateState
from insyn.web.accounts.models import Mandate, User
from insyn.web.language import spoken

from . import packs as rule_packs
from .actions.records import suppliers_of
from .compiling import gates_of
from .contents import fields_of
from .models import Act, IssuedPermit, Outbox, Record, System, WorkItem

#: A start page shows so many systems of each kind; the list has them all.
SHOWN = 50
#: ... and so many of the reasons of each.
TITLES = 4
_BEFORE_USE = (Phase.NEEDS_ANALYSIS, Phase.DEVELOPMENT, Phase.PROCUREMENT, Phase.ASSESSMENT, Phase.DECISION)
_ALIVE = (*_BEFORE_USE, Phase.PILOT, Phase.IN_USE, Phase.PAUSED)


def systems_matching(words: str, phase: str = "") -> QuerySet[System]:
    """Systems whose name, short name or office holds the words."""
    found = System.objects.select_related("owner", "office")
    if phase in set(Phase):
        found = found.filter(phase=phase)
    for word in words.split()[:8]:
        found = found.filter(
            Q(name_sv__icontains=word) | Q(name_en__icontains=word) | Q(slug__icontains=word) | Q(office__name_sv__icontains=word)
        )
    return found


def permits_of(systems: Iterable[System]) -> dict[int, Permit]:
    """The newest permit of each system, by the system's key. Read from our own rows, so the signature is not checked again."""
    keys = [system.pk for system in systems]
    rows = IssuedPermit.objects.filter(system__in=keys, epoch=F("system__epoch")).values_list("system", "signed")
    decode = msgspec.json.Decoder(Signed).decode
    permit = msgspec.json.Decoder(Permit).decode
    return {key: permit(decode(bytes(signed)).body) for key, signed in rows}


@dataclass(frozen=True)
class Waiting:
    """Something that the person can move on: a system, and the reasons that they can mend."""

    system: System
    reasons: tuple[Reason, ...]

    @property
    def titles(self) -> list[str]:
        """The first few, by the gate's title: a gate's reason begins with it."""
        return [spoken(reason.sentence).partition(":")[0] for reason in self.reasons[:TITLES]]

    @property
    def more(self) -> int:
        return max(0, len(self.reasons) - TITLES)


def waiting_for(roles: Iterable[str], user: User) -> list[Waiting]:
    """Systems where something is missing that an office of the user can supply; as owner only one's own."""
    held = set(roles)
    systems = list(System.objects.filter(phase__in=_ALIVE).order_by("slug")[: SHOWN * 4])
    permits = permits_of(systems)
    found = []
    for system in systems:
        mine = held if system.owner_id == user.pk else held - {Role.SYSTEM_OWNER}
        permit = permits.get(system.pk)
        reasons = tuple(reason for reason in (permit.missing if permit else ()) if reason.rule and mine & set(reason.who))
        if reasons:
            found.append(Waiting(system, reasons))
    return found[:SHOWN]


def for_decision() -> list[Waiting]:
    """Systems whose owners ask for a decision, with what is still missing."""
    systems = list(System.objects.filter(phase=Phase.DECISION).order_by("slug")[:SHOWN])
    permits = permits_of(systems)
    return [
        Waiting(system, tuple(reason for reason in permits[system.pk].missing if reason.rule)) for system in systems if system.pk in permits
    ]


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


def gate_lines(system: System, roles: Iterable[str], *, on: date) -> list[GateLine]:
    """Every gate of the system, those not met first."""
    packs = rule_packs.in_force(on)
    versions = _versions_asked(system)
    records = {str(record.pk): record for record in system.records.select_related("version")}
    questions, held = facts_of(packs), set(roles)
    lines = []
    for gate in gates_of(system, packs, versions=versions, on=on):
        suppliers = tuple(sorted(suppliers_of(gate.demands, packs))) if gate.demands else gate.who
        lines.append(
            GateLine(
                gate=gate,
                record=records.get(gate.record_id),
                suppliers=suppliers,
                may_supply=gate.demands is not None and bool(held & set(suppliers)),
                questions=tuple(questions[fact] for fact in gate.unknown if fact in questions),
            )
        )
    return sorted(lines, key=lambda line: line.gate.met)


def _versions_asked(system: System) -> list[str]:
    decided = system.versions.filter(decided=True)
    return list((decided if decided.exists() else system.versions.all()).values_list("name", flat=True))


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
    found = Act.objects.select_related("system", "outbox").order_by("-at", "-pk")
    return found if system is None else found.filter(system=system)


def holders_of(role: Role | None, on: date) -> list[tuple[str, str]]:
    """Person id and name of everybody who holds the role on the day, for a list to choose from."""
    found = Mandate.objects.valid(on).filter(role=role) if role else Mandate.objects.valid(on)
    people = {mandate.user.person: str(mandate.user) for mandate in found.select_related("user")}
    return sorted(people.items(), key=lambda pair: pair[1])


def content_as_text(record: Record) -> list[tuple[str, str]]:
    """Label and text of each field that the record has, people by name."""
    people = {user.person: str(user) for user in User.objects.filter(person__in=_people_in(record))}
    lines = []
    for field in fields_of(record.kind):
        value = record.content.get(field.name)
        if value not in (None, ""):
            parts = value if isinstance(value, list) else [value]
            lines.append((str(field.label), ", ".join(people.get(part, str(part)) for part in parts)))
    return lines


def _people_in(record: Record) -> list[str]:
    return [*record.content.get("reviewers", ()), *([record.content["person"]] if "person" in record.content else [])]
