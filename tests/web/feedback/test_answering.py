"""Those who answer: who may, what an answer takes, and what the public reads of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from needs_kit import WORDS, an_analysis

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Office
from insyn.web.feedback import actions
from insyn.web.feedback.models import Message
from insyn.web.feedback.queries import handled_by, pace, public_feedback
from insyn.web.feedback.receiving import About
from insyn.web.needs.actions import analyse_need, decide_need, raise_need
from insyn.web.needs.models import Need
from insyn.web.portfolio.items import collect_items
from insyn.web.register.actions import describe_system
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def correct(owner: Actor, system: System, text: str = "Infört 2024.") -> int:
    """The owner changes the entry; the number of the revision that this left."""
    describe_system(actor=owner, system=system, description_sv=text)
    return system.revisions.order_by("-number").first().number


def move(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    later: datetime = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: later)


def test_a_report_that_is_right_ends_in_a_change_of_the_record_and_says_so(
    client: Client, say: Callable[..., Any], owner: Actor, system: System
) -> None:
    message = say().message
    with pytest.raises(InvalidInput) as refused:
        actions.answer_message(actor=owner, message=message, answer="Du har rätt.", finding="right")
    assert refused.value.place == "changed"
    number = correct(owner, system)
    act = actions.answer_message(actor=owner, message=message, answer="Du har rätt.", finding="right", changed=number)
    assert act.text["revision"] == number
    assert "rätt" not in str(act.text)
    actions.publish_message(actor=owner, message=message, question_shown="Fel årtal.", answer_shown="Du har rätt.", looked=True)
    page = client.get("/system/lanestod/").content.decode()
    assert "Fel årtal." in page
    assert "Rapporten stämde." in page
    assert f'href="/system/lanestod/historik/{number}/"' in page
    assert "Posten är ändrad" in page


def test_only_a_change_after_the_report_counts(say: Callable[..., Any], owner: Actor, system: System) -> None:
    before = correct(owner, system)
    message = say().message
    with pytest.raises(InvalidInput):
        actions.answer_message(actor=owner, message=message, answer="Rätt.", finding="right", changed=before)
    assert fresh(message).state == "open"


def test_a_report_that_is_wrong_needs_no_change_but_a_finding(say: Callable[..., Any], owner: Actor) -> None:
    message = say().message
    with pytest.raises(InvalidInput) as refused:
        actions.answer_message(actor=owner, message=message, answer="Nej.")
    assert refused.value.place == "finding"
    actions.answer_message(actor=owner, message=message, answer="Året stämmer.", finding="not_right")
    assert fresh(message).finding_words == "Posten stämde"


def test_an_owner_answers_for_their_own_systems_only(say: Callable[..., Any], owner: Actor, person: People, user_of: Any) -> None:
    other, coordinator = person(Role.SYSTEM_OWNER, "annan"), person(Role.AI_COORDINATOR)
    mine, sites = say().message, say("Sidan är seg.", about=About(), kind="tip").message
    for actor, message in ((other, mine), (owner, sites), (person(Role.CASE_OFFICER), mine)):
        with pytest.raises(NotAllowed):
            actions.answer_message(actor=actor, message=message, answer="Hej.", finding="not_right")
    assert [list(handled_by(user_of(actor), clock.today())) for actor in (owner, other)] == [[mine], []]
    assert handled_by(user_of(coordinator), clock.today()).count() == 2
    actions.answer_message(actor=coordinator, message=sites, answer="Tack.")


def test_the_page_of_anothers_message_is_no_page(say: Callable[..., Any], person: People, sign_in: Any) -> None:
    receipt = say().message.receipt
    assert sign_in(person(Role.SYSTEM_OWNER, "annan")).get(f"/arbete/synpunkter/{receipt}/").status_code == 404
    assert sign_in(person(Role.CASE_OFFICER)).get("/arbete/synpunkter/").status_code == 403


def test_a_message_waits_on_the_work_list_until_somebody_has_it(
    say: Callable[..., Any], owner: Actor, person: People, user_of: Any
) -> None:
    message, coordinator = say().message, person(Role.AI_COORDINATOR)

    def waits(actor: Actor) -> list[str]:
        return [item.href for item in collect_items(user_of(actor), clock.today()) if item.kind == "feedback"]

    assert waits(owner) == waits(coordinator) == [f"/arbete/synpunkter/{message.receipt}/"]
    actions.assign_message(actor=coordinator, message=message, to=user_of(owner))
    assert (len(waits(owner)), waits(coordinator)) == (1, [])


def test_a_message_is_given_only_to_somebody_who_may_answer_it(say: Callable[..., Any], owner: Actor, person: People, user_of: Any) -> None:
    message = say().message
    for actor in (person(Role.CASE_OFFICER), person(Role.SYSTEM_OWNER, "annan")):
        with pytest.raises(ActRefused):
            actions.assign_message(actor=owner, message=message, to=user_of(actor))
    actions.assign_message(actor=owner, message=message, to=user_of(owner))
    with pytest.raises(ActRefused):
        actions.assign_message(actor=owner, message=message, to=user_of(owner))


def test_a_late_message_shows_for_everybody_who_may_answer(
    say: Callable[..., Any], owner: Actor, person: People, user_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, coordinator = say().message, person(Role.AI_COORDINATOR)
    actions.assign_message(actor=owner, message=message, to=user_of(owner))
    move(monkeypatch, 11)
    found = [item for item in collect_items(user_of(coordinator), clock.today()) if item.kind == "feedback"]
    assert [item.due for item in found] == [message.due_on]


def test_a_draft_that_somebody_else_has_changed_is_not_written_over(say: Callable[..., Any], owner: Actor) -> None:
    message = say().message
    actions.draft_answer(actor=owner, message=message, draft="Första.", revision=0)
    with pytest.raises(ChangedMeanwhile):
        actions.draft_answer(actor=owner, message=message, draft="Andra.", revision=0)
    assert fresh(message).draft == "Första."
    assert not Act.objects.filter(verb__contains="draft").exists()


def test_two_of_the_same_are_merged_and_answered_at_once(say: Callable[..., Any], owner: Actor, client: Client) -> None:
    first, second, third = say().message, say().message, say().message
    actions.merge_message(actor=owner, message=second, into=first.receipt.lower())
    actions.answer_message(actor=owner, message=first, answer="Nej.", finding="not_right")
    actions.merge_message(actor=owner, message=third, into=first.receipt)
    assert [fresh(one).answered_on for one in (first, second, third)] == [clock.today()] * 3
    page = client.get(f"/arende/{second.receipt}/").content.decode()
    assert "Någon annan har sagt samma sak" in page
    assert "Posten stämde" in page


@pytest.mark.parametrize("into", ["", "x", "self", "site", "merged"])
def test_a_message_is_merged_only_with_another_about_the_same(say: Callable[..., Any], owner: Actor, person: People, into: str) -> None:
    message, other = say().message, say().message
    coordinator = person(Role.AI_COORDINATOR)
    sites = say("Seg.", about=About(), kind="tip").message
    actions.merge_message(actor=coordinator, message=other, into=say().message.receipt)
    receipt = {"self": message.receipt, "site": sites.receipt, "merged": other.receipt}.get(into, into)
    with pytest.raises(InvalidInput) as refused:
        actions.merge_message(actor=coordinator, message=message, into=receipt)
    assert refused.value.place == "into"
    assert fresh(message).state == "open"


def test_what_is_closed_without_an_answer_has_a_reason_and_can_be_opened_again(say: Callable[..., Any], owner: Actor) -> None:
    message = say().message
    with pytest.raises(InvalidInput):
        actions.close_message(actor=owner, message=message, reason="unwelcome")
    actions.close_message(actor=owner, message=message, reason="advertising")
    with pytest.raises(ActRefused):
        actions.answer_message(actor=owner, message=message, answer="Nej.", finding="not_right")
    actions.reopen_message(actor=owner, message=message)
    assert (fresh(message).state, fresh(message).spam_reason) == ("open", "")


def test_publication_takes_an_answer_a_look_and_the_senders_leave(say: Callable[..., Any], owner: Actor) -> None:
    message, private = say(kind="question").message, say(kind="question", may_publish=False).message
    words = {"question_shown": "Varför?", "answer_shown": "Därför."}
    with pytest.raises(ActRefused):
        actions.publish_message(actor=owner, message=message, looked=True, **words)
    for one in (message, private):
        actions.answer_message(actor=owner, message=one, answer="Därför.")
    with pytest.raises(InvalidInput) as refused:
        actions.publish_message(actor=owner, message=message, looked=False, **words)
    assert refused.value.place == "looked"
    with pytest.raises(ActRefused):
        actions.publish_message(actor=owner, message=private, looked=True, **words)
    actions.publish_message(actor=owner, message=message, looked=True, **words)
    assert [one.pk for one in public_feedback(clock.today(), system=message.system).shown] == [message.pk]


def test_an_identity_number_is_never_published(say: Callable[..., Any], owner: Actor, client: Client) -> None:
    message = say("Jag, 811228-9874, undrar.", kind="question").message
    actions.answer_message(actor=owner, message=message, answer="Hej 811228-9874.")
    actions.publish_message(actor=owner, message=message, question_shown=message.text, answer_shown="Hej 19811228-9874.", looked=True)
    assert "9874" not in client.get("/system/lanestod/").content.decode()


def test_what_was_published_by_mistake_is_taken_away(say: Callable[..., Any], owner: Actor, client: Client) -> None:
    message = say(kind="question").message
    actions.answer_message(actor=owner, message=message, answer="Därför.")
    actions.publish_message(actor=owner, message=message, question_shown="Åsa undrar.", answer_shown="Därför.", looked=True)
    actions.unpublish_message(actor=owner, message=message, why="Ett namn stod kvar.")
    assert "Åsa undrar." not in client.get("/system/lanestod/").content.decode()
    assert fresh(message).question_shown == ""


def test_the_figures_count_what_was_there_before_today(
    say: Callable[..., Any], owner: Actor, client: Client, monkeypatch: pytest.MonkeyPatch, system: System
) -> None:
    quick, slow, _never = (say(text, kind="question").message for text in ("Ett.", "Två.", "Tre."))
    spam = say("Köp!").message
    actions.close_message(actor=owner, message=spam, reason="advertising")
    assert pace(clock.today()).received == 0
    move(monkeypatch, 3)
    actions.answer_message(actor=owner, message=quick, answer="Ja.")
    move(monkeypatch, 9)
    actions.answer_message(actor=owner, message=slow, answer="Ja.")
    move(monkeypatch, 1)
    found = pace(clock.today(), system)
    assert (found.received, found.answered, found.days, found.due, found.in_time, found.share) == (3, 2, 3, 3, 1, 33)
    page = client.get("/system/lanestod/").content.decode()
    assert "33 procent (1 av 3)" in page
    assert "3 dagar" in page
    for path in ("/sag-till/", "/oversikt/"):
        assert "33 procent" in client.get(path).content.decode()


def test_a_decided_need_is_asked_about_and_answered_on_its_page(client: Client, person: People, member: Actor, opened: Any) -> None:
    officer, coordinator = person(Role.CASE_OFFICER), person(Role.AI_COORDINATOR)
    raise_need(actor=officer, office=Office.objects.get(slug="kontoret"), **WORDS)
    need = Need.objects.get()
    path = f"/behov/{need.number}/"
    assert client.get(f"{path}sag-till/").status_code == 404
    analyse_need(actor=coordinator, need=need, **an_analysis())
    decide_need(actor=member, need=Need.objects.get(), outcome="traditional", why_sv="Det räcker.", case_number="KS 2026/3")
    sent = {"kind": "question", "part": "", "text": "Vad kostar det?", "token": "0" * 32}
    assert client.post(f"{path}sag-till/", sent).status_code == 200
    message = Message.objects.get()
    actions.answer_message(actor=coordinator, message=message, answer="Inget.")
    actions.publish_message(actor=coordinator, message=message, question_shown="Vad kostar det?", answer_shown="Inget.", looked=True)
    page = client.get(path).content.decode()
    assert "Vad kostar det?" in page
    assert f'href="{path}#svar-{message.receipt}"' in client.get(f"/arende/{message.receipt}/").content.decode()


def test_a_merged_senders_key_shows_no_identity_number_of_the_other(say: Callable[..., Any], owner: Actor, client: Client) -> None:
    first, second = say(kind="question").message, say(kind="question")
    actions.merge_message(actor=owner, message=second.message, into=first.receipt)
    actions.answer_message(actor=owner, message=first, answer="Hej 811228-9874.")
    page = client.post(f"/arende/{second.message.receipt}/", {"key": second.key}).content.decode()
    assert "Hej ••••••-••••." in page


def test_the_officers_page_does_it_all_without_script(say: Callable[..., Any], owner: Actor, sign_in: Any, system: System) -> None:
    message = say().message
    client, path = sign_in(owner), f"/arbete/synpunkter/{message.receipt}/"
    assert client.post(path, {"what": "take"}).status_code == 302
    number = correct(owner, system)
    sent = {"what": "answer", "answer": "Du har rätt.", "finding": "right", "revision": "1"}
    back = client.post(path, sent)
    assert "En rapport som stämmer leder till en ändring" in back.content.decode()
    assert "Du har rätt." in back.content.decode()
    assert client.post(path, {**sent, "changed": str(number)}).status_code == 302
    published = {"what": "publish", "question_shown": "Fel årtal.", "answer_shown": "Du har rätt."}
    assert "Läs båda texterna" in client.post(path, published).content.decode()
    assert client.post(path, {**published, "looked": "on"}).status_code == 302
    assert fresh(message).published_on == clock.today()
    assert client.post(path, {"what": "nonsense"}).status_code == 404
