"""The published policy under which a log stops serving its oldest entries (C2SP tlog-tiles, pruning): ``retention.json`` beside the checkpoint.

``minimum_index`` is a lower bound on the entries that are served. Only whole resources that end at or before it may be gone, and of these Insyn
takes away only bundles and level 0 tiles: the hashes above them stay, so every proof for a later entry can still be made. Without such a
policy nothing is pruned, and whoever verifies accepts a gap only up to the bound in a policy that they hold themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import TlogError
from .notes import check_key_name
from .tiles import TILE_WIDTH, TileName

FILE = "retention.json"
_FIELDS = frozenset(("origin", "minimum_index", "decision", "day"))


@dataclass(frozen=True)
class Retention:
    """``decision`` names the disposal decision that allows it, ``day`` when the entries were taken away (ISO date)."""

    origin: str
    minimum_index: int
    decision: str
    day: str

    def encode(self) -> bytes:
        fields = {"origin": self.origin, "minimum_index": self.minimum_index, "decision": self.decision, "day": self.day}
        return json.dumps(fields, indent=2, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Retention:
        """Raises :class:`TlogError`."""
        try:
            fields = json.loads(data)
        except ValueError as error:
            raise TlogError(f"not JSON: {error}") from error
        if not isinstance(fields, dict) or set(fields) != _FIELDS:
            raise TlogError(f"a retention policy has the fields {', '.join(sorted(_FIELDS))}")
        index = fields["minimum_index"]
        if type(index) is not int or index < 0:
            raise TlogError("minimum_index is not a number of entries")
        if not all(isinstance(fields[name], str) and fields[name].strip() for name in ("origin", "decision", "day")):
            raise TlogError("origin, decision and day are texts, none of them empty")
        check_key_name(fields["origin"])
        return cls(fields["origin"], index, fields["decision"], fields["day"])


def read_retention(path: Path) -> Retention | None:
    """The policy in a file, ``None`` where there is none. Raises :class:`TlogError` that names the file."""
    try:
        return Retention.parse(path.read_bytes())
    except FileNotFoundError:
        return None
    except TlogError as error:
        raise TlogError(f"{path.name}: {error}") from error


def may_be_gone(name: TileName, minimum: int) -> bool:
    """May this resource be missing? Only whole bundles and level 0 tiles that end at or before ``minimum``."""
    return name.level in (None, 0) and name.width == TILE_WIDTH and (name.n + 1) * TILE_WIDTH <= minimum
