"""Every text has its Swedish."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import insyn.web

ROOT = Path(insyn.web.__file__).parent
CATALOGS = sorted(ROOT.glob("**/locale/sv/LC_MESSAGES/django.po"))
OURS = [path for path in CATALOGS if path.parts[-5] in ("site", "oversight", "residents", "web")]
TEMPLATE_TEXT = re.compile(r"""\{% translate "((?:[^"\\]|\\.)*)"(?! context)""")


def catalog(path: Path) -> dict[str, Message]:
    with path.open("rb") as file:
        found = read_po(file)
    return {forms(message.id)[0]: message for message in found if message.id}


def forms(text: Any) -> tuple[str, ...]:
    """Singular and plural, or the only form."""
    return tuple(text) if isinstance(text, tuple | list) else (text,)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parts[-5])
def test_every_text_is_translated(path: Path) -> None:
    empty = [key for key, message in catalog(path).items() if not all(forms(message.string))]
    assert empty == []
    assert not any(message.fuzzy for message in catalog(path).values())


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parts[-5])
def test_a_translation_keeps_what_is_filled_in(path: Path) -> None:
    holes = re.compile(r"%\(\w+\)[sd]")
    for message in catalog(path).values():
        for source, text in zip(forms(message.id), forms(message.string), strict=True):
            assert set(holes.findall(text)) == set(holes.findall(source)), source


@pytest.mark.parametrize("app", ["site", "oversight", "residents", ""])
def test_no_template_says_what_its_catalog_lacks(app: str) -> None:
    known = {key for path in CATALOGS for key in catalog(path)}  # the site finds a text in whichever app has it
    folder = ROOT / app / "templates"
    said = {text for file in folder.rglob("*.html") for text in TEMPLATE_TEXT.findall(file.read_text(encoding="utf-8"))}
    assert said
    assert {text.replace("%", "%%") for text in said} - known == set()


def test_no_text_has_two_translations() -> None:
    """The first app in the settings would win on every page."""
    seen: dict[str, set[str]] = {}
    for path in CATALOGS:
        for key, message in catalog(path).items():
            if not message.context:
                seen.setdefault(key, set()).add(str(message.string))
    assert {key: sorted(strings) for key, strings in seen.items() if len(strings) > 1} == {}


@pytest.mark.parametrize(
    ("label", "swedish"),
    [
        ("Article 5(1)(a) AI Act", "artikel 5.1 a AI-förordningen"),
        ("Article 35(3)(a) GDPR", "artikel 35.3 a dataskyddsförordningen"),
        ("Annex III point 5(b) AI Act", "bilaga III punkt 5 b AI-förordningen"),
        ("11 § MBL (1976:580)", "11 § MBL (1976:580)"),
    ],
)
def test_a_provision_is_written_as_swedish_law_writes_it(label: str, swedish: str) -> None:
    from django.utils import translation

    from insyn.web.site.templatetags.site_words import provision

    with translation.override("sv"):
        assert provision(label) == swedish
    with translation.override("en"):
        assert provision(label) == label
