"""What a list of affected decisions tells its owner: not what one person got, and not how one officer decided."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.evidence.affected import Counted, Sought
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.remedies import errors
from insyn.web.remedies.models import ErrorFound, RemedyCase
from insyn.web.remedies.telling import shown_months, tells_of_few, whole_months
from insyn.web.remedies.words import CaseState
from tests.web.remedies.log_kit import FIRST, Log
from tests.web.remedies.test_errors import WHAT, soon

pytestmark = pytest.mark.django_db
NEXT = FIRST + timedelta(days=1)


@pytest.fixture
def log(in_use: Any, own_home: Home) -> Log:
    return Log(own_home.evidence)


def sought(first: date = FIRST, last: date = FIRST, **more: Any) -> Sought:
    return Sought(system="lanestod", first=first, last=last, **more)


def counted(decided: int) -> Counted:
    return Counted(months={"2026-09": decided}, waiting=0, outside=0, erased=0)


def test_few_that_have_it_and_few_that_lack_it_tell_of_a_person() -> None:
    among = counted(40)
    assert [n for n in range(41) if not tells_of_few(counted(n), among)] == list(range(10, 31))


def test_a_look_is_counted_over_whole_months_and_a_month_of_few_takes_another_with_it() -> None:
    wide = whole_months(sought(date(2026, 9, 14), date(2026, 10, 2)))
    assert (wide.first, wide.last) == (date(2026, 9, 1), date(2026, 10, 31))
    assert shown_months({"2026-08": 70, "2026-09": 12, "2026-10": 1}) == {"2026-08": 70}


def test_the_owner_is_told_no_number_of_one_day_and_one_outcome_and_the_auditor_is(
    log: Log, in_use: Any, owner: Actor, person: Callable[..., Actor], sign_in: Callable[..., Any]
) -> None:
    with log.write:
        for number in range(25):
            log.decide(outcome="grant" if number < 12 else "deny", day=FIRST if number % 12 else NEXT)
    type(in_use).objects.update(outcomes={"grant": {"sv": "Bifall"}, "deny": {"sv": "Avslag"}})
    page = "/arbete/system/lanestod/fel/"
    day = {"first_day": NEXT.isoformat(), "last_day": NEXT.isoformat(), "deadline": soon().isoformat(), "what": WHAT}

    def looked(actor: Actor, **typed: str) -> str:
        return html.unescape(sign_in(actor).post(page, {**day, **typed, "step": "look"}).content.decode())

    assert "2 beslut berörs" in looked(person(Role.AUDITOR), outcome="deny")
    told = looked(owner, outcome="deny")
    assert "Över hela månader: minst 10 beslut" in told
    assert "2026-09-01 – 2026-09-30" in told
    assert "beslut berörs" not in told
    assert "3 beslut berörs" in looked(owner)  # that so many were decided on the day stands in the public log
    before = in_use.acts.count()
    refused = {}
    for outcome in ("deny", "nothing"):
        with pytest.raises(ActRefused) as found:
            errors.open_error(actor=owner, system=in_use, sought=sought(NEXT, NEXT, outcome=outcome), what=WHAT, deadline=soon())
        refused[outcome] = str(found.value)
    assert refused["deny"] == refused["nothing"], "whether there are any is not told either"
    assert (in_use.acts.count(), ErrorFound.objects.count()) == (before, 0)
    errors.open_error(actor=owner, system=in_use, sought=sought(FIRST, NEXT, outcome="deny"), what=WHAT, deadline=soon())
    assert RemedyCase.objects.count() == 13


def test_the_owner_follows_the_list_without_seeing_how_each_officer_decided(
    log: Log, in_use: Any, owner: Actor, person: Callable[..., Actor], sign_in: Callable[..., Any]
) -> None:
    auditor = person(Role.AUDITOR)
    rids = log.many(24, over=24)
    error = errors.open_error(actor=owner, system=in_use, sought=sought(last=clock.today()), what=WHAT, deadline=soon())
    error.cases.filter(rid__in=rids[:12]).update(state=CaseState.CHANGED, ground="error_found", index=7, settled_on=clock.today())
    error.cases.filter(rid__in=rids[12:23]).update(state=CaseState.UNCHANGED, settled_on=clock.today())
    address = f"/arbete/omprovning/fel/{error.pk}/"

    def page(actor: Actor, query: str = "") -> str:
        return html.unescape(sign_in(actor).get(address + query).content.decode())

    def line(actor: Actor) -> list[str]:
        return list(csv.reader(io.StringIO(sign_in(actor).get(f"{address}csv/").content.decode("utf-8-sig"))))[1]

    shown = page(owner)
    assert "Omprövat</dt><dd>23" in shown
    assert "lage=decided" in shown
    assert not [word for word in ("lage=changed", "Ändrade", "Inte ändrat") if word in shown]
    assert page(owner, "?lage=changed").count(" beslut/") == shown.count(" beslut/")
    assert line(owner)[2:5] == ["decided", "", ""]
    assert line(auditor)[2:5] == ["changed", "error_found", "7"]
    assert "lage=changed" in page(auditor)
    error.cases.filter(state=CaseState.OPEN).update(state=CaseState.CHANGED, settled_on=clock.today())
    whole = page(owner)
    assert "Ändrade</dt><dd>13" in whole
    assert "lage=changed" not in whole
    RemedyCase.objects.filter(rid=rids[0]).update(since=error.end_index - 1)  # the list was made in two parts: they could be subtracted
    assert "Ändrade</dt>" not in page(owner)


def test_the_list_of_errors_costs_as_many_queries_for_thirty_as_for_three(in_use: Any, owner: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(owner)
    few = asked(browser, in_use, 3)
    assert few == asked(browser, in_use, 27) > 0


def asked(browser: Any, system: Any, more: int) -> int:
    """Queries of the list, with so many errors more than before."""
    from tests.web.portfolio.test_counting_queries import an_act

    for number in range(more):
        act = an_act()
        error = ErrorFound.objects.create(
            system=system, what=WHAT, first_day=FIRST, last_day=NEXT, version=f"{number}", deadline=soon(), end_index=9, expected=2,
            opened_on=FIRST, act=act,
        )  # fmt: skip
        for rid in (f"{error.pk:032x}", f"{error.pk:031x}f"):
            RemedyCase.objects.create(error=error, system=system, rid=rid, source="error", opened_on=FIRST, since=9, act=act)
    browser.get("/arbete/omprovning/fel/")
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/arbete/omprovning/fel/").content.decode()
    assert page.count('data-label="Att göra">2<') == ErrorFound.objects.count()
    return len(queries)
