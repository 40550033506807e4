"""Made-up cases: they look like the others, no decision of theirs reaches the log, and nothing tells who answered how."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from insyn.core.messages import Actor
from insyn.web.accounts.errors import ActRefused
from insyn.web.reviews.forms import BlindShareForm
from tests.web.oversight.conftest import FACTORS, OUTCOMES

from .conftest import OWN, QUEUE, Desk, assess_work, heads

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/arbete/system/loans/granskning/"
MADE = {
    "what_form": "make",
    "number": "SN 2026-9",
    "value-debts": "42",
    "weight-debts": "-8",
    "value-income": "31 000",
    "more": "Intyg: arbetsgivaren bekräftar lönen",
    "proposed": "deny",
    "right": "grant",
    "why": "Skulden är avskriven, det står i intyget.",
    "spread_days": "1",
}


def make(browser: Any, **changed: str) -> Any:
    return browser.post(PAGE, {**MADE, **changed})


def in_queue(browser: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r'value="loans/([0-9a-f]{32})"', browser.get(QUEUE).content.decode())))


def test_a_made_up_case_is_decided_like_any_other_and_only_then_told(
    loans: Any, propose: Callable[..., str], owner: Actor, officer: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    from django.db import connection

    from insyn.web.register.models import Act
    from insyn.web.relay import relay_once
    from insyn.web.reviews.models import Answered, Counted

    assert make(sign_in(owner)).status_code == 302
    browser = sign_in(officer)
    assert in_queue(browser) == [], "alone it would stand out"
    real = propose()
    assert in_queue(browser) == [real], "none comes before the work environment is assessed"
    assess_work(loans, owner)
    [rid] = set(in_queue(browser)) - {real}
    mine, other = Desk(browser, rid), Desk(browser, real)
    page, real_page = mine.open(), other.open()
    bare = [re.sub(r"[0-9a-f]{32}|SN 2026-\d|\d{4}-\d\d-\d\d( \d\d:\d\d)?|value=\"[^\"]{60,}\"", "", text) for text in (page, real_page)]
    headings = [re.findall(r"<h[1-6][^>]*>.*?</h[1-6]>|<button[^>]*>.*?</button>|<legend>.*?</legend>", text) for text in bare]
    assert headings[0] == headings[1], "the same page but for the case"
    assert "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot." in page
    assert "arbetsgivaren bekräftar lönen" in page
    assert "övningsärende" not in page.lower()
    mine.send("letter", verdict="accepted", reasons=OWN)
    letter_page = mine.answer
    mine.send("decide", letter="Du får inte låna.")
    assert mine.answer.status_code == 302
    told = html.unescape(browser.get(mine.answer["Location"]).content.decode())
    assert "Du beslutade: Avslå. Det var inte rätt." in told
    assert "Skulden är avskriven, det står i intyget." in told
    mine.answer = letter_page
    assert mine.send("decide", letter="Du får inte låna.").headers["Location"].endswith("/ovning/?system=loans"), "pressed twice"
    assert in_queue(browser) == [real]
    relay_once(sequencer.client())
    assert heads(sequencer, "review") == []
    assert [head.act for head in heads(sequencer, "act")][-2:] == ["make_case", "answer_made_case"]
    assert Act.objects.get(verb="answer_made_case").text.keys() == {"case"}
    assert (Counted.objects.get().answers, Counted.objects.get().right) == (1, 0)
    assert {field.name for field in Answered._meta.get_fields()} == {"id", "made_case", "rid"}, "no place for an answer"
    connection.close()
    assert OWN.encode() not in Path(str(connection.settings_dict["NAME"])).read_bytes()
    assert mine.browser.post(f"{QUEUE}{rid}/", {"system": "loans"}).status_code == 409, "it is there once"


def test_results_are_of_all_together_and_hidden_while_they_would_tell_of_a_person(
    make_system: Callable[..., Any], meet_gates: Callable[..., None], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web.reviews.models import Counted
    from insyn.web.reviews.queries import calibration_results

    loans = make_system("loans", outcomes=OUTCOMES, factors=FACTORS)
    meet_gates(loans)
    browser = sign_in(owner)
    make(browser)
    assert "innan facket har förhandlat" in browser.get(PAGE).content.decode()
    with translation.override("sv"):
        assert "Högst 200" in BlindShareForm()["per_mille"].help_text
    with translation.override("en"):
        assert "At most 200" in BlindShareForm()["per_mille"].help_text, "in the language of the reader, not of the first one"
    assert calibration_results(loans).rows == ()
    assert [kind.value for kind in calibration_results(loans).lacking] == ["assessment_work_environment"]
    assess_work(loans, owner)
    make(browser, proposed="grant")
    wrong, right = Counted.objects.order_by("pk")
    for row, answers, rights in ((wrong, 9, 5), (right, 40, 30)):
        row.told_answers, row.told_right = answers, rights
        row.save()
    shown = {row.wrong_proposal: row for row in calibration_results(loans).rows}
    assert (shown[True].answers, shown[True].hidden) == (None, "few")
    assert shown[False].answers is None, "the other would tell it by subtraction"
    Counted.objects.filter(pk=wrong.pk).update(told_answers=20, told_right=12)
    shown = {row.wrong_proposal: row for row in calibration_results(loans).rows}
    assert (shown[True].answers, shown[True].right, shown[False].right) == (20, 12, 30)
    assert "fel med avsikt" in browser.get(PAGE).content.decode()


def test_what_is_shown_moves_by_many_answers_so_that_nobody_subtracts_one(
    make_system: Callable[..., Any], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    """An act says who decided a made-up case: a result that moved with it would say how."""
    from insyn.web.reviews.actions import tell_results
    from insyn.web.reviews.models import Counted

    make_system("loans", outcomes=OUTCOMES, factors=FACTORS)
    browser = sign_in(owner)
    make(browser)
    make(browser, proposed="grant")
    row, other = Counted.objects.order_by("pk")
    told = []
    for answers in range(1, 41):
        Counted.objects.filter(pk=row.pk).update(answers=answers, right=answers // 2)
        tell_results(row.made_case)
        told.append(Counted.objects.get(pk=row.pk).told_answers)
    steps = sorted(set(told))
    assert steps == [0, 10, 20, 30, 40]
    assert Counted.objects.get(pk=row.pk).told_right == 20
    assert Counted.objects.get(pk=other.pk).told_answers == 0


def test_each_officer_gets_the_case_on_a_day_and_under_an_id_of_their_own(
    make_system: Callable[..., Any], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web.reviews.calibration import Turn
    from insyn.web.reviews.models import MadeCase

    make_system("loans", outcomes=OUTCOMES, factors=FACTORS)
    make(sign_in(owner), spread_days="30")
    made = MadeCase.objects.get()
    drawn = [Turn(made, f"p-{number:04}") for number in range(200)]
    assert len({turn.rid for turn in drawn}) == 200
    assert {turn.day - made.made_on for turn in drawn} <= {timedelta(days=number) for number in range(30)}
    assert len({turn.day for turn in drawn}) > 20
    assert drawn[0].rid == Turn(made, "p-0000").rid, "drawn once for all"


def test_a_made_up_case_that_does_not_hold_is_told_where_and_what_was_typed_stays(
    make_system: Callable[..., Any], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web.reviews.models import MadeCase

    make_system("loans", outcomes=OUTCOMES, factors=FACTORS)
    browser = sign_in(owner)
    for changed, place, said in (
        ({"more": "utan kolon"}, "more", "Rad 1 saknar ett kolon"),
        ({"more": "Namn: 19811218-9876"}, "more", "ser ut som ett personnummer"),
        ({"value-debts": "811218-9876"}, "value-debts", "ser ut som ett personnummer"),
        ({"value-debts": "", "weight-debts": "3"}, "value-debts", "En faktor behöver ett värde."),
        ({"value-debts": "", "value-income": "", "weight-debts": "", "more": ""}, "more", "Skriv minst en rad underlag."),
        ({"right": ""}, "right", ""),
        ({"spread_days": "0"}, "spread_days", ""),
    ):
        answer = make(browser, **changed)
        page = answer.content.decode()
        assert answer.status_code == 200, changed
        assert f'href="#id_{place}"' in page, changed
        assert said in page, changed
        assert "Skulden är avskriven" in page
    assert not MadeCase.objects.exists()


def test_the_act_of_making_a_case_tells_nobody_what_it_says_and_an_ended_one_comes_no_more(
    make_system: Callable[..., Any], meet_gates: Callable[..., None], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web import clock
    from insyn.web.register.models import Act
    from insyn.web.reviews import calibration
    from insyn.web.reviews.actions import end_case
    from insyn.web.reviews.models import MadeCase

    loans = make_system("loans", outcomes=OUTCOMES, factors=FACTORS)
    meet_gates(loans)
    assess_work(loans, owner)
    browser = sign_in(owner)
    make(browser)
    assert Act.objects.get(verb="make_case").text.keys() == {"digest"}
    assert len(calibration.turns(loans, clock.today())) == 1
    assert browser.post(PAGE, {"what_form": "end", "made": str(MadeCase.objects.get().pk)}).status_code == 302
    assert calibration.turns(loans, clock.today()) == []
    with pytest.raises(ActRefused):
        end_case(actor=owner, made=MadeCase.objects.get())
