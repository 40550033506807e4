"""Trust policies (C2SP tlog-policy): which logs are known, which witnesses, and how many of these must have cosigned a checkpoint.

A line is ``log <vkey> [<url>]``, ``witness <name> <vkey> [<url>]``, ``group <name> all|any|<k> <name>...`` or ``quorum <name>|none``, empty, or a
comment that begins with ``#``. A name stands on a line before it is used, and is member of one group at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .checkpoint import Checkpoint
from .cosignature import CosignatureVerifier, parse_vkey
from .errors import TlogError
from .notes import Verifier, signed_by

NONE = "none"
MAX_LINES = 1_000


@dataclass(frozen=True)
class Witness:
    """``url`` is the prefix that checkpoints are sent to; empty in a policy that only verifies."""

    name: str
    verifier: CosignatureVerifier
    url: str = ""


@dataclass(frozen=True)
class Group:
    """Has witnessed a checkpoint when at least ``needed`` of its members have."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that the policy accepts, and the names of the witnesses that cosigned it."""

    checkpoint: Checkpoint
    witnesses: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Witness]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Raises :class:`TlogError`, which names the line."""
        return _Reader().read(text)

    def met_by(self, names: Collection[str]) -> bool:
        """Are these witnesses enough?"""
        return self.quorum == NONE or self._has(self.quorum, names)

    def _has(self, name: str, names: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._has(member, names) for member in group.members) >= group.needed

    def open(self, note: str) -> Witnessed:
        """The checkpoint of a note that a known log has signed and enough witnesses have cosigned.

        Raises :class:`TlogError`, also when a signature by any known key fails.
        """
        by_key = {witness.verifier.vkey: name for name, witness in self.witnesses.items()}
        body, signed = signed_by(note, [*self.logs, *(witness.verifier for witness in self.witnesses.values())])
        checkpoint = Checkpoint.parse(body)
        if not any(verifier.name == checkpoint.origin for verifier in signed if verifier in self.logs):
            raise TlogError(f"no log that the policy knows has signed the checkpoint of {checkpoint.origin!r}")
        names = tuple(by_key[verifier.vkey] for verifier in signed if verifier.vkey in by_key)
        if not self.met_by(names):
            has = ", ".join(sorted(names)) or "nobody"
            raise TlogError(f"too few witnesses: {has} cosigned it, the policy asks for {self.quorum!r}")
        return Witnessed(checkpoint, names)


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises :class:`TlogError` that names the file and the line, ``OSError``."""
    try:
        # Octets over 127 are opaque to the format: surrogates keep them apart without a meaning.
        return Policy.parse(path.read_bytes().decode("utf-8", errors="surrogateescape"))
    except TlogError as error:
        raise TlogError(f"{path.name}, {error}") from error


@dataclass
class _Reader:
    """Takes in line by line."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)
    quorum: str = ""

    def read(self, text: str) -> Policy:
        kinds: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }
        lines = text.split("\n")
        if len(lines) > MAX_LINES:
            raise TlogError(f"line {MAX_LINES + 1}: a policy has at most {MAX_LINES} lines")
        for number, line in enumerate(lines, 1):
            words = [word for word in line.replace("\t", " ").split(" ") if word]
            if words and not words[0].startswith("#"):
                try:
                    _check_signs(line)
                    take = kinds.get(words[0])
                    if take is None:
                        raise TlogError(f"begins with {words[0][:40]!r}, not with log, witness, group or quorum")
                    take(words[1:])
                except TlogError as error:
                    raise TlogError(f"line {number}: {error}") from error
        if not self.quorum:
            raise TlogError(f"line {len(lines)}: the policy ends without a quorum line")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum)

    def _log(self, words: list[str]) -> None:
        vkey, _ = _key_and_url(words, "log <vkey> [<url>]")
        verifier = parse_vkey(vkey)
        self._not_twice(verifier, [known.public for known in self.logs], "log")
        if isinstance(verifier, CosignatureVerifier) and len(verifier.public) == 32:
            raise TlogError("a witness's kind of key cannot be a log's")
        self.logs.append(verifier)

    def _witness(self, words: list[str]) -> None:
        if not words:
            raise TlogError("is not witness <name> <vkey> [<url>]")
        vkey, url = _key_and_url(words[1:], "witness <name> <vkey> [<url>]")
        verifier = CosignatureVerifier.parse(vkey)
        self._not_twice(verifier, [known.verifier.public for known in self.witnesses.values()], "witness")
        self._new_name(words[0])
        self.witnesses[words[0]] = Witness(words[0], verifier, url)

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise TlogError("is not group <name> all|any|<k> <name>...")
        name, how, *members = words
        needed = {"all": len(members), "any": 1}.get(how) or _count(how)
        if not 1 <= needed <= len(members):
            raise TlogError(f"{needed} of {len(members)} members cannot be asked for")
        for member in members:
            self._known_name(member)
            if member in self.grouped:
                raise TlogError(f"{member!r} is a member already; each counts once")
            self.grouped.add(member)
        self._new_name(name)
        self.groups[name] = Group(needed, tuple(members))

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise TlogError("is not quorum <name>|none")
        if self.quorum:
            raise TlogError("is a second quorum line")
        if words[0] != NONE:
            self._known_name(words[0])
        self.quorum = words[0]

    def _known_name(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise TlogError(f"no witness or group {name!r} stands on a line before")

    def _new_name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise TlogError(f"the name {name!r} is taken")

    @staticmethod
    def _not_twice(verifier: Verifier, known: list[bytes], kind: str) -> None:
        if verifier.public in known:
            raise TlogError(f"is a second {kind} with the key of {verifier.name!r}")


def _check_signs(line: str) -> None:
    if any((ord(sign) < 0x20 and sign != "\t") or ord(sign) == 0x7F for sign in line):
        raise TlogError("holds a control character")


def _key_and_url(words: list[str], form: str) -> tuple[str, str]:
    if not 1 <= len(words) <= 2:
        raise TlogError(f"is not {form}")
    url = words[1] if len(words) == 2 else ""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise TlogError(f"not an http address: {url[:80]}")
    return words[0], url.rstrip("/")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or (text[0] == "0"):
        raise TlogError(f"{text[:20]!r} is not all, any or a number of members")
    return int(text)
