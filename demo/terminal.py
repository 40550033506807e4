"""What the demonstration prints: numbered steps, plain lines, nothing that needs colour."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Sequence

WIDTH = 110


class Terminal:
    """Prints at once, so that a reader of a pipe sees progress too."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    def step(self, number: int, title: str) -> None:
        self._print(f"\n{number}. {title}   [{self.seconds:.1f} s]")

    def line(self, text: str, indent: int = 3) -> None:
        space = " " * indent
        self._print(textwrap.fill(text, WIDTH, initial_indent=space, subsequent_indent=space + "  ", break_long_words=False))

    def raw(self, text: str) -> None:
        """Text that has its own lines."""
        self._print(textwrap.indent(text, "   "))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Columns as wide as their widest cell."""
        rows = [tuple(row) for row in rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            self._print("   " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def _print(self, text: str) -> None:
        print(text, flush=True)
