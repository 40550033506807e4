"""Alarms about how people decide: raised by the figures, answered by the owner, raised again when the figures say it anew."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from insyn.core.errors import InvalidInput
from insyn.core.followup import Followup, Ground, Looked, Period
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.supervision.followup import tell_followed
from insyn.supervision.steps import in_steps, share
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.remedies import alarms
from insyn.web.remedies.words import Measure, Reply

pytestmark = pytest.mark.django_db(transaction=True)
NO_LIMITS: dict[Measure, int | None] = dict.fromkeys(Measure)


@pytest.fixture
def figures(own_home: Home) -> Callable[..., None]:
    """``figures(overridden=(40, 100))``: what the publisher left. Not ``shown``: of a month that has not ended."""

    def leave(*, shown: bool = True, **shares: tuple[int, int]) -> None:
        made = {name: share(k, n) for name, (k, n) in shares.items()}
        reviews = shares.get("overridden", (0, 0))[1]
        periods = (Period(version="1.0", month="2026-11", reviews=reviews),)
        told = Followup(
            system="lanestod", day="2026-11-21", reviews=reviews, periods=periods, grounds=(Ground("must_change", 3, 2),), **made
        )
        tell_followed(msgspec.structs.replace(told, told=told if shown else None), own_home.followed)

    return leave


def raised(system: Any) -> list[Measure]:
    return [alarm.measure for alarm in alarms.alarms_of(system)]


def test_an_alarm_is_raised_when_the_whole_interval_lies_beyond_the_limit(system: Any, owner: Actor, figures: Callable[..., None]) -> None:
    figures(overridden=(40, 100), anchored=(30, 50))
    assert raised(system) == []  # no limit, no alarm
    limits = {Measure.OVERRIDE_HIGH: 25, Measure.OVERRIDE_LOW: 5, Measure.ANCHORING: 55}
    alarms.set_alarm_limits(actor=owner, system=system, limits=limits, why="Efter samråd.")
    assert raised(system) == [Measure.OVERRIDE_HIGH]  # 30 of 50 may still be less than 55 per cent
    figures(overridden=(1, 200), anchored=(45, 50))
    assert raised(system) == [Measure.OVERRIDE_LOW, Measure.ANCHORING]
    figures(overridden=(9, 9))
    assert raised(system) == []  # too few to say


def test_an_answer_holds_until_enough_new_cases_say_the_same(system: Any, owner: Actor, figures: Callable[..., None]) -> None:
    figures(overridden=(40, 100))
    alarms.set_alarm_limits(actor=owner, system=system, limits={**NO_LIMITS, Measure.OVERRIDE_HIGH: 25}, why="Efter samråd.")
    alarms.answer_alarm(actor=owner, system=system, measure=Measure.OVERRIDE_HIGH, reply=Reply.EVALUATION, why="Beställd.")
    assert raised(system) == []
    with pytest.raises(ActRefused):
        alarms.answer_alarm(actor=owner, system=system, measure=Measure.OVERRIDE_HIGH, reply=Reply.WAIT, why="Igen.")
    figures(overridden=(44, 110))
    assert raised(system) == []
    figures(overridden=(48, 120))
    assert raised(system) == [Measure.OVERRIDE_HIGH]


def test_limits_that_always_alarm_and_limits_of_anothers_system_are_refused(
    system: Any, owner: Actor, person: Callable[..., Actor]
) -> None:
    for limits, place in (
        ({Measure.OVERRIDE_HIGH: 20, Measure.OVERRIDE_LOW: 20}, "override_low"),
        ({Measure.ANCHORING: 100}, "anchoring"),
        ({Measure.ANCHORING: 0}, "anchoring"),
    ):
        with pytest.raises(InvalidInput) as refused:
            alarms.set_alarm_limits(actor=owner, system=system, limits=limits, why="Efter samråd.")
        assert refused.value.place == place
    with pytest.raises(NotAllowed):
        alarms.set_alarm_limits(
            actor=person(Role.SYSTEM_OWNER, "annan"), system=system, limits={Measure.ANCHORING: 20}, why="Efter samråd."
        )
    with pytest.raises(ActRefused):
        alarms.set_alarm_limits(actor=owner, system=system, limits=NO_LIMITS, why="Inget nytt.")


def test_the_owner_sees_the_figures_sets_limits_and_answers_on_the_page(
    system: Any, owner: Actor, figures: Callable[..., None], sign_in: Callable[..., Any]
) -> None:
    browser, page = sign_in(owner), "/arbete/system/lanestod/uppfoljning/"
    assert "inga siffror ännu" in browser.get(page).content.decode()
    figures(overridden=(40, 100), accepted=(60, 100))
    limited = browser.post(page, {"step": "limits", "override_high": "25", "why": "Efter samråd."})
    assert limited.status_code == 302
    text = html.unescape(browser.get(page).content.decode())
    assert "Larm: Många förslag följs inte" in text
    assert "40 % av 100 ärenden" in text
    assert "Utvärdera" in text
    assert "Många förslag följs inte" in html.unescape(browser.get("/arbete/").content.decode())
    lacking = browser.post(page, {"step": "answer", "measure": "override_high", "reply": "evaluation", "why": ""})
    assert lacking.status_code == 200
    assert raised(system) == [Measure.OVERRIDE_HIGH]
    browser.post(page, {"step": "answer", "measure": "override_high", "reply": "evaluation", "why": "Beställd."})
    assert raised(system) == []
    assert "Beställd." in browser.get(page).content.decode()


def test_an_alarm_about_a_month_that_has_not_ended_is_raised_and_tells_no_number(
    system: Any, owner: Actor, figures: Callable[..., None], sign_in: Callable[..., Any]
) -> None:
    figures(overridden=(41, 101), shown=False)
    alarms.set_alarm_limits(actor=owner, system=system, limits={**NO_LIMITS, Measure.OVERRIDE_HIGH: 25}, why="Efter samråd.")
    text = html.unescape(sign_in(owner).get("/arbete/system/lanestod/uppfoljning/").content.decode())
    assert "Larm: Många förslag följs inte" in text
    assert "Gränsen är 25 %." in text
    assert "inga siffror ännu" in text
    assert not [number for number in ("41", "101", "40,6", "60") if f"{number} " in text.split("<h1>")[1].split("<form")[0]]


def test_the_owner_sees_whole_months_and_nothing_of_the_month_that_goes_on(
    system: Any, owner: Actor, own_home: Home, sign_in: Callable[..., Any]
) -> None:
    september = Period(version="1.0", month="2026-09", reviews=60, accepted=48, changed=8, rejected=4, judged=30, with_proposal=17)
    october = Period(version="1.0", month="2026-10", reviews=40, accepted=37, changed=2, rejected=1)
    november = Period(version="1.1", month="2026-11", reviews=777, accepted=700, changed=77, judged=50, with_proposal=25)
    looked = tuple(Looked("2026-09", *row) for row in (("", 24, 11), ("must_change", 21, 10), ("correction", 3, 1)))
    counted = Followup(system="lanestod", day="2026-11-21", reviews=877, periods=(september, october, november), looked=looked)
    told = in_steps(None, counted, on=date(2026, 11, 21))
    tell_followed(msgspec.structs.replace(counted, told=told), own_home.followed)
    page = " ".join(html.unescape(sign_in(owner).get("/arbete/system/lanestod/uppfoljning/").content.decode()).split())
    assert "60 beslut på förslag, 30 bedömda" in page
    assert "ändrade eller avvisade: 12" in page
    assert "17 av 30" in page
    assert not [few for few in ("2026-10", "2026-11<", "777", "877", ">8<", ">4<", ">3<", ">21<") if few in page]
    assert "Flera grunder tillsammans" in page


def test_everybody_reads_how_people_decide_on_the_systems_page(in_use: Any, own_home: Home, client: Any) -> None:
    found = Followup(
        system="lanestod",
        day="2026-11-21",
        reviews=100,
        reconsidered=12,
        reconsidered_changed=5,
        overridden=share(40, 100),
        accepted=share(60, 100),
        grounds=(Ground("must_change", 12, 5), Ground("correction", None, None)),
    )
    own_home.figures.mkdir(parents=True)
    counts = dict.fromkeys(("log_size", "proposals", "refused", "waiting", "reviews", "historical"), 100)
    text = msgspec.json.encode({"system": "lanestod", "generated_day": "2026-11-21", **counts, "followed": msgspec.to_builtins(found)})
    (own_home.figures / "lanestod.json").write_bytes(text)
    page = " ".join(html.unescape(client.get("/system/lanestod/").content.decode()).split())
    assert "Människor kom fram till något annat i 40 % av 100 ärenden." in page
    assert "12 beslut har prövats på nytt. Ändrade: 5." in page
    assert "för få" in page


def test_no_identity_number_stands_in_a_text_of_an_act(make_system: Callable[..., Any], owner: Actor) -> None:
    from insyn.web.register.models import Act

    system = make_system("loans")
    before = Act.objects.count()
    with pytest.raises(InvalidInput, match="personnummer") as refused:
        alarms.set_alarm_limits(actor=owner, system=system, limits={Measure.OVERRIDE_HIGH: 30}, why="Efter samtal med 19811228-9874.")
    assert refused.value.place == "why"
    assert Act.objects.count() == before
