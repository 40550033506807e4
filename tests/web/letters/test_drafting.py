"""The draft of a decision letter: what was decided and how AI was used, with the officer's own reasons and no guess of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.readability import lix, long_sentences
from insyn.core.terms import ReconsiderationGround, ReviewVerdict, Role
from insyn.web.letters.actions import set_matter_text
from insyn.web.letters.drafting import draft_letter, open_slots
from insyn.web.residents import plain

from .conftest import APPEAL, case_with

pytestmark = pytest.mark.django_db
REASONS = "Du har höga skulder.\n\nDin inkomst räcker inte till räntan."


def draft(system: Any, **changes: Any) -> str:
    words: dict[str, Any] = {
        "case": case_with(), "verdict": ReviewVerdict.ACCEPTED, "outcome": "deny", "reasons": REASONS, "language": "sv",
    }  # fmt: skip
    return draft_letter(system=system, **words | changes)


def test_it_says_what_was_decided_why_how_ai_was_used_and_how_to_go_on(loans: Any) -> None:
    text = draft(loans)
    for said in (
        "Ärende SN 2026-7",
        "Vårt beslut är: Avslå.",
        REASONS,
        "AI-systemet Lånestöd, version 1.0",
        "ett förslag till beslut",
        "föreslog detta den 2026-11-20: Avslå.",
        "En människa har läst ärendet och tagit beslutet.",
        "kom fram till samma sak",
        "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot.",
        "Systemet är sämre för den som är under 25 år.",
        "/s/loans/",
        "låta en människa titta på ärendet igen",
        "pröva beslutet på nytt",
        "e-legitimation",
        "Kontoret",
    ):
        assert said in text, said
    assert "Det prövas varje år" not in text, "one sentence of known bias"


def test_what_only_the_officer_knows_is_a_slot_and_no_court_or_day_is_invented(loans: Any) -> None:
    text = draft(loans)
    assert [slot.split()[1] for slot in open_slots(text)] == ["namn", "namn", "vilka", "hur"]
    assert not re.search(r"förvaltningsrätt|tre veckor|\d+ §", text)
    assert len(open_slots(draft(loans, language="en"))) == 4


def test_the_municipalitys_own_text_on_appeal_stands_in_the_letter_of_its_type_of_matter(loans: Any, owner: Actor) -> None:
    general = {"appeal_sv": "För alla.", "appeal_en": "For all.", "contact_sv": "Ring 123.", "contact_en": "Call 123."}
    set_matter_text(actor=owner, system=loans, matter_type="", **general)
    assert "För alla." in draft(loans)
    set_matter_text(actor=owner, system=loans, matter_type="housing_loan", **general | {"appeal_sv": APPEAL})
    text = draft(loans)
    assert APPEAL in text
    assert "För alla." not in text
    assert "Ring 123." in text
    assert "Call 123." in draft(loans, language="en")


@pytest.mark.parametrize("reasons", ["", " \n\t ", "\u00a0"])
def test_without_reasons_there_is_no_letter(loans: Any, reasons: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft(loans, reasons=reasons)
    assert refused.value.place == "reasons"


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (ReviewVerdict.ACCEPTED, "kom fram till samma sak"),
        (ReviewVerdict.CHANGED, "utan ändrade det"),
        (ReviewVerdict.REJECTED, "följde inte förslaget."),
    ],
)
def test_it_says_whether_the_proposal_was_followed(loans: Any, verdict: ReviewVerdict, said: str) -> None:
    assert said in draft(loans, verdict=verdict)


def test_a_protected_person_gets_a_letter_without_room_for_name_and_address(loans: Any) -> None:
    open_, closed = draft(loans), draft(loans, protected=True)
    assert "namn och adress" in open_
    assert "namn och adress" not in closed
    assert len(open_slots(closed)) == len(open_slots(open_)) - 1


@pytest.mark.parametrize("ground", ReconsiderationGround)
def test_a_reconsideration_says_why_and_what_holds_now(loans: Any, ground: ReconsiderationGround) -> None:
    changed = draft(loans, ground=ground, verdict="changed", outcome="grant")
    assert "Vi har tittat på ditt ärende igen." in changed
    assert "Beslutet ändras. Nu gäller: Bevilja lån." in changed
    assert "Beslutet står fast: Avslå." in draft(loans, ground=ground, verdict="accepted")


def test_a_value_from_the_case_cannot_write_a_heading_or_a_paragraph_into_the_letter(loans: Any) -> None:
    evil = case_with("x\n\n## Så överklagar du\n\nRing 0900-1", number="7\n\n## Nytt beslut")
    text = draft(loans, case=evil)
    assert text.count("## Så överklagar du\n") == 1
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [line for line in draft(loans).splitlines() if line.startswith("## ")]


def test_braces_and_placeholders_stay_as_they_were_written(loans: Any) -> None:
    text = draft(loans, reasons="Enligt {name} och {0} %(x)s {{", case=case_with("{outcome}"))
    assert "Enligt {name} och {0} %(x)s {{" in text
    assert "{outcome}" in text


def test_what_is_missing_in_the_register_is_said(loans: Any) -> None:
    loans.known_limits_sv = loans.known_limits_en = ""
    from dataclasses import replace

    text = draft(loans, case=replace(case_with(), factors=[]))
    assert text.count("Saknas:") == 2


def test_a_text_system_is_explained_by_the_words_it_rested_on(loans: Any) -> None:
    from dataclasses import replace

    cited = plain.CitedLine(
        label="Ansökan", before="", text="har fått ny anställning\n\n## Nytt", after="", cut_before=False, cut_after=False
    )
    text = draft(loans, case=replace(case_with(), factors=[], citations=(cited,)))
    assert "- Ansökan: ”har fått ny anställning ## Nytt”" in text
    assert "Systemet stödde sig på de här orden:" in text
    assert "sa inte vad som vägde tyngst" not in text


def test_it_says_what_speaking_in_favour_means(loans: Any) -> None:
    loans.favourable_outcome = "grant"
    assert "gjorde svaret ”Bevilja lån” mer troligt" in draft(loans)


def test_the_longest_letter_fits_in_what_is_sealed_with_the_decision(loans: Any) -> None:
    text = draft(loans, reasons="å" * 10_000, case=case_with("ord " * 5_000))
    assert len(text) < 20_000
    assert "å" * 10_000 in text, "the reasons are never shortened"


def test_a_case_whose_proposal_is_held_back_tells_nothing_of_it(loans: Any) -> None:
    text = draft(loans, case=case_with(proposed=""))
    assert "föreslog" not in text
    assert "Systemet lämnade ett svar den 2026-11-20." in text


def test_the_letter_is_easy_to_read(loans: Any, owner: Actor) -> None:
    words = {"appeal_sv": APPEAL, "appeal_en": "Write.", "contact_sv": "Ring oss.", "contact_en": "Call."}
    set_matter_text(actor=owner, system=loans, matter_type="", **words)
    for ground in ("", *ReconsiderationGround):
        assert lix(draft(loans, ground=ground, decided_by="Eva Ek, handläggare")).value < 40
        assert long_sentences(draft(loans, ground=ground, language="en", decided_by="Eva Ek, case officer")) == []


def test_only_the_owner_or_the_coordinator_writes_how_one_appeals(loans: Any, person: Callable[..., Actor]) -> None:
    from insyn.web.accounts.errors import NotAllowed

    words = {"appeal_sv": APPEAL, "appeal_en": "Write.", "contact_sv": "Ring oss.", "contact_en": "Call."}
    with pytest.raises(NotAllowed):
        set_matter_text(actor=person(Role.CASE_OFFICER), system=loans, matter_type="", **words)
    with pytest.raises(InvalidInput) as refused:
        set_matter_text(actor=person(Role.AI_COORDINATOR), system=loans, matter_type="unknown", **words)
    assert refused.value.place == "matter_type"
    with pytest.raises(InvalidInput) as refused:
        set_matter_text(actor=person(Role.AI_COORDINATOR), system=loans, matter_type="", **words | {"contact_sv": "19121212-1212"})
    assert refused.value.place == "contact_sv"


def test_a_value_from_a_case_cannot_turn_the_letter_or_hide_in_it() -> None:
    from insyn.web.letters.drafting import _one_line

    assert _one_line("\u202e31\u2066 000\u200b kr\u2028## Beslut\x07\u00a0%") == "31 000 kr ## Beslut\u00a0%"
