"""Tells a person's own words from sentences that stood before them. Pure; the sentences are carried only as short hashes.

The page holds reasons against everything that it says of a case, the log against what is sealed there and against what others have said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Characters of one's own that reasons must have. Too few to be a burden, too many for "ok" and "enligt förslaget".
MIN_OWN = 30

#: Where a text is cut, the coarse cut first: what is copied is known again though its full stops have become commas or new lines.
_CUTS = (re.compile(r"\n+|[.!?;]+(?=\s|$)"), re.compile(r"[:,()\"”“»«]+(?=\s|$)|[(\"”“»«]+|\s[-–—]\s"))
_SIGNS = re.compile(r"[\W_]+")


def mark(sentence: str) -> str:
    """A short hash of a sentence as a reader would know it again: case, signs and spaces do not count."""
    plain = _SIGNS.sub(" ", sentence.casefold()).strip()
    return hashlib.sha256(plain.encode()).hexdigest()[:16] if plain else ""


def marks_of(sentences: Iterable[str]) -> frozenset[str]:
    """The marks of the sentences, of their pieces, and of the pieces' pieces."""
    found = {mark(piece) for sentence in sentences for piece in (sentence, *_pieces(sentence, _CUTS))}
    return frozenset(found - {""})


def _pieces(text: str, cuts: Sequence[re.Pattern[str]]) -> Iterator[str]:
    for piece in cuts[0].split(text) if cuts else ():
        yield piece
        yield from _pieces(piece, cuts[1:])


def own_words(text: str, marks: frozenset[str]) -> str:
    """What is left of the text when copied and repeated pieces are taken away."""
    kept: dict[str, str] = {}
    for piece in _not_copied(text, marks, _CUTS):
        kept.setdefault(mark(piece), piece.strip())
    return " ".join(kept.values())


def _not_copied(text: str, marks: frozenset[str], cuts: Sequence[re.Pattern[str]]) -> Iterator[str]:
    if mark(text) in marks | {""}:
        return
    if not cuts:
        yield text
        return
    for piece in cuts[0].split(text):
        yield from _not_copied(piece, marks, cuts[1:])


def texts_in(value: object) -> Iterator[str]:
    """Every text of a value as JSON holds it, and every number as it is written."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str | int | float):
        yield str(value)
