"""Witnesses of our log: sent each public checkpoint, and asked at start what they have seen.

``witnesses/policy`` in the home names them, with their addresses, as a tlog-policy. Beside it lies, for each, the newest checkpoint that it
cosigned. A witness that is slow or away costs at most a bounded time and its line; it holds up neither a stop nor the publication.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.files import write_flushed
from insyn.tlog.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import Verifier, parse_note
from insyn.tlog.policy import Policy, Witness, read_policy
from insyn.tlog.witness import AddCheckpoint, WitnessConflict, WitnessError, add_checkpoint, with_lines

POLICY = "policy"
SECONDS = 5.0
#: (old size, new size) -> consistency proof
Prove = Callable[[int, int], Sequence[bytes]]


@dataclass
class Cosigned:
    """``note`` with the lines of the witnesses in ``names``; ``problems`` by the name of those that did not cosign."""

    note: str
    names: set[str] = field(default_factory=set)
    problems: dict[str, str] = field(default_factory=dict)
    enough: bool = True


class Witnesses:
    """The witnesses of one home. ``seconds`` is all that a checkpoint ever waits for them."""

    def __init__(self, folder: Path, *, seconds: float = SECONDS) -> None:
        self.folder, self.seconds = folder, seconds

    def policy(self) -> Policy | None:
        """Read anew each time, so that a witness can be added while all runs. Raises :class:`InvalidInput` that names the line."""
        path = self.folder / POLICY
        if not path.exists():
            return None
        try:
            return read_policy(path)
        except TlogError as error:
            raise InvalidInput(
                str(error), place=str(path), mend="Mend the line, or move the file away to go on without witnesses."
            ) from error

    def cosign(self, note: str, prove: Prove) -> Cosigned:
        """Ask every witness that has not cosigned this checkpoint yet. Raises :class:`InvalidInput` for a policy that cannot be read."""
        policy = self.policy()
        made = Cosigned(note)
        if policy is None:
            return made
        body = parse_note(note)[0]
        lines: dict[str, str] = {}
        waiting: dict[str, Witness] = {}
        for name, witness in policy.witnesses.items():
            line = self._kept_line(witness, body)
            if line:
                lines[name] = line
            elif witness.url:
                waiting[name] = witness
        lines |= self._ask(waiting, note, prove, made.problems)
        made.names = set(lines)
        made.note = with_lines(note, [lines[name] for name in policy.witnesses if name in lines and lines[name] not in note])
        made.enough = policy.met_by(made.names)
        return made

    def _ask(self, waiting: Mapping[str, Witness], note: str, prove: Prove, problems: dict[str, str]) -> dict[str, str]:
        """Two rounds: from the size that we remember, then from the one that the witness names."""
        deadline = time.monotonic() + self.seconds
        size = read_checkpoint(note).size
        olds = {name: min(self._kept_size(witness), size) for name, witness in waiting.items()}
        lines: dict[str, str] = {}
        for _ in range(2):
            asked = {name: AddCheckpoint(old, tuple(prove(old, size)), note) for name, old in olds.items()}
            answers = _at_once(waiting, asked, deadline)
            olds = {}
            for name, answer in answers.items():
                if isinstance(answer, str):
                    lines[name] = answer
                    self._keep(waiting[name], note, answer)
                elif isinstance(answer, WitnessConflict) and answer.size < size:
                    olds[name] = answer.size
                elif isinstance(answer, WitnessConflict) and answer.size == size and asked[name].old != size:
                    olds[name] = size
                else:
                    problems[name] = _said(answer, size)
        return lines

    # ------------------------------------------------------------------------------------------------------------- at start

    def checkpoints(self, verifiers: Sequence[Verifier]) -> list[Checkpoint]:
        """What the witnesses cosigned, as we kept it. Raises ``TlogError`` for one that the log's key did not sign."""
        if not self.folder.is_dir():
            return []
        return [_open_kept(path, verifiers) for path in sorted(self.folder.glob("*.checkpoint"))]

    def sizes_seen(self, note: str) -> tuple[dict[str, int], dict[str, str]]:
        """How many entries each witness has seen, and why the others did not say. ``note`` is a public checkpoint.

        It is sent as if it were the first: a witness that has seen any answers with its size. One that has seen none cosigns it.
        """
        policy = self.policy()
        asked = {name: witness for name, witness in policy.witnesses.items() if witness.url} if policy else {}
        answers = _at_once(asked, dict.fromkeys(asked, AddCheckpoint(0, (), note)), time.monotonic() + self.seconds)
        seen = {name: answer.size for name, answer in answers.items() if isinstance(answer, WitnessConflict)}
        silent = {name: str(answer) for name, answer in answers.items() if isinstance(answer, WitnessError) and name not in seen}
        return seen, silent

    # ---------------------------------------------------------------------------------------------------------------- kept

    def _path(self, witness: Witness) -> Path:
        return self.folder / f"{witness.verifier.key_id.hex()}.checkpoint"

    def _keep(self, witness: Witness, note: str, line: str) -> None:
        write_flushed(self._path(witness), with_lines(note, [line]).encode())

    def _kept(self, witness: Witness) -> str:
        """Empty too where the file is damaged: the witness then says itself what it has seen."""
        path = self._path(witness)
        try:
            kept = path.read_text(encoding="utf-8") if path.exists() else ""
            if kept:
                read_checkpoint(kept)
            return kept
        except (TlogError, UnicodeDecodeError):
            return ""

    def _kept_size(self, witness: Witness) -> int:
        kept = self._kept(witness)
        return read_checkpoint(kept).size if kept else 0

    def _kept_line(self, witness: Witness, body: str) -> str:
        """The line that it gave for this very checkpoint, if it did."""
        kept = self._kept(witness)
        if not kept:
            return ""
        of, signatures = parse_note(kept)
        key = (witness.verifier.name, witness.verifier.key_id)
        return next((one.line for one in signatures if (one.name, one.key_id) == key), "") if of == body else ""


def _open_kept(path: Path, verifiers: Sequence[Verifier]) -> Checkpoint:
    try:
        return open_checkpoint(path.read_text(encoding="utf-8"), verifiers)
    except (TlogError, UnicodeDecodeError) as error:
        raise TlogError(f"{path}: {error}. It was a checkpoint that a witness cosigned; find out what happened to it.") from error


def _said(answer: WitnessError, size: int) -> str:
    if not isinstance(answer, WitnessConflict):
        return str(answer)
    if answer.size > size:
        return f"it has seen {answer.size} entries and we send {size}: was an old backup put back?"
    return f"it has seen ANOTHER TREE of {size} entries: the log has forked. Stop, keep both checkpoints, and find out why."


def _at_once(witnesses: Mapping[str, Witness], asked: Mapping[str, AddCheckpoint], deadline: float) -> dict[str, str | WitnessError]:
    """Ask all at the same time and wait until the deadline at most. The thread of one that is too slow is left to end by itself."""
    found: dict[str, str | WitnessError] = {}
    threads: dict[str, threading.Thread] = {}

    def ask(name: str) -> None:
        left = max(deadline - time.monotonic(), 0.1)
        try:
            found[name] = add_checkpoint(witnesses[name], asked[name], timeout=left)
        except WitnessError as error:
            found[name] = error
        except Exception as error:  # a thread's error would be lost; whatever it is, this witness did not cosign
            found[name] = WitnessError(f"could not be asked: {error}")

    for name in asked:
        threads[name] = threading.Thread(target=ask, args=(name,), daemon=True, name=f"witness {name}")
        threads[name].start()
    for thread in threads.values():
        thread.join(max(deadline - time.monotonic(), 0.0))
    return {name: found.get(name) or WitnessError("it did not answer in time") for name in asked}
