"""What a row of a source becomes in our register, and what it does not touch."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from insyn.web.register.models import System

#: As long as the register's own columns are.
NAME, SUMMARY, SUPPLIER = 120, 400, 200


def description_of(values: Mapping[str, str], language: str) -> dict[str, str]:
    """The fields of a system that the source says something about. A name is the same in both languages until somebody says another.

    A summary that is too long is cut at a word and stands whole in the description. What is missing stays empty.
    """
    name = _cut(values.get("name", ""), NAME)
    found = {"name_sv": name, "name_en": _cut(values.get("name_en", ""), NAME) or name}
    summary, description = values.get("summary", ""), values.get("description", "")
    if len(summary) > SUMMARY:
        summary, description = _cut(summary, SUMMARY), "\n\n".join(part for part in (summary, description) if part)
    found |= {f"summary_{language}": summary, f"description_{language}": description}
    found |= {"supplier": _cut(values.get("supplier", ""), SUPPLIER), "kind": values.get("kind", "")}
    return found


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def changes_of(
    system: System, before: Mapping[str, str], now: Mapping[str, str], language: str, *, spoke: str
) -> tuple[dict[str, Any], list[str]]:
    """What to change in a system because the source changed, and the fields that are kept because somebody here has changed them.

    ``spoke``: the language in which the source was read before.
    """
    old, new = description_of(before, spoke), description_of(now, language)
    changes, kept = {}, []
    for field, value in new.items():
        if value == old.get(field, ""):
            continue
        if getattr(system, field) == old.get(field, ""):
            changes[field] = value
        elif getattr(system, field) != value:
            kept.append(field)
    return changes, kept


def slug_for(name: str, taken: set[str]) -> str:
    """A short name that nobody has: letters a to z and digits of the name, a number behind where needed. It is added to ``taken``."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:54].rstrip("-") or "system"
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    taken.add(found)
    return found
