"""Every message in code and templates has a Swedish translation, and none is left over.

Django's own extractor needs GNU gettext; this reads templates with Django's `templatize` and both with Babel.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

WEB = Path(__file__).resolve().parent.parent / "src" / "insyn" / "web"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def messages_of(path: Path) -> Iterator[tuple[int, tuple[str | None, str]]]:
    """Yield (line, (context, msgid)) of a Python file or a template."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = templatize(text, origin=str(path))
    for line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        first = message[0] if isinstance(message, tuple) else message
        yield line, (context, str(first))


def used() -> dict[tuple[str | None, str], str]:
    found: dict[tuple[str | None, str], str] = {}
    for path in sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html"), *WEB.rglob("*.txt")]):
        if "migrations" in path.parts or "static" in path.parts:
            continue
        for line, key in messages_of(path):
            found.setdefault(key, f"{path.relative_to(WEB)}:{line}")
    return found


def translated() -> dict[tuple[str | None, str], str]:
    """Key to place, for every message with a whole translation."""
    found: dict[tuple[str | None, str], str] = {}
    for path in sorted(WEB.rglob("sv/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or message.fuzzy:
                    continue
                parts = message.string if isinstance(message.string, tuple) else (message.string,)
                key = (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
                if all(parts):
                    found[key] = str(path.relative_to(WEB))
    return found


def said_twice() -> list[str]:
    """Messages with two Swedish texts: one of the apps would show the other's."""
    found: dict[tuple[str | None, str], dict[str, str]] = {}
    for path in sorted(WEB.rglob("sv/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    key = (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
                    found.setdefault(key, {})[str(message.string)] = str(path.relative_to(WEB))
    return [f"{key[1]!r} is said in {len(texts)} ways: {texts}" for key, texts in found.items() if len(texts) > 1]


def main() -> int:
    if not settings.configured:
        settings.configure()
        django.setup()
    wanted, have = used(), translated()
    for key in sorted(wanted.keys() - have.keys(), key=lambda item: wanted[item]):
        print(f"{wanted[key]}: no Swedish for {key[1]!r}")
    for key in sorted(have.keys() - wanted.keys(), key=lambda item: have[item]):
        print(f"{have[key]}: nothing uses {key[1]!r}")
    twice = said_twice()
    print(*twice, sep="\n", end="\n" if twice else "")
    return int(wanted.keys() != have.keys() or bool(twice))


if __name__ == "__main__":
    sys.exit(main())
