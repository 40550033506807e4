"""Ten thousand decisions touched by one error, on the machine at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.remedies import actions, errors
from insyn.web.remedies.models import RemedyCase
from tests.web.remedies.log_kit import Log
from tests.web.remedies.test_errors import soon, sought

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY = 10_000


def test_ten_thousand_decisions_are_counted_listed_shared_out_and_followed(
    in_use: Any, own_home: Home, owner: Actor, person: Callable[..., Actor], user_of: Callable[[Actor], Any], sign_in: Callable[..., Any]
) -> None:
    log = Log(own_home.evidence)
    rids = log.many(MANY)
    told: dict[str, float] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        done = act()
        told[name] = round(time.perf_counter() - begun, 2)
        return done

    assert timed("count", lambda: errors.look_for(in_use, sought())).months == {"2026-09": 5000, "2026-10": 5000}
    error = timed("open", lambda: errors.open_error(actor=owner, system=in_use, sought=sought(), what="Fel enhet.", deadline=soon()))
    rounds = 0
    begun = time.perf_counter()
    while errors.list_what_waits():
        rounds += 1
    told["list the rest"] = round(time.perf_counter() - begun, 2)
    assert (rounds, RemedyCase.objects.count()) == (4, MANY)
    assert set(RemedyCase.objects.values_list("rid", flat=True)) == set(rids)
    fit = user_of(person(Role.CASE_OFFICER))
    assert timed("assign", lambda: actions.assign_cases(actor=owner, system=in_use, cases=error.cases.all(), people=[fit])) == MANY
    browser = sign_in(owner)
    address = f"/arbete/omprovning/fel/{error.pk}/"
    assert timed("first page", lambda: browser.get(address)).status_code == 200
    assert timed("page", lambda: browser.get(f"{address}?page=100")).status_code == 200
    assert len(timed("csv", lambda: browser.get(f"{address}csv/")).content.splitlines()) == MANY + 1
    assert timed("again", lambda: errors.look_again(actor=owner, error=error)) == 0
    assert timed("take back", lambda: errors.withdraw_error(actor=owner, error=error, why="Fel dagar.")) == MANY
    print(told)
