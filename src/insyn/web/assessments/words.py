"""What the words of a result are called on the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _, ngettext

from insyn.core.text import Text
from insyn.law.durations import parts_of
from insyn.law.model import Kind
from insyn.rules.classify import SystemClass

#: In the record, which is in Swedish whoever reads the page.
IN_SWEDISH = {
    SystemClass.PROHIBITED: "förbjuden användning",
    SystemClass.HIGH_RISK: "hög risk",
    SystemClass.TRANSPARENCY: "krav på öppenhet mot människor",
    SystemClass.DEROGATED: "står i bilaga III men är undantaget enligt artikel 6.3",
    SystemClass.MINIMAL: "minimal risk",
    SystemClass.OUT_OF_SCOPE: "utanför AI-förordningen",
    SystemClass.UNDETERMINED: "inte avgjord",
}
CLASSES = {
    SystemClass.PROHIBITED: _("Prohibited"),
    SystemClass.HIGH_RISK: _("High risk"),
    SystemClass.TRANSPARENCY: _("Transparency towards people"),
    SystemClass.DEROGATED: _("Listed, but exempted by Article 6(3)"),
    SystemClass.MINIMAL: _("Minimal risk"),
    SystemClass.OUT_OF_SCOPE: _("Outside the AI Act"),
    SystemClass.UNDETERMINED: _("Not settled yet"),
}
MEANINGS = {
    SystemClass.PROHIBITED: _("This use is forbidden. No record and no decision can allow it; only another use can."),
    SystemClass.HIGH_RISK: _("The use is allowed with care: the law asks much of those who build it and those who use it."),
    SystemClass.TRANSPARENCY: _("People have a right to know that they meet AI, or that AI made what they see."),
    SystemClass.DEROGATED: _(
        "The use is listed as high risk, but the system means so little for the outcome that it is exempted. That must be documented."
    ),
    SystemClass.MINIMAL: _("No rule of the AI Act makes this use special. Other laws apply as usual."),
    SystemClass.OUT_OF_SCOPE: _("The AI Act does not apply to this system. Other laws do."),
    SystemClass.UNDETERMINED: _("What is known does not settle the class. Until it does, the strictest class that is possible counts."),
}
TONES = {
    SystemClass.PROHIBITED: "bad",
    SystemClass.HIGH_RISK: "warn",
    SystemClass.TRANSPARENCY: "warn",
    SystemClass.DEROGATED: "good",
    SystemClass.MINIMAL: "good",
    SystemClass.OUT_OF_SCOPE: "good",
    SystemClass.UNDETERMINED: "",
}
KINDS = {
    Kind.PROHIBITED: _("prohibition"),
    Kind.ANNEX_ITEM: _("high-risk use"),
    Kind.DEROGATION: _("exemption"),
    Kind.ROLE: _("role"),
    Kind.TRANSPARENCY: _("transparency"),
    Kind.SCOPE_OUT: _("scope"),
    Kind.DUTY: _("duty"),
    Kind.GATE: _("requirement before use"),
    Kind.STOP_RULE: _("stop rule"),
    Kind.PRINCIPLE: _("principle"),
    Kind.CADENCE: _("recurring"),
    Kind.DEFINITION: _("definition"),
}
ROLES = {"provider": _("provider"), "deployer": _("deployer")}
#: What a reason says of a rule: (kind, result).
DECIDED = {
    ("scope_out", "yes"): _("This puts the system outside the law"),
    ("prohibited", "yes"): _("This is prohibited"),
    ("prohibited", "no"): _("Not this prohibited practice"),
    ("annex_item", "yes"): _("This use is listed as high risk"),
    ("annex_item", "no"): _("Not this high-risk use"),
    ("derogation", "yes"): _("The exemption applies"),
    ("derogation", "no"): _("The exemption does not apply, because of this answer"),
    ("derogation", "unknown"): _("The exemption is not shown, so it does not apply"),
    ("transparency", "yes"): _("This asks for transparency"),
    ("transparency", "no"): _("Not this duty of transparency"),
}
#: Parts of a comparison between two results.
PARTS = {
    "class": _("Class"),
    "act_as": _("Class to act on"),
    "prohibitions": _("Prohibited practices"),
    "annex_items": _("Items in the annexes"),
    "annex_open": _("Items that may apply"),
    "derogation": _("Exemption by Article 6(3)"),
    "roles": _("The municipality is"),
    "transparency": _("Transparency"),
    "set_aside": _("Answers that no pack in force asks for"),
}
YES, NO = Text("Ja", "Yes"), Text("Nej", "No")
UNKNOWN, NEVER = Text("Vet inte", "Don’t know"), Text("Har inte hänt", "Has not happened")
UNKNOWN_MORE = Text("vet inte om fler", "don’t know if more")
NONE = Text("Inget av detta", "None of these")


def named(table: dict, value: object) -> str:
    """The label of a stored word; the word itself when it is not in the table (an old one, say)."""
    return str(table.get(value, value))


def period(text: str) -> str:
    """An ISO 8601 duration in words, as packs write them: ``PT72H`` is 72 hours."""
    years, months, days, hours = parts_of(text)
    parts = (
        years and ngettext("%(n)d year", "%(n)d years", years) % {"n": years},
        months and ngettext("%(n)d month", "%(n)d months", months) % {"n": months},
        days and ngettext("%(n)d day", "%(n)d days", days) % {"n": days},
        hours and ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours},
    )
    return " ".join(part for part in parts if part)
