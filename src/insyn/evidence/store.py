"""The evidence store, as its one writer sees it.

The row is the truth: the tree, tiles and the published log are derived from the rows of ``entry``. A commit that fails closes the store
for writing; it is never tried again, because a second flush can succeed without having written what the first one lost.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import apsw
import msgspec

from insyn.core.entries import read_head
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.files import sync
from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.notes import Signer, parse_note, sign_note
from insyn.tlog.tree import Mark, TileTree

from . import disposal
from .erase import finish_erasures, record_to_erase, still_there
from .errors import RecordErased, RecordUnknown, StoreBusy, StoreRolledBack
from .keys import KeyFile
from .reader import CHECKPOINT, ORIGIN, SIGNING, EvidenceReader
from .records import Appended, StopRow
from .schema import (
    EVIDENCE_ADDITIONS,
    EVIDENCE_FILE,
    EVIDENCE_TABLES,
    KEY_FILE,
    LOCK_FILE,
    close_as_it_is,
    connect,
    flush_wal,
    immediately,
    roll_back,
)
from .transaction import Transaction
from .tree import load_tree, root_at
from .vouch import LAST_ANSWER, Vouched

Clock = Callable[[], datetime]
#: WAL pages (4 KiB) from which the log is folded back: at the next checkpoint, or at once if there is none for long.
FLUSH_AT_CHECKPOINT = 1_000
FLUSH_AT_ONCE = 16_000
_stop = msgspec.json.Decoder(StopRow)


class EvidenceStore(EvidenceReader):
    """Open with :meth:`open`. One process, one thread."""

    def __init__(self, *, connection: apsw.Connection, keys: KeyFile, clock: Clock, lock: int) -> None:
        super().__init__(connection, keys)
        self.clock = clock
        self.cursor = connection.cursor()
        self.failed = False
        self.tree_in_memory: TileTree = load_tree(connection)
        self._lock = lock
        self._in_transaction = False
        self._wal_pages = 0
        self._truncate_due = False
        self._origin = super().origin
        self.vouched = Vouched(connection, keys)
        self.last_answer = self._newest_answer()
        connection.set_wal_hook(self._note_wal_pages)

    @classmethod
    def open(
        cls,
        *,
        folder: Path,
        root_key: bytes,
        origin: str,
        clock: Clock,
        known: Iterable[Checkpoint] = (),
        vfs: str | None = None,
        archive_key: bytes = b"",
    ) -> EvidenceStore:
        """Open for writing; made if missing.

        Takes the writer's lock, opens the key file, derives the tree, compares it with the last signed checkpoint (and with
        checkpoints ``known`` from elsewhere), and finishes erasures that a crash left half done. Raises :class:`StoreBusy`,
        :class:`WrongRootKey`, :class:`StoreRolledBack`, :class:`StoreFailed`. ``vfs`` names an SQLite VFS (fault injection); ``archive_key`` is the archive
        authority's public key, see :mod:`insyn.evidence.escrow`.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _take_lock(folder / LOCK_FILE)
        opened: list[apsw.Connection] = []
        try:
            keys = KeyFile.open(folder / KEY_FILE, root_key, vfs=vfs)
            opened.append(keys.connection)
            connection = connect(folder / EVIDENCE_FILE, tables=EVIDENCE_TABLES, additions=EVIDENCE_ADDITIONS, vfs=vfs)
            opened.append(connection)
            sync(folder)
            _settle_origin(connection, origin)
            store = cls(connection=connection, keys=keys, clock=clock, lock=lock)
            store._compare_with_checkpoints(known)
            finish_erasures(connection, keys)
            store._begin_vouching()
            while disposal.go_on(store):
                pass
            keys.escrow_to(archive_key)
            return store
        except BaseException as error:
            for file in opened:
                close_as_it_is(file)
            os.close(lock)
            if isinstance(error, apsw.Error):
                raise StoreFailed(f"the evidence store does not open: {error}") from error
            raise

    def _compare_with_checkpoints(self, known: Iterable[Checkpoint]) -> None:
        signing, signed = self.get_meta(SIGNING), self.checkpoint()
        states = [("being signed", Checkpoint.parse(signing.decode()))] if signing else []
        states += [("last signed", signed)] if signed else []
        for name, state in [*states, *(("known from elsewhere", checkpoint) for checkpoint in known)]:
            if self.size < state.size:
                raise StoreRolledBack(f"the store has {self.size} entries, the checkpoint {name} has {state.size}: rows are lost")
            if root_at(self.tree_in_memory, state.size, self.connection) != state.root:
                raise StoreRolledBack(f"the first {state.size} entries are not those of the checkpoint {name}: rows were changed")

    def _begin_vouching(self) -> None:
        if not self.vouched.begun:
            with immediately(self.connection):
                self.vouched.begin(self.size)

    def _newest_answer(self) -> int:
        newest = self.connection.execute("SELECT max(idx) FROM answer").get
        return -1 if newest is None else int(newest)

    # --------------------------------------------------------------------------------------------------- reading from memory

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def size(self) -> int:
        return self.tree_in_memory.size

    def tree(self) -> TileTree:
        return self.tree_in_memory

    def stops_of(self, key: str) -> StopRow | None:
        """The newest stop with this key (:mod:`insyn.core.scope`)."""
        row = self.connection.execute("SELECT row FROM stop WHERE system = ?", (key,)).get
        return None if row is None else _stop.decode(row)

    # -------------------------------------------------------------------------------------------------------------- writing

    def transaction(self) -> Transaction:
        """``with store.transaction() as t: t.append(...)``. Durable when the block has ended; an error in it rolls back all."""
        return Transaction(self)

    def begin(self) -> Mark:
        """Called by :class:`Transaction`."""
        if self.failed:
            raise StoreFailed("a flush has failed; nothing is written until the store is opened anew")
        if self._in_transaction:
            raise InvalidInput("a transaction is open already")
        try:
            self.cursor.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            raise self.fail(error) from error
        self._in_transaction = True
        return self.tree_in_memory.mark()

    def commit(self, mark: Mark) -> None:
        """Called by :class:`Transaction`."""
        try:
            self.vouched.settle()
            self.cursor.execute("COMMIT")
        except apsw.Error as error:
            failure = self.fail(error)  # first: taking back reads the disk, and may fail too
            self.roll_back(mark)
            raise failure from error
        self._in_transaction = False
        if self._wal_pages > FLUSH_AT_ONCE:
            self.flush_wal()

    def roll_back(self, mark: Mark) -> None:
        """Called by :class:`Transaction`. Raises :class:`StoreFailed` when what stood before cannot be read."""
        self._in_transaction = False
        self.tree_in_memory.reset(mark)
        roll_back(self.connection)
        if self.failed:
            return
        try:
            self.vouched.load()
            self.last_answer = self._newest_answer()
        except apsw.Error as error:
            raise self.fail(error) from error

    def fail(self, error: BaseException) -> StoreFailed:
        """Close the store for writing and return the error to raise."""
        self.failed = True
        return StoreFailed(f"the evidence store could not write and is read-only from here: {error}")

    def _note_wal_pages(self, connection: apsw.Connection, name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def flush_wal(self) -> None:
        """Fold the WAL back into the file, outside any transaction. Raises :class:`StoreFailed` when a flush fails."""
        if self.failed:
            raise StoreFailed("a flush has failed; nothing is written until the store is opened anew")
        try:
            done = [flush_wal(file, truncate=self._truncate_due) for file in (self.connection, self.keys.connection)]
        except apsw.Error as error:
            raise self.fail(error) from error
        self._wal_pages = 0
        self._truncate_due = self._truncate_due and not all(done)

    # ------------------------------------------------------------------------------------------------------------ checkpoint

    def sign_checkpoint(self, *signers: Signer) -> str:
        """The checkpoint over all entries, signed by each. The state is durable before it is signed, so no restart signs another one.

        Also keeps the tile cache and folds back the WAL. Raises :class:`StoreFailed`.
        """
        for signer in signers:
            if signer.name != self.origin:
                raise InvalidInput(f"the log {self.origin!r} cannot be signed by {signer.name!r}", mend="A log's key bears its origin.")
        state = Checkpoint(self.origin, self.size, self.root())
        if self.checkpoint() != state or not self._signed_by_all(signers):
            with self.transaction() as transaction:
                transaction.put_meta(SIGNING, state.body().encode())
                self._keep_tiles()
                if self.get_meta(LAST_ANSWER) != str(self.last_answer).encode():
                    transaction.put_meta(LAST_ANSWER, str(self.last_answer).encode())
            note = sign_note(state.body(), signers)
            with self.transaction() as transaction:
                transaction.put_meta(CHECKPOINT, note.encode())
        if self._truncate_due or self._wal_pages > FLUSH_AT_CHECKPOINT:
            self.flush_wal()
        return self.checkpoint_note()

    def _signed_by_all(self, signers: Iterable[Signer]) -> bool:
        """False after the log was given another key, although it has not grown."""
        signed = {signature.key_id for signature in parse_note(self.checkpoint_note())[1]}
        return all(signer.verifier.key_id in signed for signer in signers)

    def root(self) -> bytes:
        return self.tree_in_memory.root()

    def _keep_tiles(self) -> None:
        kept = self.connection.execute("SELECT max(n) FROM tile").get
        first = 0 if kept is None else int(kept) + 1
        roots = self.tree_in_memory.tile_roots()[first:]
        self.cursor.executemany("INSERT INTO tile VALUES(?, ?)", [(first + number, root) for number, root in enumerate(roots)])

    # --------------------------------------------------------------------------------------------------------------- erasure

    @property
    def erasure_pending(self) -> bool:
        """An erased record's old pages are still in a WAL because a reader stood in the way; tried again at each checkpoint."""
        return self._truncate_due

    def erase(self, rid: str, *, public: Mapping[str, object], parts: Iterable[str] = ()) -> Appended:
        """Destroy key, payload, facts, tags and remembered answer of a record; a ``shred`` entry about it is appended.

        ``parts``: ids of records that go with it, each with an entry of its own before it; those erased already are passed over.
        ``public`` holds the shred entry's ``system``, ``day``, ``basis``, ``until``. Order: the entry and the wiped rows are one
        transaction; then the key is destroyed; then old pages are cleared from both files. A crash between is finished at the next
        open, before anything is answered. Raises :class:`RecordUnknown`, :class:`RecordErased`, :class:`RecordHeld`,
        :class:`RecordPreserved`, :class:`StoreFailed`.
        """
        index = record_to_erase(self, rid)
        going = [*still_there(self, parts), (rid, index)]
        disposal.refuse_held(self, read_head(self.entry(index)).system, [place for _, place in going])
        with self.transaction() as transaction:  # one for all: a stop waits for it
            shredded = [transaction.shred(place, name, public) for name, place in going]
        self._truncate_due = True
        try:
            self.keys.destroy([key_id for _, key_id in shredded])
        except apsw.Error as error:
            raise self.fail(error) from error
        self.flush_wal()
        return shredded[-1][0]

    def repeat_erasure(self, rid: str, shred: int) -> bool:
        """Carry out an erasure whose shred entry stands, in a store that was put back from before it. False: nothing was left to erase."""
        try:
            index = record_to_erase(self, rid)
        except (RecordUnknown, RecordErased, InvalidInput):
            return False
        key_id = self.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (index,)).get
        with self.transaction() as transaction:
            transaction.wipe(index, shred, int(key_id or 0))
        try:
            self.keys.destroy([int(key_id or 0)])
        except apsw.Error as error:
            raise self.fail(error) from error
        return True

    def clear_old_pages(self) -> None:
        """Empty both WALs, so that no old page image of what was destroyed stays; at the next checkpoint if a reader is in the way."""
        self._truncate_due = True
        self.flush_wal()

    def scrub(self) -> None:
        """Rewrite both files whole, so that not even a keyed hash of what was erased lingers in a half-used page.

        Takes time and free space in proportion to the files; nothing is answered meanwhile. Raises :class:`StoreFailed`.
        """
        if self.failed or self._in_transaction:
            raise StoreFailed("the store cannot be rewritten now")
        try:
            for file in (self.connection, self.keys.connection):
                file.execute("VACUUM")
        except apsw.Error as error:
            raise self.fail(error) from error
        self._truncate_due = True
        self.flush_wal()

    # ----------------------------------------------------------------------------------------------------------------- close

    def close(self) -> None:
        """Close both files and give up the lock. After a failed flush the WAL is left as it is."""
        if self._lock < 0:
            return
        self.cursor.close()
        if self.failed:
            for file in (self.connection, self.keys.connection):
                close_as_it_is(file)
        else:
            super().close()
        os.close(self._lock)
        self._lock = -1


def _take_lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreBusy(f"another process writes the evidence store in {path.parent.name!r}") from error
    return handle


def _settle_origin(connection: apsw.Connection, origin: str) -> None:
    Checkpoint.parse(Checkpoint(origin, 0, bytes(32)).body())  # the origin must be one that a checkpoint can hold
    held = connection.execute("SELECT value FROM meta WHERE key = ?", (ORIGIN,)).get
    if held is None:
        with immediately(connection):
            connection.execute("INSERT INTO meta VALUES(?, ?)", (ORIGIN, origin.encode()))
    elif held != origin.encode():
        raise InvalidInput(f"this store holds the log {held.decode()!r}, not {origin!r}", place="origin")


__all__ = ["EvidenceStore", "Transaction"]
