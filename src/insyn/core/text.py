"""A sentence in both languages of the product."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """The same sentence in Swedish (first) and English (second)."""

    sv: str
    en: str

    def in_language(self, code: str) -> str:
        """Return the English wording for codes that begin with ``en``, otherwise the Swedish."""
        return self.en if code.startswith("en") else self.sv
