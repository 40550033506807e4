"""LIX, counted by hand beside it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.core.readability import Lix, is_long, lix, long_sentences, sentences_of


@pytest.mark.parametrize(
    ("text", "words", "sentences", "long_words"),
    [
        ("", 0, 0, 0),
        ("...", 0, 0, 0),
        ("Vi hjälper dig.", 3, 1, 1),  # hjälper: seven letters
        ("Du får veta det. Ring oss!", 6, 2, 0),
        ("Läs t.ex. brevet från kl. 12.30. Svara sedan.", 8, 2, 0),
        ("Det kostar 1 234,50 kr den 2026-11-21.", 6, 1, 0),
        ("Kommunstyrelsens AI-system", 2, 1, 2),
        ("Rubrik\nFörsta raden\nAndra raden", 5, 3, 0),
        ("Läs mer: https://insyn.example/s/lanestod/?a=1.b Ring sedan.", 4, 2, 0),
        ("Fråga bl. a. om fr.o.m. och t o m.", 8, 1, 0),
    ],
)
def test_words_sentences_and_long_words_are_counted(text: str, words: int, sentences: int, long_words: int) -> None:
    assert lix(text) == Lix(words, sentences, long_words)


def test_the_formula_is_words_per_sentence_and_per_cent_of_long_words() -> None:
    assert Lix(words=100, sentences=10, long_words=25).value == 35
    assert lix("").value == 0


def test_hard_swedish_is_over_the_limit_and_plain_swedish_is_not() -> None:
    hard = (
        "Myndigheten får ändra ett beslut som den har meddelat som första instans om den anser att beslutet är felaktigt på grund av "
        "att det har tillkommit nya omständigheter eller av någon annan anledning."
    )
    plain = "Vi kan ändra vårt beslut om det är fel. Du kan be oss om det. Det kostar inget."
    assert lix(plain).value < 20 < 40 < lix(hard).value


def test_a_number_is_never_a_long_word() -> None:
    assert not is_long("12345678")
    assert is_long("förslag")
    assert not is_long("brevet")


def test_long_english_sentences_are_found() -> None:
    assert long_sentences("Short one. " + "word " * 26 + ".") == [("word " * 26).strip()]
    assert long_sentences("word " * 25) == []


@given(st.text(max_size=400))
def test_any_text_has_a_measure(text: str) -> None:
    found = lix(text)
    assert 0 <= found.long_words <= found.words
    assert found.sentences <= found.words
    assert found.value >= 0
    assert all(one.strip() for one in sentences_of(text))
