"""How hard a text is to read: LIX for Swedish, and long sentences for English. A measure of the surface only.

LIX (Björnsson, Läsbarhet, 1968) = words per sentence + per cent of words with more than six letters. Under 30 is very easy, 30 to 40 easy,
40 to 50 ordinary. It knows nothing of whether a text is clear or true: a text under 40 may still be bad, one over 40 is hard to get through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONG_LETTERS = 6
LONG_SENTENCE = 25
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: Their full stops end no sentence. With a space as Swedish writes them, or without.
_ABBREVIATIONS = re.compile(
    r"\b(?:bl\. ?a|t\. ?ex|d\. ?v\. ?s|m\. ?m|o\. ?s\. ?v|s\. ?k|f\. ?d|fr\. ?o\. ?m|t\. ?o\. ?m|t\. ?v|p\. ?g\. ?a|i\. ?st|e\. ?d|"
    r"dvs|osv|etc|kap|st|nr|art|resp|ca|tel|kl|jfr|dr|e\. ?g|i\. ?e|no)\.",
    re.IGNORECASE,
)
#: 1 234,5 and 2026-11-21 and 12.30 are one word each, and their signs end nothing.
_NUMBER = re.compile(r"\d+(?:[\s\u00a0\u202f.,:–-]\d+)*")
_WORD = re.compile(r"[^\W_]+(?:[-'’:][^\W_]+)*")
#: A line that ends without a sign is a sentence of its own: a heading, a point of a list, a label.
_END = re.compile(r"[.!?…:]+(?=[\s\"”’»)\]]|$)|\n+")


@dataclass(frozen=True)
class Lix:
    """What was counted. ``value``: 0 for a text without words."""

    words: int
    sentences: int
    long_words: int

    @property
    def value(self) -> float:
        return self.words / self.sentences + 100 * self.long_words / self.words if self.words else 0.0


def lix(text: str) -> Lix:
    """The LIX of a text. Addresses are left out: nobody reads them as words."""
    sentences = [words for words in map(words_of, sentences_of(text)) if words]
    words = [word for sentence in sentences for word in sentence]
    return Lix(words=len(words), sentences=len(sentences), long_words=sum(map(is_long, words)))


def sentences_of(text: str) -> Iterator[str]:
    """The sentences, without the signs that end them."""
    text = _ADDRESS.sub(" ", text)
    text = _ABBREVIATIONS.sub(lambda found: found[0].replace(".", "").replace(" ", ""), text)
    text = _NUMBER.sub("0", text)
    yield from (part for part in (one.strip() for one in _END.split(text)) if part)


def words_of(sentence: str) -> list[str]:
    """Words and numbers; a compound with a hyphen is one word."""
    return _WORD.findall(sentence)


def is_long(word: str) -> bool:
    """More than six letters. A number has none."""
    return sum(sign.isalpha() for sign in word) > LONG_LETTERS


def long_sentences(text: str, *, most: int = LONG_SENTENCE) -> list[str]:
    """Sentences of more words than a reader holds at once: the simple measure for English."""
    return [sentence for sentence in sentences_of(text) if len(words_of(sentence)) > most]
