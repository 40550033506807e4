"""The explanation as it is sealed with a record, and back. One place for the gateway, which writes it, and for pages, which read it.

An explanation that is factors alone is their list, as records have always held it. One that also says what would have had to be different,
or where in the text it rests, is an object with ``factors``, ``counterfactual`` and ``citations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .messages import Citation, Counterfactual, Factor, Outcome


class Explained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a record says of why. ``counterfactual`` is None where none was given, which is not the same as that none exists."""

    factors: tuple[Factor, ...] = ()
    counterfactual: Counterfactual | None = None
    citations: tuple[Citation, ...] = ()


def to_seal(outcome: Outcome) -> tuple[Factor, ...] | Explained:
    """What stands in the group of factors."""
    if not outcome.counterfactual and not outcome.citations:
        return outcome.factors
    return Explained(
        factors=outcome.factors,
        counterfactual=outcome.counterfactual or None,
        citations=outcome.citations or (),
    )


def from_sealed(sealed: object) -> Explained:
    """Read what :func:`to_seal` made, or what an old record holds. Nothing sealed is an explanation that says nothing."""
    if isinstance(sealed, Mapping):
        return msgspec.convert(sealed, Explained)
    return Explained(factors=msgspec.convert(sealed or [], tuple[Factor, ...]))


def field_of(payload: Mapping[str, Any], name: str) -> Any:
    """The field of a payload, or a field's own field where the name has a dot in it. :data:`NO_FIELD` where there is none."""
    if name in payload:
        return payload[name]
    parent, _, inner = name.partition(".")
    held = payload.get(parent) if inner else None
    return held.get(inner, NO_FIELD) if isinstance(held, Mapping) else NO_FIELD


NO_FIELD: Any = object()
PLAIN = (str, int, float, bool, type(None))
