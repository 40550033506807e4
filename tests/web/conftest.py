"""A register in a folder of its own, with a real SQLite file, and people who hold offices in it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import pytest
from record_kit import ASSESSED, VALIDATED

from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Reach, RecordKind, Role, SystemKind
from insyn.web.clock import today
from insyn.web.setup import prepare_home

PACKS = Path(__file__).parent / "packs"


def _set_up() -> Home:
    """A home with keys, and Django on it. Before any test, because models are read at import."""
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        folder = tempfile.mkdtemp(prefix="in")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ.update(INSYN_HOME=folder, DJANGO_SETTINGS_MODULE="insyn.web.settings", INSYN_PACKS=str(PACKS), INSYN_HTTPS="0")
    home = Home(Path(os.environ["INSYN_HOME"]))
    prepare_home(home, "test.example/log", 2000)
    django.setup()
    return home


HOME = _set_up()
PASSWORD = "korrekt häst batteri"
LAST_DAY = today() + timedelta(days=365)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A file, not memory: the register's promises are about what lies on the disk."""
    from django.conf import settings

    settings.DATABASES["default"]["TEST"] |= {"NAME": HOME.root / "test-register.sqlite3", "MIGRATE": False}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The tables as a new installation has them: from the models, and what is beyond these."""
    from django.db import connection

    from insyn.web.tables import note_as_made

    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        note_as_made(editor)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hash takes half a second for each person."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def in_swedish() -> Iterator[None]:
    """Whatever page was asked for in English before."""
    from django.utils import translation

    with translation.override("sv"):
        yield


@pytest.fixture
def opened(db: None) -> Any:
    """An opened register; the act that opened it."""
    from insyn.web import clock
    from insyn.web.accounts.actions import open_register
    from insyn.web.register.waiting import put_first_in_use

    put_first_in_use(clock.now())
    return open_register(
        name="Provkommun",
        username="admin",
        first_name="Nina",
        last_name="Admin",
        password=PASSWORD,
        office="kontoret",
        office_sv="Kontoret",
        office_en="The office",
    )


@pytest.fixture
def administrator(opened: Any) -> Actor:
    from insyn.web.accounts.models import Mandate
    from insyn.web.accounts.permissions import as_actor

    return as_actor(Mandate.objects.get(act=opened))


@pytest.fixture
def person(administrator: Actor) -> Callable[..., Actor]:
    """``person(Role.SYSTEM_OWNER)``: somebody new with that mandate, as an actor. ``name`` tells two apart."""
    from insyn.web.accounts.actions import add_person, appoint
    from insyn.web.accounts.models import User
    from insyn.web.accounts.permissions import actor_of

    def make(role: Role, name: str = "", **mandate: Any) -> Actor:
        username = name or role.value
        if not User.objects.filter(username=username).exists():
            add_person(actor=administrator, username=username, first_name=username.title(), last_name="Prov", password=PASSWORD)
        user, office = User.objects.get(username=username), _office_for(role, administrator)
        found = user.mandates.filter(role=role).first()
        if found is None:
            appoint(actor=administrator, user=user, role=role, office=office, **mandate)
        return actor_of(user, role, mandate.get("first_day", today()))

    return make


def _office_for(role: Role, administrator: Actor) -> Any:
    """A union representative speaks for a union; everybody else sits in the office."""
    from insyn.web.accounts.actions import open_office
    from insyn.web.accounts.models import Office

    if role is not Role.UNION_REPRESENTATIVE:
        return Office.objects.get(slug="kontoret")
    if not Office.objects.filter(slug="facket").exists():
        open_office(actor=administrator, slug="facket", name_sv="Facket", name_en="The union", kind="union")
    return Office.objects.get(slug="facket")


def negotiate(system: Any, *, owner: Actor, representative: Actor) -> None:
    """The union is invited, meets, approves the minutes, agrees and closes: then the record is there."""
    from insyn.web.accounts.models import Office
    from insyn.web.participation import negotiating

    negotiating.invite_unions(
        actor=owner, system=system, section="11", unions=[Office.objects.get(slug="facket")], subject="Systemet.", case_number="KS 2026/7"
    )
    row = system.negotiations.get()
    negotiating.record_meeting(actor=owner, negotiation=row, met_on=today(), minutes="Parterna enades.")
    negotiating.approve_minutes(actor=representative, negotiation=row, version=1)
    negotiating.state_for_union(actor=representative, negotiation=row, stance="agreement", statement="Vi är överens.")
    negotiating.close_negotiation(actor=representative, negotiation=row)


@pytest.fixture
def user_of() -> Callable[[Actor], Any]:
    from insyn.web.accounts.models import User

    return lambda actor: User.objects.get(person=actor.person)


@pytest.fixture
def owner(person: Callable[..., Actor]) -> Actor:
    return person(Role.SYSTEM_OWNER)


@pytest.fixture
def make_system(owner: Actor, user_of: Callable[[Actor], Any]) -> Callable[..., Any]:
    """``make_system("lanestod")``: a registered system with a version, as the register has it."""
    from insyn.web.accounts.models import Office
    from insyn.web.register.actions import add_version, register_system
    from insyn.web.register.models import System

    def make(slug: str = "lanestod", **description: Any) -> System:
        words = {
            "name_sv": "Lånestöd",
            "name_en": "Loan support",
            "summary_sv": "Föreslår beslut.",
            "summary_en": "Proposes decisions.",
            "manual_way_sv": "Handläggaren bedömer själv.",
            "manual_way_en": "The case officer decides unaided.",
            "kind": SystemKind.BUILT,
            "reach": Reach.EVERY_CALL,
            "modes": ["support"],
            "groups": {"sex": {"label": {"sv": "Kön", "en": "Sex"}, "values": {}}},
            "purposes": [
                {"purpose": "loans", "name": {"sv": "Lån", "en": "Loans"}, "categories": ["income"], "matter_types": ["housing_loan"]}
            ],
        }
        office = Office.objects.get(slug="kontoret")
        register_system(actor=owner, slug=slug, owner=user_of(owner), office=office, **{**words, **description})
        system = System.objects.get(slug=slug)
        add_version(actor=owner, system=system, name="1.0")
        return System.objects.get(slug=slug)

    return make


@pytest.fixture
def system(make_system: Callable[..., Any]) -> Any:
    return make_system()


@pytest.fixture
def meet_gates(person: Callable[..., Actor], owner: Actor) -> Callable[..., None]:
    """Every record that the test law demands, each from an office that may supply it."""
    from insyn.web.register.actions import supply_record

    def meet(system: Any, *, leave_out: tuple[str, ...] = ()) -> None:
        holder, officer = person(Role.STOP_HOLDER), person(Role.CASE_OFFICER)
        day = LAST_DAY.isoformat()
        oversight = {"reviewers": [officer.person], "instruction": "Läs allt.", "instruction_through": day, "training_through": day}
        wanted = [
            (owner, RecordKind.HUMAN_OVERSIGHT, oversight, ""),
            (owner, RecordKind.EVALUATION_PLAN, {"due": day}, ""),
            (owner, RecordKind.STOP_MANDATE, {"person": holder.person, "last_day": day}, ""),
            (owner, RecordKind.VALIDATION, VALIDATED, "1.0"),
            (owner, RecordKind.ASSESSMENT_DATA_PROTECTION, ASSESSED, ""),
            (person(Role.DATA_PROTECTION_OFFICER), RecordKind.ASSESSMENT_DATA_PROTECTION, ASSESSED, ""),
        ]
        if RecordKind.MBL_SECTION_11 not in leave_out:
            negotiate(system, owner=owner, representative=person(Role.UNION_REPRESENTATIVE))
        for actor, kind, content, version in wanted:
            if kind not in leave_out:
                supply_record(actor=actor, system=system, kind=kind, content={"summary": "Klart.", **content}, version=version)

    return meet


@pytest.fixture
def member(person: Callable[..., Actor]) -> Actor:
    return person(Role.ELECTED_MEMBER)


@pytest.fixture
def in_use(system: Any, meet_gates: Callable[..., None], member: Actor) -> Any:
    """A system whose gates are met and whose use is decided."""
    from insyn.web.register.actions import decide_use
    from insyn.web.register.models import System

    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/1")
    return System.objects.get(pk=system.pk)


@pytest.fixture
def sign_in(client: Any, user_of: Callable[[Actor], Any]) -> Callable[[Actor], Any]:
    """``sign_in(actor)``: the test client, signed in as that person."""

    def enter(actor: Actor) -> Any:
        client.force_login(user_of(actor), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


class Sequencer:
    """A sequencer of our own in a home of its own. ``start`` and ``kill`` may be called again and again."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "insyn.gateway.sequencer", "--config", str(self.home.sequencer_config)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.answers():
            assert self._process.poll() is None, "the sequencer ended by itself"
            assert time.monotonic() < deadline, "the sequencer did not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        from insyn.core.errors import Unreachable
        from insyn.core.messages import Ping, Pong

        try:
            answer = self.client().ask_new(lambda number: Ping(id=number))
        except Unreachable:
            return False
        return isinstance(answer, Pong) and answer.ready

    def client(self) -> Any:
        from insyn.web import bridge

        return bridge.control()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def entries(self, *kinds: str) -> list[tuple[int, Any]]:
        """The heads of the entries of these kinds, with their index."""
        from insyn.core.entries import read_head
        from insyn.core.messages import EntriesOf

        answer = self.client().ask_new(lambda number: EntriesOf(id=number, kinds=kinds, start=0, limit=1000))
        return [(found.index, read_head(found.entry)) for found in answer.entries]


@pytest.fixture
def guard(sequencer: Sequencer, administrator: Actor, settings: Any) -> Callable[[Any], Any]:
    """``guard(system)``: the program that asks for the system, with a key that the sequencer knows."""
    from insyn.sdk.guard import Guard
    from insyn.web import relay
    from insyn.web.register.actions import issue_client_key

    def make(system: Any) -> Any:
        key = issue_client_key(actor=administrator, system=system, name="prov").key
        relay.relay_once(sequencer.client())
        return Guard(
            socket=settings.HOME.decide_socket,
            key=key,
            system=system.slug,
            version="1.0",
            purpose="loans",
            matter_type="housing_loan",
            categories=("income",),
        )

    return make


@pytest.fixture
def sequencer(settings: Any) -> Iterator[Sequencer]:
    """A running sequencer. Ask for it before anything that compiles a permit: its home has keys of its own."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    settings.HOME = Home(folder)
    prepare_home(settings.HOME, "test.example/log", 2000)
    running = Sequencer(settings.HOME)
    running.start()
    yield running
    running.client().close()
    running.kill()
    shutil.rmtree(folder)
