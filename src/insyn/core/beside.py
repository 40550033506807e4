"""Other sequencers of the same municipality: who they are, and which systems each of them answers for.

The file ``sequencers.json`` in the home names them; an installation with one sequencer has none. Acts stand in the first log; every permit,
stop and resume stands also in each log that it governs.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from . import strict_json
from .errors import InvalidInput
from .scope import Target


class Beside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of them. ``systems``: those that it answers for; none named is all."""

    name: str
    control: str
    spool: str
    systems: tuple[str, ...] = ()

    @property
    def control_socket(self) -> Path:
        return Path(self.control)

    @property
    def spool_folder(self) -> Path:
        return Path(self.spool)

    def governs(self, of: Target) -> bool:
        """Whether a stop of this concerns it. What is wider than a system always does."""
        return of.wide or not self.systems or of.system in self.systems


def load_beside(path: Path) -> tuple[Beside, ...]:
    """Those in the file, none without one. Raises :class:`InvalidInput` that names the file and the field."""
    if not path.exists():
        return ()
    found = strict_json.read_file(path, tuple[Beside, ...])
    names = [one.name for one in found]
    if len(set(names)) != len(names) or not all(names):
        raise InvalidInput("each sequencer has a name of its own", place=path.name)
    return found
