"""Which proposals are held back because a person is to judge the case before anybody is shown what the system proposed.

Proposals of one case are judged as one: what one of them says, another says too. They are found by the keyed hashes under which the records
lie, so nothing sealed is opened. An erased record lies under none, and is of no case any more.
"""

from __future__ import annotations

import apsw

from insyn.core.entries import EntryHead, EntryKind, read_head

#: Index to head, oldest first.
Same = dict[int, EntryHead]

_TAGS = "SELECT case_tag, subject_tag FROM payload WHERE idx = ?"
_OF_CASE = "SELECT idx, bytes FROM tag JOIN payload USING(idx) JOIN entry USING(idx) WHERE tag = ?1 AND case_tag = ?1 ORDER BY idx"
_OF_SUBJECT = (
    "SELECT idx, bytes FROM tag JOIN payload USING(idx) JOIN entry USING(idx)"
    " WHERE tag = ?1 AND subject_tag = ?1 AND case_tag IS NULL ORDER BY idx"
)
_ABOUT = "SELECT idx, bytes FROM tag JOIN entry USING(idx) WHERE tag = ? ORDER BY idx"
_WAITS = "SELECT EXISTS(SELECT 1 FROM waiting WHERE system = ? AND idx = ?)"
_DRAWN = "SELECT idx FROM waiting JOIN entry USING(idx) WHERE system = ? AND json_extract(CAST(bytes AS TEXT), '$.blind') = 1 ORDER BY idx"
_IS_DRAWN = (
    "SELECT EXISTS(SELECT 1 FROM payload AS own CROSS JOIN tag ON tag.tag = coalesce(own.case_tag, own.subject_tag)"
    " CROSS JOIN waiting ON waiting.system = ?2 AND waiting.idx = tag.idx CROSS JOIN entry ON entry.idx = tag.idx"
    " WHERE own.idx = ?1 AND json_extract(CAST(entry.bytes AS TEXT), '$.blind') = 1)"
)
_SAYS_THE_PROPOSAL = frozenset({EntryKind.DECISION.value, EntryKind.RELEASE.value})


def same_case(connection: apsw.Connection, index: int) -> Same:
    """The proposals, and parts of answers that left early, of the same case in the same system, that at ``index`` among them.

    Of the same person where neither names a case. What was decided before Insyn is none: no system proposed it.
    """
    data = connection.execute("SELECT bytes FROM entry WHERE idx = ?", (index,)).get
    own = read_head(bytes(data or b""))
    case, subject = connection.execute(_TAGS, (index,)).fetchone() or (None, None)
    rows = connection.execute(_OF_SUBJECT if case is None else _OF_CASE, (subject if case is None else case,))
    heads = {int(found): read_head(bytes(data)) for found, data in rows}
    same = {found: head for found, head in heads.items() if head.kind in _SAYS_THE_PROPOSAL and head.system == own.system}
    return dict(sorted({index: own, **same}.items()))


def waiting_of(connection: apsw.Connection, same: Same) -> frozenset[int]:
    """Those of them that wait for a person."""
    return frozenset(index for index, head in same.items() if connection.execute(_WAITS, (head.system, index)).get)


def awaits_judgement(connection: apsw.Connection, index: int) -> bool:
    """Whether the case of the record at ``index`` has a proposal that was drawn and waits, and nobody has judged the case.

    A judgement counts for what stood when it was made, and for what comes while the proposal that it was made of still waits.
    """
    own = read_head(bytes(connection.execute("SELECT bytes FROM entry WHERE idx = ?", (index,)).get or b""))
    drawn = own.blind or connection.execute(_IS_DRAWN, (index, own.system)).get  # most often neither: then nothing else is looked at
    return bool(drawn) and _awaits(connection, same_case(connection, index))


def held_back(connection: apsw.Connection, system: str) -> frozenset[int]:
    """All that wait in the system and whose proposal is told to nobody yet."""
    found: set[int] = set()
    looked_at: set[int] = set()
    for index in [int(str(row[0])) for row in connection.execute(_DRAWN, (system,))]:
        if index not in looked_at:
            same = same_case(connection, index)
            looked_at |= same.keys()
            if _awaits(connection, same):
                found |= waiting_of(connection, same)
    return frozenset(found)


def _awaits(connection: apsw.Connection, same: Same) -> bool:
    waiting = waiting_of(connection, same)
    drawn = [index for index in waiting if same[index].blind]
    if not drawn:
        return False
    last = -1
    for index, head in same.items():
        for judged, data in connection.execute(_ABOUT, (bytes.fromhex(head.rid),)):
            if read_head(bytes(data)).kind == EntryKind.BLIND_JUDGEMENT:
                if index in waiting:
                    return False
                last = max(last, int(judged))
    return max(drawn) > last
