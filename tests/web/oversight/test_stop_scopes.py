"""Stops of parts, suppliers and everything on the pages, orders on paper, exercises, and the decisions that lift them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import Role, StopScope, StopStatus
from insyn.web.clock import today
from insyn.web.oversight.models import StopCover, StopOrder, WideList
from insyn.web.oversight.queries import stop_in_force, stops_over, systems_stopped
from insyn.web.oversight.states import held_up
from insyn.web.oversight.stopping import Stage
from insyn.web.register.models import Act
from insyn.web.relay import relay_once

from .conftest import follow_until, open_stop_page
from .test_stop import AT_REST, PAGE, register_locked, report

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = "/arbete/stopp/"


def wide_token(browser: Any) -> str:
    page = browser.get(WIDE)
    assert page.status_code == 200, page.content.decode()
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def found_in_register() -> list[tuple[str, object]]:
    """What `insyn check` says of the register."""
    from insyn.evidence.reader import EvidenceReader
    from insyn.web.register.checking import check_register

    found: list[tuple[str, object]] = []
    home = django_settings.HOME
    with EvidenceReader.read_only(home.evidence, root_key=bytes.fromhex(home.root_key.read_text())) as reader:
        check_register(reader, lambda table, row, _message: found.append((table, row)))
    return found


@pytest.fixture
def supplied(loans: Any, owner: Actor, sequencer: Any) -> Any:
    """The loan system, built on a product of a supplier."""
    from insyn.web.register.actions import register_product, register_supplier, use_product
    from insyn.web.register.models import Product, Supplier, System

    register_supplier(actor=owner, name="Nordlån AB")
    supplier = Supplier.objects.get()
    texts = {"name_sv": "Lånemotorn", "name_en": "The loan engine", "kind": loans.kind, "supplier": supplier}
    register_product(actor=owner, slug="lanemotorn", **texts)
    use_product(actor=owner, system=System.objects.get(pk=loans.pk), product=Product.objects.get())
    relay_once(sequencer.client())
    return supplier


def test_a_part_of_a_system_is_stopped_from_its_page_while_the_register_is_locked(
    loans: Any, holder: Actor, member: Actor, sign_in: Callable[..., Any], sequencer: Any, propose: Callable[..., str]
) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    page = browser.get(PAGE).content.decode()
    assert 'value="version:1.0"' in page
    connection.close()
    with register_locked():
        pressed = browser.post(PAGE, {"token": token, "of": "version:1.0"})
        assert pressed["Location"].endswith("?v=1.0")
        shown = follow_until(browser, pressed["Location"], AT_REST)
    assert "version 1.0" in shown
    with pytest.raises(Refused) as refused:
        propose()
    assert refused.value.refusal.code == "stopped"
    relay_once(sequencer.client())
    stop = StopOrder.objects.get()
    assert (stop.scope, stop.version, stop.system) == ("version", "1.0", loans)
    assert stop_in_force(loans) is None, "the rest of the system goes on"
    assert "En del är stoppad sedan" in browser.get("/system/loans/").content.decode()
    decision = {"resume": "1", "stop_index": stop.index, "case_number": "KS 2026/9", "why": "Rättad."}
    sign_in(member).post(f"{PAGE}alla/", decision)
    relay_once(sequencer.client())
    assert stops_over(loans) == []
    assert propose()


def test_a_form_that_names_what_the_token_does_not_offer_orders_nothing(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    for of in ("version:9.9", "everything", "supplier:supplier-1", "planet:earth"):
        assert browser.post(PAGE, {"token": token, "of": of}).status_code == 403
    assert sequencer.entries("stop") == []


def test_everything_is_stopped_with_the_register_locked_and_only_a_decision_about_everything_lifts_it(
    loans: Any, holder: Actor, member: Actor, sign_in: Callable[..., Any], sequencer: Any, propose: Callable[..., str]
) -> None:
    from insyn.web.oversight.actions import resume_system

    browser = sign_in(holder)
    token = wide_token(browser)
    connection.close()
    with register_locked():
        pressed = browser.post(WIDE, {"token": token, "of": "everything", "reason": "Intrång."})
        follow_until(browser, pressed["Location"], AT_REST)
        assert wide_token(browser), "the page opens again"
    with pytest.raises(Refused):
        propose()
    relay_once(sequencer.client())
    stop = stop_in_force(loans)
    assert stop is not None
    assert (stop.scope, stop.system) == ("everything", None)
    assert systems_stopped() == [loans.pk]
    assert "Ett stopp av alla kommunens AI-system gäller det." in browser.get("/system/loans/").content.decode()
    assert Act.objects.get(verb="order_stop").system is None
    with pytest.raises(Exception, match="inget att häva"):
        resume_system(actor=member, system=loans, stop_index=stop.index, why="x", case_number="y")
    chair = sign_in(member)
    assert chair.post(f"{PAGE}alla/", {"resume": "1", "stop_index": stop.index, "case_number": "K", "why": "w"}).status_code == 404
    assert "Besluta att häva stoppet i post" in chair.get(f"{WIDE}alla/").content.decode()
    chair.post(f"{WIDE}alla/", {"resume": "1", "stop_index": stop.index, "case_number": "KS 1", "why": "Utrett."})
    relay_once(sequencer.client())
    assert stop_in_force(loans) is None
    assert propose()


def test_a_supplier_is_stopped_with_each_of_its_systems_and_one_that_comes_later(
    supplied: Any, loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any, make_system: Callable[..., Any], member: Actor
) -> None:
    browser = sign_in(holder)
    page = browser.get(WIDE).content.decode()
    assert "Stoppa alla system från Nordlån AB" in page
    pressed = browser.post(WIDE, {"token": wide_token(browser), "of": f"supplier:{supplied.short}"})
    shown = follow_until(browser, pressed["Location"], AT_REST)
    assert "Stoppet gäller: loans." in shown
    relay_once(sequencer.client())
    assert StopCover.objects.get().system == loans
    later = make_system("later", supplier="Nordlån AB")
    relay_once(sequencer.client())
    relay_once(sequencer.client())
    stop = stop_in_force(later)
    assert stop is not None
    assert stop == stop_in_force(loans)
    assert sorted(systems_stopped()) == sorted([loans.pk, later.pk])
    sign_in(member).post(f"{WIDE}alla/", {"resume": "1", "stop_index": stop.index, "case_number": "KS 1", "why": "Utrett."})
    relay_once(sequencer.client())
    assert systems_stopped() == []
    assert found_in_register() == []
    StopOrder.objects.update(supplier="supplier-99")
    assert [table for table, _ in found_in_register()] == ["oversight_stoporder"]


def test_an_order_on_paper_stops_at_once_and_bears_its_true_time(
    loans: Any, holder: Actor, owner: Actor, officer: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    paper = f"{WIDE}papper/"
    assert sign_in(officer).get(paper).status_code == 403
    browser = sign_in(owner)
    assert holder.name in browser.get(paper).content.decode()
    told = {"giver": holder.person, "ordered_at": "2026-01-02T03:04", "what": "system", "system": "loans", "reason": "Lapp på dörren."}
    for wrong in ({"ordered_at": "2999-01-01T00:00"}, {"system": "nosuch"}, {"system": ""}, {"what": "version"}, {"giver": "p-nobody"}):
        assert browser.post(paper, {**told, **wrong}).status_code == 400
    assert sequencer.entries("stop") == []
    pressed = browser.post(paper, told)
    assert pressed.status_code == 302, pressed.content.decode()
    follow_until(browser, pressed["Location"], AT_REST)
    [(_, head)] = sequencer.entries("stop")
    assert head.via == "paper"
    relay_once(sequencer.client())
    stop = StopOrder.objects.get()
    assert (stop.person, stop.entered_by, stop.via, stop.ordered_at) == (holder.person, owner.name, "paper", "2026-01-02T02:04:00.000Z")
    shown = browser.get(f"{PAGE}alla/").content.decode()
    assert "Gavs på papper, infördes av" in shown


def test_a_wide_mandate_is_recorded_on_a_decision_reaches_the_log_and_ends(
    loans: Any, person: Callable[..., Actor], sign_in: Callable[..., Any], user_of: Callable[..., Any], sequencer: Any
) -> None:
    from insyn.web.oversight.models import WideMandate

    chief, coordinator = person(Role.STOP_HOLDER, "beredskap"), person(Role.AI_COORDINATOR)
    assert sign_in(chief).get(WIDE).status_code == 403
    browser = sign_in(coordinator)
    last = (today() + timedelta(days=30)).isoformat()
    told = {"step": "grant", "user": user_of(chief).pk, "last_day": last, "case_number": "KS 2026/77", "stop_key": ""}
    assert browser.post(f"{WIDE}alla/", {**told, "stop_key": "not a key"}).status_code == 200
    passed = browser.post(f"{WIDE}alla/", {**told, "last_day": "2020-01-01"})
    assert passed.status_code == 200
    assert "<p>Dagen har varit." in passed.content.decode(), "in plain words, without the field's name in the program"
    assert not WideMandate.objects.exists()
    assert browser.post(f"{WIDE}alla/", told).status_code == 302
    relay_once(sequencer.client())
    assert WideList.objects.get().log_index is not None
    other = sign_in(chief)
    pressed = other.post(WIDE, {"token": wide_token(other), "of": "everything"})
    follow_until(other, pressed["Location"], AT_REST)
    mandate = WideMandate.objects.get()
    ended = sign_in(coordinator).post(f"{WIDE}alla/", {"step": "end", "mandate": mandate.pk, "why": "Ny organisation."})
    assert ended.status_code == 302, ended.content.decode()
    relay_once(sequencer.client())
    newest = WideList.objects.first()
    assert newest is not None
    assert (newest.number, newest.log_index is not None) == (2, True)
    assert sign_in(chief).get(PAGE).status_code == 403
    relay_once(sequencer.client())
    assert WideList.objects.count() == 2, "a list that has not changed is not sent again"
    assert found_in_register() == []
    WideMandate.objects.update(last_day=today() + timedelta(days=9_000))
    WideList.objects.filter(number=1).update(signed=b"{}")
    assert sorted(table for table, _ in found_in_register()) == ["oversight_widelist", "oversight_widemandate"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1999-12-31T23:59"])
def test_an_order_on_paper_from_before_all_such_systems_is_a_slip_of_the_pen(
    at: str, loans: Any, person: Callable[..., Actor], sign_in: Callable[..., Any]
) -> None:
    chief = person(Role.STOP_HOLDER, "beredskap")
    told = {"giver": chief.person, "ordered_at": at, "what": "system", "system": "loans"}
    answer = sign_in(person(Role.AI_COORDINATOR)).post(f"{WIDE}papper/", told)
    assert answer.status_code == 400
    assert "Årtalet kan inte stämma" in answer.content.decode()


def test_a_wide_mandate_ends_with_the_role_of_stop_holder(
    loans: Any, person: Callable[..., Actor], administrator: Actor, user_of: Callable[..., Any]
) -> None:
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.oversight.wide import grant_wide_stop, wide_holders

    chief = person(Role.STOP_HOLDER, "beredskap")
    last = today() + timedelta(days=300)
    grant_wide_stop(actor=person(Role.AI_COORDINATOR), user=user_of(chief), last_day=last, case_number="KS 2026/77")
    assert [held.last_day for held in wide_holders(today())] == [last.isoformat()]
    mandate = user_of(chief).mandates.get(role=Role.STOP_HOLDER)
    end_mandate(actor=administrator, mandate=mandate, last_day=today() + timedelta(days=3), why="Slutar.")
    assert [held.last_day for held in wide_holders(today())] == [(today() + timedelta(days=3)).isoformat()]
    assert wide_holders(today() + timedelta(days=4)) == ()


def test_an_exercise_is_a_stop_and_says_so_before_it_is_given(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    asked = browser.post(f"{PAGE}ovning/", {}).content.decode()
    assert "Det här stoppar systemet på riktigt" in asked
    assert sequencer.entries("stop") == []
    pressed = browser.post(f"{PAGE}ovning/", {"sure": "1"})
    follow_until(browser, pressed["Location"], AT_REST)
    [(index, head)] = sequencer.entries("stop")
    assert head.via == "exercise"
    relay_once(sequencer.client())
    assert StopOrder.objects.get().exercise
    file = django_settings.HOME.figures / "_stop-exercises.json"
    told = f'{{"index":{index},"day":"2026-11-20","scope":"system","system":"loans","committed_ms":12,"drained_ms":2012}}'
    file.write_text(f'{{"exercises":[{told}]}}')
    try:
        public = browser.get("/system/loans/").content.decode()
        assert "Hur snabbt ett stopp verkar" in public
        assert "0,012 s" in public
        assert "2,012 s" in public
    finally:
        file.unlink()


@pytest.mark.parametrize(
    ("stage", "status", "closed", "words"),
    [
        (Stage.ORDERED_DOWN, None, None, ["Loggen svarar inte"]),
        (Stage.COMMITTED, None, None, ["Loggen svarar inte"]),
        (Stage.COMMITTED, StopStatus.COMMITTED, None, ["Svar som redan är på väg"]),
        (Stage.ORDERED, StopStatus.ORDERED, RefusalCode.READ_ONLY, ["inte säkert skriven", "."]),
        (Stage.COMMITTED, StopStatus.COMMITTED, RefusalCode.CLOCK_JUMPED, ["Svar som redan är på väg", "lock"]),
        (Stage.ORDERED, StopStatus.NONE, RefusalCode.SPOOL_UNREADABLE, ["inte säkert skriven", "stopporder"]),
        (Stage.DRAINED, StopStatus.DRAINED, None, []),
        (Stage.REFUSED, None, None, []),
    ],
)
def test_the_page_says_what_holds_a_stop_up(stage: Stage, status: StopStatus | None, closed: RefusalCode | None, words: list[str]) -> None:
    found = held_up(stage, report(status) if status else None, refuse(closed) if closed else None)
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True)), found


def test_every_scope_has_its_words(db: None) -> None:
    from insyn.web.oversight.targets import from_query, to_query
    from insyn.web.oversight.templatetags.stop_words import stop_of

    for scope in StopScope:
        stop = StopOrder(scope=scope, version="1", purpose="p", supplier="supplier-7")
        assert stop_of(stop)
    of = from_query("loans", {"p": "assess"})
    assert (of.scope, to_query(of, n=2)) == ("purpose", "?p=assess&n=2")
    assert from_query("", {}).scope == "everything"
