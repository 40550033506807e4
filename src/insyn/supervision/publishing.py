"""Figures on their way to the public: computed, held against those already out, written.

Two tables of different days can be subtracted: if one case came in between, its group and outcome are the difference. So the shares are renewed
only when at least :data:`~insyn.rules.small_cells.SMALL_CELL` proposals have come or gone since they were last renewed, or as many
decisions from before Insyn; until then the old shares stand, with their day. The plain totals are renewed every time: they say that
something happened, not to whom. How people decided comes in steps of its own (:mod:`insyn.supervision.steps`).

Not covered: among ten new cases there may be one of a small group. Only adding noise to every cell would cover that (the cell-key method).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import apsw
import msgspec

from insyn.core.files import write_flushed
from insyn.rules.small_cells import SMALL_CELL

from .figures import Figures, make_figures
from .queries import read_counts

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Figures)


def figures(connection: apsw.Connection, *, system: str, favourable: str, on: date) -> Figures:
    """The figures of a system as the store stands now, hidden cells already hidden."""
    return make_figures(read_counts(connection, system), system=system, favourable=favourable, on=on)


def publish_figures(computed: Figures, folder: Path) -> Figures:
    """Write a system's figures to ``<system>.json``; return what the public sees."""
    before = read_figures(folder, computed.system)
    public = computed if before is None else renew(before, computed)
    write_figures(folder, public)
    return public


def renew(before: Figures, now: Figures) -> Figures:
    """The new totals, with the old shares where too few cases lie between (see the module)."""
    if before.favourable != now.favourable or _far_apart(before, now):
        return now
    return msgspec.structs.replace(
        now,
        agreement=before.agreement,
        groups=before.groups,
        groups_day=before.groups_day,
        groups_proposals=before.groups_proposals,
        groups_historical=before.groups_historical,
    )


def _far_apart(before: Figures, now: Figures) -> bool:
    proposals = abs(now.groups_proposals - before.groups_proposals)
    historical = abs(now.groups_historical - before.groups_historical)
    changed = [difference for difference in (proposals, historical) if difference]
    return bool(changed) and all(difference >= SMALL_CELL for difference in changed)


def read_figures(folder: Path, system: str) -> Figures | None:
    """The figures that are out, ``None`` if there are none or they are not ours to read: then all of them are made anew."""
    try:
        return _decoder.decode((folder / f"{system}.json").read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_figures(folder: Path, public: Figures) -> None:
    """Replace ``<system>.json`` in one step: a reader sees the old file or the new one, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{public.system}.json"
    write_flushed(target, msgspec.json.format(_encoder.encode(public), indent=1), mode=0o644)
