"""How people decide on a system's proposals, and what is reconsidered: counts in, figures out; and what of it the public sees.

*Anchoring* is how often somebody who had judged a case before the proposal was shown, and judged it otherwise, ended in the proposal.
A proposal follows its facts row, and a review, a blind judgement and a reconsideration follow the proposal's by ``about``; the verdict and
the ground stand in the public entry. Of several rows of one stage about one decision the newest counts, so none is counted twice.

The SQL here is plain (window functions, no feature of one engine but ``json_extract``), so that other engines can answer from the same text.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import apsw
import msgspec

from insyn.core.files import write_flushed
from insyn.core.followup import Drawn, Followup, Ground, Looked, Period, Share
from insyn.core.permit import Permit
from insyn.rules.small_cells import SMALL_CELL, few

from .steps import share

_NEWEST = """
WITH followed AS (
  SELECT idx, about, stage, outcome, version, month, row_number() OVER (PARTITION BY about, stage ORDER BY idx DESC) AS nth
  FROM fact_row WHERE system = ? AND erased = 0 AND stage IN ('review', 'blind'))
"""
VERDICTS = (
    _NEWEST
    + """
SELECT followed.version, followed.month, json_extract(CAST(entry.bytes AS TEXT), '$.verdict') AS verdict, count(*)
FROM followed JOIN entry ON entry.idx = followed.idx WHERE followed.stage = 'review' AND followed.nth = 1
GROUP BY followed.version, followed.month, verdict
"""
)
JUDGED = (
    _NEWEST
    + """
SELECT blind.version, blind.month, count(*), sum(CASE WHEN blind.outcome = proposal.outcome THEN 1 ELSE 0 END)
FROM followed AS blind JOIN fact AS proposal ON proposal.fact_id = blind.about
WHERE blind.stage = 'blind' AND blind.nth = 1
GROUP BY blind.version, blind.month
"""
)
#: By the month of the final decision: a month that is over gets no more of them.
DECIDED = (
    _NEWEST
    + """
SELECT final.version, final.month, count(*),
  sum(CASE WHEN final.outcome = blind.outcome THEN 1 ELSE 0 END),
  sum(CASE WHEN blind.outcome <> proposal.outcome THEN 1 ELSE 0 END),
  sum(CASE WHEN final.outcome = proposal.outcome AND blind.outcome <> proposal.outcome THEN 1 ELSE 0 END)
FROM followed AS blind JOIN fact AS proposal ON proposal.fact_id = blind.about
JOIN followed AS final ON final.about = blind.about AND final.stage = 'review' AND final.nth = 1
WHERE blind.stage = 'blind' AND blind.nth = 1
GROUP BY final.version, final.month
"""
)
#: Of cases, for proposals of one case are drawn alike.
DRAWN = """
SELECT count(DISTINCT coalesce(payload.case_tag, payload.subject_tag, fact_row.idx)),
  count(DISTINCT CASE WHEN json_extract(CAST(entry.bytes AS TEXT), '$.blind') = 1
    THEN coalesce(payload.case_tag, payload.subject_tag, fact_row.idx) END)
FROM fact_row JOIN entry ON entry.idx = fact_row.idx LEFT JOIN payload ON payload.idx = fact_row.idx
WHERE fact_row.system = ? AND fact_row.erased = 0 AND fact_row.stage = 'proposal' AND json_extract(CAST(entry.bytes AS TEXT), '$.epoch') = ?
"""
_AGAIN = """
WITH again AS (
  SELECT fact_row.about, fact_row.month, json_extract(CAST(entry.bytes AS TEXT), '$.basis') AS ground,
    json_extract(CAST(entry.bytes AS TEXT), '$.verdict') AS verdict
  FROM fact_row JOIN entry ON entry.idx = fact_row.idx
  WHERE fact_row.system = ? AND fact_row.erased = 0 AND fact_row.stage = 'reconsideration')
"""
GROUNDS = (
    _AGAIN
    + """
SELECT ground, count(DISTINCT about), count(DISTINCT CASE WHEN verdict = 'changed' THEN about END) FROM again GROUP BY ground
UNION ALL
SELECT '', count(DISTINCT about), count(DISTINCT CASE WHEN verdict = 'changed' THEN about END) FROM again
"""
)
LOOKED = (
    _AGAIN
    + """
SELECT max(month), ground, count(CASE WHEN verdict = 'changed' THEN 1 END) FROM again GROUP BY ground, about
UNION ALL
SELECT max(month), '', count(CASE WHEN verdict = 'changed' THEN 1 END) FROM again GROUP BY about
"""
)
_VERDICTS = ("accepted", "changed", "rejected")
_OF_JUDGED = ("judged", "with_proposal")
_OF_DECIDED = ("decided", "with_final", "differed", "anchored")
_OF_BLIND = (*_OF_JUDGED, *_OF_DECIDED)
_decode = msgspec.json.Decoder(Followup).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def systems_with_rows(connection: apsw.Connection) -> frozenset[str]:
    """Those of which there is anything to count."""
    return frozenset(str(system) for (system,) in connection.execute("SELECT DISTINCT system FROM fact"))


def follow_up(connection: apsw.Connection, permit: Permit, *, on: date) -> Followup:
    """The figures of one system with every cell, all of them of the same instant. The connection may be read-only."""
    connection.execute("BEGIN")
    try:
        periods = _periods(connection, permit.system)
        grounds = {str(ground): (int(n), int(changed)) for ground, n, changed in connection.execute(GROUNDS, (permit.system,))}
        looked = _looked(connection, permit.system)
        of, drawn = connection.execute(DRAWN, (permit.system, permit.epoch)).fetchone() or (0, 0)
    finally:
        connection.execute("ROLLBACK")
    again, changed = grounds.pop("", (0, 0))
    return Followup(
        system=permit.system,
        day=on.isoformat(),
        reviews=_sum(periods, "reviews"),
        judged=_sum(periods, "judged"),
        reconsidered=again,
        reconsidered_changed=changed,
        accepted=share(_sum(periods, "accepted"), _sum(periods, "reviews")),
        overridden=share(_sum(periods, "changed") + _sum(periods, "rejected"), _sum(periods, "reviews")),
        with_proposal=share(_sum(periods, "with_proposal"), _sum(periods, "judged")),
        with_final=share(_sum(periods, "with_final"), _sum(periods, "decided")),
        anchored=share(_sum(periods, "anchored"), _sum(periods, "differed")),
        drawn=_drawn(int(drawn), int(of), permit.blind_share),
        periods=periods,
        grounds=tuple(Ground(ground, n, changed) for ground, (n, changed) in sorted(grounds.items())),
        looked=looked,
    )


def _periods(connection: apsw.Connection, system: str) -> tuple[Period, ...]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for version, month, verdict, n in connection.execute(VERDICTS, (system,)):
        cells = found.setdefault((str(month), str(version)), {})
        cells["reviews"] = cells.get("reviews", 0) + int(str(n))
        if verdict in _VERDICTS:
            cells[str(verdict)] = int(str(n))
    for sql, names in ((JUDGED, _OF_JUDGED), (DECIDED, _OF_DECIDED)):
        for version, month, *numbers in connection.execute(sql, (system,)):
            counted = zip(names, (int(str(number or 0)) for number in numbers), strict=True)
            found.setdefault((str(month), str(version)), {}).update(counted)
    return tuple(Period(version=version, month=month, **cells) for (month, version), cells in sorted(found.items()))


def _looked(connection: apsw.Connection, system: str) -> tuple[Looked, ...]:
    found: dict[tuple[str, str], list[bool]] = {}
    for month, ground, changes in connection.execute(LOOKED, (system,)):
        found.setdefault((str(month), str(ground)), []).append(bool(changes))
    return tuple(Looked(month, ground, len(changed), sum(changed)) for (month, ground), changed in sorted(found.items()))


def _sum(periods: Iterable[Period], name: str) -> int:
    return sum(getattr(period, name) for period in periods)


def _drawn(drawn: int, of: int, per_mille: int) -> Drawn | None:
    """Only proposals under the permit in force are held against its share: for older ones another share may have been declared."""
    found = share(drawn, of)
    return None if found is None else Drawn(per_mille / 1000, found, found.low <= per_mille / 1000 <= found.high)


# ------------------------------------------------------------------------------------------------------------------ the public


def for_public(found: Followup) -> Followup:
    """What the public sees: totals, shares of at least :data:`SMALL_CELL` cases, and no cell from which a smaller one could be worked out.

    It is made of what may be shown (:mod:`insyn.supervision.steps`): by itself it does not hinder that two days are subtracted.
    """
    hidden = few({(one.month, one.version): one.reviews or 0 for one in found.periods})
    grounds = few({one.ground: one.decisions or 0 for one in found.grounds})
    return msgspec.structs.replace(
        found,
        reconsidered_changed=found.reconsidered_changed if found.reconsidered >= SMALL_CELL else None,
        accepted=_enough(found.accepted),
        overridden=_enough(found.overridden),
        with_proposal=_enough(found.with_proposal),
        with_final=_enough(found.with_final),
        anchored=_enough(found.anchored),
        drawn=found.drawn if found.drawn and _enough(found.drawn.share) else None,
        periods=tuple(_public_period(one, (one.month, one.version) in hidden) for one in found.periods if one.reviews),
        grounds=tuple(Ground(one.ground, None, None) if one.ground in grounds else one for one in found.grounds),
        looked=(),
        steps=(),
        told=None,
    )


def _enough(found: Share | None) -> Share | None:
    return found if found is not None and found.n >= SMALL_CELL else None


def _public_period(one: Period, hidden: bool) -> Period:
    """Of blind judgements only the total is public: those of one version and month are few, and told of single officers."""
    nothing = dict.fromkeys(_OF_BLIND)
    if hidden:
        return Period(version=one.version, month=one.month, **dict.fromkeys(("reviews", *_VERDICTS)), **nothing)
    return msgspec.structs.replace(one, **nothing)


# ---------------------------------------------------------------------------------------------------------------- the register


def read_followed(folder: Path, system: str) -> Followup | None:
    """What was told last; ``None`` where nothing was, or it cannot be read: then the steps are cut anew."""
    try:
        return _decode((folder / f"{system}.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def tell_followed(found: Followup, folder: Path) -> bool:
    """Replace ``<system>.json`` in one step, unless it says the same. The folder is for the register, not for the public."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target, told = folder / f"{found.system}.json", _encode(found)
    if target.exists() and target.read_bytes() == told:
        return False
    write_flushed(target, told)
    return True
