"""A change that a replay found, as a sentence in both languages. Pages show one, work items keep both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from insyn.core.text import Text
from insyn.rules.classify import SystemClass
from insyn.rules.replay import Affected, Change, How, What

#: A work item names so many changes; the page of the change has them all.
NAMED = 12

CLASSES: Mapping[str, Text] = {
    SystemClass.PROHIBITED: Text("förbjudet", "prohibited"),
    SystemClass.HIGH_RISK: Text("hög risk", "high-risk"),
    SystemClass.TRANSPARENCY: Text("krav på insyn", "duty of transparency"),
    SystemClass.DEROGATED: Text("uppräknat i bilaga III men undantaget", "listed in Annex III but exempted"),
    SystemClass.MINIMAL: Text("minimal risk", "minimal risk"),
    SystemClass.OUT_OF_SCOPE: Text("utanför AI-förordningen", "outside the AI Act"),
    SystemClass.UNDETERMINED: Text("inte avgjord", "undetermined"),
}
_THINGS = {What.GATE: Text("kravet", "the requirement"), What.DUTY: Text("skyldigheten", "the duty")}
_PARTS = {
    "kind": Text("slag", "kind"),
    "applies": Text("om det gäller", "whether it applies"),
    "demands": Text("vilken handling som krävs och av vem", "which record is needed and from whom"),
    "deadlines": Text("tidsfrister", "deadlines"),
    "last_day": Text("sista dag", "last day"),
}
_NONE = Text("inga", "none")
_NO_DAY = Text("ingen dag", "no day")


_FIRST = (What.CLASS, What.GATE, What.DUTY)


def weightiest_first(changes: Iterable[Change]) -> list[Change]:
    """The class, then requirements, then duties; within each by day."""
    return sorted(changes, key=lambda change: (_FIRST.index(change.what), change.day))


def sentence(change: Change) -> Text:
    """What changes and from when."""
    if change.what is What.CLASS:
        return _of_class(change)
    thing, title = _THINGS[change.what], change.title
    if change.how is How.NEW:
        return Text(f"Nytt: {thing.sv} ”{title.sv}” från {change.day}.", f"New: {thing.en} “{title.en}” from {change.day}.")
    if change.how is How.GONE:
        return Text(
            f"Från {change.day} gäller inte längre {thing.sv} ”{title.sv}”.", f"From {change.day}, {thing.en} “{title.en}” no longer holds."
        )
    if change.how is How.MOVED:
        old, new = change.before or _NO_DAY, change.after or _NO_DAY
        return Text(
            f"Första dagen för {thing.sv} ”{title.sv}” flyttas från {_day(old, 'sv')} till {_day(new, 'sv')}.",
            f"The first day of {thing.en} “{title.en}” moves from {_day(old, 'en')} to {_day(new, 'en')}.",
        )
    parts = [_PARTS.get(part, Text(part, part)) for part in change.after or ()]
    return Text(
        f"Ändrat från {change.day}: {thing.sv} ”{title.sv}” ({', '.join(part.sv for part in parts)}).",
        f"Changed from {change.day}: {thing.en} “{title.en}” ({', '.join(part.en for part in parts)}).",
    )


def _day(value: str | Text, language: str) -> str:
    return value.in_language(language) if isinstance(value, Text) else value


def _of_class(change: Change) -> Text:
    old, new = (_value(change.subject, value) for value in (change.before, change.after))
    return Text(f"{change.title.sv}: {old.sv} → {new.sv}.", f"{change.title.en}: {old.en} → {new.en}.")


def _value(subject: str, value: Any) -> Text:
    if subject in ("class", "act_as"):
        return CLASSES[SystemClass(value)]
    if isinstance(value, (list, tuple)):
        return Text(", ".join(value), ", ".join(value)) if value else _NONE
    return Text(*(_ANSWERS[value])) if value in _ANSWERS else Text(str(value), str(value))


_ANSWERS = {"yes": ("ja", "yes"), "no": ("nej", "no"), "unknown": ("vet inte", "unknown")}


def asked_again(facts: Iterable[str]) -> Text:
    named = ", ".join(facts)
    return Text(
        f"Svaren passar inte längre frågorna och behöver ges på nytt: {named}.", f"Answers that no longer fit, to be given anew: {named}."
    )


def work_text(found: Affected, what: Text) -> Text:
    """What the owner of an affected system is told, whole sentences in both languages."""
    told = [sentence(change) for change in weightiest_first(found.changes)]
    if found.ask_again:
        told.append(asked_again(found.ask_again))
    more = len(told) - NAMED
    if more > 0:
        told = [*told[:NAMED], Text(f"Och {more} ändringar till.", f"And {more} more changes.")]
    return Text(" ".join([what.sv, *(one.sv for one in told)]), " ".join([what.en, *(one.en for one in told)]))
