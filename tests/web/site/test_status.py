"""What is said of a system in use follows what the gateway does: when something has ended, nobody reads that it runs."""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from django.utils import translation

from insyn.core.messages import Actor
from insyn.core.permit import End, sign_permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Role
from insyn.rules.permits import OWNER
from insyn.web import bridge, clock
from insyn.web.clock import today
from insyn.web.portfolio.standing import note
from insyn.web.register.issuing import issued
from insyn.web.register.models import IssuedPermit, System

pytestmark = pytest.mark.django_db
ENDS = [
    (RefusalCode.MANDATE_ENDED, "stop_holder", "Det sista mandatet att stoppa"),
    (RefusalCode.MANDATE_ENDED, "reviewer", "Den sista granskarens mandat, instruktion eller utbildning"),
    (RefusalCode.MANDATE_ENDED, OWNER, "Ägarens mandat"),
    (RefusalCode.MANDATE_ENDED, "stop_route", "Mandatet för den som får order att stoppa systemet"),
    (RefusalCode.NOT_APPROVED, "decision", "Beslutet om användning, som gällde en bestämd tid"),
    (RefusalCode.MODE_NOT_ALLOWED, "delegation", "Nämndens delegation till den automatiserade funktionen"),
    (RefusalCode.RECORD_EXPIRED, "data_use 7", "En beslutad dataanvändning"),
    (RefusalCode.RECORD_EXPIRED, "{rule}", "Handlingen för: {title}"),
    (RefusalCode.RECORD_EXPIRED, "gone/rule", "Ett underlag som användningen vilar på"),
    (RefusalCode.GATE_UNMET, "{rule}", "Ett krav har börjat gälla och är inte uppfyllt: {title}"),
    (RefusalCode.GATE_UNMET, "gone/rule", "Ett nytt krav gäller"),
    (RefusalCode.NOT_APPROVED, "something new", "Något som användningen vilar på"),
]


def resting_on(system: System, end: End) -> None:
    """The newest permit rests on this end too."""
    old = issued(system)
    permit = msgspec.structs.replace(old, ends=(*old.ends, end))
    signed = msgspec.json.encode(sign_permit(permit, bridge.register_key()))
    assert IssuedPermit.objects.filter(system=system, epoch=old.epoch).update(signed=signed)
    note(system, permit)


def a_rule() -> tuple[str, str]:
    """One of the rules in force: its id and its title."""
    from insyn.web.register import packs

    rule = next(rule for pack in packs.in_force(today()) for rule in pack.rules.values() if rule.demands)
    return rule.id, rule.title.sv


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def in_words(day: date) -> str:
    from insyn.web.site.status import day_text

    with translation.override("sv"):
        return day_text(day)


@pytest.mark.parametrize(("code", "what", "words"), ENDS)
def test_whatever_has_ended_is_said_in_the_list_and_on_the_page_and_to_those_who_work_with_it(
    client: Any, sign_in: Any, owner: Actor, in_use: System, code: RefusalCode, what: str, words: str
) -> None:
    rule, title = a_rule()
    end = End(last_day=(today() - timedelta(days=3)).isoformat(), code=code, what=what.format(rule=rule))
    resting_on(in_use, end)
    said = f"Stängt av sig självt sedan {in_words(today() - timedelta(days=2))}: {words.format(title=title)}"
    page = text_of(client.get("/system/lanestod/"))
    assert said in page
    assert 'class="status warn"' in page
    shown = text_of(client.get("/"))
    assert said in shown
    assert '<span class="tag good">' not in shown
    assert "/system/lanestod/" in text_of(client.get("/?lage=closed"))
    assert "/system/lanestod/" not in text_of(client.get("/?lage=in_use"))
    work = sign_in(owner)
    overview = text_of(work.get("/arbete/system/lanestod/"))
    assert said in overview
    assert 'class="status good"' not in overview
    assert said in text_of(work.get("/arbete/system/"))


@pytest.mark.parametrize(("code", "what", "words"), ENDS)
def test_on_its_last_day_it_runs_still(client: Any, in_use: System, code: RefusalCode, what: str, words: str) -> None:
    resting_on(in_use, End(last_day=today().isoformat(), code=code, what=what.format(rule=a_rule()[0])))
    assert 'class="status good"' in text_of(client.get("/system/lanestod/"))
    assert '<span class="tag good">I drift' in text_of(client.get("/"))
    assert "/system/lanestod/" in text_of(client.get("/?lage=in_use"))
    assert "/system/lanestod/" not in text_of(client.get("/?lage=closed"))


def test_a_year_on_the_mandates_have_ended_and_all_of_them_are_named(client: Any, in_use: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the acts of the register alone: the time goes, and nobody does anything."""
    System.objects.filter(pk=in_use.pk).update(evaluation_due=None)
    permit = issued(in_use)
    first = min(end.last_day for end in permit.ends)
    later = clock.now() + timedelta(days=(date.fromisoformat(first) - today()).days + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = text_of(client.get("/system/lanestod/"))
    assert f"Stängt av sig självt sedan {in_words(date.fromisoformat(first) + timedelta(days=1))}" in page
    assert "Varje anrop nekas tills någon har handlat." in page


def test_a_system_whose_mandate_was_taken_away_is_not_said_to_run(
    sequencer: Any, client: Any, in_use: System, administrator: Actor
) -> None:
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.accounts.models import Mandate

    for mandate in Mandate.objects.filter(role=Role.STOP_HOLDER):
        end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat.")
    in_use.refresh_from_db()
    page = text_of(client.get("/system/lanestod/"))
    assert 'class="status good"' not in page
    assert "I drift" not in text_of(client.get("/")).split('class="systems"')[-1]


def test_a_late_evaluation_is_said_first_and_what_else_has_ended_after_it(client: Any, in_use: System) -> None:
    resting_on(in_use, End(last_day="2020-01-01", code=RefusalCode.MANDATE_ENDED, what="stop_holder"))
    System.objects.filter(pk=in_use.pk).update(evaluation_due=today() - timedelta(days=1))
    page = text_of(client.get("/system/lanestod/"))
    assert "utvärderingen är försenad" in page
    assert "Också slut: Det sista mandatet att stoppa." in page


def test_a_system_in_use_without_a_permit_is_not_said_to_run(client: Any, in_use: System) -> None:
    System.objects.filter(pk=in_use.pk).update(epoch=in_use.epoch + 1)
    page = text_of(client.get("/system/lanestod/"))
    assert 'class="status good"' not in page
    assert "något som användningen kräver saknas" in page
