"""Finding entries by words and by what they are, at a cost that does not grow with the register.

Words of three letters and more are found wherever they stand, also inside compounds; shorter ones at the beginning of a word. Å, ä and ö
are letters of their own. A search looks through the first :data:`MOST` hits, and says so when there were more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from insyn.web.accounts.models import Office

from .keeping import fold
from .models import Listing, Searchable

#: A search looks at so many hits and words.
MOST, WORDS = 1000, 8
_LETTERS = 3


@dataclass(frozen=True)
class Found:
    """``rows`` in the reader's alphabetical order; ``cut``: there were more hits than a search looks through."""

    rows: QuerySet[Listing]
    cut: bool = False


def listings(words: str, *, public: bool, filters: Mapping[str, object]) -> Found:
    """The lines of the entries that hold every word and pass the filters."""
    rows = Listing.objects.filter(**filters).order_by("sort_en" if (get_language() or "sv").startswith("en") else "sort_sv", "system")
    hits = matching(words, "public" if public else "work")
    if hits is None:
        return Found(rows)
    return Found(rows.filter(system__in=hits[:MOST]), cut=len(hits) > MOST)


def matching(words: str, column: str) -> list[int] | None:
    """The keys of entries that hold every word, one more than :data:`MOST` at most; ``None`` when no word was asked for."""
    wanted = [part for word in fold(words).split()[:WORDS] for part in _parts(word)]
    if not wanted:
        return [] if words.strip() else None
    if connection.vendor == "postgresql":
        return _on_postgresql(wanted, column)
    return _on_sqlite(wanted, column)


def _parts(word: str) -> Iterator[str]:
    """A long word as it is; of a short one what is letters, since a lone sign begins no word."""
    if len(word) >= _LETTERS:
        yield word
    elif short := "".join(letter for letter in word if letter.isalnum()):
        yield short


def _on_sqlite(wanted: Iterable[str], column: str) -> list[int]:
    long = [word for word in wanted if len(word) >= _LETTERS]
    short = [word for word in wanted if len(word) < _LETTERS]
    asked = []
    if long:
        asked.append(("history_parts", _match(long, column, "")))
    if short:
        asked.append(("history_words", _match(short, column, "*")))
    one = "SELECT rowid FROM {table} WHERE {table} MATCH %s"
    where = " AND ".join(f"rowid IN ({one.format(table=table)})" for table, _ in asked[1:])
    first = one.format(table=asked[0][0]) + (f" AND {where}" if where else "")
    with connection.cursor() as cursor:
        cursor.execute(f"{first} LIMIT %s", [*(match for _, match in asked), MOST + 1])
        return [key for (key,) in cursor.fetchall()]


def _match(words: Iterable[str], column: str, after: str) -> str:
    """Each word as a string of the search language, so that no sign in it means anything there."""
    quoted = (word.replace('"', '""') for word in words)
    return f"{column} : (" + " AND ".join(f'"{word}"{after}' for word in quoted) + ")"


def _on_postgresql(wanted: Iterable[str], column: str) -> list[int]:
    """Written for the trigram index of the migration; not tried on a running PostgreSQL."""
    found = Searchable.objects.all()
    for word in wanted:
        found = found.filter(**({f"{column}__contains": word} if len(word) >= _LETTERS else {f"{column}__regex": rf"\m{word}"}))
    return list(found.values_list("pk", flat=True)[: MOST + 1])


def below(slug: str) -> list[int]:
    """The office and everything below it in the tree; nothing for an office that is not there."""
    children: dict[int | None, list[int]] = {}
    start = []
    for key, parent, name in Office.objects.values_list("pk", "parent", "slug"):
        children.setdefault(parent, []).append(key)
        if name == slug:
            start = [key]
    found: list[int] = []
    while start:
        key = start.pop()
        if key not in found:
            found.append(key)
            start += children.get(key, [])
    return found
