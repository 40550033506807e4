"""A round answered on the site: a receipt to follow, a group by one's own word, an address for one letter."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.web.clock import today
from insyn.web.feedback.letters import send_letters
from insyn.web.feedback.models import Contact, Message
from insyn.web.participation import proposals, rounds
from insyn.web.participation.counting import small_cells
from insyn.web.participation.models import Contribution, Round
from insyn.web.participation.queries import outcome_of
from insyn.web.register.actions import describe_system
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
TEXTS = {"title_sv": "Vad är svårt?", "question_sv": "Läs brevet. Vad är svårt?", "groups_sv": "Sökande"}
GROUPS = [
    {"group": {"sv": "Sökande", "en": "Applicants"}, "how": {"sv": "De får brevet.", "en": "They get the letter."}},
    {"group": {"sv": "Ombud", "en": "Representatives"}, "how": {"sv": "De läser det.", "en": "They read it."}},
]


@pytest.fixture
def row(system: System, owner: Actor) -> Round:
    describe_system(actor=owner, system=system, affected_groups=GROUPS)
    made = rounds.make_round(
        actor=owner, system=System.objects.get(pk=system.pk), opens=today(), closes=today() + timedelta(days=9), **TEXTS
    )
    rounds.open_round(actor=owner, asked=made)
    return Round.objects.get(pk=made.pk)


def publish_round(owner: Actor, row: Round) -> None:
    rounds.close_round(actor=owner, asked=row, why_sv="Alla har svarat.")
    for one in row.contributions.all():
        proposals.approve_proposal(actor=owner, proposal=one)
        proposals.answer_proposal(actor=owner, proposal=one, reply="taken", why_sv="Det är rätt.")
    rounds.publish_round(actor=owner, asked=row, changed_sv="Kortare.")


def answer(row: Round, **more: Any) -> Contribution:
    return proposals.answer_round(asked=row, text="Skriv kortare.", token=secrets.token_hex(16), **more)


def test_an_answer_gets_a_number_that_can_be_followed(client: Client, row: Round, owner: Actor) -> None:
    sent = {"text": "Skriv kortare.", "token": "0" * 32, "group": "1"}
    page = client.post(f"/delta/{row.slug}/", sent, follow=True).content.decode()
    one = Contribution.objects.get()
    assert f"Följ det med numret {one.receipt}." in page
    assert one.group.name_sv == "Sökande"
    assert "Vi har fått det" in client.get(f"/arende/{one.receipt}/").content.decode()
    publish_round(owner, row)
    page = client.get(f"/arende/{one.receipt}/").content.decode()
    assert f'href="/delta/{row.slug}/#forslag-1"' in page
    assert "Skriv kortare." not in page
    assert "För få för att visas" in client.get(f"/delta/{row.slug}/").content.decode()


def test_who_leaves_an_address_gets_one_letter_when_the_round_is_answered(
    client: Client, row: Round, owner: Actor, home: Home, letters: Callable[[], list[Any]]
) -> None:
    client.post(f"/delta/{row.slug}/", {"text": "Kortare.", "token": "0" * 32, "email": "lo@example.se"})
    assert send_letters().sent == 0
    publish_round(owner, row)
    assert (send_letters().sent, send_letters().sent) == (1, 0)
    assert f"/delta/{row.slug}/" in letters()[0].get_content()
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("more", [{"email": "x"}, {"group": 9}])
def test_what_is_wrong_is_said_and_nothing_is_lost(client: Client, row: Round, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        answer(row, **more)
    page = client.post(f"/delta/{row.slug}/", {"text": "Kortare.", "token": "0" * 32, **{key: str(value) for key, value in more.items()}})
    assert page.status_code == 422
    assert "Kortare." in page.content.decode()
    assert not Contribution.objects.exists()


def test_groups_are_counted_only_where_they_are_many(row: Round) -> None:
    for group in [*[1] * 11, *[2] * 3]:
        answer(row, group=group)
    assert outcome_of(row).groups == [("Sökande", None), ("Ombud", None), ("Sa inte", None)]
    for _ in range(12):
        answer(row)
    assert outcome_of(row).groups == [("Sökande", None), ("Ombud", None), ("Sa inte", 12)]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([10, 20], [10, 20]),
        ([3, 20, 30], [None, None, 30]),
        ([3, 8, 30], [None, None, 30]),
        ([3, 2, 30, 12], [None, None, 30, None]),
        ([0, 0, 30], [None, None, None]),
        ([9], [None]),
    ],
)
def test_a_small_count_does_not_come_out_by_subtraction(counts: list[int], shown: list[int | None]) -> None:
    assert small_cells(counts) == shown


def test_groups_that_are_withheld_are_not_offered(system: System, owner: Actor, client: Client) -> None:
    describe_system(actor=owner, system=system, affected_groups=GROUPS)
    System.objects.filter(pk=system.pk).update(visibility={"affected_groups": {"level": "internal", "provision": ""}})
    made = rounds.make_round(actor=owner, system=System.objects.get(pk=system.pk), opens=today(), closes=today(), **TEXTS)
    rounds.open_round(actor=owner, asked=made)
    assert "Ombud" not in client.get(f"/delta/{made.slug}/").content.decode()


def test_a_round_can_be_asked_about(client: Client, row: Round) -> None:
    assert f"/delta/{row.slug}/sag-till/" in client.get(f"/delta/{row.slug}/").content.decode()
    sent = {"kind": "question", "part": "", "text": "Hur länge?", "token": "0" * 32}
    assert client.post(f"/delta/{row.slug}/sag-till/", sent).status_code == 200
    assert Message.objects.get().round == row
