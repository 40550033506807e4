"""What the publisher tells the register of a system's decisions: in which month each group and feature was last named."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class FieldsNamed(msgspec.Struct, frozen=True):
    """``last``: month (2026-11) by name. ``rows`` of the past year; ``features``: did any of them name a feature, and was each name kept?"""

    system: str
    day: str
    rows: int
    features: bool
    last: Mapping[str, str]
