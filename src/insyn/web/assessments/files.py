"""Files from outside: what one is, by its content and not by what its sender says; and whether it may be kept.

Hostile until looked at. Kept are PDF, PNG, JPEG, office documents without macros, and plain text. Refused, in words: what is none of these, what
is not what its name says, documents that carry programs or other files, archives that unpack to more than :data:`MAX_UNPACKED`.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput

MAX_FILE = 10 * 1024 * 1024
#: An office document of 10 MB seldom unpacks to more than four times its size; a bomb unpacks to thousands.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 4_000
#: Of one compressed stream in a PDF, and of all together: enough for its objects, too little for a bomb.
MAX_STREAM = 4 * 1024 * 1024
MAX_STREAMS = 64 * 1024 * 1024
MAX_PIXELS = 200_000_000
MAX_NAME = 120

ODF = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
OOXML = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/document.xml"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/workbook.xml"),
}
_ENDINGS: Mapping[str, str] = {"jpeg": "jpg", "csv": "txt"}
_MACROS = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml|basic/|scripts/|activex/|embeddings/|object[s ]|.*\.(bin|exe|dll|js|jar|vbs|vbe|wsf|hta|bat|cmd|ps1|lnk|zip|html?)$)",
    re.IGNORECASE,
)
#: What a spreadsheet program remembers of the printer, in nearly every file that was printed once.
_PRINTER = re.compile(r"(xl|word)/printerSettings/printerSettings\d+\.bin")
#: A script is named by its kind of action: ``/JS`` alone is three bytes, which ten megabytes of a scanned picture hold by chance.
_PDF_ACTIVE = re.compile(rb"/(JavaScript|Rendition|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z])")
_PDF_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z])")
_PDF_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_ACTIVE_OBJECT = re.compile(_PDF_ACTIVE.pattern.replace(b"JavaScript|", b"JavaScript|JS|"))
#: ``/ObjStm``, however its letters are written.
_PDF_OBJECTS = re.compile(rb"/(?:O|#4[Ff])(?:b|#62)(?:j|#6[Aa])(?:S|#53)(?:t|#74)(?:m|#6[Dd])(?![A-Za-z])")
_PDF_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_PDF_PACKED = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])(?=\s*[/>])")
_PDF_HEAD = 1024


@dataclass(frozen=True)
class FoundFile:
    """A file that may be kept: the name it may have here, and what it is."""

    name: str
    media_type: str


def examine(name: str, data: bytes) -> FoundFile:
    """What the file is, if it may be kept. Steps: size, name, type by content, the type's own dangers. Raises :class:`InvalidInput`."""
    if not data:
        raise InvalidInput(_("The file is empty."), place="file")
    if len(data) > MAX_FILE:
        raise too_large()
    cleaned = clean_name(name)
    ending = cleaned.rpartition(".")[2].lower()
    kind = _kind_of(data)
    if kind is None:
        raise InvalidInput(
            _("Files of this kind are not kept. Allowed are PDF, PNG, JPEG, ODT, ODS, DOCX, XLSX, and plain text or CSV in UTF-8."),
            place="file",
        )
    if _ENDINGS.get(ending, ending) != kind.ending:
        words = {"name": cleaned, "kind": kind.ending.upper()}
        raise InvalidInput(_("%(name)s is not what its name says: the content is %(kind)s.") % words, place="file")
    kind.check(data)
    return FoundFile(cleaned, "text/csv" if ending == "csv" else kind.media_type)


def too_large() -> InvalidInput:
    return InvalidInput(_("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE // 1024 // 1024}, place="file")


def clean_name(name: str) -> str:
    """The last part of the name, without signs that turn text around, hide in it or mean something to a file system."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(sign for sign in text if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*%;')
    stem, dot, ending = text.strip(" .").rpartition(".")
    if not dot or not stem.strip(" ."):
        raise InvalidInput(_("Give the file a name with an ending, such as minutes.pdf."), place="file")
    return f"{stem.strip(' .')[: MAX_NAME - 8]}.{ending[:7]}"


@dataclass(frozen=True)
class _Kind:
    ending: str
    media_type: str
    check: Callable[[bytes], None]


def _kind_of(data: bytes) -> _Kind | None:
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return _Kind("pdf", "application/pdf", _check_pdf)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _Kind("png", "image/png", _check_png)
    if data.startswith(b"\xff\xd8\xff"):
        return _Kind("jpg", "image/jpeg", _check_jpeg)
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    return _Kind("txt", "text/plain", lambda _data: None) if _is_text(data) else None


def _is_text(data: bytes) -> bool:
    """UTF-8 without control signs, and nothing that a browser or a shell would take for a program."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
        return False
    return not re.match(r"\s*(<[!?a-z]|#!)", text, re.IGNORECASE)


def _check_png(data: bytes) -> None:
    """Its chunks lie one after another from the first byte to the last, and the picture is of a size that a screen can show."""
    place, name = 8, b""
    while name != b"IEND" and place + 12 <= len(data):
        name = data[place + 4 : place + 8]
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    if data[12:16] != b"IHDR" or name != b"IEND" or place != len(data):
        raise _broken("PNG")
    if int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big") > MAX_PIXELS:
        raise InvalidInput(_("The picture has more than %(limit)d million points.") % {"limit": MAX_PIXELS // 1_000_000}, place="file")


def _check_jpeg(data: bytes) -> None:
    if not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise _broken("JPEG")


def _broken(kind: str) -> InvalidInput:
    return InvalidInput(_("The file is broken, or something is hidden in it: it is not a whole %(kind)s.") % {"kind": kind}, place="file")


# PDF: what acts by itself is named in the file, or in one of the compressed streams that hold objects. Names may be written with #xx for any
# letter. Other streams hold pictures and text: nothing in them acts.


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-2048:]:
        raise _broken("PDF")
    named = _plain_names(data)
    if _PDF_LOCKED.search(named):
        raise InvalidInput(_("The PDF is locked, so that nobody can see what is in it. Save it without a password."), place="file")
    _refuse_active(_PDF_ACTIVE.search(named))
    for part in _object_streams(data):
        _refuse_active(_PDF_ACTIVE_OBJECT.search(_plain_names(part)))


def _plain_names(data: bytes) -> bytes:
    return _PDF_NAME_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), data)


def _refuse_active(found: re.Match[bytes] | None) -> None:
    if found:
        words = {"what": found[1].decode()}
        raise InvalidInput(
            _("The PDF carries something that acts by itself or another file (%(what)s). Print it to a new PDF.") % words, place="file"
        )


def _object_streams(data: bytes) -> Iterator[bytes]:
    """The streams that hold objects, unpacked within bounds. One that is packed in any other way than the usual is refused."""
    left = MAX_STREAMS
    for named in _PDF_OBJECTS.finditer(data):
        start = _PDF_STREAM.search(data, named.end(), named.end() + _PDF_HEAD)
        head = data[max(0, named.start() - _PDF_HEAD) : start.start()].rpartition(b"obj")[2] if start else b""
        if not start or len(_PDF_PACKED.findall(head)) != 1 or b"/DecodeParms" in head or b"#" in head:
            raise _unseen()
        unpacking = zlib.decompressobj()
        try:
            part = unpacking.decompress(data[start.end() : start.end() + MAX_STREAM], MAX_STREAM)
        except zlib.error as error:
            raise _unseen() from error
        left -= len(part)
        if unpacking.unconsumed_tail or not unpacking.eof or left < 0:
            raise InvalidInput(_("The file unpacks to more than can be looked at."), place="file")
        yield part


def _unseen() -> InvalidInput:
    return InvalidInput(_("The PDF has a part that cannot be looked into. Print it to a new PDF."), place="file")


# Office documents: an archive of parts.


def _office_kind(data: bytes) -> _Kind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mime = _first(archive, "mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError):
        return None
    for ending, media_type in ODF.items():
        if mime == media_type.encode():
            return _Kind(ending, media_type, _check_office)
    for ending, (media_type, part) in OOXML.items():
        if part in names and "[Content_Types].xml" in names:
            return _Kind(ending, media_type, _check_office)
    return None


def _first(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(200)


def _check_office(data: bytes) -> None:
    """Its parts: not too many, none outside, none a program; and together not too large, counted while unpacking and not as the file claims."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise InvalidInput(_("The file unpacks to more than can be looked at."), place="file")
        if archive.comment or len({part.filename for part in parts}) < len(parts):
            raise _broken("ZIP")
        left = MAX_UNPACKED
        for part in parts:
            _check_part(part)
            left -= _unpacked(archive, part, left)


def _check_part(part: zipfile.ZipInfo) -> None:
    name = part.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in name.split("/"):
        raise InvalidInput(_("The file has parts that would be written outside it."), place="file")
    if _MACROS.search(name) and not _PRINTER.fullmatch(name) and not part.is_dir():
        words = {"what": name[:80]}
        raise InvalidInput(
            _("The document carries a program or another file (%(what)s). Save it without macros and objects.") % words, place="file"
        )
    if part.flag_bits & 1:
        raise InvalidInput(_("The document is locked with a password. Save it without."), place="file")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    size, start = 0, b""
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(256 * 1024):
                start = start or chunk[:200_000]
                size += len(chunk)
                if size > most:
                    raise InvalidInput(_("The file unpacks to more than can be looked at."), place="file")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise InvalidInput(_("The file is broken: %(part)s cannot be read.") % {"part": part.filename[:80]}, place="file") from error
    if part.filename == "[Content_Types].xml" and b"macroEnabled" in start:
        raise InvalidInput(_("The document is of a kind that carries macros. Save it as a document without."), place="file")
    return size
