"""Receipt numbers: made from the act's id, written so that they can be read aloud. Pure."""

from __future__ import annotations

import re

PATTERN = r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}"
_RECEIPT = re.compile(PATTERN)


def receipt_number(act_id: str) -> str:
    """The first 48 bits of the act's id, in groups that can be read aloud."""
    text = act_id[:12].upper()
    return "-".join(text[at : at + 4] for at in range(0, 12, 4))


def plain_receipt(typed: str) -> str:
    """What was meant: capitals, with the dashes in their places; empty for what is no receipt number."""
    signs = re.sub(r"[^0-9A-F]", "", typed.upper())
    text = "-".join(signs[at : at + 4] for at in range(0, 12, 4)) if len(signs) == 12 else ""
    return text if _RECEIPT.fullmatch(text) else ""
