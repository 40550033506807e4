"""A letter's plain text as blocks that a page shows: headings, points and paragraphs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HEADING, POINT = "## ", "- "


@dataclass(frozen=True)
class Block:
    """``kind``: ``heading``, ``list`` or ``text``."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The letter in order. What looks like markup of any other kind is text."""
    return [block for part in text.replace("\r\n", "\n").split("\n\n") for block in _of(part.strip("\n").split("\n"))]


def _of(lines: list[str]) -> Iterator[Block]:
    held: list[str] = []
    kind = "text"
    for line in lines:
        now = "heading" if line.startswith(HEADING) else "list" if line.startswith(POINT) else "text"
        if held and (now != kind or kind == "heading"):
            yield Block(kind, tuple(held))
            held = []
        kind = now
        held.append(line.removeprefix(HEADING if now == "heading" else POINT if now == "list" else "").strip())
    if any(held):
        yield Block(kind, tuple(held))
