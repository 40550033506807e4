"""A person's own words, told from the proposal's."""

from __future__ import annotations

from hypothesis import given, strategies as st

from insyn.web.oversight.reasons import MIN_OWN, marks_of, own_words

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
