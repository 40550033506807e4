"""Tells a person's own words from the proposal's sentences. Pure; the proposal's text is carried only as short hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

#: Characters of one's own that reasons must have. Too few to be a burden, too many for "ok" and "enligt förslaget".
MIN_OWN = 30

_PIECES = re.compile(r"[.!?;\n]+(?=\s|$)")
_SIGNS = re.compile(r"[\W_]+")


def mark(sentence: str) -> str:
    """A short hash of a sentence as a reader would know it again: case, signs and spaces do not count."""
    plain = _SIGNS.sub(" ", sentence.casefold()).strip()
    return hashlib.sha256(plain.encode()).hexdigest()[:16] if plain else ""


def marks_of(sentences: Iterable[str]) -> frozenset[str]:
    """The marks of the sentences and of their pieces."""
    found = {mark(piece) for sentence in sentences for piece in (sentence, *_PIECES.split(sentence))}
    return frozenset(found - {""})


def own_words(text: str, marks: frozenset[str]) -> str:
    """What is left of the text when copied and repeated sentences are taken away."""
    kept: dict[str, str] = {}
    for piece in _PIECES.split(text):
        key = mark(piece)
        if key and key not in marks:
            kept.setdefault(key, piece.strip())
    return " ".join(kept.values())
