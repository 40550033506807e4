"""The demands of the four municipal texts, held against the packs, and docs/reference/sources.md made from both. With --check, only compare.

    python tools/sources.py                    # write the page
    python tools/sources.py --check            # exit 1 with what differs
    python tools/sources.py --check karlstad   # only read that text and say what is wrong in it

docs/sources/<text>.yaml holds `text` (its heading), `pack` and `demands`. A demand: `id` (slug that begins with the text's name), `place` (a
provision of the pack), `demand` in our own words, `rules` (empty: a gap), `does` (what the software does today; "Inget ännu" and "Nothing yet"
begin it where that is nothing), `tests`, and `further` where we ask for more than the text. Steps: read the texts strictly; hold every
demand against pack and tests; find the rules that no demand names; write the page, or say everything that is wrong, with file, line and mend.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from insyn.core.errors import PackError
from insyn.core.text import Text
from insyn.law.model import Pack, PackStatus
from insyn.law.read_pack import read_pack
from insyn.law.yaml_reader import Document, Place, parse_yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/reference/sources.md"
TEXTS = ("umea", "lekeberg", "karlstad", "botkyrka")
NOTHING = Text("Inget ännu", "Nothing yet")
STATUS = {
    PackStatus.PROPOSED: "proposed",
    PackStatus.ADOPTION_NOT_SHOWN: "adoption not shown",
    PackStatus.IN_FORCE: "in force",
}
_SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_ORDINAL = re.compile(r"-\d+$")
_TEXT_KEYS = {"text": dict, "pack": str, "demands": list}
_DEMAND_KEYS = {"id": str, "place": str, "demand": dict, "rules": list, "does": dict, "tests": list}
_WORDED = ("demand", "does", "further")


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a text asks, promises, defines or limits."""

    id: str
    place: str
    demand: Text
    rules: tuple[str, ...]
    does: Text
    tests: tuple[str, ...]
    further: Text | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A text's demands beside its pack."""

    name: str
    text: Text
    pack: Pack
    demands: tuple[Demand, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True, order=True):
    file: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}. {self.mend}"


class Faulty(Exception):
    """Nothing is written while anything is wrong; ``faults`` names all of it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


# Reading


def read_sources(root: Path = ROOT, names: Sequence[str] = TEXTS) -> tuple[Source, ...]:
    """Every text with its demands. Raises :class:`Faulty` with everything that is wrong."""
    faults: list[Fault] = []
    sources = []
    for name in names:
        reader = _Reader(root, name)
        source = reader.source()
        faults += reader.faults
        if source:
            sources.append(source)
    if names == TEXTS:
        faults += _strays(root)
    if faults:
        raise Faulty(sorted(faults))
    return tuple(sources)


def _strays(root: Path) -> Iterator[Fault]:
    for path in sorted((root / "docs" / "sources").glob("*")):
        if path.name not in {f"{name}.yaml" for name in TEXTS}:
            file = path.relative_to(root).as_posix()
            yield Fault(file=file, line=1, message="is not one of the texts", mend=f"Name it in {Path(__file__).name}, or remove it.")


class _Reader:
    """Reads one text and collects its faults. What cannot be read at all ends the reading; everything else is named, one by one."""

    def __init__(self, root: Path, name: str) -> None:
        self._root, self._name = root, name
        self._file = f"docs/sources/{name}.yaml"
        self._document = Document(self._file, None, {})
        self.faults: list[Fault] = []

    def source(self) -> Source | None:
        document = self._read()
        if document is None:
            return None
        self._document, value = document, document.value
        self._shape(value, _TEXT_KEYS, ())
        if not self.faults:
            self._worded(value["text"], ("text",))
        pack = None if self.faults else self._pack(value["pack"])
        if pack is None:
            return None
        for number, demand in enumerate(value["demands"]):
            self._demand(demand, ("demands", number), pack)
        if not self.faults:
            self._each_once(value["demands"])
            self._unnamed(value["demands"], pack)
        return None if self.faults else Source(name=self._name, text=Text(**value["text"]), pack=pack, demands=_demands(value["demands"]))

    def _fault(self, message: str, place: Place, mend: str) -> None:
        self.faults.append(Fault(file=self._file, line=self._document.line(place), message=message, mend=mend))

    def _read(self) -> Document | None:
        try:
            return parse_yaml((self._root / self._file).read_bytes(), file=self._file)
        except FileNotFoundError:
            self._fault("is missing", (), "Write the demands of the text there, one by one.")
        except PackError as error:
            self._from_pack_error(error)
        return None

    def _from_pack_error(self, error: PackError) -> None:
        line = re.search(r"line (\d+)", error.place)
        file = error.file if error.file.startswith("docs/") else f"packs/kommun/{error.file}"
        self.faults.append(Fault(file=file, line=int(line[1]) if line else 1, message=error.message, mend=error.mend))

    def _shape(self, value: Any, wanted: Mapping[str, type], place: Place, optional: Sequence[str] = ()) -> None:
        if not isinstance(value, dict):
            self._fault("is not a mapping", place, f"Write {', '.join(wanted)}.")
            return
        for key in value.keys() - wanted.keys() - set(optional):
            self._fault(f"{key!r} is not known here", (*place, key), f"Write {', '.join([*wanted, *optional])}.")
        for key, kind in wanted.items():
            if not isinstance(value.get(key), kind):
                self._fault(f"{key} is missing or of the wrong form", (*place, key), f"Write {key}.")

    def _worded(self, value: Any, place: Place) -> None:
        for language, name in (("sv", "Swedish"), ("en", "English")):
            text = value.get(language) if isinstance(value, dict) else None
            if not isinstance(text, str) or not text.strip():
                self._fault(f"{place[-1]} has no {name}", place, f"Write the {name} text.")
        for key in value.keys() - {"sv", "en"} if isinstance(value, dict) else ():
            self._fault(f"{key!r} is no language here", (*place, key), "Write sv and en.")

    def _pack(self, pack_id: str) -> Pack | None:
        folder = self._root / "packs" / pack_id
        if not (folder / "pack.yaml").is_file():
            self._fault(f"no pack {pack_id!r}", ("pack",), "Correct the id, or make the pack.")
            return None
        try:
            return read_pack(folder).pack
        except PackError as error:
            self._from_pack_error(error)
            return None

    def _demand(self, value: Any, place: Place, pack: Pack) -> None:
        before = len(self.faults)
        self._shape(value, _DEMAND_KEYS, place, optional=("further",))
        if len(self.faults) > before:
            return
        for key in _WORDED:
            if key in value:
                self._worded(value[key], (*place, key))
        self._slug(value["id"], (*place, "id"))
        if value["place"] not in pack.provisions:
            self._fault(
                f"no provision {value['place']!r} in {pack.id}", (*place, "place"), "Put it in the pack’s provisions, or correct the id."
            )
        for number, rule in enumerate(value["rules"]):
            self._rule(str(rule), value["place"], (*place, "rules", number), pack)
        for number, test in enumerate(value["tests"]):
            self._test(str(test), (*place, "tests", number))
        self._nothing(value, place)

    def _slug(self, slug: str, place: Place) -> None:
        if not _SLUG.fullmatch(slug) or not slug.startswith(f"{self._name}-") or _ORDINAL.search(slug):
            self._fault(
                f"{slug!r} is no slug of this text", place, f"Begin with {self._name}- and say what is asked in a few words; no number."
            )

    def _rule(self, rule: str, provision: str, place: Place, pack: Pack) -> None:
        owner, _, slug = rule.rpartition("/")
        if not (self._root / "packs" / owner / "rules" / f"{slug}.yaml").is_file() or not owner:
            self._fault(f"no rule {rule!r}", place, "Write it as pack/slug, or make the rule.")
        elif owner == pack.id and provision not in pack.rules[slug].citations:
            self._fault(
                f"{rule} does not cite {provision!r}", place, "Add the citation to the rule, or name the rule that carries the demand."
            )

    def _test(self, test: str, place: Place) -> None:
        path, _, name = test.partition("::")
        if name not in functions_of(self._root / path) or not path.startswith("tests/"):
            self._fault(f"no test {test!r}", place, "Write it as tests/path.py::name of a function that is there, or leave the list empty.")

    def _nothing(self, value: dict[str, Any], place: Place) -> None:
        said = [str(value["does"].get(language, "")).startswith(words) for language, words in (("sv", NOTHING.sv), ("en", NOTHING.en))]
        if said[0] is not said[1]:
            self._fault(
                "only one language says that nothing is done yet", (*place, "does"), f"Begin with “{NOTHING.sv}” and “{NOTHING.en}”."
            )
        elif said[0] and value["tests"]:
            self._fault("nothing is done yet, and a test shows it", (*place, "tests"), "Say what is done, or leave the list empty.")

    def _each_once(self, demands: Sequence[dict[str, Any]]) -> None:
        seen: dict[str, int] = {}
        for number, demand in enumerate(demands):
            if demand["id"] in seen:
                line = self._document.line(("demands", seen[demand["id"]], "id"))
                self._fault(
                    f"the slug {demand['id']!r} stands on line {line} already", ("demands", number, "id"), "Give each demand its own."
                )
            seen.setdefault(demand["id"], number)

    def _unnamed(self, demands: Sequence[dict[str, Any]], pack: Pack) -> None:
        named = {rule for demand in demands for rule in demand["rules"]}
        for slug, rule in pack.rules.items():
            if rule.id not in named:
                file = f"packs/{pack.id}/rules/{slug}.yaml"
                mend = f"Let the demand that it carries name {rule.id} in {self._file}, or remove the rule."
                self.faults.append(Fault(file=file, line=1, message="no demand of the text names this rule", mend=mend))


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of the functions in a Python file; none where there is no such file, or it is not Python."""
    try:
        tree = ast.parse(path.read_bytes(), filename=path.name)
    except (OSError, ValueError, SyntaxError):
        return frozenset()
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _demands(values: Sequence[dict[str, Any]]) -> tuple[Demand, ...]:
    return tuple(msgspec.convert(value, Demand) for value in values)


# The page


def page(sources: Sequence[Source]) -> str:
    lines = [
        "# What the four texts ask, and what Insyn does about it",
        "",
        "Generated by `make docs` from `docs/sources` and the packs; a test compares. Every demand, promise, definition, right, limit and",
        "responsibility of the texts stands here by itself, in our own words. A policy binds nobody until a municipality adopts it by act; what is",
        "said of its gates and stop rules holds from then on. A test may show a gate by the demonstration's policy, which holds the same gate.",
        "A demand without a test is one that no test shows to be met; most of these are principles, which are read by people.",
        "",
        *_summary(sources),
        *_gaps(sources),
    ]
    for source in sources:
        lines += _section(source)
    return "\n".join(lines)


def _summary(sources: Sequence[Source]) -> Iterator[str]:
    yield "| text | status | demands | rules | without a rule | nothing done yet | without a test | we go further |"
    yield "|---|---|---|---|---|---|---|---|"
    rows = [_counts(source.demands, len(source.pack.rules)) for source in sources]
    for source, row in zip(sources, rows, strict=True):
        yield f"| [{source.text.en}](#{source.name}) | {STATUS[source.pack.status]} | " + " | ".join(str(count) for count in row) + " |"
    yield "| together | | " + " | ".join(str(sum(column)) for column in zip(*rows, strict=True)) + " |"
    yield ""


def _counts(demands: Sequence[Demand], rules: int) -> tuple[int, ...]:
    return (
        len(demands),
        rules,
        sum(not demand.rules for demand in demands),
        sum(_undone(demand) for demand in demands),
        sum(not demand.tests for demand in demands),
        sum(demand.further is not None for demand in demands),
    )


def _undone(demand: Demand) -> bool:
    return demand.does.en.startswith(NOTHING.en)


def _gaps(sources: Sequence[Source]) -> Iterator[str]:
    """Every demand that no rule carries or that the software does nothing about."""
    yield "## Gaps"
    yield ""
    gaps = [demand for source in sources for demand in source.demands if not demand.rules or _undone(demand)]
    yield "A demand that no rule carries, or that the software does nothing about yet." if gaps else "None."
    yield ""
    for demand in gaps:
        lacks = [lack for lack, true in (("no rule", not demand.rules), ("nothing done yet", _undone(demand))) if true]
        yield f"- `{demand.id}` ({', '.join(lacks)}): {_cell(demand.demand.en)}"
    if gaps:
        yield ""


def _section(source: Source) -> Iterator[str]:
    yield f'<a id="{source.name}"></a>'
    yield ""
    yield f"## {source.text.en}"
    yield ""
    yield f"*{source.text.sv}*. Status: **{STATUS[source.pack.status]}**. {source.pack.note}".strip()
    yield ""
    yield "| demand | place in the text | rule | what the software does | test | further than asked, and why |"
    yield "|---|---|---|---|---|---|"
    for demand in source.demands:
        yield "| " + " | ".join(_cells(demand, source.pack)) + " |"
    yield ""


def _cells(demand: Demand, pack: Pack) -> tuple[str, ...]:
    return (
        f"`{demand.id}`<br>{_cell(demand.demand.en)}<br>*{_cell(demand.demand.sv)}*",
        _cell(pack.provisions[demand.place].path),
        "<br>".join(_rule_link(rule, pack) for rule in demand.rules) or "**gap**",
        _cell(demand.does.en),
        "<br>".join(f"[{test.partition('::')[2]}](../../{test.partition('::')[0]})" for test in demand.tests) or "none",
        _cell(demand.further.en) if demand.further else "",
    )


def _rule_link(rule: str, pack: Pack) -> str:
    owner, _, slug = rule.rpartition("/")
    link = f"../../packs/{owner}/rules/{slug}.yaml"
    return f"[{slug}]({link}) ({pack.rules[slug].kind.value})" if owner == pack.id else f"[{rule}]({link}) (law)"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: Sequence[str]) -> int:
    check, names = "--check" in arguments, tuple(name for name in arguments if name != "--check")
    if unknown := [name for name in names if name not in TEXTS]:
        print(f"{unknown[0]!r} is not one of the texts. Use {', '.join(TEXTS)}.")
        return 2
    try:
        sources = read_sources(ROOT, names or TEXTS)
    except Faulty as error:
        print(error)
        return 1
    return 0 if names else _write(page(sources), check=check)


def _write(text: str, *, check: bool) -> int:
    path = ROOT / PAGE
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    if check and found != text:
        print(f"{PAGE} is not what docs/sources and the packs say; run `make docs`. What differs:")
        print("\n".join(difflib.unified_diff(found.splitlines(), text.splitlines(), PAGE, "generated", lineterm="", n=0)))
        return 1
    if not check:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
