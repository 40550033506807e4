"""A person's own words, told from the proposal's."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.core.own_words import MIN_OWN, marks_of, own_words, texts_in

PROPOSAL = ["Skulder i förhållande till inkomst: 42 %. Det talade emot.", "Inkomst: 31 000 kr. Det talade för."]
MARKS = marks_of(PROPOSAL)


def test_copied_sentences_leave_nothing_whatever_their_case_and_signs() -> None:
    copied = "DET TALADE EMOT!\n skulder i förhållande till inkomst 42.  Inkomst: 31 000 kr."
    assert own_words(copied, MARKS) == ""


def test_own_sentences_stay_beside_copied_ones() -> None:
    assert own_words("Det talade emot. Jag har ringt arbetsgivaren.", MARKS) == "Jag har ringt arbetsgivaren"


def test_the_same_sentence_again_and_again_counts_once() -> None:
    assert len(own_words("Ja det är så. " * 20, MARKS)) < MIN_OWN


@given(st.lists(st.sampled_from(PROPOSAL), max_size=5))
def test_no_mix_of_the_proposals_sentences_counts_as_ones_own(sentences: list[str]) -> None:
    assert own_words(" ".join(sentences), MARKS) == ""


@given(st.text())
def test_marks_hold_no_text(text: str) -> None:
    assert all(len(mark) == 16 and int(mark, 16) >= 0 for mark in marks_of([text]))


@pytest.mark.parametrize(
    "copied",
    [
        "Det talade emot, inkomst: 31 000 kr, det talade för",  # full stops made commas
        "Inkomst\t31 000 kr\nDet talade för\nDet talade emot",  # rows of a table
        "Det talade emot – det talade för – 42 %",
        "(Det talade emot) ”Inkomst: 31 000 kr”",
    ],
)
def test_copied_pieces_are_known_again_however_they_are_put_together(copied: str) -> None:
    assert own_words(copied, MARKS) == ""


def test_every_text_and_number_of_a_sealed_value_is_found() -> None:
    assert list(texts_in({"a": ["x", {"b": 31.5}], "c": None, "d": 4})) == ["x", "31.5", "4"]
