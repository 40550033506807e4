"""What `insyn verify --state FILE` remembers: the checkpoint that was verified, and how far each rule has come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from insyn.core.disposals import DisposalRule
from insyn.core.errors import InvalidInput
from insyn.core.files import write_flushed
from insyn.core.stop_rule import StopRule
from insyn.tlog.checkpoint import Checkpoint, read_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.verify import Report

Rule = StopRule | DisposalRule
_RULES: Mapping[str, type[StopRule] | type[DisposalRule]] = {"stops": StopRule, "disposals": DisposalRule}


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``note`` is the signed checkpoint: with the log's later one it would prove that the log forked. ``rules`` by name."""

    note: str
    rules: dict[str, msgspec.Raw] = {}

    def checkpoint(self) -> Checkpoint:
        return read_checkpoint(self.note)

    def has(self, names: tuple[str, ...]) -> bool:
        return all(name in self.rules for name in names)


def read_state(path: Path) -> State | None:
    """None when there is no file yet. Raises :class:`InvalidInput` that names the file."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
        state.checkpoint()
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, TlogError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"not a state that verify has written: {error}", place=str(path), mend="Move it away; the whole log is then read."
        ) from error
    return state


def make_rules(names: tuple[str, ...], state: State | None) -> dict[str, Rule]:
    """The rules by name, each from where the state left it. Raises :class:`InvalidInput`."""
    try:
        return {name: _RULES[name]() if state is None else msgspec.json.decode(state.rules[name], type=_RULES[name]) for name in names}
    except msgspec.DecodeError as error:
        raise InvalidInput(f"the state is of another version: {error}", mend="Move it away; the whole log is then read.") from error


def write_state(path: Path, report: Report, rules: Mapping[str, Rule]) -> None:
    """Raises ``OSError``."""
    kept = {name: msgspec.Raw(msgspec.json.encode(rule)) for name, rule in rules.items()}
    write_flushed(path, msgspec.json.encode(State(report.note, kept)), mode=0o644)
