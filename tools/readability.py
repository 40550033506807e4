"""How hard each text that residents meet is to read: LIX of the Swedish, and long sentences of the English.

Without arguments: every page as its templates have it, each longer message by itself, and the texts that stand in code. With addresses:
those pages as they are served. A label, a heading or a cell of a table is no sentence and is not measured: only what ends with a sign is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.request import Request, urlopen

import django
from babel.messages.pofile import read_po
from django.conf import settings

if __name__ == "__main__":  # run as a file: its folder is the path, and the tool beside it is found by its own name
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from insyn.core.readability import Lix, lix, long_sentences
from insyn.core.text import Text
from tools.translations import WEB, messages_of

LIMIT = 40.0
#: A text of fewer words says little about itself: one long word more moves it far.
SHORT = 30
#: Whole folders of pages for residents and the public; and single templates of other apps.
FOLDERS = ("residents", "rights", "feedback", "site")
SINGLE = ("*/templates/*/public*.html", "*/templates/*/parts/public*.html", "templates/*.html", "history/templates/history/list.html")
#: Pages in those folders that only the staff see. A page that extends the frame of the work is the staff's wherever it lies.
_STAFF_FRAME = re.compile(r"""{% extends ["'](?:\w+/\w*frame|rights/staff)\.html["'] %}""")
STAFF = frozenset({"residents/letter_ask.html", "rights/staff.html", "feedback/queue.html", "feedback/message.html"})
#: What the staff print and residents read, though its page is the staff's; and letters that code writes.
LETTERS, WRITTEN = frozenset({"rights/letter.html"}), ("feedback/letters.py",)
#: Modules whose :class:`Text` values residents read.
SPOKEN = (
    "insyn.web.letters.wording",
    "insyn.web.letters.notice_words",
    "insyn.web.residents.plain",
    "insyn.web.rights.words",
    "insyn.web.rights.grounds",
)
_INCLUDE = re.compile(r"""{% include ["']([\w/.-]+)["']""")
_WORKING = re.compile(r"{% if (?:may_\w+|linked)\b.*?{% endif %}", re.DOTALL)
_BILINGUAL = re.compile(r"{% block body_sv %}(.*?){% endblock %}", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SLOT = re.compile(r"%\(\w+\)[sd]|{\w*}")
_ENDED = re.compile(r"[.!?:…][\"”’»)\]]*$")
_MEASURED = frozenset(
    {
        "p",
        "li",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "td",
        "th",
        "dt",
        "summary",
        "label",
        "legend",
        "caption",
        "figcaption",
        "div",
        "span.helptext",
    }
)
_SILENT = frozenset({"script", "style", "nav", "header", "footer", "select", "textarea", "button"})


@dataclass(frozen=True)
class Measured:
    """One text with its measure."""

    place: str
    found: Lix
    english: tuple[str, ...] = ()

    @property
    def hard(self) -> bool:
        return self.found.words > SHORT and self.found.value >= LIMIT


@cache
def swedish() -> Mapping[str, str]:
    """Every message in Swedish. Of a plural its last form."""
    found: dict[str, str] = {}
    for path in sorted(WEB.rglob("sv/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    key = message.id[0] if isinstance(message.id, tuple) else message.id
                    said = message.string[-1] if isinstance(message.string, tuple) else message.string
                    found.setdefault(str(key), str(said or ""))
    return found


def plain(text: str) -> str:
    """A message as it is read: no tags, and each value of a placeholder as one short word."""
    return " ".join(unescape(_TAG.sub(" ", _SLOT.sub("Åre", text).replace("%%", "%"))).split())


def prose(texts: Iterable[str]) -> str:
    """The sentences among the texts, one text to a line: what ends with a sign."""
    return "\n".join(text for text in map(str.strip, texts) if _ENDED.search(text))


def templates() -> list[Path]:
    """Every template that makes a page, or a public part of one, for residents and the public."""
    found = {path for folder in FOLDERS for path in (WEB / folder / "templates").rglob("*.html")}
    found |= {path for pattern in SINGLE for path in WEB.glob(pattern)}
    return sorted(path for path in found if _name(path) in LETTERS or not _is_the_staffs(path))


def _is_the_staffs(path: Path) -> bool:
    return _name(path) in STAFF or _STAFF_FRAME.search(path.read_text(encoding="utf-8")) is not None


def _name(path: Path) -> str:
    return str(path).rpartition("templates/")[2]


@cache
def _file_of(name: str) -> Path | None:
    return next(iter(sorted(WEB.rglob(f"templates/{name}"))), None)


def strings_of(path: Path, seen: frozenset[Path] = frozenset()) -> list[str]:
    """The msgids of a template and of the parts that it includes."""
    own = [key[1] for _line, key in messages_of(path)]
    for name in _INCLUDE.findall(_WORKING.sub("", path.read_text(encoding="utf-8"))):
        part = _file_of(name)
        if part is not None and part not in seen and part != path:
            own += strings_of(part, seen | {path})
    return own


def written_by_code() -> Iterator[Measured]:
    """Each module that writes letters, as one text."""
    for name in WRITTEN:
        path = WEB / name
        if path.exists():
            ids = list(dict.fromkeys(key[1] for _line, key in messages_of(path)))
            text = prose(plain(swedish().get(one, "")) for one in ids)
            yield Measured(name, lix(text), tuple(long for one in ids for long in long_sentences(plain(one))))


def written_in(path: Path) -> list[str]:
    """The Swedish of a page that stands as it is: of what must work when nothing else does."""
    text = path.read_text(encoding="utf-8")
    return [plain(one) for body in _BILINGUAL.findall(text) for one in re.split("</p>|</li>", body)]


def pages() -> Iterator[Measured]:
    """Each page as its templates have it."""
    for path in templates():
        ids = list(dict.fromkeys(strings_of(path)))
        text = prose([*(plain(swedish().get(one, "")) for one in ids), *written_in(path)])
        yield Measured(_name(path), lix(text), tuple(long for one in ids for long in long_sentences(plain(one))))


def messages() -> Iterator[Measured]:
    """Each longer message by itself: of those pages, and what code says to residents."""
    code = [path for folder in ("residents", "rights", "feedback") for path in (WEB / folder).glob("*.py")]
    ids = {
        key[1]: _name(path) if path.suffix == ".html" else path.name for path in [*code, *templates()] for _line, key in messages_of(path)
    }
    for one, place in sorted(ids.items()):
        found = lix(plain(swedish().get(one, "")))
        if found.words > SHORT:
            yield Measured(f"{place}: {one[:60]}", found)


def spoken() -> Iterator[Measured]:
    """Texts that stand in code in both languages: all of a module, and each longer one by itself."""
    for name in SPOKEN:
        try:
            module = import_module(name)
        except ModuleNotFoundError:
            continue
        texts = list(dict.fromkeys(text for value in vars(module).values() for text in _texts_in(value)))
        english = tuple(long for text in texts for long in long_sentences(plain(text.en)))
        yield Measured(name, lix(prose(plain(text.sv) for text in texts)), english)
        for text in texts:
            if (found := lix(plain(text.sv))).words > SHORT:
                yield Measured(f"{name}: {text.sv[:60]}", found)


def _texts_in(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts_in(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _texts_in(getattr(value, field.name))
    elif isinstance(value, list | tuple | frozenset):
        for one in value:
            yield from _texts_in(one)


class _Blocks(HTMLParser):
    """The text of each block of a page's main part."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self._now: list[str] = []
        self._main = self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._main += tag == "main"
        self._silent += tag in _SILENT
        if tag in _MEASURED or tag == "br":
            self._end()

    def handle_endtag(self, tag: str) -> None:
        if tag in _MEASURED or tag == "main":
            self._end()
        self._main -= tag == "main"
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if self._main and not self._silent:
            self._now.append(data)

    def _end(self) -> None:
        text = " ".join("".join(self._now).split())
        self._now = []
        if text:
            self.blocks.append(text)


def read_page(html: str) -> str:
    """The sentences of a page as it was served."""
    parser = _Blocks()
    parser.feed(html)
    parser.close()
    return prose(parser.blocks)


def served(addresses: Iterable[str]) -> Iterator[Measured]:
    for address in addresses:
        request = Request(address, headers={"Accept-Language": "sv"})  # noqa: S310 - the reader names the page
        with urlopen(request, timeout=20) as answer:  # noqa: S310
            yield Measured(address, lix(read_page(answer.read().decode())))


def every() -> list[Measured]:
    """All that can be measured without a register."""
    return [*pages(), *written_by_code(), *messages(), *spoken()]


def table(rows: Iterable[Measured]) -> str:
    """A line for each text, the hardest first."""
    lines = [f"{'LIX':>5} {'words':>6} {'per sentence':>12} {'long':>5}  text"]
    for row in sorted(rows, key=lambda row: -row.found.value):
        found = row.found
        mark = " HARD" if row.hard else ""
        share = 100 * found.long_words / found.words if found.words else 0
        per = found.words / found.sentences if found.sentences else 0
        lines.append(f"{found.value:5.1f} {found.words:6} {per:12.1f} {share:4.0f}%  {row.place}{mark}")
        lines += [f"{'':32}long in English: {sentence[:90]}…" for sentence in row.english]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    if not settings.configured:
        settings.configure()
        django.setup()
    rows = list(served(arguments)) if arguments else every()
    print(table(rows))
    return int(any(row.hard for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
