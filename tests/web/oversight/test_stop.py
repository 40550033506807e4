"""The stop button, with a real sequencer and a register that is locked, down or in the way."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from insyn.core import spool
from insyn.core.messages import Actor, StopReport
from insyn.core.terms import Role, StopStatus
from insyn.web.oversight import stopping
from insyn.web.oversight.models import StopOrder
from insyn.web.oversight.stopping import Stage, stage_of
from insyn.web.register.models import Act
from insyn.web.relay import relay_once

from .conftest import follow_until, open_stop_page

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/arbete/system/loans/stopp/"
AT_REST = "Allt har stannat."


@contextmanager
def register_locked() -> Iterator[None]:
    """Somebody else holds the register's file exclusively, and our own connection may not be used either."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    witness = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    try:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            witness.execute("SELECT count(*) FROM register_act")
        with connection.execute_wrapper(_touched):
            yield
    finally:
        witness.close()
        other.execute("ROLLBACK")
        other.close()


def _touched(execute: Any, sql: str, *rest: Any) -> None:
    raise AssertionError(f"the register was asked: {sql}")


def test_a_stop_holder_stops_while_the_register_is_held_exclusively(loans: Any, holder: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    connection.close()
    with register_locked():
        pressed = browser.post(PAGE, {"token": token, "reason": "Förslagen är skeva."})
        assert pressed.status_code == 302
        page = follow_until(browser, pressed["Location"], AT_REST)
    assert "notice good" in page


def test_the_stop_page_itself_opens_again_while_the_register_is_locked(loans: Any, holder: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(holder)
    open_stop_page(browser)
    connection.close()
    with register_locked():
        assert browser.post(PAGE, {"token": open_stop_page(browser)}).status_code == 302


def test_a_person_without_mandate_cannot_open_the_stop_page_nor_order(
    loans: Any, officer: Actor, sign_in: Callable[..., Any], settings: Any
) -> None:
    browser = sign_in(officer)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"token": "", "reason": "x"}).status_code == 403
    assert spool.waiting_orders(settings.HOME.spool) == []


def test_a_stop_holder_of_another_system_cannot_stop_this_one(
    loans: Any, person: Callable[..., Actor], sign_in: Callable[..., Any]
) -> None:
    stranger = person(Role.STOP_HOLDER, "frammande")
    assert sign_in(stranger).get(PAGE).status_code == 403


def test_a_stop_token_of_another_session_is_refused(
    loans: Any, holder: Actor, officer: Actor, sign_in: Callable[..., Any], user_of: Callable[..., Any], settings: Any
) -> None:
    token = open_stop_page(sign_in(holder))
    from django.test import Client

    thief = Client()
    thief.force_login(user_of(officer), backend="django.contrib.auth.backends.ModelBackend")
    answer = thief.post(PAGE, {"token": token})
    assert answer.status_code == 403
    assert Client().post(PAGE, {"token": token}).status_code == 403
    assert not settings.HOME.spool.exists() or spool.waiting_orders(settings.HOME.spool) == []


def test_a_token_of_one_system_does_not_stop_another(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], make_system: Callable[..., Any]
) -> None:
    make_system("annat")
    browser = sign_in(holder)
    token = open_stop_page(browser)
    assert browser.post("/arbete/system/annat/stopp/", {"token": token}).status_code == 403


def test_a_stop_is_ordered_while_the_sequencer_is_down_and_holds_when_it_is_up(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any, propose: Callable[..., str]
) -> None:
    from insyn.core.refusals import Refused

    browser = sign_in(holder)
    token = open_stop_page(browser)
    sequencer.kill()
    pressed = browser.post(PAGE, {"token": token, "reason": "Brådskar"})
    page = browser.get(pressed["Location"]).content.decode()
    assert "Beordrat. Inget besvaras." in page
    assert "notice good" not in page
    sequencer.start()
    follow_until(browser, pressed["Location"], AT_REST)
    with pytest.raises(Refused) as refused:
        propose()
    assert refused.value.refusal.code == "stopped"


def test_the_page_turns_green_only_when_everything_has_come_to_rest(loans: Any, holder: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(holder)
    pressed = browser.post(PAGE, {"token": open_stop_page(browser)})
    first = browser.get(pressed["Location"]).content.decode()
    assert "Stoppet står i loggen" in first
    assert "notice good" not in first
    assert '<meta http-equiv="refresh" content="1;' in first
    last = follow_until(browser, pressed["Location"], AT_REST)
    assert "http-equiv" not in last
    assert "notice good" in last
    assert "<script" not in first + last


def test_two_stops_at_once_both_stand_and_both_come_to_rest(loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    pressed = [browser.post(PAGE, {"token": token, "reason": str(number)}) for number in range(2)]
    for answer in pressed:
        follow_until(browser, answer["Location"], AT_REST)
    assert len(sequencer.entries("stop")) == 2
    relay_once(sequencer.client())
    assert StopOrder.objects.filter(system=loans).count() == 2


def test_the_register_makes_the_act_of_a_stop_from_the_log_exactly_once(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    browser.post(PAGE, {"token": open_stop_page(browser), "reason": "Därför."})
    relay_once(sequencer.client())
    [(index, head)] = sequencer.entries("stop")
    from insyn.core.messages import OpenOrder
    from insyn.web.oversight.actions import record_stop_from_log

    order = sequencer.client().ask_new(lambda number: OpenOrder(id=number, rid=head.rid)).order
    for _ in range(2):
        record_stop_from_log(head=head, index=index, order=order)
    stop = StopOrder.objects.get()
    act = Act.objects.get(verb="order_stop")
    assert (stop.index, stop.rid, stop.person_name, stop.reason) == (index, head.rid, holder.name, "Därför.")
    assert (act.pk, act.log_index, act.person) == (head.rid, index, holder.person)


def test_an_order_that_the_sequencer_refuses_is_told_in_words_with_who_can_mend_it(
    loans: Any, holder: Actor, owner: Actor, sign_in: Callable[..., Any], sequencer: Any, person: Callable[..., Actor]
) -> None:
    from insyn.core.terms import RecordKind
    from insyn.web.register.actions import withdraw_record
    from insyn.web.register.models import System

    browser = sign_in(holder)
    token = open_stop_page(browser)
    record = loans.records.get(kind=RecordKind.STOP_MANDATE)
    withdraw_record(actor=owner, system=System.objects.get(pk=loans.pk), record=record, why="Ny stoppansvarig utses.")
    relay_once(sequencer.client())
    refused = browser.post(PAGE, {"token": token})
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "Personen har inte mandat att stoppa systemet." in text
    assert "Kontakta den stoppansvariga." in text
    assert "Stoppansvarig" in text


def test_an_order_that_reaches_nobody_is_said_to_be_lost(loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    sequencer.kill()
    shutil.rmtree(django_settings.HOME.spool, ignore_errors=True)
    django_settings.HOME.spool.write_text("in the way")
    answer = browser.post(PAGE, {"token": token})
    assert answer.status_code == 503
    assert "Ordern kom inte fram" in answer.content.decode()


def test_only_an_elected_member_lifts_the_newest_stop_and_the_page_says_so(
    loans: Any, holder: Actor, member: Actor, sign_in: Callable[..., Any], sequencer: Any, propose: Callable[..., str]
) -> None:
    from insyn.web.oversight.queries import stop_in_force

    browser = sign_in(holder)
    browser.post(PAGE, {"token": open_stop_page(browser)})
    relay_once(sequencer.client())
    stop = StopOrder.objects.get()
    decision = {"resume": "1", "stop_index": stop.index, "case_number": "KS 2026/9", "why": "Modellen är rättad."}
    assert browser.post(f"{PAGE}alla/", decision).status_code == 200
    assert stop_in_force(loans) == stop
    sign_in(member).post(f"{PAGE}alla/", decision)
    assert stop_in_force(loans) == stop, "not before the decision stands in the log"
    relay_once(sequencer.client())
    assert stop_in_force(loans) is None
    assert "Hävt" in sign_in(holder).get("/system/loans/").content.decode()
    assert propose()


def test_a_resume_that_comes_after_a_newer_stop_has_no_effect(
    loans: Any, holder: Actor, member: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    from insyn.web.oversight.actions import resume_system
    from insyn.web.oversight.queries import stop_in_force

    browser = sign_in(holder)
    token = open_stop_page(browser)
    browser.post(PAGE, {"token": token})
    relay_once(sequencer.client())
    resume_system(actor=member, system=loans, stop_index=StopOrder.objects.get().index, why="Åtgärdat.", case_number="KS 2026/10")
    browser.post(PAGE, {"token": token})
    relay_once(sequencer.client())
    newest = StopOrder.objects.order_by("-index").first()
    assert stop_in_force(loans) == newest
    assert "Utan verkan: ett nyare stopp hann före." in browser.get(f"{PAGE}alla/").content.decode()


def test_what_the_public_reads_about_a_stop_is_written_afterwards(
    loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    browser.post(PAGE, {"token": open_stop_page(browser), "reason": "Hemligt skäl om en person."})
    relay_once(sequencer.client())
    public = browser.get("/system/loans/").content.decode()
    assert "Stoppat sedan" in public
    assert "Skälet är inte publicerat än." in public
    assert "Hemligt skäl" not in public
    stop = StopOrder.objects.get()
    browser.post(f"{PAGE}alla/", {"explain": "1", "stop": stop.rid, "why_sv": "Förslagen blev skeva.", "why_en": ""})
    assert "Förslagen blev skeva." in browser.get("/system/loans/").content.decode()


def test_a_stop_holder_of_another_system_does_not_tell_the_public_why(
    loans: Any, holder: Actor, person: Callable[..., Actor], sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    browser.post(PAGE, {"token": open_stop_page(browser), "reason": ""})
    relay_once(sequencer.client())
    stranger = sign_in(person(Role.STOP_HOLDER, "frammande"))
    stranger.post(f"{PAGE}alla/", {"explain": "1", "stop": StopOrder.objects.get().rid, "why_sv": "Allt var bra.", "why_en": ""})
    assert StopOrder.objects.get().public_why_sv == ""


def report(status: StopStatus) -> StopReport:
    return StopReport(system="loans", status=status)


@pytest.mark.parametrize(
    ("place", "told", "stage"),
    [
        ("waiting", None, Stage.ORDERED_DOWN),
        ("done", None, Stage.COMMITTED),
        ("gone", None, Stage.ORDERED_DOWN),
        ("refused", StopStatus.DRAINED, Stage.REFUSED),
        ("waiting", StopStatus.NONE, Stage.ORDERED),
        ("done", StopStatus.NONE, Stage.LIFTED),
        ("done", StopStatus.ORDERED, Stage.ORDERED),
        ("done", StopStatus.COMMITTED, Stage.COMMITTED),
        ("done", StopStatus.DRAINED, Stage.DRAINED),
    ],
)
def test_a_stop_is_drained_only_on_the_sequencers_word(place: str, told: StopStatus | None, stage: Stage) -> None:
    assert stage_of(place, report(told) if told else None) is stage


def test_a_reason_that_is_too_long_never_keeps_a_stop_back(loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any) -> None:
    browser = sign_in(holder)
    browser.post(PAGE, {"token": open_stop_page(browser), "reason": "å" * (stopping.MAX_REASON + 500)})
    assert len(sequencer.entries("stop")) == 1
