"""The report in an evidence bundle: the case in plain words, as HTML and as PDF from the same data. For reading; the bytes beside it count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext as _, override

from insyn.core import labels
from insyn.core.entries import DECIDED_BY_A_PERSON, EntryKind
from insyn.core.messages import Opened
from insyn.core.refusals import EXPLAINED, RefusalCode
from insyn.core.terms import DisclosureGroup, Mode, NoticeChannel, ReconsiderationGround, ReviewVerdict
from insyn.web.assessments.document import as_pdf
from insyn.web.language import spoken
from insyn.web.oversight.opening import Case, Review, case_of, review_of
from insyn.web.register.models import Municipality

from .bundling import Evidence, Part

_TEMPLATE = Path(__file__).parent / "typst" / "report.typ"


def reports_of(evidence: Evidence, *, language: str = "") -> dict[str, bytes]:
    """``report.html``, ``report.pdf`` and ``README.txt``."""
    language = (language or get_language() or "sv")[:2]
    with override(language):
        data = _data(evidence, language)
        return {
            "report.html": render_to_string("archive/report.html", {"data": data}).encode(),
            "report.pdf": as_pdf(data, _TEMPLATE),
            "README.txt": _readme(evidence).encode(),
        }


def _readme(evidence: Evidence) -> str:
    lines = [
        _("Evidence of one case: %(rid)s") % {"rid": evidence.rid},
        "",
        _("Unpack the file and run: python verify.py"),
        _("It needs Python 3.9 or later and the package cryptography. It needs no network and nothing of Insyn."),
        _("Compare log.vkey with the key of the log that you got another way, or give yours with --vkey."),
        _("report.html and report.pdf are for reading. What counts are the entries, the opened texts and their receipts."),
        _("This file holds personal data. Keep it as you keep the case."),
    ]
    return "\n".join(lines) + "\n"


def _data(evidence: Evidence, language: str) -> dict[str, Any]:
    record = evidence.record
    return {
        "language": language,
        "title": _("Evidence of one case"),
        "author": Municipality.the().name or "Insyn",
        "municipality": Municipality.the().name,
        "lead": _("What the log and the register say of this case. The script verify.py beside this report checks it."),
        "footer": f"{record.head.system} · {evidence.rid}",
        "words": {"field": _("What"), "value": _("Says")},
        "parts": [part for part in _sections(evidence, language) if part["rows"] or part["text"]],
    }


def _sections(evidence: Evidence, language: str) -> Iterable[dict[str, Any]]:
    record, kinds = evidence.record, {part.head.kind for part in evidence.parts}
    if record.opened:
        case = case_of(_as_opened(record), evidence.system, language)
        yield _section(_("The decision"), _decision(evidence, case))
        yield _section(_("What it was made from"), [(label, value) for label, value in case.rows])
        yield _section(_("What counted for and against"), text=_why(case))
    else:
        yield _section(
            _("The decision"), _bare(record), [_("What was sealed is destroyed, or was not kept. The entry in the log is left.")]
        )
    yield from (_said_by_person(part, evidence) for part in evidence.parts if part.head.kind in _headings())
    if not DECIDED_BY_A_PERSON & kinds:
        yield _section(_("Review by a person"), text=[_("No person's decision on it stands in the log.")])
    yield _section(_("What the person was told"), _notice(evidence))
    yield _section(_("Refusals"), _refusals(evidence), [] if EntryKind.REFUSAL in kinds else [_("None on this case.")])
    yield _section(_("The permit in force"), _permit(evidence))
    yield _section(
        _("The packs of the day"), [(pack, _("%(count)d files") % {"count": len(files)}) for pack, files in evidence.packs.items()]
    )
    yield _section(_("In the log"), [(str(part.index), _entry_words(part)) for part in evidence.parts])


def _why(case: Case) -> list[str]:
    """The explanation as sentences: factors, what would have had to be different, quotations."""
    quoted = [f"{cited.label}: “{cited.text}”" for cited in case.citations]
    return [*(line.sentence for line in case.factors), case.counterfactual, *quoted]


def _section(heading: str, rows: Iterable[tuple[str, str]] = (), text: Iterable[str] = ()) -> dict[str, Any]:
    return {"heading": heading, "rows": [[str(one), str(two)] for one, two in rows], "text": [line for line in text if line]}


def _as_opened(part: Part) -> Opened:
    groups = {group: msgspec.json.decode(text) for group, (text, _salt) in part.opened.items()}
    return Opened(
        rid=part.head.rid,
        index=part.index,
        leaf="",
        system=part.head.system,
        version=part.head.version,
        day=part.head.day,
        groups=groups,
        salts={},
    )


def _bare(record: Part) -> list[tuple[str, str]]:
    return [
        (_("Record's id"), record.head.rid),
        (_("Day"), record.head.day),
        (_("Version"), record.head.version),
        (_("Log entry"), str(record.index)),
    ]


def _decision(evidence: Evidence, case: Case) -> list[tuple[str, str]]:
    held = _group(evidence.record, DisclosureGroup.CASE)
    return [
        (_("System"), evidence.system.name),
        *_bare(evidence.record),
        (_("Case number"), case.number),
        (_("Type of matter"), case.matter_type),
        (_("Outcome"), case.proposed_label),
        (_("Score"), "" if case.score is None else str(case.score)),
        (_("Time (UTC)"), str(held.get("at", ""))),
        (_("Mode"), _word(Mode, held.get("mode", ""))),
    ]


def _headings() -> dict[str, str]:
    """What a person may have said of the proposal, by the kind of its entry."""
    return {
        EntryKind.BLIND_JUDGEMENT: _("Judged by a person before the proposal was shown"),
        EntryKind.REVIEW: _("Review by a person"),
        EntryKind.RECONSIDERATION: _("Decided anew by a person"),
    }


def _said_by_person(part: Part, evidence: Evidence) -> dict[str, Any]:
    heading = _headings()[part.head.kind]
    said: Review | None = review_of(_as_opened(part), evidence.system) if part.opened else None
    if said is None:
        return _section(heading, _bare(part))
    heard = (_("The party was heard"), _("Yes") if said.heard_party else _("No"))
    rows = [
        (_("Decided by"), ", ".join(filter(None, (said.name, said.office)))),
        (_("Verdict"), _word(ReviewVerdict, said.verdict)),
        (_("Ground"), _word(ReconsiderationGround, part.head.basis)),
        (_("Outcome"), said.outcome),
        (_("Reasons"), said.reasons),
        *([] if part.head.kind == EntryKind.BLIND_JUDGEMENT else [heard]),
        (_("Log entry"), str(part.index)),
    ]
    letter = str(_group(part, DisclosureGroup.REVIEW).get("letter", ""))
    return _section(heading, [row for row in rows if row[1]], [_("The letter:"), *letter.splitlines()] if letter else [])


def _notice(evidence: Evidence) -> list[tuple[str, str]]:
    told = str(_group(evidence.record, DisclosureGroup.CASE).get("notice", ""))
    given = [note for part in evidence.parts if isinstance(note := _group(part, DisclosureGroup.REVIEW).get("notice"), dict)]
    traces = [", ".join(filter(None, map(str, (_word(NoticeChannel, note["channel"]), note["step"], note["words"])))) for note in given]
    found = [(_("How the person was told"), one) for one in (told, *traces) if one] or [(_("How the person was told"), _("Not stated"))]
    for part in evidence.parts:
        said = _group(part, DisclosureGroup.ACT).get("text")
        if isinstance(said, dict) and said.get("kind") == "notice":
            found += [(str(name), str(value)) for name, value in (said.get("content") or {}).items()]
    return found


def _refusals(evidence: Evidence) -> list[tuple[str, str]]:
    rows = []
    for part in evidence.parts:
        if part.head.kind == EntryKind.REFUSAL:
            known = part.head.code in set(RefusalCode)
            rows.append((part.head.day, spoken(EXPLAINED[RefusalCode(part.head.code)].sentence) if known else part.head.code))
    return rows


def _permit(evidence: Evidence) -> list[tuple[str, str]]:
    if not evidence.permit:
        return []
    held = json.loads(evidence.permit)
    purposes = ", ".join(str(grant.get("purpose", "")) for grant in held.get("purposes", []))
    return [
        (_("Number of the permit"), str(held.get("epoch", ""))),
        (_("Granted"), _("Yes") if held.get("granted") else _("No")),
        (_("Purposes"), purposes),
        (_("Modes"), ", ".join(_word(Mode, mode) for mode in held.get("modes", []))),
        (_("Versions"), ", ".join(held.get("versions", []))),
        (_("Digest of the packs"), str(held.get("packs", ""))),
    ]


def _word(kind: type[StrEnum], value: object) -> str:
    """The reader's word for a term, or the term as it stands where this program does not know it."""
    return spoken(labels.label(kind(value))) if value in set(kind) else str(value)


def _entry_words(part: Part) -> str:
    return " ".join(filter(None, (part.head.kind, part.head.act, part.head.verdict, part.head.code, part.head.day)))


def _group(part: Part, group: DisclosureGroup) -> dict[str, Any]:
    found = msgspec.json.decode(part.opened[group.value][0]) if group.value in part.opened else {}
    return found if isinstance(found, dict) else {}
