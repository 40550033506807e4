"""The columns that an import can fill, and the words by which other registers know them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ColumnKind(StrEnum):
    """How the values of a column are read."""

    TEXT = "text"
    LINE = "line"
    DAY = "day"
    WORD = "word"


@dataclass(frozen=True)
class Column:
    """``known_as``: headings that mean this column, in any spelling that :func:`plain` makes equal. ``words``: see :data:`WORDS`."""

    name: str
    label: str | Promise
    kind: ColumnKind
    known_as: tuple[str, ...] = ()
    words: str = ""


def _text(name: str, label: str | Promise, *known_as: str) -> Column:
    return Column(name, label, ColumnKind.TEXT, known_as)


def _line(name: str, label: str | Promise, *known_as: str) -> Column:
    return Column(name, label, ColumnKind.LINE, known_as)


def _word(name: str, label: str | Promise, words: str, *known_as: str) -> Column:
    return Column(name, label, ColumnKind.WORD, known_as, words)


COLUMNS: tuple[Column, ...] = (
    _line(
        "key", _("Id in the source"), "id", "lars", "source id", "ai application id", "system id", "systemid", "löpnummer", "nr", "objektid"
    ),
    _line(
        "name",
        _("Name"),
        "name",
        "namn",
        "use case name",
        "systemnamn",
        "system",
        "ai system",
        "title",
        "titel",
        "naam",
        "tjänst",
        "verktyg",
    ),
    _line("name_en", _("Name in English"), "name en", "namn engelska", "english name"),
    _text("summary", _("Summary"), "description short", "sammanfattning", "kort beskrivning", "kortfattad beskrivning", "summary"),
    _text(
        "description",
        _("Description"),
        "description",
        "beskrivning",
        "systembeskrivning",
        "problem solved",
        "omschrijving",
        "syfte och funktion",
    ),
    _word("kind", _("Kind"), "kind", "kind", "typ av system", "anskaffning", "contracting usage", "köpt eller egenutvecklat"),
    _word("status", _("Status in the source"), "status", "status", "development stage", "fas", "skede", "drift", "livscykel"),
    Column(
        "begin",
        _("Begins"),
        ColumnKind.DAY,
        ("begin date", "startdatum", "driftsatt", "operational date", "i drift från", "datum för driftsättning", "begin"),
    ),
    Column(
        "end",
        _("Ends"),
        ColumnKind.DAY,
        ("end date", "slutdatum", "avvecklat", "avvecklingsdatum", "einddatum", "avtal till", "avtalet löper ut"),
    ),
    _line(
        "office",
        _("Office"),
        "organization",
        "organisation",
        "förvaltning",
        "nämnd",
        "verksamhet",
        "owner organization",
        "agency bureau",
        "bolag",
        "enhet",
    ),
    _line("owner", _("System owner"), "systemägare", "ägare", "system owner", "objektägare", "owner name"),
    _line("supplier", _("Supplier"), "provider", "leverantör", "vendor name", "supplier", "supplier name", "leverancier"),
    _text("purpose", _("Purpose"), "goal", "syfte", "ändamål", "usage description", "purpose", "doel", "användning"),
    _text("benefit", _("Benefit"), "benefits", "nytta", "förväntad nytta", "benefit"),
    _text("output", _("What comes out"), "system outputs", "resultat", "utdata", "output"),
    _text("legal_basis", _("Legal ground"), "lawful basis", "rättslig grund", "laglig grund", "legal basis", "lagstöd", "wettelijke basis"),
    _text(
        "data_sources",
        _("Data used"),
        "source data",
        "data description",
        "datakällor",
        "uppgifter",
        "personuppgifter som behandlas",
        "brondata",
    ),
    _word(
        "personal_data",
        _("Personal data"),
        "yes_no",
        "has pii",
        "personuppgifter",
        "innehåller personuppgifter",
        "personal data",
        "personuppgifter ja nej",
    ),
    _word(
        "risk_class",
        _("Class in the source"),
        "risk",
        "risk category",
        "riskklass",
        "risknivå",
        "is high impact",
        "publication category",
        "riskklassning",
    ),
    _text("risk_why", _("Why that class"), "classification justification", "hi justification", "motivering riskklass", "motivering"),
    _text(
        "human_oversight",
        _("Human oversight"),
        "human intervention",
        "mänsklig kontroll",
        "mänsklig tillsyn",
        "oversight responsible",
        "menselijke tussenkomst",
    ),
    _text(
        "assessments",
        _("Impact assessments"),
        "impacttoetsen",
        "konsekvensbedömning",
        "hi assessment completed",
        "dpia description",
        "fria results",
        "impacttoetsen grouping",
    ),
    _word("dpia", _("Data protection impact assessment done"), "yes_no", "dpia", "dpia gjord", "konsekvensbedömning gjord"),
    _text("risks", _("Risks"), "risks", "risker", "hi potential impacts", "risicobeheer"),
    _text("proportionality", _("Proportionality"), "proportionality", "proportionalitet", "avvägning"),
    _text("methods", _("Methods and models"), "methods and models", "modell", "teknik", "classification", "metod", "algoritm", "ai teknik"),
    _text("performance", _("Performance"), "performance standard", "prestanda", "träffsäkerhet"),
    _text("monitoring", _("Monitoring"), "monitoring", "uppföljning", "hi ongoing monitoring", "monitoring measures"),
    _text("appeal", _("How to object"), "objection procedure", "hi appeal process", "överklagande", "bezwaarprocedure"),
    _line("contact", _("Contact"), "contact email", "kontakt", "e post", "kontaktperson", "contact person", "funktionsbrevlåda"),
    _line("website", _("Web address"), "website", "webbplats", "länk", "application url"),
    _line("source_register", _("Address in another register"), "url", "process index url", "system name ato", "register"),
    _line("case_number", _("Case number"), "diarienummer", "dnr", "case number", "ärendenummer", "ärende"),
    _line("themes", _("Themes"), "category", "tags", "tema", "topic area", "taggar"),
    _line("language", _("Language of the texts"), "lang", "språk", "language"),
    _line("standard", _("Format in the source"), "standard version", "schema"),
)
BY_NAME = {column.name: column for column in COLUMNS}
MAX_LENGTH = {ColumnKind.TEXT: 20_000, ColumnKind.LINE: 400}


def plain(text: str) -> str:
    """A heading or a word without what differs only in spelling: case, punctuation, blanks, a byte order mark."""
    text = unicodedata.normalize("NFC", text).casefold().replace("\ufeff", "")
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def printable(text: str) -> str:
    """The text without what no text can hold: control characters, and halves of pairs that no database takes."""
    return _CONTROL.sub("", text)


_HEADINGS = {plain(word): (column.name, -rank) for column in COLUMNS for rank, word in enumerate((*column.known_as, column.name))}


def column_for(heading: str) -> str:
    """The column that a heading means by itself; empty when it is ours to ask."""
    return _HEADINGS.get(plain(heading), ("", 0))[0]


def nearness(heading: str) -> int:
    """How near the heading is to the column that it means: 0 is nearest, less is farther."""
    return _HEADINGS.get(plain(heading), ("", -999))[1]


def _same(value: str, *words: str) -> dict[str, str]:
    return {plain(word): value for word in (value, *words)}


#: For each list of words: the spelling in the source, made plain, to our word. What is not here is asked about, never guessed.
WORDS: dict[str, dict[str, str]] = {
    "yes_no": _same("yes", "ja", "y", "true", "1", "x", "sant", "j") | _same("no", "nej", "n", "false", "0", "nee", "falskt"),
    "kind": {
        **_same("bought", "köpt", "inköpt", "vendor purchased", "purchased", "upphandlad", "upphandlat", "standardsystem"),
        **_same("built", "egenutvecklat", "egenutvecklad", "in house development", "in house", "eget", "egen utveckling"),
        **_same("built_together", "utvecklat med andra", "contracting and in house", "samutveckling", "gemensamt utvecklat"),
        **_same("embedded", "inbyggt", "inbyggd", "inbyggt i annat system", "embedded in another product"),
        **_same("generally_available", "allmänt tillgängligt", "allmänt tillgänglig", "generally available", "gratistjänst"),
        **_same("rule_based", "regelstyrd automation", "op regels gebaseerd", "regelgebaseerd", "rpa", "rule based", "regelbaserad"),
    },
    "status": {
        **_same("planned", "planerad", "planerat", "pre deployment", "predeployment", "idé", "utreds", "draft", "initiated"),
        **_same("development", "in ontwikkeling", "under utveckling", "utveckling", "acquisition and or development"),
        **_same("pilot", "pilot", "test", "testas", "pilotdrift", "implementation and assessment"),
        **_same(
            "in_use",
            "in gebruik",
            "i drift",
            "deployed",
            "production",
            "active",
            "actief",
            "in werking",
            "in productie",
            "används",
            "operation and maintenance",
            "drift",
        ),
        **_same("paused", "suspended", "pausad", "pausat", "vilande"),
        **_same("ended", "buiten gebruik", "retired", "avvecklad", "avvecklat", "gestopt", "deprecated", "archief", "ur drift"),
    },
    "risk": {
        **_same("high", "hög risk", "hög", "high impact", "hoog risico ai systeem", "hogrisk", "högrisk", "high risk"),
        **_same("limited", "begränsad risk", "begränsad", "impactvolle algoritmes", "limited risk"),
        **_same("minimal", "minimal risk", "minimal", "not high impact", "overige algoritmes", "låg", "låg risk", "low"),
        **_same(
            "presumed_not_high",
            "presumed high impact but not",
            "presumed high impact but not high impact",
            "presumed high impact but determined not high impact",
        ),
    },
}
#: What stands in cells that say nothing.
PLACEHOLDERS = frozenset(
    plain(word)
    for word in ("-", "n/a", "na", "none", "null", "nan", "n.v.t.", "nvt", "niet bekend", "okänt", "okänd", "saknas", "ej aktuellt", "tbd", "unknown", "volgt", "not available", "nog niet beschikbaar", "[email removed]", "uppgift saknas", "?")
) | {""}  # fmt: skip
