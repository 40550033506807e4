"""A register of any size, in a home of its own: one full-size entry made by the register's own acts, and copies of it.

A copy has rows of its own in every table that knows of systems (records, acts, permits, versions, decisions, revisions, and whatever a later
table adds), with its own name, office, phase and keys. The copying is SQL, so that ten thousand take seconds.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insyn.core.home import Home
from insyn.core.terms import Reach, RecordKind, Role, SystemKind
from insyn.web.setup import prepare_home, prepare_register

ROOT = Path(__file__).resolve().parent.parent
#: Keys of copy n lie n steps above those of the entry that it was copied from.
_STEP = 10_000
#: What is kept of a classification is by far the largest row (half a megabyte): every so many systems have one, and pages are asked for theirs.
CLASSIFIED = 50
#: So many systems have the same owner.
OWNED = 20
_OFFICES, _VERSIONS, _CHANGES = 40, 3, 12
_SENTENCE = (
    "Nämnden har gått igenom underlaget och funnit att systemet svarar mot ändamålet, att riskerna är kända och att åtgärderna följs upp. "
)
_NAMES = (
    "Lånestöd", "Bygglovsgranskaren", "Förskolekön", "Översättaren", "Avfallsprognosen", "Skolskjutsplaneraren", "Ärendesorteraren", "Maskeringen",
    "Hemtjänstruttern", "Trafikmätaren", "Vattenläckesökaren", "Fakturatolken", "Mötesskrivaren", "Simhallsprognosen", "Biståndsstödet", "Elevhälsan",
)  # fmt: skip


@contextmanager
def empty_home() -> Iterator[Home]:
    """A home with an opened register, with Django on it. One for each process."""
    with tempfile.TemporaryDirectory(prefix="in") as folder:
        os.environ.update(INSYN_HOME=folder, DJANGO_SETTINGS_MODULE="insyn.web.settings", INSYN_HTTPS="0", INSYN_ALLOWED_HOSTS="testserver")
        os.environ["INSYN_PACKS"] = str(ROOT / "packs")
        home = Home(Path(folder))
        prepare_home(home, "bench.example/log", 2000)
        prepare_register(home)
        yield home


def build(count: int) -> Any:
    """A register with so many systems; the user who owns them."""
    owner = open_with_people()
    system = _whole_entry(owner)
    _copy(system, count - 1)
    _name(system, count, _more_owners(_user(owner), count))
    return _user(owner)


def open_with_people() -> Any:
    """An opened register with offices and every policy adopted; the one who is to own systems."""
    from insyn.web.accounts.actions import add_person, appoint, open_office, open_register
    from insyn.web.accounts.models import Mandate, Office, User
    from insyn.web.accounts.permissions import actor_of, as_actor
    from insyn.web.clock import today

    words = {"first_name": "Nina", "last_name": "Admin", "password": "korrekt häst batteri"}
    act = open_register(name="Mätkommun", username="admin", office="kontoret", office_sv="Kontoret", office_en="The office", **words)
    administrator = as_actor(Mandate.objects.get(act=act))
    for number in range(_OFFICES):
        parent = Office.objects.get(slug=f"namnd-{number // 5}") if number % 5 else None
        slug = f"namnd-{number // 5}" if number % 5 == 0 else f"forvaltning-{number}"
        kind = "administration" if number % 5 else "board"
        open_office(actor=administrator, slug=slug, name_sv=f"Nämnd {number}", name_en=f"Board {number}", kind=kind, parent=parent)
    _adopt(administrator)
    add_person(actor=administrator, username="owner", first_name="Olle", last_name="Ägare", password="korrekt häst batteri")
    user = User.objects.get(username="owner")
    for role in (Role.SYSTEM_OWNER, Role.STOP_HOLDER, Role.CASE_OFFICER):
        appoint(actor=administrator, user=user, role=role, office=Office.objects.get(slug="kontoret"))
    return actor_of(user, Role.SYSTEM_OWNER, today())


def _adopt(administrator: Any) -> None:
    """Every policy that Insyn ships, as if the council had adopted them all."""
    from insyn.law.model import PackKind
    from insyn.web.accounts.actions import add_person, appoint
    from insyn.web.accounts.models import Office, User
    from insyn.web.accounts.permissions import actor_of
    from insyn.web.clock import today
    from insyn.web.register import texts
    from insyn.web.register.actions import adopt_pack

    add_person(actor=administrator, username="clerk", first_name="Siv", last_name="Sekreterare", password="korrekt häst batteri")
    user = User.objects.get(username="clerk")
    appoint(actor=administrator, user=user, role=Role.COUNCIL_SECRETARY, office=Office.objects.get(slug="kontoret"))
    clerk = actor_of(user, Role.COUNCIL_SECRETARY, today())
    for pack in texts.folders().packs:
        if pack.kind is PackKind.POLICY:
            adopt_pack(actor=clerk, pack=pack.id, adopted_on=today(), case_number="KF 2026/1")


def _user(owner: Any) -> Any:
    from insyn.web.accounts.models import User

    return User.objects.get(person=owner.person)


def _both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


def _whole_entry(owner: Any) -> Any:
    """An entry with every field filled, two thirds of its questions answered, and records for half of its gates."""
    from insyn.web.accounts.models import Office
    from insyn.web.register import packs
    from insyn.web.register.actions import add_version, answer_facts, describe_system, register_system
    from insyn.web.register.models import System

    from .systems import draw_systems

    description = {
        f"{name}_{language}": _SENTENCE * 8 for name in ("description", "manual_way", "known_limits") for language in ("sv", "en")
    }
    groups = [{"group": _both(f"Grupp {number}"), "how": _both(_SENTENCE * 2)} for number in range(6)]
    purposes = [
        {
            "purpose": f"syfte-{number}",
            "name": _both(f"Handläggning {number}"),
            "categories": ["income", "debt"],
            "matter_types": ["loan", "grant"],
        }
        for number in range(3)
    ]
    register_system(
        actor=owner,
        slug="system",
        owner=_user(owner),
        office=Office.objects.get(slug="kontoret"),
        name_sv="Lånestöd 0",
        name_en="Loan support 0",
        summary_sv=_SENTENCE,
        summary_en=_SENTENCE,
        kind=SystemKind.BOUGHT,
        reach=Reach.EVERY_CALL,
        supplier="Språkbolaget AB",
        modes=["support"],
        purposes=purposes,
        affected_groups=groups,
        groups={"sex": {"label": _both("Kön"), "values": {"female": _both("Kvinna"), "male": _both("Man")}}},
        outcomes={code: _both(_SENTENCE) for code in ("grant", "reject", "part")},
        factors={f"feature_{number}": {"label": _both(f"Uppgift {number}"), "unit": "kr"} for number in range(20)},
        data_uses=[{"category": _both(f"Uppgift {number}"), "source": _both("Skatteverket"), "why": _both(_SENTENCE), "legal_basis": _both("FL")} for number in range(8)],
        links={"case_number": "KS 2026/14", "procurement": "https://upphandling.example/14"},
        klassa={"confidentiality": 3, "integrity": 3, "availability": 2, "traceability": 3, "day": "2026-01-10"},
        **description,
    )  # fmt: skip
    system = System.objects.get(slug="system")
    answer_facts(actor=owner, system=system, answers=draw_systems(packs.installed(), 1, answered=2 / 3, seed=3)[0])
    for number in range(_VERSIONS):
        add_version(actor=owner, system=system, name=f"{number}.0", model="gpt-next", supplier="Språkbolaget AB", notes=_SENTENCE * 3)
    _supply(system, owner)
    _classify(system, owner)
    for number in range(_CHANGES):
        describe_system(actor=owner, system=system, known_limits_sv=_SENTENCE * 7 + f"Ändring {number}.")
    return System.objects.get(slug="system")


def _supply(system: Any, owner: Any) -> None:
    """Records for every second gate, as large as records get, without the forms' checks: what is measured is reading them."""
    from insyn.web.clock import today
    from insyn.web.register import packs
    from insyn.web.register.compiling import gates_of
    from insyn.web.register.models import Record

    gates = gates_of(system, packs.in_force(today()), versions=["2.0"], on=today())
    kinds = list(dict.fromkeys(gate.demands for gate in gates if gate.demands and gate.demands is not RecordKind.STOP_MANDATE))
    for kind in kinds[::2]:
        act = _act("supply_record", system, owner)
        content = {"summary": _SENTENCE * 5, **{f"part_{number}": _SENTENCE * 6 for number in range(8)}}
        common = {"person": owner.person, "person_name": owner.name, "recorded_on": today(), "case_number": "KS 2026/15"}
        version = system.versions.get(name="2.0")
        Record.objects.create(system=system, kind=kind, version=version, content=content, supplied_role=owner.role, act=act, **common)


def _act(verb: str, system: Any, owner: Any) -> Any:
    from django.db import transaction

    from insyn.web.register.acts import write_act

    with transaction.atomic():
        return write_act(verb=verb, actor=owner, system=system, text={"summary": _SENTENCE * 10})


def _classify(system: Any, owner: Any) -> None:
    """A classification with its answers, evidence, result and reasons as they are kept."""
    from insyn.web.assessments.actions import kept_of
    from insyn.web.assessments.models import Classification
    from insyn.web.assessments.queries import finding_on
    from insyn.web.clock import today
    from insyn.web.register.models import Record

    rows = {fact: {"answer": answer, "evidence": _SENTENCE} for fact, answer in system.facts.items()}
    act, found = _act("record_classification", system, owner), finding_on(rows, today())
    who = {"person": owner.person, "person_name": owner.name}
    record = Record.objects.create(
        system=system,
        kind=RecordKind.CLASSIFICATION,
        content={"summary": _SENTENCE},
        supplied_role=owner.role,
        recorded_on=today(),
        act=act,
        **who,
    )
    kept = kept_of(found, rows)
    Classification.objects.create(
        system=system, day=today(), packs="0" * 64, digest="0" * 64, role=owner.role, record=record, act=act, **kept, **who
    )


#: What a copy goes without, since no page reads it and it would fill the disk: most classifications (see above), permits but the newest
#: two, and permits that lie in the outbox though they were sent long ago.
_FEWER = {
    "assessments.Classification": f" AND n % {CLASSIFIED} = 0",
    "register.IssuedPermit": " AND epoch > (SELECT MAX(epoch) - 2 FROM register_issuedpermit)",
}


def _copy(system: Any, count: int) -> None:
    """Rows for ``count`` more systems, from those of the one."""
    from django.apps import apps
    from django.db import connection, transaction

    from insyn.web.register.models import Act, Outbox, System

    System.objects.filter(pk=system.pk).update(epoch=system.permits.order_by("-epoch").first().epoch)
    models = [model for model in apps.get_models() if model in (System, Act, Outbox) or _knows_systems(model, System)]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF; ")
        cursor.execute("PRAGMA synchronous=OFF")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        cursor.execute("CREATE TEMP TABLE numbers(n INTEGER PRIMARY KEY)")
        cursor.executemany("INSERT INTO numbers VALUES (%s)", [(number,) for number in range(1, count + 1)])
        for model in models:
            some = _FEWER.get(model._meta.label, "")
            cursor.execute(_copying(model, models, system.pk) + some)


def _knows_systems(model: Any, system: Any) -> bool:
    return any(field.is_relation and field.related_model is system for field in model._meta.concrete_fields)


def _copying(model: Any, models: list[Any], pk: int) -> str:
    from insyn.web.register.models import Act, Outbox, System

    table, fields = model._meta.db_table, model._meta.concrete_fields
    where = (
        f"id = {pk}"
        if model is System
        else f"act_id IN (SELECT id FROM register_act WHERE system_id = {pk})"
        if model is Outbox
        else f"system_id = {pk}"
    )
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, models, Act) for field in fields)
    return f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" CROSS JOIN numbers WHERE {where}'


def _value(field: Any, models: list[Any], act: Any) -> str:
    """The column of a copy: keys and whatever must be unique moved, all else the same."""
    column = f'"{field.column}"'
    kin = field.related_model if field.is_relation else field.model if field.primary_key else None
    if field.model._meta.label == "register.Outbox" and field.name == "permit":
        return "NULL"
    if kin is act:
        return f"printf('%08x', n) || substr({column}, 9)"
    if kin in models:
        return f"{column} + n * {_STEP}"
    if field.unique and field.get_internal_type() in ("CharField", "SlugField"):
        return f"substr({column}, 1, 56) || '-' || n"
    return f"{column} + n * {_STEP}" if field.unique else column


def _more_owners(owner: Any, count: int) -> list[int]:
    """So many people that each owns :data:`OWNED` systems; the keys of all of them."""
    from insyn.web.accounts.models import Mandate, User

    mandates = list(owner.mandates.all())
    people = User.objects.bulk_create(
        User(username=f"owner-{number}", first_name="Eva", last_name=f"Nr {number}") for number in range(1, count // OWNED)
    )
    for mandate in mandates:
        held = {"role": mandate.role, "office": mandate.office, "first_day": mandate.first_day, "act": mandate.act}
        Mandate.objects.bulk_create(Mandate(user=person, **held) for person in people)
    return [owner.pk, *(person.pk for person in people)]


def _name(system: Any, count: int, owners: list[int]) -> None:
    """Names, offices and phases of their own, and the lines by which the systems are listed and found."""
    from django.db import connection, transaction

    from insyn.web.accounts.models import Office
    from insyn.web.history.keeping import fold, sort_key

    drawn, offices = random.Random(5), list(Office.objects.values_list("pk", flat=True))
    phases = ["in_use"] * 6 + ["assessment", "decision", "paused", "retired"]
    with transaction.atomic(), connection.cursor() as cursor:
        for number in range(count):
            key, name = system.pk + number * _STEP, f"{drawn.choice(_NAMES)} {number}"
            office, phase = drawn.choice(offices), drawn.choice(phases)
            place = [office, phase, owners[number // OWNED % len(owners)], key]
            cursor.execute(
                "UPDATE register_system SET name_sv=%s, name_en=%s, office_id=%s, phase=%s, owner_id=%s WHERE id=%s", [name, name, *place]
            )
            sort = [sort_key(name), sort_key(name)]
            cursor.execute(
                "UPDATE history_listing SET sort_sv=%s, sort_en=%s, office_id=%s, phase=%s, owner_id=%s WHERE system_id=%s", [*sort, *place]
            )
            cursor.execute("UPDATE portfolio_standing SET office_id=%s, phase=%s, owner_id=%s WHERE system_id=%s", place)
            words = fold(f"{name}\n{_SENTENCE}\nSpråkbolaget AB")
            cursor.execute("UPDATE history_searchable SET public=%s, work=%s WHERE system_id=%s", [words, words, key])
    with transaction.atomic(), connection.cursor() as cursor:  # sent to the log long ago, and each record by the owner of its system
        cursor.execute("UPDATE register_act SET log_index = rowid")
        cursor.execute("UPDATE register_outbox SET sent_at = made_at")
        owner = "SELECT u.person FROM register_system s JOIN accounts_user u ON u.id = s.owner_id WHERE s.id = register_record.system_id"
        cursor.execute(f"UPDATE register_record SET person = ({owner})")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
