"""The signed note that binds a decision to what its maker saw: the record, its leaf, the opening, and who opened it.

Of the case it holds the proposed outcome and hashes of the proposal's sentences, no text. It is good for twelve hours, as the opening is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.core.exceptions import SuspiciousOperation

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.oversight.opening import Case

SALT = "insyn.oversight.proposal"
LIFE = timedelta(hours=12)


@dataclass(frozen=True)
class Seal:
    """``notice_due``: the decision must say how the person is told. ``blind``: to be judged before the proposal is shown."""

    rid: str
    leaf: str
    opened: str
    proposed: str
    person: str
    marks: tuple[str, ...] = ()
    notice_due: bool = False
    blind: bool = False
    until: str = ""

    @property
    def ends(self) -> datetime:
        return datetime.fromisoformat(self.until)

    def text(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def seal_of(case: Case, *, marks: frozenset[str], actor: Actor, notice_due: bool) -> Seal:
    """The seal of a case that was opened just now."""
    return Seal(
        rid=case.rid,
        leaf=case.leaf,
        opened=case.opened,
        proposed=case.proposed,
        person=actor.person,
        marks=tuple(sorted(marks)),
        notice_due=notice_due,
        blind=case.blind,
        until=(clock.now() + LIFE).isoformat(timespec="seconds"),
    )


def read_seal(text: str, *, rid: str, person: str) -> Seal | None:
    """The seal, or None when its time is out or its signature wrong.

    Raises :class:`SuspiciousOperation` for a whole one of another case or another person.
    """
    try:
        fields = signing.loads(text, salt=SALT)
        seal = Seal(**{**fields, "marks": tuple(fields["marks"])})
    except (signing.BadSignature, KeyError, TypeError):
        return None
    if (seal.rid, seal.person) != (rid, person):
        raise SuspiciousOperation("a seal of another case, or made for another person")
    return seal if clock.now() < seal.ends else None
