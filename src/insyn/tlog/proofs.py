"""Inclusion and consistency proofs (RFC 6962, 2.1.1 and 2.1.2; verified as in RFC 9162, 2.1.3.2 and 2.1.4.2) and offline receipts
(C2SP tlog-proof)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .checkpoint import Checkpoint, open_checkpoint
from .errors import TlogError
from .hashing import fold, node_hash
from .notes import NoteVerifier, strict_base64

#: (height, index) -> root of the perfect subtree of ``2**height`` leaves that begins at leaf ``index * 2**height``
NodeReader = Callable[[int, int], bytes]
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


def range_root(start: int, end: int, read: NodeReader) -> bytes:
    """Root over the leaves ``start`` to ``end`` (exclusive), where ``start`` is a border of the tree (see :func:`_split`)."""
    roots = []
    while start < end:
        height = (end - start).bit_length() - 1
        roots.append(read(height, start >> height))
        start += 1 << height
    return fold(roots)


def _split(size: int) -> int:
    """Largest power of two smaller than ``size`` (> 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """Hashes from the leaf up to the root, for entry ``index`` in a tree of ``size``. Raises :class:`TlogError` out of range."""
    if not 0 <= index < size:
        raise TlogError(f"entry {index} is not in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """Hashes that show that the tree of ``old`` entries is the beginning of that of ``new``. Empty for ``old`` 0 and for equal sizes."""
    if not 0 <= old <= new:
        raise TlogError(f"a tree of {old} is not the beginning of a tree of {new}")
    if old in (0, new):
        return []
    start, end, path, whole = 0, new, [], True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, read))
    return path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to. Raises :class:`TlogError` when its length is wrong."""
    if not 0 <= index < size:
        raise TlogError(f"entry {index} is not in a tree of {size}")
    node, root = index, leaf
    last = size - 1
    for hashed in path:
        if last == 0:
            raise TlogError("the inclusion proof is too long")
        if node & 1 or node == last:
            root = node_hash(hashed, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, hashed)
        node, last = node >> 1, last >> 1
    if last:
        raise TlogError("the inclusion proof is too short")
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raises :class:`TlogError` unless the leaf hash stands at ``index`` in the tree with this root."""
    if root_from_inclusion(leaf, index, size, path) != root:
        raise TlogError(f"entry {index} is not in the tree of {size} with this root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raises :class:`TlogError` unless the old tree is the beginning of the new one."""
    if not 0 <= old <= new:
        raise TlogError(f"a tree of {old} is not the beginning of a tree of {new}")
    if old in (0, new):
        if path or (old == new and old_root != new_root):
            raise TlogError("the trees are not consistent")
        return
    hashes = list(path)
    if old & (old - 1) == 0:  # a perfect old tree is itself the first node
        hashes.insert(0, old_root)
    if not hashes or _fold_consistency(old, new, hashes) != (old_root, new_root):
        raise TlogError(f"the tree of {old} is not the beginning of the tree of {new}")


def _fold_consistency(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots that the proof leads to (RFC 9162, 2.1.4.2, steps 3 to 6)."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = hashes[0]
    for hashed in hashes[1:]:
        if last == 0:
            raise TlogError("the consistency proof is too long")
        if node & 1 or node == last:
            before, after = node_hash(hashed, before), node_hash(hashed, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, hashed)
        node, last = node >> 1, last >> 1
    if last:
        raise TlogError("the consistency proof is too short")
    return before, after


@dataclass(frozen=True)
class TlogProof:
    """A receipt that needs no network: index, inclusion hashes (leaf to root) and the checkpoint note. ``extra`` is the writer's own."""

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def text(self) -> str:
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode()}"]
        hashes = [base64.b64encode(hashed).decode() for hashed in self.hashes]
        return "\n".join([PROOF_HEADER, *extra, f"index {self.index}", *hashes, "", self.note])

    @classmethod
    def parse(cls, text: str) -> TlogProof:
        """Raises :class:`TlogError`."""
        head, blank, note = text.partition("\n\n")
        lines = head.split("\n")
        if not blank or lines.pop(0) != PROOF_HEADER:
            raise TlogError(f"not a {PROOF_HEADER}")
        extra = strict_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if index is None:
            raise TlogError("the proof lacks its index line")
        hashes = tuple(strict_base64(line) for line in lines)
        if len(hashes) > MAX_HASHES or any(len(hashed) != 32 for hashed in hashes):
            raise TlogError("the proof holds what is not a hash")
        return cls(int(index[1]), hashes, note, extra)


def verify_proof(text: str, leaf: bytes, verifiers: Sequence[NoteVerifier]) -> tuple[int, Checkpoint]:
    """Index and checkpoint of a receipt, when the leaf hash is in the log that a known key has signed. Raises :class:`TlogError`."""
    proof = TlogProof.parse(text)
    checkpoint = open_checkpoint(proof.note, verifiers)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return proof.index, checkpoint
