"""Features and contributions as sentences that a resident understands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.core.messages import Change, Citation, Counterfactual, Factor
from insyn.web.residents import plain

LABELS: dict[str, Any] = {
    "debts": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts in relation to income"}, "unit": "%"},
    "loan": {"label": {"sv": "Lånet mot priset", "en": "Loan against price"}, "unit": "%", "scale": 100, "decimals": 0},
    "income": {"label": {"sv": "Inkomst", "en": "Income"}, "unit": {"sv": "kr", "en": "SEK"}},
    "credit": {"label": {"sv": "Betalningar", "en": "Payments"}, "values": {"2": {"sv": "sent en gång", "en": "late once"}}},
    "own": {"label": {"sv": "Eget företag", "en": "Own business"}, "values": {"true": {"sv": "ja, helt", "en": "yes, wholly"}}},
    "guide": {
        "label": {"sv": "Riktlinjer", "en": "Guidelines"},
        "for": {"sv": "Riktlinjerna är uppfyllda.", "en": "The guidelines are met."},
    },
}


@pytest.mark.parametrize(
    ("factor", "sv", "en"),
    [
        (
            Factor("debts", 42, -1.0),
            "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot.",
            "Debts in relation to income: 42%. This spoke against.",
        ),
        (Factor("loan", 0.807, 1.0), "Lånet mot priset: 81\u00a0%. Det talade för.", "Loan against price: 81%. This spoke in favour."),
        (
            Factor("income", 31250.5, 1.0),
            "Inkomst: 31\u00a0250,5\u00a0kr. Det talade för.",
            "Income: 31,250.5\u00a0SEK. This spoke in favour.",
        ),
        (Factor("income", -5, -1.0), "Inkomst: \u22125\u00a0kr. Det talade emot.", "Income: -5\u00a0SEK. This spoke against."),
        (Factor("credit", 2, 1.0), "Betalningar: sent en gång. Det talade för.", "Payments: late once. This spoke in favour."),
        (Factor("credit", 2.0, 1.0), "Betalningar: sent en gång. Det talade för.", "Payments: late once. This spoke in favour."),
        (Factor("credit", None, -1.0), "Betalningar: uppgift saknas. Det talade emot.", "Payments: not stated. This spoke against."),
        (Factor("own", True, 1.0), "Eget företag: ja, helt. Det talade för.", "Own business: yes, wholly. This spoke in favour."),
        (Factor("own", False, -1.0), "Eget företag: nej. Det talade emot.", "Own business: no. This spoke against."),
        (Factor("guide", "x", 1.0), "Riktlinjer: x. Riktlinjerna är uppfyllda.", "Guidelines: x. The guidelines are met."),
        (
            Factor("zip", "a", 1.0),
            "zip (saknar förklaring i registret): a. Det talade för.",
            "zip (not explained in the register): a. This spoke in favour.",
        ),
    ],
)
def test_a_factor_is_a_sentence_in_both_languages(factor: Factor, sv: str, en: str) -> None:
    assert plain.sentence(factor, LABELS, "sv") == sv
    assert plain.sentence(factor, LABELS, "en") == en


def test_a_factor_that_hardly_mattered_says_so() -> None:
    lines = plain.factor_lines([Factor("debts", 42, -100.0), Factor("income", 1, 0.5)], LABELS, "sv")
    assert lines[1].sentence == "Inkomst: 1\u00a0kr. Det spelade nästan ingen roll."


def test_the_weightiest_factor_comes_first_and_fills_its_half_of_the_bar() -> None:
    lines = plain.factor_lines([Factor("income", 1, 0.5), Factor("debts", 42, -2.0)], LABELS, "sv")
    assert [line.label for line in lines] == ["Skulder i förhållande till inkomst", "Inkomst"]
    assert [(line.start, line.width) for line in lines] == [(0.0, 50.0), (50.0, 12.5)]


def test_a_resident_sees_the_factors_that_decide_and_not_all_the_rest() -> None:
    factors = [Factor("debts", 1, -9.0), Factor("income", 2, 0.7), Factor("loan", 1, 0.2), Factor("credit", 2, 0.1)]
    assert len(plain.significant(plain.factor_lines(factors, LABELS, "sv"))) == 1
    even = [Factor(f"f{number}", number, 1.0) for number in range(30)]
    assert len(plain.significant(plain.factor_lines(even, LABELS, "sv"))) == plain.MOST


def test_the_data_stand_in_the_order_of_the_register() -> None:
    rows = plain.input_rows({"zip": 1, "income": 2, "debts": 3}, LABELS, "sv")
    assert [label for label, _ in rows] == ["Skulder i förhållande till inkomst", "Inkomst", "zip (saknar förklaring i registret)"]


@given(
    st.lists(
        st.builds(
            Factor,
            feature=st.text(min_size=1, max_size=8),
            value=st.none() | st.booleans() | st.text(max_size=9) | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15),
            contribution=st.floats(-1e9, 1e9),
        ),
        max_size=8,
    ),
    st.sampled_from(["sv", "en"]),
)
def test_no_factor_breaks_a_page_and_every_bar_stays_within_it(factors: list[Factor], language: str) -> None:
    lines = plain.factor_lines(factors, LABELS, language)
    assert len(lines) == len(factors)
    for line in lines:
        assert line.sentence
        assert 0 <= line.start <= 100
        assert 0 <= line.width <= 50
        assert line.start + line.width <= 100.1


@given(
    st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_any_input_can_be_written_down(value: Any) -> None:
    assert isinstance(plain.value_text("x", value, LABELS, "sv"), str)


def test_what_would_have_had_to_be_different_is_one_sentence_with_what_holds_now() -> None:
    told = Counterfactual("grant", (Change("debts", 42, 30), Change("loan", 0.9, 0.8), Change("own", True, False)))
    assert plain.counterfactual_sentence(told, LABELS, "Bevilja", "sv") == (
        "Om skulder i förhållande till inkomst hade varit 30\u00a0% (nu 42\u00a0%), lånet mot priset hade varit 80\u00a0% (nu 90\u00a0%) "
        "och eget företag hade varit nej (nu ja, helt) hade förslaget blivit ”Bevilja”."
    )
    labels = {"debts": {**LABELS["debts"], "if": {"sv": "du hade haft {value} i skulder", "en": "your debts had been {value}"}}}
    one = Counterfactual("grant", (Change("debts", 42, 30),))
    assert (
        plain.counterfactual_sentence(one, labels, "Grant", "en")
        == "If your debts had been 30% (now 42%), the proposal would have been “Grant”."
    )


def test_a_label_keeps_its_capitals_in_a_sentence_where_they_are_an_abbreviation() -> None:
    labels = {"a": {"label": {"sv": "BNP per person", "en": "GDP"}}, "b": {"label": {"sv": "Ort", "en": "Place"}}}
    told = Counterfactual("x", (Change("a", 1, 2), Change("b", "u", "v")))
    assert plain.counterfactual_sentence(told, labels, "X", "sv").startswith("Om BNP per person hade varit 2 (nu 1) och ort hade varit v")


def test_a_quotation_is_shown_in_its_surroundings_and_says_where_text_is_left_out() -> None:
    text = "a" * 200 + " Hyran är hög. " + "b" * 200
    start = text.index("Hyran")
    citation = Citation("letter", start, start + 5, "Hyran")
    (line,) = plain.cited_lines([citation], {"letter": text}, {}, "sv")
    assert (line.text, line.cut_before, line.cut_after) == ("Hyran", True, True)
    assert (len(line.before), len(line.after)) == (plain.AROUND, plain.AROUND)
    (alone,) = plain.cited_lines([citation], {"letter": "something else"}, {}, "sv")
    assert (alone.before, alone.text, alone.after, alone.cut_before) == ("", "Hyran", "", False), "never words that do not stand there"
