"""Files with a record: examined by their content, kept whole under their digest, and given out only as they came."""

from __future__ import annotations

import hashlib
import io
import socket
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings, strategies as st
from record_kit import ASSESSED

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.assessments import files
from insyn.web.assessments.attaching import MAX_FILES, attach_file, folder, remove_file
from insyn.web.assessments.files import MAX_FILE, clean_name, examine
from insyn.web.assessments.models import Attachment, RecordDraft
from insyn.web.assessments.record_drafts import begin_record, supply_draft
from insyn.web.register.actions import withdraw_record
from insyn.web.register.models import Record, System
from insyn.web.uploads import MAX_UPLOAD

KIND = RecordKind.ASSESSMENT_DATA_PROTECTION
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 30 + b"\xff\xd9"
People = Callable[..., Actor]
SignIn = Callable[[Actor], Any]


def archive(parts: dict[str, bytes], mimetype: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        if mimetype:
            made.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, part in parts.items():
            made.writestr(name, part)
    return data.getvalue()


DOCX_PARTS = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
DOCX = archive(DOCX_PARTS)
XLSX = archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
ODT = archive({"content.xml": b"<office/>"}, "application/vnd.oasis.opendocument.text")
ODS = archive({"content.xml": b"<office/>"}, "application/vnd.oasis.opendocument.spreadsheet")


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("protokoll.pdf", PDF, "application/pdf"),
        ("bild.PNG", PNG, "image/png"),
        ("bild.jpeg", JPEG, "image/jpeg"),
        ("text.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("blad.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("text.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("blad.ods", ODS, "application/vnd.oasis.opendocument.spreadsheet"),
        ("anteckning.txt", "Åh, så bra".encode(), "text/plain"),
        ("grupper.csv", "grupp;antal\nä;1\n".encode(), "text/csv"),
    ],
)
def test_what_a_file_is_is_found_from_its_content(name: str, data: bytes, media_type: str) -> None:
    assert examine(name, data).media_type == media_type


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.pdf", b""),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("page.html", b"<html></html>"),
        ("page.txt", b"<html><script>alert(1)</script></html>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("drawing.png", b'<?xml version="1.0"?><svg/>'),
        ("program.exe", b"MZ\x90\x00"),
        ("program.pdf", b"\x7fELF" + b"\x00" * 100),
        ("script.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("text.docx", PDF),
        ("minutes.pdf", DOCX),
        ("minutes.pdf.exe", PDF),
        ("archive.zip", archive({"a.txt": b"x"})),
        ("latin.txt", "Åh".encode("latin-1")),
        ("null.txt", b"a\x00b"),
        ("half.png", PNG[:20]),
        ("tail.png", PNG + b"<script>alert(1)</script>" * 10),
        ("tail.png", PNG + archive({"a.txt": b"x"}) + PNG[-12:]),
        ("huge.png", PNG.replace(b"IHDR" + bytes(8), b"IHDR" + b"\x00\x01\x00\x00" * 2)),
        ("tail.jpg", JPEG + b"PK\x03\x04"),
        ("tail.pdf", PDF + archive({"a.txt": b"x" * 3000}) + bytes(2048)),
        ("comment.docx", DOCX[:-2] + b"\x04\x00%PDF"),
        ("noending", PDF),
        (".pdf", PDF),
    ],
)
def test_a_file_that_is_not_what_it_says_or_not_of_a_kind_that_is_kept_is_refused_in_words(name: str, data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        examine(name, data)
    assert refused.value.place == "file"


def pdf_with(inside: bytes) -> bytes:
    return PDF.replace(b"/Catalog", b"/Catalog " + inside)


@pytest.mark.parametrize(
    "inside",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
        b"/AA << /O << /S /Launch /F (cmd.exe) >> >>",
        b"/Names << /EmbeddedFiles 3 0 R >>",
        b"/J#61vaScript 4 0 R",
        b"/#4c#61unch 4 0 R",
        b"/Encrypt 5 0 R",
        b"/AcroForm << /XFA 6 0 R >>",
        b"/Annots [ << /Subtype /RichMedia >> ]",
    ],
)
def test_a_pdf_that_acts_by_itself_or_carries_another_file_is_refused(inside: bytes) -> None:
    with pytest.raises(InvalidInput):
        examine("a.pdf", pdf_with(inside))


def stream(inside: bytes) -> bytes:
    packed = zlib.compress(inside)
    return b"2 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"


def test_what_a_pdf_hides_in_a_compressed_part_is_found() -> None:
    with pytest.raises(InvalidInput, match="JS"):
        examine("a.pdf", PDF.replace(b"trailer", stream(b"<< /S /JS (x) >>") + b"trailer"))
    examine("a.pdf", PDF.replace(b"trailer", stream(b"<< /Type /Font /JSomething >>") + b"trailer"))


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        (b"/Filter /FlateDecode", b"/Filter [/FlateDecode /ASCIIHexDecode]"),
        (b"/Filter /FlateDecode", b"/Filter [/ASCIIHexDecode /FlateDecode]"),
        (b"/Filter /FlateDecode", b"/Filter 9 0 R"),
        (b"/Filter /FlateDecode", b""),
        (b"/Filter /FlateDecode", b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        (b"/ObjStm", b"/Obj#53tm"),
        (b"/ObjStm", b"/ObjStm" + b" " * 2000),
        (b"stream\n", b"stream\r"),
    ],
)
def test_a_script_packed_in_another_way_than_the_usual_is_refused_too(usual: bytes, other: bytes) -> None:
    packed = stream(b"<< /S /JavaScript (x) >>").replace(usual, other, 1)
    with pytest.raises(InvalidInput):
        examine("a.pdf", PDF.replace(b"trailer", packed + b"trailer"))


def test_a_name_that_is_written_in_numbers_locks_a_pdf_as_well() -> None:
    with pytest.raises(InvalidInput, match=r"låst|locked"):
        examine("a.pdf", pdf_with(b"/#45ncrypt 5 0 R"))


def test_chance_bytes_in_a_scanned_picture_do_not_make_a_pdf_a_program() -> None:
    picture = b"3 0 obj\n<< /Filter /DCTDecode >>\nstream\n\xff\xd8 /JS\x00 #zz\nendstream\nendobj\n"
    assert examine("a.pdf", PDF.replace(b"trailer", picture + b"trailer")).name == "a.pdf"


def test_a_pdf_made_to_be_slow_to_look_through_is_not_looked_through_for_long() -> None:
    before = time.process_time()
    for inside in (b"stream\n", b"/ObjStm stream\n", b"#41"):
        try:
            examine("a.pdf", PDF.replace(b"trailer", inside * (MAX_FILE // len(inside) - 40) + b"trailer"))
        except InvalidInput as refused:
            assert refused.place == "file"
    assert time.process_time() - before < 20


def test_what_a_program_remembers_of_the_printer_is_no_macro() -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/printerSettings/printerSettings1.bin": b"x"}
    assert examine("blad.xlsx", archive(parts)).name == "blad.xlsx"


def test_a_pdf_whose_parts_unpack_to_more_than_can_be_looked_at_is_refused() -> None:
    with pytest.raises(InvalidInput):
        examine("a.pdf", PDF.replace(b"trailer", stream(b" " * (files.MAX_STREAM + 1)) + b"trailer"))


@pytest.mark.parametrize(
    "part",
    [
        "word/vbaProject.bin",
        "Basic/Standard/Module1.xml",
        "word/embeddings/oleObject1.bin",
        "word/activeX/activeX1.xml",
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\windows\\x.xml",
        "word/run.exe",
    ],
)
def test_an_office_document_with_a_program_another_file_or_a_way_out_is_refused(part: str) -> None:
    with pytest.raises(InvalidInput):
        examine("a.docx", archive({**DOCX_PARTS, part: b"x"}))


def test_a_macro_document_under_a_plain_name_is_refused() -> None:
    macro = {
        **DOCX_PARTS,
        "[Content_Types].xml": b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>',
    }
    with pytest.raises(InvalidInput):
        examine("a.docx", archive(macro))


def test_a_zip_bomb_is_counted_while_it_unpacks_and_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive({**DOCX_PARTS, "word/big.xml": b"0" * (8 * 1024 * 1024)})
    assert len(bomb) < 20_000
    monkeypatch.setattr(files, "MAX_UNPACKED", 4 * 1024 * 1024)
    with pytest.raises(InvalidInput):
        examine("a.docx", bomb)


def test_a_document_of_thousands_of_parts_is_refused() -> None:
    with pytest.raises(InvalidInput):
        examine("a.docx", archive({**DOCX_PARTS, **{f"word/{number}.xml": b"" for number in range(files.MAX_PARTS)}}))


def test_ten_megabytes_are_kept_and_a_byte_more_is_not() -> None:
    examine("a.txt", b"a" * MAX_FILE)
    with pytest.raises(InvalidInput):
        examine("a.txt", b"a" * (MAX_FILE + 1))


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\minutes.pdf", "minutes.pdf"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt"),
        ("evil\u202etxt.exe.pdf", "eviltxt.exe.pdf"),
        ('q"uo;te<s>.txt', "quotes.txt"),
        ("  . name . txt ", "name. txt"),
        ("x" * 300 + ".txt", "x" * 112 + ".txt"),
    ],
)
def test_a_name_loses_what_means_something_elsewhere(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]),
    st.sampled_from(["pdf", "docx", "png", "txt"]),
)
def test_whatever_the_bytes_are_a_file_is_kept_or_refused_in_words(data: bytes, start: bytes, ending: str) -> None:
    try:
        assert examine(f"a.{ending}", start + data).name == f"a.{ending}"
    except InvalidInput as refused:
        assert refused.message


# In the register


@pytest.fixture
def draft(owner: Actor, system: System) -> RecordDraft:
    return begin_record(actor=owner, system=system, kind=KIND, content={"summary": "x"}, about={})


def attach_path(draft: RecordDraft) -> str:
    return f"/arbete/system/lanestod/handling/utkast/{draft.pk}/bilaga/"


def supplied(owner: Actor, draft: RecordDraft, **others: Any) -> Record:
    draft.refresh_from_db()
    act = supply_draft(actor=owner, draft=draft, draft_revision=draft.revision, kind=KIND, content=ASSESSED, **others)
    return Record.objects.get(act=act)


@pytest.mark.django_db
def test_an_owner_attaches_a_file_and_the_act_holds_its_digest(sign_in: SignIn, owner: Actor, draft: RecordDraft) -> None:
    sent = {"file": SimpleUploadedFile("protokoll.pdf", PDF, "text/html"), "public": "on"}
    assert sign_in(owner).post(attach_path(draft), sent).status_code == 302
    kept = Attachment.objects.get()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (kept.sha256, kept.media_type, kept.size) == (digest, "application/pdf", len(PDF))
    stored = folder() / digest
    assert stored.read_bytes() == PDF
    assert [path.name for path in folder().iterdir() if path.name.startswith(".new-")] == []
    record = supplied(owner, draft)
    assert record.act.text["attached"] == [{"name": "protokoll.pdf", "sha256": digest}]
    assert list(record.attachments.all()) == [kept]


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing_and_says_why_on_the_page(sign_in: SignIn, owner: Actor, draft: RecordDraft) -> None:
    page = sign_in(owner).post(attach_path(draft), {"file": SimpleUploadedFile("a.pdf", b"<html>", "application/pdf")}).content.decode()
    assert "tas inte emot" in page
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_a_file_far_too_large_is_read_past_and_the_page_says_so(sign_in: SignIn, owner: Actor, draft: RecordDraft) -> None:
    for size in (MAX_FILE + 1, MAX_UPLOAD + 1):
        page = sign_in(owner).post(attach_path(draft), {"file": SimpleUploadedFile("a.txt", b"a" * size)}).content.decode()
        assert "större än 10 MB" in page
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_the_same_file_twice_says_already_and_twenty_are_enough(owner: Actor, draft: RecordDraft) -> None:
    attach_file(actor=owner, draft=draft, name="a.txt", data=b"a")
    with pytest.raises(ActRefused, match="redan"):
        attach_file(actor=owner, draft=draft, name="b.txt", data=b"a")
    for number in range(MAX_FILES - 1):
        attach_file(actor=owner, draft=draft, name="a.txt", data=f"{number}".encode())
    with pytest.raises(InvalidInput):
        attach_file(actor=owner, draft=draft, name="a.txt", data=b"one more")


@pytest.mark.django_db
def test_who_does_not_write_the_record_attaches_nothing_to_it(sign_in: SignIn, person: People, draft: RecordDraft) -> None:
    with pytest.raises(NotAllowed):
        attach_file(actor=person(Role.CASE_OFFICER), draft=draft, name="a.txt", data=b"a")
    assert sign_in(person(Role.AUDITOR)).get(attach_path(draft)).status_code == 403


@pytest.mark.django_db
def test_a_file_taken_away_is_gone_from_the_draft_and_from_a_record_nothing_is_taken(owner: Actor, draft: RecordDraft) -> None:
    first = attach_file(actor=owner, draft=draft, name="a.txt", data=b"a")
    kept = attach_file(actor=owner, draft=draft, name="b.txt", data=b"b")
    remove_file(actor=owner, attachment=first)
    with pytest.raises(ActRefused):
        remove_file(actor=owner, attachment=first)
    record = supplied(owner, draft)
    assert list(record.attachments.all()) == [kept]
    with pytest.raises(ActRefused):
        remove_file(actor=owner, attachment=kept)


@pytest.mark.django_db
def test_a_file_is_given_out_to_keep_and_never_to_be_shown(client: Any, sign_in: SignIn, owner: Actor, draft: RecordDraft) -> None:
    kept = attach_file(actor=owner, draft=draft, name="räkning.txt", data=b"a")
    path = f"/arbete/bilaga/{kept.pk}/"
    assert client.get(path).status_code == 302, "signed out leads to the sign-in page"
    answer = sign_in(owner).get(path)
    assert answer.content == b"a"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_the_public_gets_a_file_only_when_it_and_its_record_are_public(
    client: Any, owner: Actor, draft: RecordDraft, system: System
) -> None:
    shown = attach_file(actor=owner, draft=draft, name="a.txt", data=b"a", public=True)
    inner = attach_file(actor=owner, draft=draft, name="b.txt", data=b"b")
    assert client.get(f"/bilaga/{shown.pk}/").status_code == 404, "a draft is nobody's yet"
    record = supplied(owner, draft)
    assert client.get(f"/bilaga/{shown.pk}/").content == b"a"
    assert client.get(f"/bilaga/{inner.pk}/").status_code == 404
    page = client.get("/system/lanestod/").content.decode()
    assert f"/bilaga/{shown.pk}/" in page
    assert "b.txt" not in page
    withdraw_record(actor=owner, system=system, record=record, why="Fel.")
    assert client.get(f"/bilaga/{shown.pk}/").status_code == 404


@pytest.mark.django_db
def test_a_public_file_of_a_withheld_record_is_withheld(client: Any, owner: Actor, draft: RecordDraft) -> None:
    shown = attach_file(actor=owner, draft=draft, name="a.txt", data=b"a", public=True)
    supplied(owner, draft, public=False)
    assert client.get(f"/bilaga/{shown.pk}/").status_code == 404


@pytest.mark.django_db
def test_a_file_that_was_changed_on_the_disk_is_not_given_out(sign_in: SignIn, owner: Actor, draft: RecordDraft) -> None:
    kept = attach_file(actor=owner, draft=draft, name="a.txt", data=b"whole")
    (folder() / kept.sha256).write_bytes(b"other")
    answer = sign_in(owner).get(f"/arbete/bilaga/{kept.pk}/")
    assert answer.status_code == 500
    assert "other" not in answer.content.decode()
    (folder() / kept.sha256).unlink()
    assert sign_in(owner).get(f"/arbete/bilaga/{kept.pk}/").status_code == 500


# A scanner on the machine


class Scanner:
    """A clamd of a few lines: reads the stream, answers what it was told to."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.read = b""
        self._answer = answer
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(path))
        self._listening.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, connection.makefile("rb") as sent:
            assert sent.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!I", sent.read(4))[0]:
                self.read += sent.read(size)
            connection.sendall(self._answer)

    def close(self) -> None:
        self._thread.join(5)
        self._listening.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "kept"), [(b"stream: OK\0", True), (b"stream: Eicar-Test-Signature FOUND\0", False), (b"", False), (b"ERROR\0", False)]
)
def test_with_a_scanner_a_file_is_kept_only_after_it_found_nothing(
    monkeypatch: pytest.MonkeyPatch, owner: Actor, draft: RecordDraft, answer: bytes, kept: bool, tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.mktemp("c") / "s"
    scanner = Scanner(path, answer)
    monkeypatch.setenv("INSYN_CLAMD", str(path))
    data = b"x" * 100_000
    if kept:
        attach_file(actor=owner, draft=draft, name="a.txt", data=data)
    else:
        with pytest.raises(InvalidInput):
            attach_file(actor=owner, draft=draft, name="a.txt", data=data)
    scanner.close()
    assert scanner.read == data
    assert Attachment.objects.exists() == kept


@pytest.mark.django_db
def test_with_a_scanner_that_does_not_answer_no_file_is_taken(
    monkeypatch: pytest.MonkeyPatch, owner: Actor, draft: RecordDraft, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSYN_CLAMD", str(tmp_path / "nobody"))
    with pytest.raises(InvalidInput, match="svarar inte"):
        attach_file(actor=owner, draft=draft, name="a.txt", data=b"a")
    assert not Attachment.objects.exists()
