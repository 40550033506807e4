"""Backups, and what a restore does before anything is opened.

A backup is two: the evidence (with the register) in one folder, the key file in another with a last day of its own. What was erased could be
brought back from a key backup until that day; the shred entries say which day it is. Copies are made by SQLite, of a store in use.

A restore, in this order:
1. both copies are whole, and the key backup has not expired;
2. they are put into an empty folder;
3. what was published after the backup was made is taken back from the published log, entry by entry, in the bytes that were signed. A shred
   entry among them is carried out at once; a stop comes into force, and a legal hold, of its whole system; a permit is taken from the register,
   by its digest.
What was sealed in these entries is lost, and the store says so (``lost/<first>``). A store that is still behind the published checkpoint
does not start: the sequencer compares.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import apsw
import msgspec

from insyn.core import strict_json
from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.files import sync, write_flushed
from insyn.core.scope import target_of
from insyn.core.signing import Signed
from insyn.tlog.read import LogReader
from insyn.tlog.verify import verify_log

from . import disposal
from .records import LOST, StopRow
from .schema import EVIDENCE_FILE, KEY_FILE
from .store import EvidenceStore
from .transaction import Transaction

MANIFEST = "manifest.json"
#: The verb of the act that puts a legal hold.
PUT_HOLD = "put_hold"
REGISTER = "register.sqlite3"


class Manifest(msgspec.Struct, frozen=True):
    """What lies in a backup's folder. ``size``: entries of the log; ``expires``: the last day of a key backup (empty: none)."""

    made: str
    files: dict[str, str]
    size: int = 0
    expires: str = ""


def make(evidence: Path, register: Path, *, to: Path, keys_to: Path, days: int, now: datetime) -> tuple[Path, Path]:
    """Copy a store in use into a folder of today below ``to``, its key file below ``keys_to``; remove key backups past their last day.

    The evidence is copied first: a key is always made before anything is sealed with it. Raises :class:`InvalidInput` for folders that lie
    in one another.
    """
    to, keys_to = to.resolve(), keys_to.resolve()
    if to == keys_to or to in keys_to.parents or keys_to in to.parents:
        raise InvalidInput("keys and evidence lie in one folder", place="--keys", mend="Give the keys a place of their own.")
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    made, keys_made = to / stamp, keys_to / stamp
    for folder in (made, keys_made):
        folder.mkdir(mode=0o700, parents=True)
    size = _copy(evidence / EVIDENCE_FILE, made / EVIDENCE_FILE)
    if register.exists():
        _copy(register, made / REGISTER)
    _copy(evidence / KEY_FILE, keys_made / KEY_FILE)
    _seal(made, Manifest(made=now.isoformat(), files=_digests(made), size=size))
    expires = (now.date() + timedelta(days=days)).isoformat()
    _seal(keys_made, Manifest(made=now.isoformat(), files=_digests(keys_made), expires=expires))
    remove_expired(keys_to, now.date())
    return made, keys_made


def _copy(source: Path, target: Path) -> int:
    """One consistent copy by SQLite's own means. Returns how many entries it holds, 0 for another file than the evidence."""
    reading, writing = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY), apsw.Connection(str(target))
    target.chmod(0o600)
    try:
        with writing.backup("main", reading, "main") as copying:
            copying.step()
        writing.execute("PRAGMA journal_mode=DELETE")
        last = writing.execute("SELECT max(idx) FROM entry").get if source.name == EVIDENCE_FILE else None
    finally:
        writing.close()
        reading.close()
    sync(target)
    return 0 if last is None else int(last) + 1


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.name != MANIFEST}


def _seal(folder: Path, manifest: Manifest) -> None:
    write_flushed(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


def remove_expired(keys_to: Path, today: date) -> list[str]:
    """Remove key backups whose last day has passed; returns their names. The promise of the shred entries rests on this."""
    gone = []
    for path in sorted(keys_to.glob(f"*/{MANIFEST}")):
        manifest = read_manifest(path.parent, whole=False)
        if manifest.expires and manifest.expires < today.isoformat():
            for file in sorted(path.parent.iterdir()):
                file.write_bytes(bytes(file.stat().st_size))
                sync(file)
            shutil.rmtree(path.parent)
            gone.append(path.parent.name)
    return gone


def read_manifest(folder: Path, *, whole: bool = True) -> Manifest:
    """Raises :class:`InvalidInput` when the backup is not there, or (``whole``) a file of it is not what it was."""
    try:
        manifest = strict_json.convert(strict_json.loads((folder / MANIFEST).read_bytes()), Manifest)
    except OSError as error:
        raise InvalidInput("is no backup", place=str(folder), mend="Give a folder that `insyn backup` made.") from error
    if whole and manifest.files != _digests(folder):
        raise InvalidInput("is not the backup that was made: a file is missing or changed", place=str(folder))
    return manifest


# ------------------------------------------------------------------------------------------------------------------- restore


class Restored(msgspec.Struct, frozen=True):
    """``size``: entries after it; ``taken_back``: how many of them came from the published log; ``shredded``: shred entries carried out."""

    size: int
    taken_back: int
    shredded: int


def put_back(evidence: Path, register: Path, *, backup: Path, keys: Path, today: date) -> Manifest:
    """Steps 1 and 2. The register is put back where there is none. Raises :class:`InvalidInput`; then nothing has changed."""
    manifest, keys_manifest = read_manifest(backup), read_manifest(keys)
    for folder, held, name in ((backup, manifest, EVIDENCE_FILE), (keys, keys_manifest, KEY_FILE)):
        if name not in held.files:
            raise InvalidInput(f"holds no {name}", place=str(folder), mend="Give the evidence with --from and the keys with --keys.")
    if keys_manifest.expires < today.isoformat():
        raise InvalidInput(f"expired on {keys_manifest.expires}", place=str(keys), mend="Use a newer key backup, and remove this one.")
    if (evidence / EVIDENCE_FILE).exists() or (evidence / KEY_FILE).exists():
        raise InvalidInput("there is a store already", place=str(evidence), mend="Move it away first; nothing is overwritten.")
    evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source, target in ((keys / KEY_FILE, evidence / KEY_FILE), (backup / EVIDENCE_FILE, evidence / EVIDENCE_FILE)):
        write_flushed(target, source.read_bytes())
    if not register.exists() and (backup / REGISTER).exists():
        write_flushed(register, (backup / REGISTER).read_bytes())
    return manifest


def catch_up(store: EvidenceStore, published: LogReader, vkey: str, *, permits: Mapping[str, Signed]) -> Restored:
    """Step 3. ``permits``: signed permits of the register by the digest of their body.

    Raises ``LogInvalid`` for a published log that does not verify or does not continue this store, :class:`InvalidInput` for a permit that
    the register lacks; then nothing was taken back.
    """
    before = store.size
    entries: list[tuple[int, bytes]] = []
    mine = store.checkpoint()

    def gather(index: int, entry: bytes) -> None:
        if index >= before:
            entries.append((index, entry))
        elif entry != store.entry(index):
            raise InvalidInput(f"entry {index} of the backup is not the one that is published", place="backup")

    verify_log(published, vkey, on_entry=gather, known=[mine] if mine else [])
    heads = [(index, entry, read_head(entry)) for index, entry in entries]
    newest = {head.system: head for _, _, head in heads if head.kind == EntryKind.PERMIT}
    missing = [head for head in newest.values() if head.permit not in permits]
    if missing:
        raise InvalidInput(
            f"permit {missing[0].epoch} of {missing[0].system} is in force in the log, and the register does not have it",
            place="register",
            mend="Put back the newest copy of the register first.",
        )
    with store.transaction() as transaction:
        for _, entry, head in heads:
            _take_back(store, transaction, entry, head)
        for head in newest.values():
            transaction.put_permit(head.system, head.epoch, permits[head.permit])
        if heads:
            transaction.put_meta(f"{LOST}{before}", str(store.size - 1).encode())
    shredded = sum(1 for _ in _shred_again(store, heads))
    store.clear_old_pages()
    return Restored(store.size, len(heads), shredded)


def _take_back(store: EvidenceStore, transaction: Transaction, entry: bytes, head: EntryHead) -> None:
    made = transaction.append_bytes(entry)
    whose = next((row for row in store.stops().values() if row.rid == head.about), None) if head.about else None
    if head.kind == EntryKind.STOP and whose is not None:  # it says that a supplier's stop holds this system too
        transaction.put_stop(msgspec.structs.replace(whose, systems=(*whose.systems, head.system)))
    elif head.kind == EntryKind.STOP:
        held = target_of(head)
        row = StopRow(
            system=head.system, index=made.index, rid=head.rid, scope=held.scope, version=held.version, purpose=held.purpose,
            supplier=held.supplier,
        )  # fmt: skip
        transaction.put_stop(row)
    elif (head.kind, head.act) == (EntryKind.ACT, PUT_HOLD):  # what it held is not public: the whole system, until an act lifts it
        transaction.put_hold(made.index, system=head.system)
    elif head.kind == EntryKind.RESUME:
        stands = store.stops_of(target_of(head).key)
        if stands is not None and stands.index == head.at:
            transaction.put_stop(msgspec.structs.replace(stands, lifted_by=made.index))


def _shred_again(store: EvidenceStore, heads: list[tuple[int, bytes, EntryHead]]) -> Iterator[int]:
    """Carry out every disposal and erasure that was published after the backup was made."""
    for index, _, head in heads:
        if head.kind != EntryKind.SHRED:
            continue
        if head.retention:
            disposal.repeat(store, index, (head.system, head.retention, head.month))
            yield index
        elif store.repeat_erasure(head.about, index):
            yield index
