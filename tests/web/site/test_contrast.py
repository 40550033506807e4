"""The colours of insyn.css: text at least 4.5:1, borders of controls and marks at least 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import insyn.web

SHEET = (Path(insyn.web.__file__).parent / "static" / "insyn.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--i-([a-z-]+): (#[0-9a-f]{6});", SHEET))

TEXT = [
    *(("ink", ground) for ground in ("paper", "ground", "good-wash", "bad-wash", "warn-wash", "info-wash", "quiet-wash", "accent-wash")),
    *(("ink-soft", ground) for ground in ("paper", "ground", "quiet-wash")),
    *(("accent", ground) for ground in ("paper", "ground", "good-wash", "bad-wash", "warn-wash", "info-wash", "quiet-wash", "accent-wash")),
    ("accent-dark", "accent-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-dark"),
    ("paper", "bad"),
    ("paper", "bad-dark"),
    ("good", "good-wash"),
    ("bad", "bad-wash"),
    ("bad", "paper"),
    ("warn", "warn-wash"),
    ("warn", "paper"),
    ("warn", "ground"),
    ("info", "info-wash"),
]
MARKS = [
    ("line-strong", "paper"),
    ("line-strong", "ground"),
    ("focus", "paper"),
    ("focus", "ground"),
    ("accent", "quiet-wash"),
    ("good", "quiet-wash"),
    ("warn", "quiet-wash"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(COLOURS[one]), luminance(COLOURS[two])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("colour", "ground"), TEXT)
def test_text_can_be_read(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 4.5


@pytest.mark.parametrize(("colour", "ground"), MARKS)
def test_borders_and_marks_can_be_seen(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 3.0


def test_the_site_asks_nobody_else_for_anything() -> None:
    folder = Path(insyn.web.__file__).parent / "static"
    ours = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.css"))
    assert not re.search(r"https?://|@import|url\(", ours)
    assert (folder / "vendor" / "designsystemet" / "LICENSE").exists()
