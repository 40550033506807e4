"""One evidence transaction: leaf, sealed payload, key id, facts row, tags and idempotency row together, or none of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING

import apsw
import msgspec

from insyn.core.entries import MAX_ENTRY_BYTES, encode_entry, read_head
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.signing import Signed
from insyn.core.subject import plain_subject
from insyn.core.terms import DisclosureGroup
from insyn.tlog.hashing import leaf_hash

from .facts import fact_digest, insert_fact
from .reader import rid_bytes
from .records import Appended, Fact, StopRow
from .seal import SealedText, commitments, seal
from .vouch import VOUCHED_DIGEST, answer_digest, previous_answer

if TYPE_CHECKING:
    from .store import EvidenceStore

_json = msgspec.json.Encoder().encode
_ENTRY = "INSERT INTO entry VALUES(?, ?, ?)"
_TAG = "INSERT INTO tag VALUES(?, ?)"
_PAYLOAD = "INSERT INTO payload VALUES(?, ?, ?, ?, ?, ?)"


class Transaction:
    """Made by :meth:`EvidenceStore.transaction`. What it returns counts only once the ``with`` block has ended without an error.

    Reads on the store inside the block see the rows of this transaction.
    """

    __slots__ = ("_cursor", "_mark", "_store")

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store
        self._cursor = store.cursor

    def __enter__(self) -> Transaction:
        self._mark = self._store.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._store.commit(self._mark)
            return
        broken = isinstance(error, apsw.IOError | apsw.FullError | apsw.CorruptError | apsw.NotADBError)
        failure = self._store.fail(error) if broken else None
        self._store.roll_back(self._mark)
        if failure is not None:
            raise failure from error

    # ------------------------------------------------------------------------------------------------------------- entries

    def append(
        self,
        *,
        public: Mapping[str, object],
        private: Mapping[DisclosureGroup, bytes] | None = None,
        retention: str = "standard",
        fact: Fact | None = None,
        case: str = "",
        subject: str = "",
        waits: bool = False,
        blind_share: int = 0,
    ) -> Appended:
        """Append an entry with the fields ``public`` (made complete by ``v``, ``rid`` and ``c``) and seal ``private`` beside it.

        ``retention`` names the class whose month key wraps the record key; ``case`` and ``subject`` are kept as keyed hashes only;
        ``waits`` puts the record on its system's review queue; ``blind_share`` of a thousand of these are drawn to be judged blind, by a
        keyed hash of their case (:meth:`KeyFile.drawn_by`), so that nobody chooses them and whoever has the keys can draw again. Raises :class:`InvalidInput` for fields that an entry cannot hold, a
        rid that stands already, or facts, case, subject or waiting without anything sealed.
        """
        rid = self._rid(public)
        if not private:
            if fact is not None or case or subject or waits:
                raise InvalidInput("facts, case, subject and waiting belong to a sealed record", place="private")
            return self._insert(encode_entry({**public, "rid": rid}), rid, str(public.get("about", "")))
        system, groups = str(public.get("system", "")), {str(group): text for group, text in private.items()}
        keys = self._store.keys
        key_id, key = keys.take(system, retention, self._month(public))
        plain = plain_subject(subject, on=date.fromisoformat(self._day(public))) if subject else ""
        share = blind_share if waits else 0
        drawn = {"blind": 1} if keys.is_drawn(keys.drawn_by(system, rid, case=case, subject=plain), share) else {}
        entry = encode_entry({**public, **drawn, "rid": rid, "c": commitments(key, rid, groups)})
        case_tag = keys.tag("case", system, case) if case.strip() else None
        subject_tag = keys.tag("subject", plain) if plain else None
        made = self._insert(entry, rid, str(public.get("about", "")), case_tag, subject_tag)
        fact_id = self._insert_fact(made.index, fact)
        digest = fact_digest(fact_id, fact) if fact else b""
        sealed = seal(key, rid, SealedText(groups, digest, retention, waits, share, share > 0))
        self._cursor.execute(_PAYLOAD, (made.index, key_id, sealed, fact_id or None, case_tag, subject_tag))
        if waits:
            self._cursor.execute("INSERT INTO waiting VALUES(?, ?)", (system, made.index))
        return Appended(made.index, rid, made.leaf, fact_id)

    def _insert_fact(self, index: int, fact: Fact | None) -> str:
        if fact is None:
            return ""
        fact_id = secrets.token_hex(16)
        insert_fact(self._cursor, index, fact_id, fact)
        return fact_id

    def append_bytes(self, entry: bytes) -> Appended:
        """Append an entry byte for byte, as the register committed it. Raises :class:`InvalidInput` if it is none."""
        if len(entry) > MAX_ENTRY_BYTES:
            raise InvalidInput(f"entry is {len(entry)} bytes, at most {MAX_ENTRY_BYTES} fit in a bundle")
        head = read_head(entry)
        if head.rid:
            self._unused(head.rid)
        return self._insert(entry, head.rid, head.about)

    def _insert(self, entry: bytes, rid: str, about: str, *tags: bytes | None) -> Appended:
        tree = self._store.tree_in_memory
        index, leaf = tree.size, leaf_hash(entry)
        self._cursor.execute(_ENTRY, (index, entry, leaf))
        found = [(tag, index) for tag in tags if tag is not None]
        if rid:
            found.append((bytes.fromhex(rid), index))
        if about and about != rid:
            found.append((rid_bytes(about), index))
        if found:
            self._cursor.executemany(_TAG, found)
        tree.append(leaf)
        return Appended(index, rid, leaf)

    def _rid(self, public: Mapping[str, object]) -> str:
        given = public.get("rid")
        if given is None:
            return secrets.token_hex(16)
        rid = str(given)
        self._unused(rid)
        return rid

    def _unused(self, rid: str) -> None:
        rid_bytes(rid)
        if self._store.index_of(rid) is not None:
            raise InvalidInput(f"an entry with the rid {rid} stands already", place="rid", mend="Make a new random rid.")

    def _month(self, public: Mapping[str, object]) -> str:
        return self._day(public)[:7]

    def _day(self, public: Mapping[str, object]) -> str:
        return str(public.get("day") or self._store.clock().date().isoformat())

    # --------------------------------------------------------------------------------------------------------------- state

    def remember(self, *, client: str, key: str, digest: bytes, answer: bytes, index: int) -> None:
        """Keep the answer given under an idempotency key, for the entry that it speaks of (one answer per entry).

        ``digest`` is that of the request, at most 32 bytes. Raises :class:`InvalidInput` if the key has an answer already.
        """
        store = self._store
        tag = store.keys.tag("answer", client, key)
        if len(digest) > 32 or not 0 <= index < store.tree_in_memory.size:
            raise InvalidInput("an answer is kept with a digest of at most 32 bytes and the index of an entry", place="remember")
        if store.remembered(client, key) is not None:
            raise InvalidInput("this idempotency key has an answer already", place="remember")
        self._cursor.execute(_TAG, (tag, index))
        held = answer_digest(store.keys, index, tag, store.keys.mask(tag, digest), answer, store.last_answer)
        self._cursor.execute("INSERT INTO answer VALUES(?, ?, ?, ?)", (index, tag, held, answer))
        store.last_answer = index

    def put_permit(self, system: str, epoch: int, signed: Signed) -> None:
        """Replace a system's permit. Raises :class:`InvalidInput` for an epoch that is not higher."""
        held = self._cursor.execute("SELECT epoch FROM permit WHERE system = ?", (system,)).get
        if held is not None and epoch <= held:
            raise InvalidInput(f"permit epoch {epoch} of {system} is not above {held}", place="epoch")
        self._cursor.execute("INSERT OR REPLACE INTO permit VALUES(?, ?, ?)", (system, epoch, _json(signed)))
        self._store.vouched.note("permit", system)

    def put_stop(self, row: StopRow) -> None:
        """Keep the newest stop of something, or that it is drained or lifted. Raises :class:`InvalidInput` for an older one."""
        held = self._store.stops_of(row.key)
        if held is not None and row.index < held.index:
            raise InvalidInput(f"the stop at {row.index} is older than that at {held.index}", place="stop")
        self._cursor.execute("INSERT OR REPLACE INTO stop VALUES(?, ?)", (row.key, _json(row)))
        self._store.vouched.note("stop", row.key)

    def set_waiting(self, rid: str, waiting: bool, *, by: str = "") -> None:
        """Put a record on its system's review queue, or take it off; ``by`` is the rid of the entry that decided it.

        Raises :class:`InvalidInput` for an unknown rid.
        """
        index = self._store.index_of(rid)
        if index is None:
            raise InvalidInput(f"no record {rid}", place="rid")
        system = read_head(self._store.entry(index)).system
        if waiting:
            self._cursor.execute("INSERT OR IGNORE INTO waiting VALUES(?, ?)", (system, index))
            return
        self._cursor.execute("DELETE FROM waiting WHERE system = ? AND idx = ?", (system, index))
        if by:
            self._cursor.execute("INSERT OR REPLACE INTO decided VALUES(?, ?)", (index, by))

    def move_subject(self, older: Iterable[bytes], tag: bytes) -> None:
        """Records that lie under an older keyed hash of a person are found under this one from now on."""
        for old in older:
            for index in self._store.tagged_subject(old):
                self._cursor.execute("DELETE FROM tag WHERE tag = ? AND idx = ?", (old, index))
                self._cursor.execute(_TAG, (tag, index))
                self._cursor.execute("UPDATE payload SET subject_tag = ? WHERE idx = ?", (tag, index))

    def put_meta(self, key: str, value: bytes) -> None:
        """Keep a value by name."""
        self._cursor.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (key, value))
        self._store.vouched.note("meta", key)

    # ------------------------------------------------------------------------------------------------------------- erasure

    def put_hold(self, index: int, *, system: str, case: str = "", rid: str = "") -> None:
        """A legal hold, put by the entry at ``index``: on a record, on a case (now and later), or on the whole system."""
        tag = self._store.keys.tag("case", system, case) if case else None
        self._cursor.execute("INSERT INTO hold VALUES(?, ?, ?, ?, -1)", (index, system, tag, rid))
        self._store.vouched.note("hold", index)

    def lift_hold(self, index: int, lifted_by: int) -> None:
        """The hold put by the entry at ``index`` is lifted by that at ``lifted_by``. Raises :class:`InvalidInput` if none stands there."""
        self._cursor.execute("UPDATE hold SET lifted = ? WHERE idx = ? AND lifted < 0", (lifted_by, index))
        if not self._store.connection.changes():
            raise InvalidInput(f"no legal hold of entry {index} stands", place="hold")
        self._store.vouched.note("hold", index)

    def put_disposal(self, shred: int, kek: int, name: tuple[str, str, str], following: int) -> None:
        """How far the disposal of a month has come (:mod:`insyn.evidence.disposal`)."""
        self._cursor.execute("INSERT OR REPLACE INTO disposal VALUES(?, ?, ?, ?, ?, ?)", (shred, kek, *name, following))
        self._store.vouched.note("disposal", shred)

    def shred(self, index: int, rid: str, public: Mapping[str, object]) -> tuple[Appended, int]:
        """Append the shred entry and wipe the record's rows; returns the id of the key that must now be destroyed.

        Only for :meth:`EvidenceStore.erase`. Rows with content are overwritten in place, see :mod:`insyn.evidence.schema`.
        """
        made = self.append(public={**public, "kind": "shred", "about": rid})
        key_id = self._cursor.execute("SELECT key_id FROM payload WHERE idx = ?", (index,)).get
        if key_id is None:
            raise StoreFailed(f"payload row {index} is gone")
        self.wipe(index, made.index, int(key_id))
        return made, int(key_id)

    def wipe(self, index: int, shred: int, key_id: int) -> None:
        """Overwrite what a record left in the tables by zeros of the same length; the shred entry stands already."""
        tags = self._cursor.execute(
            "SELECT case_tag, subject_tag, answer.tag FROM payload LEFT JOIN answer USING(idx) WHERE idx = ?", (index,)
        ).fetchone()
        self._cursor.executemany("DELETE FROM tag WHERE tag = ? AND idx = ?", [(tag, index) for tag in tags or () if tag is not None])
        for statement in _WIPE:
            self._cursor.execute(statement, (index,))
        held = self._cursor.execute("SELECT digest, length(answer) FROM answer WHERE idx = ?", (index,)).fetchone()
        if held is not None:  # the row stays, as a link between the answers before and after it
            nothing, empty = bytes(16), bytes(held[1])
            previous = previous_answer(held[0]) if len(held[0]) == VOUCHED_DIGEST else -1
            digest = answer_digest(self._store.keys, index, nothing, b"", empty, previous)
            self._cursor.execute("UPDATE answer SET tag = ?, digest = ?, answer = ? WHERE idx = ?", (nothing, digest, empty, index))
        self._cursor.execute("INSERT INTO erased VALUES(?, ?, ?)", (index, shred, key_id))


def _zeros(column: str) -> str:
    return f"{column} = CAST(zeroblob(length(CAST({column} AS BLOB))) AS TEXT)"


_FACT_TEXTS = ("fact_id", "month", "system", "version", "stage", "outcome", "groups", "features", "about")
_WIPE = (
    "UPDATE payload SET sealed = zeroblob(length(sealed)), fact_id = CAST(zeroblob(length(fact_id)) AS TEXT),"
    " case_tag = zeroblob(length(case_tag)), subject_tag = zeroblob(length(subject_tag)) WHERE idx = ?",
    # the score bin keeps its width in the row, so that the row is overwritten and not moved
    f"UPDATE fact_row SET erased = 1, {', '.join(map(_zeros, _FACT_TEXTS))},"  # noqa: S608 - fixed column names
    " score_bin = CASE WHEN score_bin IS NULL OR score_bin IN (0, 1) THEN NULL ELSE -1 END WHERE idx = ?",
    "DELETE FROM waiting WHERE idx = ?",
    "DELETE FROM decided WHERE idx = ?",
)
