"""A case of the blind share: judged before the proposal is shown, then decided with both in sight. With a real sequencer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, NotAllowed

from .conftest import OWN, QUEUE, Desk, heads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def all_blind(loans: Any, monkeypatch: pytest.MonkeyPatch, owner: Actor, sequencer: Any) -> None:
    """Every proposal is drawn. No owner may set that, so the bound is moved."""
    from insyn.web.relay import relay_once
    from insyn.web.reviews import actions

    monkeypatch.setattr(actions, "MOST_BLIND", 1000)
    actions.set_blind_share(actor=owner, system=loans, per_mille=1000, why="Alla dras i provet.")
    relay_once(sequencer.client())


def test_the_proposal_is_shown_only_after_the_officers_own_view_and_both_stand_in_the_log(
    all_blind: None, propose: Callable[..., str], desk: Callable[[str], Desk], sequencer: Any
) -> None:
    rid = propose()
    mine = desk(rid)
    assert "bedöm först" in mine.browser.get(QUEUE, {"kind": "blind"}).content.decode()
    page = mine.open()
    assert "Skulder i förhållande till inkomst" in page
    assert "Det talade emot" not in page
    assert "Förslag:" not in page
    mine.send("judge", outcome="grant", reasons="ok")
    assert mine.answer.status_code == 422
    assert heads(sequencer, "blind_judgement") == []
    assert "Det talade emot" not in mine.text
    view = "Inkomsten räcker gott, och skulderna är på väg ned."
    mine.send("judge", outcome="grant", reasons=view)
    assert mine.answer.status_code == 200, mine.text
    assert "Förslag: Avslå" in mine.text
    assert "Bedömt innan förslaget visades" in mine.text
    assert view in mine.text
    assert re.search(r'<textarea name="reasons"[^>]*>\s*</textarea>', mine.text), "the reasons of the decision begin empty"
    assert len(heads(sequencer, "blind_judgement")) == 1
    assert "bedöm först" not in mine.browser.get(QUEUE).content.decode()
    assert mine.send("decide", verdict="changed", outcome="grant", reasons=OWN).status_code == 302
    assert [head.about for head in heads(sequencer, "review")] == [rid]
    round_it = desk(propose())
    round_it.open()
    round_it.send("decide", verdict="accepted", outcome="deny", reasons=OWN)
    assert len(heads(sequencer, "review")) == 1
    assert len(heads(sequencer, "blind_judgement")) == 2, "what was sent counts as the view that was asked for"


def test_the_owner_sets_the_share_by_an_act_and_within_bounds(
    make_system: Callable[..., Any], owner: Actor, officer: Actor, sign_in: Callable[..., Any], person: Callable[..., Actor]
) -> None:
    from insyn.core.errors import InvalidInput
    from insyn.web.register.issuing import issued
    from insyn.web.register.models import Act
    from insyn.web.reviews.actions import set_blind_share

    loans, browser = make_system("loans"), sign_in(owner)
    page = "/arbete/system/loans/granskning/"
    assert browser.post(page, {"what_form": "share", "per_mille": "50", "why": "Vi vill mäta."}).status_code == 302
    assert issued(loans).blind_share == 50
    assert Act.objects.get(verb="set_blind_share").text == {"before": 0, "per_mille": 50, "why": "Vi vill mäta."}
    assert "I 5,0 procent av ärendena" in browser.get(page).content.decode()
    assert browser.post(page, {"what_form": "share", "per_mille": "500", "why": "Mer."}).status_code == 200
    for odd, error in (
        ({"per_mille": 201, "why": "x"}, InvalidInput),
        ({"per_mille": 9, "why": " "}, InvalidInput),
        ({"per_mille": 50, "why": "x"}, ActRefused),
    ):
        with pytest.raises(error):
            set_blind_share(actor=owner, system=loans, **odd)
    with pytest.raises(NotAllowed):
        set_blind_share(actor=officer, system=loans, per_mille=10, why="x")
    assert issued(loans).blind_share == 50
    assert sign_in(officer).get(page).status_code == 403
    assert sign_in(person(Role.SYSTEM_OWNER, "annan")).get(page).status_code == 403, "only of one's own system"


@pytest.fixture
def unnamed_note(loans: Any) -> None:
    """The register does not name the field ``note``, which the caller sends nevertheless."""
    loans.factors.pop("note")
    loans.save()


def test_a_field_that_the_register_does_not_name_is_shown_after_the_judgement(
    unnamed_note: None, all_blind: None, propose: Callable[..., str], desk: Callable[[str], Desk]
) -> None:
    """It may say what the system proposed: here somebody has written a recommendation into it."""
    mine = desk(propose(note="Rekommendation: avslag"))
    page = mine.open()
    assert "Skulder i förhållande till inkomst" in page
    assert "Rekommendation: avslag" not in page
    assert "1 uppgift som registret inte nämner visas efter din bedömning" in page
    mine.send("judge", outcome="grant", reasons="Inkomsten räcker gott, och skulderna är på väg ned.")
    assert "Rekommendation: avslag" in mine.text
    assert "som registret inte nämner" not in mine.text
