"""Words that both halves of the protocol use: short texts with their bounds, a named human, an order to stop."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from .terms import StopScope

#: The end of the text: ``$`` alone also matches before a last line break. In this form Python and ECMA (OpenAPI) agree.
END = r"(?![\s\S])"
Slug = Annotated[str, Meta(min_length=1, max_length=64, pattern=rf"^[a-z0-9][a-z0-9_.-]*{END}")]
SlugOrNone = Annotated[str, Meta(max_length=64, pattern=rf"^([a-z0-9][a-z0-9_.-]*)?{END}")]
NameOrNone = Annotated[str, Meta(max_length=64)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
HexId = Annotated[str, Meta(pattern=rf"^[0-9a-f]{{32}}{END}")]
IdempotencyKey = Annotated[str, Meta(min_length=8, max_length=128, pattern=rf"^[\x21-\x7e]+{END}")]
ClientSecret = Annotated[str, Meta(min_length=16, max_length=200)]
#: A personal pass (:mod:`insyn.core.passes`), empty where a program asks for itself.
PersonPass = Annotated[str, Meta(max_length=1000)]

#: Purposes of opening that are the person's own: to see the own case, and to be given what is kept. Nothing is held back from these.
OWN_CASE, EXTRACT = "own_case", "extract"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A named human, and the office acted in. ``person`` is the register's own id for the person, never an identity number."""

    person: Name
    name: Short
    role: str
    office: str = ""


class StopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to stop. Written and flushed to the spool before it is sent. ``ordered_at`` is UTC, RFC 3339.

    ``scope`` and the names say what it is of (:mod:`insyn.core.scope`). ``via`` is ``paper`` for an order that was given by hand or voice:
    ``ordered_at`` is then its true time and ``entered_by`` who enters it. ``exercise``: the stop is given to measure it; it holds like any.
    """

    order: HexId
    system: SlugOrNone = ""
    actor: Actor
    reason: Annotated[str, Meta(max_length=2000)]
    ordered_at: str
    via: str
    scope: StopScope = StopScope.SYSTEM
    version: NameOrNone = ""
    purpose: SlugOrNone = ""
    supplier: SlugOrNone = ""
    entered_by: Actor | None = None
    exercise: bool = False
