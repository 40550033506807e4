"""A record as a document: for the archive and for reading aids, in the reader's language, with nothing read as a command."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from record_kit import ASSESSED, RISK

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.assessments.document import document_of
from insyn.web.assessments.signing import countersign_record
from insyn.web.register.actions import supply_record
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db

KIND = RecordKind.ASSESSMENT_DATA_PROTECTION
HOSTILE = '#read("/etc/passwd") #sys.inputs $x^2$ *b* _i_ `c` @ref <l> // gone \\ #panic() = Heading'


def supplied(owner: Actor, system: System, **changes: Any) -> Record:
    act = supply_record(actor=owner, system=system, kind=KIND, content={**ASSESSED, **changes}, case_number="KS 2026/77")
    return Record.objects.get(act=act)


def text_in(document: bytes) -> str:
    """The words of a PDF, page by page, by each page's own fonts and their tables from glyphs to signs."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\n(.*?)endobj", document, re.DOTALL)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return "".join(_shown(_unpacked(objects[_named(page, b"Contents")]), _fonts(objects, page)) for page in pages)


def _named(body: bytes, what: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % what, body)
    assert found is not None
    return int(found[1])


def _unpacked(body: bytes) -> bytes:
    start = body.index(b"stream") + 6
    raw = body[start:].lstrip(b"\r\n")
    try:
        return zlib.decompressobj().decompress(raw)
    except zlib.error:
        return raw


def _fonts(objects: dict[int, bytes], page: bytes) -> dict[bytes, dict[bytes, str]]:
    """By the name that the page uses for a font, its table."""
    names = re.findall(rb"/(f\d+) (\d+) 0 R", objects[_named(page, b"Resources")])
    return {name: _table(_unpacked(objects[_named(objects[int(number)], b"ToUnicode")])) for name, number in names}


def _table(text: bytes) -> dict[bytes, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", text)
    return {code.lower(): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs if len(code) == 4}


_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _shown(page: bytes, fonts: dict[bytes, dict[bytes, str]]) -> str:
    """Strings stand in parentheses, two bytes for each glyph, with PDF's escapes; in pairs, parentheses may stand in them as they are."""
    font: dict[bytes, str] = {}
    found = []
    plain = rb"\\.|[^\\()]"
    inner = rb"(?:%s|\((?:%s|\((?:%s)*\))*\))*" % (plain, plain, plain)
    for name, literal in re.findall(rb"/(f\d+) [\d.]+ Tf|\((%s)\)" % inner, page, re.DOTALL):
        if name:
            font = fonts.get(name, {})
        else:
            codes = re.sub(rb"\\([0-7]{3}|.)", _unescaped, literal, flags=re.DOTALL).hex().encode()
            found += [font.get(codes[at : at + 4], "") for at in range(0, len(codes), 4)]
    return "".join(found)


def _unescaped(match: re.Match[bytes]) -> bytes:
    sign = match[1]
    return bytes([int(sign, 8)]) if len(sign) == 3 else _ESCAPED.get(sign, sign)


def test_the_document_is_for_the_archive_and_for_reading_aids(owner: Actor, system: System) -> None:
    document = document_of(supplied(owner, system), language="sv")
    assert document.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in document
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in document
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document
    assert b"/Lang(sv-SE)" in document
    assert b"/StructTreeRoot" in document
    assert "Konsekvensbedömning".encode() in document, "its title"


def test_it_is_in_the_readers_language(owner: Actor, system: System) -> None:
    record = supplied(owner, system)
    assert b"/Lang(en-SE)" in document_of(record, language="en")


@pytest.mark.parametrize("text", [HOSTILE, "😀 漢字 عربي \u202e\x07", "", " \n\n ", "x" * 15_000, "å" * 300, "\ud7ff\ufffd\uffff"])
def test_whatever_was_written_is_set_as_text(owner: Actor, system: System, text: str) -> None:
    record = supplied(owner, system)
    record.content = {**record.content, "summary": text, "risks": [{**RISK, "cause": text, "measure": text}]}
    document = document_of(record, language="sv")
    assert document.startswith(b"%PDF-")
    assert b"root:" not in document


def test_a_text_that_looks_like_a_command_stands_there_as_it_was_written(owner: Actor, system: System) -> None:
    record = supplied(owner, system, summary='Se #read("/etc/passwd") och $x$')
    words = text_in(document_of(record, language="sv"))
    assert '#read("/etc/passwd")och$x$' in words.replace(" ", "")


def test_signatures_files_case_number_act_and_log_entry_stand_in_it(owner: Actor, person: Callable[..., Actor], system: System) -> None:
    record = supplied(owner, system)
    officer = person(Role.DATA_PROTECTION_OFFICER)
    countersign_record(actor=officer, record=record)
    Act.objects.filter(pk=record.act_id).update(log_index=4711)
    record = Record.objects.get(pk=record.pk)
    words = text_in(document_of(record, language="sv")).replace(" ", "")
    for part in (owner.name, officer.name, "KS2026/77", "4711", record.act_id, "Provkommun", "Felförslag"):
        assert part.replace(" ", "") in words, part


@pytest.mark.parametrize("word", ["å" * 20_000, "\U0001f600" * 20_000])
def test_a_word_that_never_ends_becomes_a_document_as_well(word: str, owner: Actor, system: System) -> None:
    record = supplied(owner, system, risks=[{**RISK, "cause": word, "measure": word}], summary=word)
    assert document_of(record, language="sv").startswith(b"%PDF")


def test_a_record_of_every_shape_becomes_a_document(owner: Actor, system: System) -> None:
    record = supplied(owner, system)
    for kind in RecordKind:
        record.kind = kind
        record.content = {"summary": "x", "old_field": "Fanns förr."}
        assert document_of(record, language="sv").startswith(b"%PDF-"), kind


def test_the_page_gives_it_to_keep(sign_in: Callable[[Actor], Any], client: Any, owner: Actor, system: System) -> None:
    record = supplied(owner, system)
    path = f"/arbete/system/lanestod/handling/{record.pk}/pdf/"
    assert client.get(path).status_code == 302
    answer = sign_in(owner).get(path)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer.content.startswith(b"%PDF-")
    assert sign_in(owner).get("/arbete/system/lanestod/handling/999999/pdf/").status_code == 404
