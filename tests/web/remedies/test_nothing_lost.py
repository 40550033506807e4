"""What an officer has typed comes back whatever stands in the way; a letter with gaps and reasons that were copied decide nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.core.own_words import marks_of, own_words
from insyn.web import bridge
from insyn.web.oversight.opening import Case
from insyn.web.residents.plain import CitedLine
from tests.web.remedies.conftest import OWN

from .test_reconsider import GOOD, Page

LETTER = "Vi har tittat på ditt ärende igen.\n\nDu får låna."


def hidden(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)}


@pytest.mark.django_db(transaction=True)
def test_all_that_was_typed_is_sent_again_when_the_log_is_down(
    decide: Callable[..., str], colleague: Actor, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, sequencer: Any
) -> None:
    rid = decide()
    one = Page(sign_in(colleague), rid)
    typed = {**GOOD, "letter": LETTER}

    def down(*_args: Any) -> Any:
        raise Unreachable("down")

    for fields in (typed, {**typed, "step": "draft"}, {**typed, "reasons": "Kort."}):
        with monkeypatch.context() as held:
            held.setattr(bridge, "ask", down)
            fresh = Page(one.client, rid)
            assert fresh.answer.status_code == 503
            one.send(**fields)
        assert one.answer.status_code == 503
        kept = hidden(one.answer.content.decode())
        assert {name: kept[name] for name in ("letter", "reasons", "outcome", "ground", "heard_party")} == {
            name: fields[name] for name in ("letter", "reasons", "outcome", "ground", "heard_party")
        }
        assert kept["seal"]
        one = Page(one.client, rid)
    with monkeypatch.context() as held:
        held.setattr(bridge, "ask", down)
        one.send(**typed)
    again = {name: value for name, value in hidden(one.answer.content.decode()).items() if name != "csrfmiddlewaretoken"}
    assert one.client.post(f"/arbete/omprovning/{rid}/", again).status_code == 302
    assert len(sequencer.entries("reconsideration")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_signed_out_or_may_no_longer_decide_gets_the_words_back(
    decide: Callable[..., str], colleague: Actor, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from insyn.web.remedies import views

    one = Page(sign_in(colleague), decide())
    with monkeypatch.context() as held:
        held.setattr(views, "may_review", lambda *_args: False)
        text = one.send(**GOOD, letter=LETTER)
    assert (one.answer.status_code, OWN in text, "Du får låna." in text) == (403, True, True)
    one = Page(one.client, one.rid)
    one.client.logout()
    text = one.send(**GOOD, letter=LETTER)
    assert (one.answer.status_code, OWN in text, "Du får låna." in text) == (403, True, True)


@pytest.mark.django_db(transaction=True)
def test_a_letter_with_a_gap_is_not_kept_with_a_decision(
    decide: Callable[..., str], colleague: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    one = Page(sign_in(colleague), decide())
    text = one.send(**GOOD, letter="Vårt beslut gäller [Skriv: namn och adress].")
    assert one.answer.status_code == 422
    assert "Fyll i eller ta bort: [Skriv: namn och adress]" in text
    assert OWN in text
    assert sequencer.entries("reconsideration") == []


def test_sentences_of_the_whole_explanation_are_nobodys_own() -> None:
    counterfactual = "Med skulder på 20 % hade förslaget blivit att bevilja."
    words = "Sökanden har betalat alla skulder under de senaste tre åren."
    cited = CitedLine(label="Anteckning", before="", text=words, after="", cut_before=False, cut_after=False)
    case = Case(
        rid="a", index=1, leaf="b", day="2026-01-01", version="1", number="", proposed="deny", proposed_label="Avslå", score=None, rows=[],
        factors=[], matter_type="", counterfactual=counterfactual, citations=(cited,),
    )  # fmt: skip
    assert own_words(f"{counterfactual} {words}", marks_of(case.sentences)) == ""
