"""Following a message: the number shows how far it has come, the key what it says; guesses get one answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.web.feedback import limits
from insyn.web.feedback.actions import answer_message, assign_message, close_message
from insyn.web.feedback.codes import new_receipt

pytestmark = pytest.mark.django_db


def without_address(page: Any) -> str:
    """A page without its own address, which stands in the form that changes the language."""
    return re.sub(r'name="next" value="[^"]*"', "", page.content.decode())


def test_the_number_shows_how_far_and_nothing_of_the_text(client: Client, say: Callable[..., Any], owner: Actor, user_of: Any) -> None:
    sent = say("Ett ovanligt ord.", kind="question")
    path = f"/arende/{sent.message.receipt}/"
    assert "Vi har fått det" in client.get(path).content.decode()
    assign_message(actor=owner, message=sent.message, to=user_of(owner))
    page = client.get(path).content.decode()
    assert "En person tittar på det" in page
    assert "ovanligt" not in page
    assert owner.name not in page
    answer_message(actor=owner, message=sent.message, answer="Ett sällsynt svar.")
    page = client.get(path).content.decode()
    assert "Besvarat" in page
    assert "sällsynt" not in page


def test_the_key_shows_text_and_answer(client: Client, say: Callable[..., Any], owner: Actor) -> None:
    sent = say("Ett ovanligt ord.", kind="question")
    answer_message(actor=owner, message=sent.message, answer="Ett sällsynt svar.")
    page = client.post(f"/arende/{sent.message.receipt}/", {"key": sent.key.lower()})
    assert "Ett ovanligt ord." in page.content.decode()
    assert "Ett sällsynt svar." in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]


def test_another_senders_key_opens_nothing(client: Client, say: Callable[..., Any]) -> None:
    sent, other = say("Ett ovanligt ord."), say("Annat.")
    answer = client.post(f"/arende/{sent.message.receipt}/", {"key": other.key})
    assert answer.status_code == 422
    assert "ovanligt" not in answer.content.decode()


def test_numbers_that_lead_nowhere_get_one_answer(client: Client, opened: Any) -> None:
    pages = [client.get(f"/arende/{number}/") for number in (new_receipt(), new_receipt(), "x", "-", "Å" * 100)]
    assert {page.status_code for page in pages} == {404}
    assert len({without_address(page) for page in pages}) == 1
    assert client.post(f"/arende/{new_receipt()}/", {"key": "x"}).status_code == 404


@pytest.fixture
def three_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.MOST, "follow", 3)


@pytest.mark.usefixtures("three_guesses")
def test_who_guesses_too_often_gets_one_answer_for_right_and_wrong(client: Client, say: Callable[..., Any]) -> None:
    sent = say()
    for _ in range(limits.MOST["follow"]):
        assert client.get(f"/arende/{new_receipt()}/").status_code == 404
    right, wrong = client.get(f"/arende/{sent.message.receipt}/"), client.get(f"/arende/{new_receipt()}/")
    assert (right.status_code, wrong.status_code) == (429, 429)
    assert without_address(right) == without_address(wrong)
    assert client.get(f"/arende/{sent.message.receipt}/", REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.usefixtures("three_guesses")
def test_wrong_keys_count_as_guesses(client: Client, say: Callable[..., Any]) -> None:
    path = f"/arende/{say().message.receipt}/"
    codes = [client.post(path, {"key": "fel"}).status_code for _ in range(limits.MOST["follow"] + 1)]
    assert codes == [422] * limits.MOST["follow"] + [429]


def test_a_number_is_typed_with_a_kind_eye(client: Client, say: Callable[..., Any]) -> None:
    receipt = say().message.receipt
    answer = client.post("/arende/", {"nummer": f" {receipt.lower().replace('-', '')} "})
    assert answer["Location"] == f"/arende/{receipt}/"
    assert client.post("/arende/", {"nummer": "<b>"}, follow=True).status_code == 404


def test_what_was_closed_says_why(client: Client, say: Callable[..., Any], owner: Actor) -> None:
    sent = say()
    close_message(actor=owner, message=sent.message, reason="empty")
    page = client.get(f"/arende/{sent.message.receipt}/").content.decode()
    assert "Det finns inget att svara på" in page


def test_what_is_typed_to_find_a_message_stands_in_no_address(client: Any, say: Callable[..., Any], system: Any) -> None:
    """Somebody types the key, or an identity number, where the number goes."""
    page = client.get("/arende/").content.decode()
    assert '<form method="post" class="panel" action="/arende/">' in page
    sent = say()
    for typed, address in (
        (sent.message.receipt.lower(), f"/arende/{sent.message.receipt}/"),
        (sent.key, "/arende/-/"),
        ("811228-9874", "/arende/-/"),
        ("198112289874", "/arende/-/"),
    ):
        answer = client.post("/arende/", {"nummer": typed})
        assert (answer.status_code, answer["Location"]) == (302, address)
