"""Who takes which case: taken, given, let go, and forgotten when the case is decided. With a real sequencer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.core.terms import Role

from .conftest import OWN, QUEUE, Desk

pytestmark = pytest.mark.django_db(transaction=True)
SHARE = f"{QUEUE}fordela/"


def say(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def test_a_case_is_taken_given_let_go_and_forgotten_when_it_is_decided(
    loans: Any, propose: Callable[..., str], officer: Actor, colleague: Actor, user_of: Callable[..., Any], desk: Callable[[str], Desk]
) -> None:
    from insyn.web.register.models import Act
    from insyn.web.reviews.models import Claim

    one, two = propose(), propose()
    mine = desk(one)
    acts = Act.objects.count()
    assert "Du har tagit 1 ärende" in say(mine.browser.post(SHARE, {"take": f"loans/{one}"}, follow=True))
    page = say(mine.browser.get(QUEUE))
    assert "Dina: 1. Kollegers: 0. Ingens ännu: 1." in page
    assert re.search(r"Case_Officer Prov</th><td>1</td>", page)

    other = Client()
    other.force_login(user_of(colleague), backend="django.contrib.auth.backends.ModelBackend")
    assert "Några var redan tagna, av Case_Officer Prov." in say(other.post(SHARE, {"what": "take", "case": [f"loans/{one}"]}, follow=True))
    assert "Case_Officer Prov har tagit det här ärendet." in say(other.post(f"{QUEUE}{one}/", {"system": "loans"}))
    given = {"what": "give", "case": [f"loans/{one}", f"loans/{two}"], "to": str(user_of(colleague).pk)}
    assert "har fått 2 ärenden av dig" in say(mine.browser.post(SHARE, given, follow=True))
    assert one in say(other.get(QUEUE, {"whose": "mine"}))
    assert one not in say(mine.browser.get(QUEUE, {"whose": "mine"}))
    assert "Du har släppt 1 ärende." in say(other.post(SHARE, {"let_go": f"loans/{two}"}, follow=True))
    assert Act.objects.count() == acts, "to take a case is no act"

    mine.open()
    assert mine.send("decide", verdict="accepted", reasons=OWN).status_code == 302
    assert not Claim.objects.filter(rid=one).exists()


def test_nothing_is_given_to_whoever_may_not_decide_and_stale_claims_are_dropped(
    loans: Any,
    propose: Callable[..., str],
    officer: Actor,
    person: Callable[..., Actor],
    user_of: Callable[..., Any],
    desk: Callable[[str], Desk],
) -> None:
    from insyn.web import clock
    from insyn.web.reviews.models import Claim

    rid = propose()
    browser = desk(rid).browser
    stranger = user_of(person(Role.CASE_OFFICER, "annan"))
    answer = browser.post(SHARE, {"what": "give", "case": f"loans/{rid}", "to": str(stranger.pk)}, follow=True)
    assert "får inte besluta i Lånestöd. Inget delades ut." in say(answer)
    assert not Claim.objects.exists()
    Claim.objects.create(system=loans, rid="0" * 32, user=user_of(officer), since=clock.now())
    for odd in ({"what": "give", "case": f"loans/{rid}", "to": "x"}, {"case": "loans/none"}, {}):
        say(browser.post(SHARE, odd, follow=True))
    assert not Claim.objects.exists(), "what waits no more is claimed by nobody"
    other = Client()
    other.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert "Välj minst ett ärende som fortfarande väntar." in say(other.post(SHARE, {"take": f"loans/{rid}"}, follow=True))
    assert not Claim.objects.exists()


def test_a_long_queue_has_pages_and_whoever_lacks_training_sees_nothing_to_approve_and_who_mends_it(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from insyn.web import clock
    from insyn.web.residents.actions import issue_case_code
    from insyn.web.residents.models import CaseCode
    from insyn.web.reviews import worklist
    from insyn.web.rights.actions import ask_for_human
    from tests.web.conftest import LAST_DAY

    monkeypatch.setattr(worklist, "PER_PAGE", 2)
    rids = [propose() for _ in range(3)]
    rid, browser = rids[0], sign_in(officer)
    first, second = (say(browser.get(QUEUE, {"order": "newest", "page": page})) for page in (1, 2))
    assert "Sida 1 av 2" in first
    assert "?order=newest&amp;page=2" in first
    assert [sum(one in page for one in rids) for page in (first, second)] == [2, 1]
    assert "Inget väntande ärende är sådant." in say(browser.get(QUEUE, {"kind": "blind"}))
    issue_case_code(actor=officer, system=loans, rids=[rids[1]])
    ask_for_human(code=CaseCode.objects.get(), rid=rids[1], message="Titta på inkomsten. Jag heter 19811218-9876.")
    asked = say(browser.get(QUEUE, {"kind": "asked"}))
    assert [f"loans/{one}" in asked for one in rids] == [False, True, False]
    assert "Titta på inkomsten." in asked
    assert "9876" not in asked
    later, now = timedelta(days=(LAST_DAY - clock.today()).days + 1), clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + later)
    queue = say(browser.get(QUEUE))
    assert rid not in queue
    assert f"Din utbildning för systemet gällde till och med {LAST_DAY.isoformat()}." in queue
    assert "Systemägare" in queue
    refused = browser.post(f"{QUEUE}{rid}/", {"system": "loans", "seal": "x", "reasons": "Mina ord."})
    assert refused.status_code == 403
    assert "Inget öppnades." in refused.content.decode()
    assert "Mina ord." in refused.content.decode(), "what was typed is there to copy"
