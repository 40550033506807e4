"""What a stop is of, between the forms, the addresses and the log. Reads no database."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from insyn.core.scope import Target
from insyn.core.terms import StopScope
from insyn.web.language import pick

from .tokens import StopToken

#: What stands in an address: short, and read again by :func:`from_query`.
_LETTERS = {StopScope.VERSION: "v", StopScope.PURPOSE: "p", StopScope.SUPPLIER: "s"}
#: The token travels in a cookie, which has little room.
MAX_PARTS, MAX_NAME = 12, 40


def from_form(token: StopToken, told: str) -> Target | None:
    """What the button said: nothing for the whole system, ``version:1.0``, ``purpose:x``, ``supplier:x`` or ``everything``."""
    word, _colon, name = told.partition(":")
    offered = {"version": token.versions, "purpose": [one[0] for one in token.purposes], "supplier": [one[0] for one in token.suppliers]}
    if not word:
        return Target(system=token.system) if token.system else None
    if word == "everything" and token.everything:
        return Target(scope=StopScope.EVERYTHING)
    if name not in offered.get(word, ()):
        return None
    return _target(StopScope(word), token.system, name)


def from_query(system: str, query: Mapping[str, str]) -> Target:
    """What the address of a state page says."""
    for scope, letter in _LETTERS.items():
        if name := query.get(letter, "")[:64]:
            return _target(scope, system, name)
    return Target(system=system) if system else Target(scope=StopScope.EVERYTHING)


def _target(scope: StopScope, system: str, name: str) -> Target:
    if scope is StopScope.SUPPLIER:
        return Target(scope=scope, supplier=name)
    return Target(
        scope=scope, system=system, version=name if scope is StopScope.VERSION else "", purpose=name if scope is StopScope.PURPOSE else ""
    )


def to_query(of: Target, **more: object) -> str:
    """The address's part after the question mark, empty when there is none."""
    names = {_LETTERS[of.scope]: of.version or of.purpose or of.supplier} if of.scope in _LETTERS else {}
    told = urlencode({**names, **more})
    return f"?{told}" if told else ""


def name_of(token: StopToken, of: Target) -> str:
    """What is stopped, in words."""
    system = pick(token.name_sv, token.name_en)
    match of.scope:
        case StopScope.EVERYTHING:
            return _("Everything")
        case StopScope.SUPPLIER:
            return dict(token.suppliers).get(of.supplier, of.supplier)
        case StopScope.VERSION:
            return _("%(system)s, version %(version)s") % {"system": system, "version": of.version}
        case StopScope.PURPOSE:
            named = {short: pick(sv, en) for short, sv, en in token.purposes}
            return _("%(system)s, purpose %(purpose)s") % {"system": system, "purpose": named.get(of.purpose, of.purpose)}
        case StopScope.SYSTEM:
            return system
