"""The evidence of one case as a file: what the log says, what was sealed, the permit and the packs of the day, and the script that checks it.

What counts are bytes as they were signed and committed to. The report beside them is for reading; the script does not believe it.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.conf import settings

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput, PackError
from insyn.core.messages import Actor, Bundled, BundledEntry, Denied, OpenBundle
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.signing import Signed
from insyn.core.terms import DisclosureGroup, RecordKind
from insyn.evidence.reader import EvidenceReader
from insyn.web import bridge
from insyn.web.register import packs, texts
from insyn.web.register.acts import commitment_of, sealed_text
from insyn.web.register.models import Act, IssuedPermit, System

_SCRIPT = Path(__file__).parent / "offline" / "verify.py"
_ACT = DisclosureGroup.ACT.value
#: A record that was made just now is under a checkpoint within a second or so.
_TRIES, _PAUSE = 12, 0.25


@dataclass(frozen=True)
class Part:
    """One entry of the bundle with what is opened of it; ``name`` is what its files are called."""

    name: str
    head: EntryHead
    index: int
    entry: bytes
    proof: str
    opened: Mapping[str, tuple[bytes, str]]


@dataclass(frozen=True)
class Evidence:
    """The record is the first part."""

    rid: str
    system: System
    parts: list[Part]
    permit: bytes
    packs: Mapping[str, Mapping[str, bytes]]

    @property
    def record(self) -> Part:
        return self.parts[0]


def system_of(rid: str) -> System:
    """The system of a decision, from what is public of it. Raises :class:`Refused` for anything else."""
    try:
        with EvidenceReader.read_only(settings.HOME.evidence) as reader:
            index = reader.index_of(rid)
            head = None if index is None else read_head(reader.entry(index))
    except InvalidInput:
        head = None
    system = System.objects.filter(slug=head.system).first() if head else None
    if head is None or system is None or head.kind not in (EntryKind.DECISION, EntryKind.HISTORICAL_DECISION):
        raise Refused(refuse(RefusalCode.RECORD_UNKNOWN, place="rid"))
    return system


def gather(rid: str, *, actor: Actor, purpose: str) -> Evidence:
    """Open everything about a record for a named actor and purpose; leaves one entry. Raises :class:`Unreachable`, :class:`Refused`."""
    system = system_of(rid)
    bundled = _ask(OpenBundle(id=0, rid=rid, actor=actor, purpose=purpose, system=system.slug, acts=_acts_behind(system)))
    parts = [_part(number, found) for number, found in enumerate(bundled.entries)]
    return Evidence(rid, system, parts, _permit(parts), _packs(parts[0]))


def _acts_behind(system: System) -> tuple[str, ...]:
    """The acts that a reader asks for: what residents were told, and that the use was decided."""
    acts = Act.objects.filter(verb="decide_use", system=system).exclude(log_index=None).order_by("-log_index")[:1]
    notices = system.records.filter(kind=RecordKind.NOTICE).exclude(act__log_index=None).order_by("-pk")[:1]
    return (*acts.values_list("pk", flat=True), *notices.values_list("act_id", flat=True))


def _ask(message: OpenBundle) -> Bundled:
    for left in reversed(range(_TRIES)):
        answer = bridge.ask(lambda number: msgspec.structs.replace(message, id=number))
        if isinstance(answer, Bundled):
            return answer
        refusal = answer.refusal if isinstance(answer, Denied) else refuse(RefusalCode.NOT_READY)
        if not left or refusal.code is not RefusalCode.NOT_READY:
            raise Refused(refusal)
        time.sleep(_PAUSE)
    raise Refused(refuse(RefusalCode.NOT_READY))


def _part(number: int, found: BundledEntry) -> Part:
    head = read_head(found.entry)
    opened = {group: (text, found.salts[group]) for group, text in found.groups.items()}
    if _ACT in head.c and _ACT not in opened and (act := Act.objects.filter(pk=head.rid).select_related("system").first()):
        told = next((text for text in _texts_of(act) if text[1] == head.c[_ACT]), None)
        if told:
            opened[_ACT] = (told[0], act.salt)
    return Part(f"{number:02d}-{head.kind}", head, found.index, found.entry, found.proof, opened)


def _texts_of(act: Act) -> Iterable[tuple[bytes, str]]:
    for with_time in (True, False):
        yield sealed_text(act, with_time=with_time), commitment_of(act, with_time=with_time)


def _permit(parts: Iterable[Part]) -> bytes:
    """The permit's body as it was signed, where the register still has it."""
    wanted = {part.head.permit for part in parts if part.head.kind == EntryKind.PERMIT}
    acts = [part.head.rid for part in parts if part.head.kind == EntryKind.PERMIT]
    for row in IssuedPermit.objects.filter(act__in=acts):
        body = msgspec.json.decode(bytes(row.signed), type=Signed).body
        if hashlib.sha256(body).hexdigest() in wanted:
            return body
    return b""


def _packs(record: Part) -> Mapping[str, Mapping[str, bytes]]:
    """The texts of the packs that the record was judged by, found by the digest that it bears."""
    digest = json.loads(record.entry).get("packs", "")
    try:
        found = packs.packs_with_digest(digest) if digest else None
        return {pack.id: texts.files_of(pack.digest) for pack in found or ()}
    except PackError:
        return {}


# ------------------------------------------------------------------------------------------------------------------ the file


def files_of(evidence: Evidence, reports: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file of the bundle by its name, the manifest last."""
    files: dict[str, bytes] = {"log.vkey": settings.HOME.log_vkey.read_bytes(), "verify.py": _SCRIPT.read_bytes(), **reports}
    for part in evidence.parts:
        files[f"entries/{part.name}.json"] = part.entry
        files[f"entries/{part.name}.tlog-proof"] = part.proof.encode()
        for group, (text, salt) in part.opened.items():
            files[f"opened/{part.name}/{group}.json"] = text
            files[f"opened/{part.name}/{group}.salt"] = salt.encode()
    if evidence.permit:
        files["permit.json"] = evidence.permit
    for pack, found in evidence.packs.items():
        files |= {f"packs/{pack}/{path}": data for path, data in found.items()}
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["manifest.json"] = json.dumps({"files": listed, "v": 1}, sort_keys=True, indent=1).encode()
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """One file, the same bytes for the same content."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return whole.getvalue()
