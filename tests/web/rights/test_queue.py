"""The office: who sees which request, and what is done with it. Requests of employees leave the line."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.portfolio.digests import letter, worth_a_letter
from insyn.web.portfolio.items import collect_items
from insyn.web.portfolio.models import DigestChoice
from insyn.web.register.models import Act
from insyn.web.rights import handling, waiting
from insyn.web.rights.actions import enter_request, file_request
from insyn.web.rights.models import RightsRequest
from insyn.web.rights.queries import open_requests
from insyn.web.rights.words import Channel, EscalatedTo, RefusalGround, RequestKind, RequestOutcome

pytestmark = pytest.mark.django_db
RID, TOKEN = "a" * 32, "c" * 32
QUEUE = "/arbete/rattigheter/"


@pytest.fixture
def asked(by_code: Callable[..., Any], system: Any) -> RightsRequest:
    return file_request(
        resident=by_code(system, RID), kind=RequestKind.HUMAN_REVIEW, system=system, rid=RID, message="Kolla 19121212-1212."
    )


@pytest.fixture
def of_work(work_system: Any, elsewhere: Callable[..., Actor]) -> RightsRequest:
    """Somebody who is scheduled has asked, through a rights officer of another office."""
    actor = elsewhere(Role.RIGHTS_OFFICER)
    return enter_request(
        actor=actor, channel=Channel.VISIT, kind=RequestKind.OBJECTION, system=work_system, rid=RID, token=TOKEN, message="Inte nätter."
    )


def answered(actor: Actor, request: RightsRequest, **words: Any) -> RightsRequest:
    given = {"outcome": RequestOutcome.GRANTED, "text": "Vi har ändrat.", "changed": True, **words}
    return handling.answer_request(actor=actor, request=request, **given)


def page(browser: Any, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


def test_the_queue_shows_day_and_kind_and_no_letter(asked: RightsRequest, rights_officer: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(rights_officer)
    queue = page(browser, QUEUE)
    assert asked.receipt in queue
    assert asked.due.isoformat() in queue
    assert "dagar kvar" in queue
    assert "Kolla" not in queue
    shown = page(browser, f"{QUEUE}{asked.receipt}/")
    assert "Kolla ••••••-••••" in shown
    assert "19121212" not in shown


def test_filters_choose_and_unknown_words_choose_nothing(asked: RightsRequest, rights_officer: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(rights_officer)
    assert asked.receipt in page(browser, f"{QUEUE}?slag=human_review&vem=nobody&tid=in_time&system=lanestod&vag=code")
    for query in ("slag=erasure", "vem=mine", "tid=overdue", "system=annat", "vag=phone", "lage=answered"):
        assert asked.receipt not in page(browser, f"{QUEUE}?{query}"), query
    assert asked.receipt in page(browser, f"{QUEUE}?slag=nonsens&tid='--")


def test_an_answer_is_an_act_and_the_person_sees_it(asked: RightsRequest, rights_officer: Actor, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(rights_officer)
    words = {"what_form": "answer", "outcome": "refused", "ground": "decision_stands", "changed": "no", "text": "Vi har läst allt igen."}
    assert browser.post(f"{QUEUE}{asked.receipt}/", words).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.outcome, asked.changed, asked.answered_on) == ("answered", "refused", False, clock.today())
    assert "läst" not in str(asked.answer_act.text)
    printed = page(browser, f"{QUEUE}{asked.receipt}/brev/")
    for told in ("Vi har läst allt igen.", "dataskyddsförordningen, artikel 77", "förvaltningslagen, 37 och 38 §§", "Du kan överklaga"):
        assert told in printed, told
    with pytest.raises(ActRefused):
        answered(rights_officer, asked)
    assert Act.objects.filter(verb="answer_request").count() == 1


def test_a_no_names_its_ground_and_an_answer_about_a_decision_says_whether_it_changed(asked: RightsRequest, rights_officer: Actor) -> None:
    for words, place in (({"outcome": RequestOutcome.REFUSED}, "ground"), ({"changed": None}, "changed"), ({"text": "  "}, "text")):
        with pytest.raises(InvalidInput) as refused:
            answered(rights_officer, asked, **words)
        assert refused.value.place == place
    assert asked.is_open


def test_what_was_typed_comes_back(asked: RightsRequest, rights_officer: Actor, sign_in: Callable[..., Any]) -> None:
    answer = sign_in(rights_officer).post(
        f"{QUEUE}{asked.receipt}/", {"what_form": "answer", "outcome": "refused", "text": "Ett långt svar.", "changed": "no"}
    )
    assert answer.status_code == 422
    assert "Ett långt svar." in answer.content.decode()
    assert "Välj grunden för nejet." in html.unescape(answer.content.decode())


def test_drafts_are_kept_each_with_who_wrote_it(asked: RightsRequest, rights_officer: Actor, elsewhere: Callable[..., Actor]) -> None:
    other = elsewhere(Role.RIGHTS_OFFICER)
    for actor, text in ((rights_officer, "Först."), (other, "Sedan."), (rights_officer, "Sist."), (rights_officer, "Sist.")):
        handling.save_draft(actor=actor, request=asked, text=text, outcome="partly")
    assert [(draft.author.person, draft.text) for draft in asked.drafts.all()] == [
        (rights_officer.person, "Sist."),
        (other.person, "Sedan."),
        (rights_officer.person, "Först."),
    ]
    assert not Act.objects.filter(verb__contains="draft").exists()


def test_more_time_is_told_with_its_reasons_and_only_once(
    asked: RightsRequest, rights_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked.law_due
    handling.extend_request(actor=rights_officer, request=asked, why="Vi väntar på lönebeskedet.")
    assert asked.due > first
    with pytest.raises(ActRefused, match="en gång"):
        handling.extend_request(actor=rights_officer, request=asked, why="Igen.")


def test_more_time_is_not_taken_when_the_first_is_out(asked: RightsRequest, rights_officer: Actor) -> None:
    asked.law_due = asked.due = clock.today() - timedelta(days=1)
    asked.save()
    with pytest.raises(ActRefused, match="innan den första tiden är ute"):
        handling.extend_request(actor=rights_officer, request=asked, why="Vi hann inte.")


def test_what_is_passed_on_is_answered_by_the_other_office(
    asked: RightsRequest, rights_officer: Actor, person: Callable[..., Actor]
) -> None:
    protection = person(Role.DATA_PROTECTION_OFFICER)
    handling.escalate_request(actor=rights_officer, request=asked, to=EscalatedTo.DATA_PROTECTION_OFFICER, why="Jag fattade beslutet.")
    with pytest.raises(NotAllowed, match="Dataskyddsombudet"):
        answered(rights_officer, asked)
    assert answered(protection, asked).state == "answered"


def test_a_case_officer_handles_only_systems_that_they_review(
    asked: RightsRequest, in_use: Any, person: Callable[..., Actor], elsewhere: Callable[..., Actor]
) -> None:
    reviewer, stranger = person(Role.CASE_OFFICER), elsewhere(Role.CASE_OFFICER)
    assert in_use.pk == asked.system_id
    with pytest.raises(NotAllowed, match="granskar"):
        answered(stranger, asked)
    assert open_requests([in_use]) == [asked]
    assert answered(reviewer, asked).state == "answered"


def test_a_request_is_handed_only_to_whoever_may_answer_it(
    asked: RightsRequest, rights_officer: Actor, owner: Actor, user_of: Callable[..., Any]
) -> None:
    with pytest.raises(ActRefused, match="inget mandat"):
        handling.assign_request(actor=rights_officer, request=asked, to=user_of(owner))
    handling.assign_request(actor=rights_officer, request=asked, to=user_of(rights_officer))
    assert asked.assigned_to == user_of(rights_officer)


def test_own_days_count_for_what_comes_after(
    asked: RightsRequest, person: Callable[..., Actor], by_code: Callable[..., Any], system: Any
) -> None:
    secretary = person(Role.COUNCIL_SECRETARY)
    handling.set_own_days(actor=secretary, kind=RequestKind.HUMAN_REVIEW, days=10)
    later = file_request(resident=by_code(system, "d" * 32), kind=RequestKind.HUMAN_REVIEW, system=system, rid="d" * 32)
    assert later.due == clock.today() + timedelta(days=10) < later.law_due == asked.law_due
    with pytest.raises(InvalidInput):
        handling.set_own_days(actor=secretary, kind=RequestKind.HUMAN_REVIEW, days=0)
    handling.set_own_days(actor=secretary, kind=RequestKind.HUMAN_REVIEW, days=None)


# ---- employees ----


def test_what_an_employee_asks_reaches_nobody_in_their_line(
    of_work: RightsRequest, person: Callable[..., Actor], owner: Actor, sign_in: Callable[..., Any], user_of: Callable[..., Any]
) -> None:
    for actor in (
        person(Role.RIGHTS_OFFICER),
        person(Role.DATA_PROTECTION_OFFICER),
        person(Role.CASE_OFFICER),
        person(Role.COUNCIL_SECRETARY),
    ):
        browser = sign_in(actor)
        assert of_work.receipt not in page(browser, QUEUE), actor.role
        for address in ("", "brev/"):
            answer = browser.get(f"{QUEUE}{of_work.receipt}/{address}")
            assert answer.status_code == 403, (actor.role, address)
            assert "Inte nätter" not in answer.content.decode()
        with pytest.raises(NotAllowed):
            answered(actor, of_work)
        assert of_work.receipt not in str(collect_items(user_of(actor), clock.today()))
    browser = sign_in(owner)
    assert browser.get(f"{QUEUE}{of_work.receipt}/").status_code == 403
    assert open_requests([of_work.system]) == []


def test_a_rights_officer_of_another_office_handles_it(
    of_work: RightsRequest, sign_in: Callable[..., Any], user_of: Callable[..., Any]
) -> None:
    from insyn.web.accounts.models import User
    from insyn.web.accounts.permissions import actor_of

    eva = actor_of(User.objects.get(username="eva"), Role.RIGHTS_OFFICER, clock.today())
    assert of_work.receipt in page(sign_in(eva), QUEUE)
    assert "Inte nätter." in page(sign_in(eva), f"{QUEUE}{of_work.receipt}/")
    assert answered(eva, of_work).changed is None


def test_a_rights_officer_of_the_same_office_cannot_enter_it_either(work_system: Any, rights_officer: Actor) -> None:
    with pytest.raises(NotAllowed, match="utanför deras egen linje"):
        enter_request(actor=rights_officer, channel=Channel.PHONE, kind=RequestKind.OBJECTION, system=work_system, rid=RID, token=TOKEN)


def test_the_line_reaches_the_offices_above_and_below(work_system: Any, elsewhere: Callable[..., Actor]) -> None:
    from insyn.web.accounts.models import Office
    from insyn.web.rights.employees import in_the_line

    elsewhere(Role.RIGHTS_OFFICER)
    other = Office.objects.get(slug="annan")
    assert not in_the_line(work_system, other)
    other.parent = work_system.office
    assert in_the_line(work_system, other)
    above = work_system.office
    above.parent = Office.objects.get(slug="annan")
    assert in_the_line(work_system, Office.objects.get(slug="annan"))


# ---- work lists and letters ----


def test_a_digest_names_no_person_and_no_letter(asked: RightsRequest, rights_officer: Actor, user_of: Callable[..., Any]) -> None:
    user = user_of(rights_officer)
    items = [item for item in collect_items(user, clock.today()) if item.kind == "rights_request"]
    assert [(item.due, asked.receipt in item.title) for item in items] == [(asked.due, True)]
    asked.due = clock.today()
    asked.save()
    user.email = "eva@kommunen.example"
    sent = letter(DigestChoice(user=user), worth_a_letter(collect_items(user, clock.today()), clock.today()), clock.today())
    assert "Begäran att besvara" in sent.body
    assert "Kolla" not in sent.body


def test_the_owner_is_told_that_many_wait_and_not_which(
    by_code: Callable[..., Any], system: Any, owner: Actor, user_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MANY", 3)
    rids = [f"{number:032x}" for number in range(3)]
    resident = by_code(system, *rids)
    for rid in rids:
        file_request(resident=resident, kind=RequestKind.EXPLANATION, system=system, rid=rid)
    items = [item for item in collect_items(user_of(owner), clock.today()) if item.kind == "rights_many"]
    assert len(items) == 1
    assert "3 begäranden väntar" in items[0].title
    assert "rattigheter" not in items[0].href


def test_refused_words_are_of_the_closed_list() -> None:
    assert {ground.value for ground in RefusalGround} >= {"must_be_kept", "decision_stands"}
