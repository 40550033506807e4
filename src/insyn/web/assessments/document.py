"""A record as a document to keep: PDF/A-2a for the archive, PDF/UA-1 for everybody's reading aids. Made by typst, offline, with its own fonts.

What people wrote goes in as data and never into the markup, so that no text can be read as a command.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import typst
from django.utils.translation import gettext as _, override

from insyn.web.register.labels import label
from insyn.web.register.models import Act, Municipality, Record

from .reading import Part, parts_of

_FOLDER = Path(__file__).parent / "typst"
_STANDARDS = ["a-2a", "ua-1"]
#: A line takes about this; and the format has no string of more than 32 767 bytes.
_LONG_WORD, _PIECE = re.compile(r"\S{80,}"), re.compile(r"\S{40}")
#: The fonts have signs for these; a document for the archive must not hold a sign that it cannot show.
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "DIGIT", "COMBINING")


def document_of(record: Record, *, language: str) -> bytes:
    """The record as PDF, with its signatures and its place in the log. Signs that no font has are written as their number."""
    with override(language):
        data = _data(record, language)
    return as_pdf(data, _FOLDER / "record.typ")


def as_pdf(data: Any, template: Path) -> bytes:
    """Data set by a template of ours. Signs that no font has are written as their number."""
    try:
        return _set(_each_text(data, _seen), template)
    except typst.TypstError:
        return _set(_each_text(data, _plainest), template)


def _set(data: Any, template: Path) -> bytes:
    made = typst.compile(
        str(template),
        root=str(template.parent),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=_STANDARDS,
        sys_inputs={"data": msgspec.json.encode(data).decode()},
    )
    assert isinstance(made, bytes)  # one document, not a list of pages
    return made


def _data(record: Record, language: str) -> dict[str, Any]:
    kind, system = label("record", record.kind), record.system
    return {
        "language": language[:2],
        "title": f"{kind}: {system.name}",
        "author": record.person_name,
        "keywords": [str(record.case_number)] if record.case_number else [],
        "municipality": Municipality.the().name,
        "heading": kind,
        "system": system.name,
        "footer": f"{system.slug} · {record.act_id}",
        "about": _about(record),
        "parts": [_part(part) for part in parts_of(record)],
        "signed": {"heads": [_("Day"), _("Person"), _("Role"), _("Log entry")], "rows": _signatures(record)},
        "files": [[file.name, file.sha256] for file in record.attachments.filter(removed_at=None)],
        "words": {
            "line": _("Line"),
            "field": _("What"),
            "value": _("Says"),
            "signatures": _("Signatures"),
            "files": _("Attached files, with their SHA-256"),
            "verify": _(
                "The log holds a commitment to this record under the act’s id. With it anybody can check that nothing was changed."
            ),
        },
    }


def _about(record: Record) -> list[list[str]]:
    lines = [
        [_("System"), record.system.slug],
        [_("Version"), record.version.name if record.version else "–"],
        [_("Case number"), record.case_number or "–"],
        [_("Supplied"), record.recorded_on.isoformat()],
        [_("Holds through"), record.valid_through.isoformat() if record.valid_through else _("until further notice")],
        [_("Act"), record.act_id],
        [_("Log entry"), _entry(record.act)],
    ]
    return lines + ([[_("Withdrawn"), record.withdrawn_on.isoformat()]] if record.withdrawn_on else [])


def _entry(act: Act) -> str:
    return str(act.log_index) if act.log_index is not None else _("on its way")


def _signatures(record: Record) -> list[list[str]]:
    """Who supplied it, and who signed the same words as the second."""
    seconds = [one.record for one in record.countersignatures.select_related("record__act").order_by("pk")]
    return [
        [one.recorded_on.isoformat(), one.person_name, label("role", one.supplied_role), _entry(one.act)]
        for one in (record, *seconds)
        if one.withdrawn_on is None or one.pk == record.pk
    ]


def _part(part: Part) -> dict[str, Any]:
    return {
        "label": part.label,
        "text": [line for line in part.text.splitlines() if line.strip()] or [""],
        "heads": list(part.heads),
        "rows": [list(row) for row in part.rows],
    }


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    return change(value) if isinstance(value, str) else value


def _seen(text: str) -> str:
    """Without what no reader sees: controls, and marks that turn the direction of writing. A word as long as a line may be broken."""
    return _breakable(_without_controls(text))


def _without_controls(text: str) -> str:
    return "".join(sign if sign in "\n\t" or unicodedata.category(sign)[0] != "C" else " " for sign in text)


def _breakable(text: str) -> str:
    return _LONG_WORD.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word[0]), text)


def _plainest(text: str) -> str:
    return _breakable("".join(sign if _in_the_fonts(sign) else f"[U+{ord(sign):04X}]" for sign in _without_controls(text)))


def _in_the_fonts(sign: str) -> bool:
    return ord(sign) < 0x180 or unicodedata.name(sign, "").split(" ")[0] in _SCRIPTS or 0x2010 <= ord(sign) <= 0x2027
