"""The spool: a stop order is flushed to a folder before it is sent, so that no stop is lost while the sequencer is down.

Web, the command line and the sequencer must agree on every byte of it.
One file per order, ``<order id>.json``, holding the signed order as it goes over the socket. The sequencer moves a file to ``done/`` once the
stop is committed, or to ``refused/`` when the order holds no mandate; a file that it cannot read stays, and nothing is answered meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from .errors import InvalidInput
from .files import write_flushed
from .messages import StopOrder
from .scope import target_of
from .signing import Signed
from .wire import decode_signed, encode

SUFFIX = ".json"
DONE = "done"
REFUSED = "refused"
MAX_BYTES = 64 * 1024
_order = msgspec.json.Decoder(StopOrder)


def order_path(folder: Path, order: str) -> Path:
    """Where the order with that id (32 hex digits) lies while it waits."""
    return folder / f"{order}{SUFFIX}"


def read_order(signed: Signed) -> StopOrder:
    """The order inside, its signature not checked. Raises :class:`InvalidInput`."""
    try:
        order = _order.decode(signed.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"not a stop order: {error}", place="order") from error
    target_of(order)
    return order


def write_order(folder: Path, signed: Signed) -> Path:
    """Write and flush an order; when this returns, it survives a power cut. Raises ``OSError``, or :class:`InvalidInput` for no order."""
    target = order_path(folder, read_order(signed).order)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_flushed(target, encode(signed))
    return target


def waiting_orders(folder: Path) -> list[Path]:
    """Files that wait, by name. Raises ``OSError`` when the folder cannot be read."""
    with os.scandir(folder) as found:
        return sorted(Path(item.path) for item in found if item.name.endswith(SUFFIX) and not item.name.startswith("."))


def load_order(path: Path) -> Signed:
    """Read one waiting order. Raises ``OSError`` or :class:`InvalidInput`."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"more than {MAX_BYTES} bytes", place=path.name)
    signed = decode_signed(data)
    read_order(signed)
    return signed


def read_orders(folder: Path) -> Iterator[tuple[Path, Signed]]:
    """Every waiting order. Raises as :func:`load_order` at the first that cannot be read."""
    for path in waiting_orders(folder):
        yield path, load_order(path)


def put_away(path: Path, *, refused: bool = False) -> Path:
    """Move an order out of the way, after its stop is committed (or refused). Raises ``OSError``."""
    folder = path.parent / (REFUSED if refused else DONE)
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / path.name
    path.replace(target)
    return target
