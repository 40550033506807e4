"""The sequencer's side of the spool: every order is read before anything is answered, and put away only after its commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from insyn.core.messages import StopOrder
from insyn.core.refusals import Refusal, RefusalCode
from insyn.core.signing import Signed
from insyn.core.spool import load_order, put_away, waiting_orders

#: Refusals of an order that is whole and truly signed.
_OF_NO_EFFECT = frozenset({RefusalCode.NOT_STOP_HOLDER, RefusalCode.STOP_TARGET_UNKNOWN})
Check = Callable[[Signed], StopOrder | Refusal]


class Spool:
    """``unreadable`` names the file for which nothing is answered, empty while all is well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.unreadable = ""

    def scan(self, check: Check) -> tuple[list[tuple[Path, StopOrder]], list[Path]]:
        """Orders that wait, and files whose giver has no mandate. Sets ``unreadable``.

        A signature that does not hold makes a file unreadable: it may be a true order that was damaged.
        """
        orders: list[tuple[Path, StopOrder]] = []
        refused: list[Path] = []
        self.unreadable = ""
        for path in self._waiting():
            try:
                found = check(load_order(path))
            except FileNotFoundError:  # taken away between the listing and the reading: no longer in the way
                continue
            except Exception:  # whatever is wrong with it, nobody knows what it ordered
                self.unreadable = self.unreadable or path.name
                continue
            if isinstance(found, StopOrder):
                orders.append((path, found))
            elif found.code in _OF_NO_EFFECT:
                refused.append(path)
            else:
                self.unreadable = self.unreadable or path.name
        return orders, refused

    def put_away(self, path: Path, *, refused: bool = False) -> None:
        """Move a file away. One that cannot be moved closes everything, since it would be read again at each start."""
        try:
            put_away(path, refused=refused)
        except FileNotFoundError:
            return
        except OSError:
            self.unreadable = path.name

    def _waiting(self) -> list[Path]:
        try:
            return waiting_orders(self._folder)
        except OSError:
            self.unreadable = self._folder.name
            return []
