"""A revision in words: its fields as lines of text, and what differs from the one before, word by word.

The public reads a field of an old revision only if it may read that field in the entry as it is now and might do so then: what is withheld
today is withheld in all of the history, and what was withheld once does not come out because the field holds something else today.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from insyn.web.assessments import words
from insyn.web.language import spoken
from insyn.web.register.entry import EntryField, Level, all_fields, reading
from insyn.web.register.labels import label
from insyn.web.register.limit_words import stored_lines

from .models import Revision

#: A comparison word by word takes time in the square of this; beyond it the old and the new stand whole.
_COMPARED = 1500
#: An entry is some kilobytes; nothing that unpacks to more than this was packed here.
_LARGEST = 20_000_000
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORDED = {"phase": "phase", "kind": "kind", "reach": "reach", "modes": "mode"}
_KEYS = {
    "purpose": gettext_lazy("Short name"),
    "name": gettext_lazy("Name"),
    "categories": gettext_lazy("Categories of data"),
    "matter_types": gettext_lazy("Types of matter"),
    "group": gettext_lazy("Group"),
    "how": gettext_lazy("How"),
    "label": gettext_lazy("Called"),
    "values": gettext_lazy("Values"),
    "category": gettext_lazy("Category"),
    "source": gettext_lazy("Source"),
    "why": gettext_lazy("Why"),
    "legal_basis": gettext_lazy("Legal basis"),
    "confidentiality": gettext_lazy("Confidentiality"),
    "integrity": gettext_lazy("Integrity"),
    "availability": gettext_lazy("Availability"),
    "traceability": gettext_lazy("Traceability"),
    "day": gettext_lazy("Day"),
    "decided": gettext_lazy("Decided"),
    "model": gettext_lazy("Model"),
    "supplier": gettext_lazy("Supplier"),
    "digest": gettext_lazy("Checksum"),
    "notes": gettext_lazy("Notes"),
    "unit": gettext_lazy("Unit"),
    "for": gettext_lazy("Speaks for"),
    "against": gettext_lazy("Speaks against"),
}
_LANGUAGES = {"sv": gettext_lazy("in Swedish"), "en": gettext_lazy("in English")}


def content(revision: Revision) -> dict[str, Any]:
    """What the entry said."""
    unpacker = zlib.decompressobj()
    return msgspec.json.decode(unpacker.decompress(bytes(revision.content), _LARGEST))


def as_lines(field: EntryField, entry: Mapping[str, Any]) -> list[str]:
    """The field as lines of text; none when it is empty."""
    found = []
    for column, value in field.values(entry).items():
        language = column.rpartition("_")[2] if len(field.columns) > 1 else ""
        found += [f"{line} ({_LANGUAGES[language]})" if language else line for line in _lines(column, value)]
    return found


def _lines(column: str, value: Any) -> Iterator[str]:
    if column in _WORDED:
        yield from (label(_WORDED[column], one) for one in (value if isinstance(value, list) else [value]))
    elif column == "limits":
        yield from stored_lines(value or {})
    elif column == "class":
        yield from ([words.named(words.CLASSES, value)] if value else [])
    elif isinstance(value, Mapping) and set(value) == {"sv", "en"}:
        yield spoken(value)
    elif isinstance(value, Mapping):
        yield from (f"{_key(key)}: {_said(inner)}" for key, inner in value.items() if inner not in (None, "", [], {}))
    elif isinstance(value, list):
        yield from (_said(inner) for inner in value)
    elif value not in (None, ""):
        yield _said(value)


def _key(key: str) -> str:
    return str(_KEYS.get(key, key))


def _said(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping) and set(value) == {"sv", "en"}:
        return " / ".join(dict.fromkeys((value["sv"], value["en"])))
    if isinstance(value, Mapping):
        return "; ".join(f"{_key(key)}: {_said(inner)}" for key, inner in value.items() if inner not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return str(value)


@dataclass(frozen=True)
class Piece:
    """Words of a comparison: ``how`` is ``same``, ``added`` or ``gone``."""

    how: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A field of a revision. ``provision``: withheld by it, and then there is nothing else. ``pieces``: the comparison with the one before."""

    field: EntryField
    lines: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    changed: bool = False
    provision: str = ""

    @property
    def withheld(self) -> bool:
        return bool(self.provision)


def told(now: Mapping[str, Any], before: Mapping[str, Any] | None, *, public_by: Mapping[str, Any] | None) -> list[Shown]:
    """Every field of a revision beside the one before it. ``public_by``: the entry's visibility today, for a reader outside; ``None``: all."""
    return [shown for field in all_fields() if (shown := _told(field, now, before, public_by)) is not None]


def _told(field: EntryField, now: Mapping[str, Any], before: Mapping[str, Any] | None, public_by: Mapping[str, Any] | None) -> Shown | None:
    changed = before is not None and field.values(now) != field.values(before)
    if public_by is not None:
        hidden = _hidden(field, public_by, now, before or {})
        if hidden == "":
            return None
        if hidden is not None:
            return Shown(field, changed=changed, provision=hidden)
    lines = tuple(as_lines(field, now))
    pieces = compared("\n".join(as_lines(field, before)), "\n".join(lines)) if changed and before is not None else ()
    return Shown(field, lines, tuple(pieces), changed)


def _hidden(field: EntryField, today: Mapping[str, Any], *revisions: Mapping[str, Any]) -> str | None:
    """The provision by which the field is withheld from the public, empty when it is internal, ``None`` when it is public.

    What counts is today's decision, and then the strictest of those that held in the revisions themselves.
    """
    found = [reading(today, field), *(reading(one.get("visibility", {}), field) for one in revisions)]
    withheld = next((one for one in found if one.level is Level.WITHHELD), None)
    if found[0].level is Level.INTERNAL:
        return ""
    if withheld is not None:
        return withheld.provision
    return "" if any(one.level is Level.INTERNAL for one in found) else None


def changed_fields(now: Mapping[str, Any], before: Mapping[str, Any] | None, *, public_by: Mapping[str, Any] | None) -> list[str]:
    """What the changed fields are called; for the public only those that it may know of, and one word for all others."""
    if before is None:
        return []
    names, others = [], now.get("visibility") != before.get("visibility")
    for field in all_fields():
        if field.values(now) != field.values(before):
            known = public_by is None or _hidden(field, public_by, now, before) != ""
            names += [str(field.label)] if known else []
            others = others or not known
    if others and public_by is None:
        names.append(_("Who reads the fields"))
    elif others and not names:
        names.append(_("Something that is not shown here"))
    return names


def compared(before: str, after: str) -> list[Piece]:
    """The new text with what was added and what is gone, word by word."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    first = _alike(old, new)
    old, new, start = old[first:], new[first:], "".join(new[:first])
    last = _alike(old[::-1], new[::-1])
    end = "".join(new[len(new) - last :])
    old, new = old[: len(old) - last], new[: len(new) - last]
    middle = _by_word(old, new) if max(len(old), len(new)) <= _COMPARED else (Piece("gone", "".join(old)), Piece("added", "".join(new)))
    return [piece for piece in (Piece("same", start), *middle, Piece("same", end)) if piece.text]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both begin with."""
    return next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))


def _by_word(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    found: list[Piece] = []
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(new[new_from:new_to])))
            continue
        found += [Piece("gone", "".join(old[old_from:old_to]))] if old_to > old_from else []
        found += [Piece("added", "".join(new[new_from:new_to]))] if new_to > new_from else []
    return _joined(found)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Without single spaces between two changes, so that a changed sentence reads as one."""
    found = list(pieces)
    place = 0
    while place < len(found):
        gone = added = ""
        while place < len(found) and (
            found[place].how != "same" or (found[place].text.isspace() and (gone or added) and place + 1 < len(found))
        ):
            piece = found[place]
            gone += piece.text if piece.how != "added" else ""
            added += piece.text if piece.how != "gone" else ""
            place += 1
        yield from (piece for piece in (Piece("gone", gone), Piece("added", added)) if piece.text)
        if place < len(found):
            yield found[place]
            place += 1
