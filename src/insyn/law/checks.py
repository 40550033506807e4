"""What a pack's files must agree on, with each other and with the packs that they use. The first fault is a :class:`PackError`.

Steps: every provision stands in an instrument; facts are well formed; every rule cites, asks and dates only what exists; nothing rests on
a text that is only proposed; what frees somebody rests on read provisions; a policy only adds and tightens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from insyn.core.errors import InvalidInput

from .answers import check_answers
from .conditions import facts_in
from .derived import DERIVED, OF_ROLES, SETS
from .model import (
    CARRIES_AN_EXCEPTION,
    FIRST,
    LOOSENING,
    Ask,
    Condition,
    Fact,
    FactType,
    InstrumentStatus,
    Kind,
    Operator,
    Pack,
    PackKind,
    Rule,
    RuleStatus,
)
from .read_pack import Source, place_of_row
from .starts import STARTS, STARTS_CALENDAR, STARTS_FACTS
from .yaml_reader import Document, Place

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_DEMANDING = frozenset({Kind.GATE, Kind.CADENCE})
#: What a policy may conclude: each only adds to what is asked.
_POLICY_KINDS = frozenset({Kind.GATE, Kind.DUTY, Kind.STOP_RULE, Kind.PRINCIPLE, Kind.CADENCE, Kind.TRANSPARENCY, Kind.DEFINITION})
_BROUGHT_FORWARD = frozenset({Kind.PROHIBITED, Kind.DUTY, Kind.GATE, Kind.CADENCE, Kind.TRANSPARENCY})
#: Where the packs of municipalities stand.
MUNICIPAL = "kommun/"
#: Steps that bind or end something; the others only tell how far a text has come.
_BINDING = frozenset({RuleStatus.APPLICABLE, RuleStatus.SUSPENDED, RuleStatus.REPEALED})
_ENDING = frozenset({RuleStatus.SUSPENDED, RuleStatus.REPEALED})
_MAY_YIELD = frozenset({Kind.PRINCIPLE, Kind.DUTY})
#: What asks something of somebody, and so can protect a person better.
_PREVAILS = _BROUGHT_FORWARD | {Kind.PRINCIPLE, Kind.STOP_RULE}


def check_pack(source: Source, others: Sequence[Pack]) -> None:
    """Check one pack; ``others`` are the packs loaded beside it. Raises :class:`PackError`."""
    _no_law_of_a_municipality(source)
    _no_dates(source)
    _provisions(source)
    _offices(source)
    _no_ring(source, others)
    facts = _facts(source, others)
    for rule in source.pack.rules.values():
        _Rule(source, rule, facts, others).check()
    _cases(source, facts)


def _no_law_of_a_municipality(source: Source) -> None:
    """Else all that a policy may not do could be done by calling it law."""
    if source.pack.kind is PackKind.LAW and source.pack.id.startswith(MUNICIPAL):
        source.documents["pack.yaml"].refuse("a municipality makes no law here", place=("kind",), mend="Write kind: policy.")


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*place, number))


def _no_dates(source: Source) -> None:
    """Cases ask questions about days; everything else takes its days from the calendar."""
    for path, document in source.documents.items():
        if path != "calendar.yaml" and not path.startswith("cases/"):
            for place, text in _texts(document.value, ()):
                if _DATE.search(text):
                    document.refuse("a date outside the calendar", place=place, mend="Put the day in calendar.yaml and name its id here.")


def _provisions(source: Source) -> None:
    pack = source.pack
    for provision in pack.provisions.values():
        if provision.instrument not in pack.instruments:
            document, place = place_of_row(source.documents, "provisions", provision.id)
            document.refuse(
                f"no instrument {provision.instrument!r}",
                place=(*place, "instrument"),
                mend="Put it in instruments.yaml, or correct the id.",
            )
    for number, day in enumerate(pack.calendar.values()):
        if day.basis not in pack.provisions:
            source.documents["calendar.yaml"].refuse(
                f"no provision {day.basis!r}", place=("calendar", number, "basis"), mend="Put it in provisions.yaml, or correct the id."
            )


def _offices(source: Source) -> None:
    """Authorities and sanctions rest on provisions, and authorities on days of the calendar."""
    pack = source.pack
    for name in ("authorities", "sanctions"):
        for row in getattr(pack, name).values():
            document, place = place_of_row(source.documents, name, row.id)
            for provision in (row.basis, *getattr(row, "provisions", ())):
                if provision not in pack.provisions:
                    document.refuse(f"no provision {provision!r}", place=place, mend="Put it in provisions.yaml, or correct the id.")
            for step in getattr(row, "history", ()):
                if step.at not in pack.calendar:
                    document.refuse(f"no day {step.at!r} in the calendar", place=place, mend="Put the day in calendar.yaml.")


def _no_ring(source: Source, others: Sequence[Pack]) -> None:
    """No pack rests on itself, however far round."""
    uses = {pack.id: pack.uses for pack in (*others, source.pack)}
    seen: set[str] = set()
    waiting = list(source.pack.uses)
    while waiting:
        used = waiting.pop()
        if used == source.pack.id:
            source.documents["pack.yaml"].refuse(
                "the pack uses itself, directly or through others", place=("uses",), mend="Let one of the packs do without the other."
            )
        if used not in seen:
            seen.add(used)
            waiting += uses.get(used, ())


def _facts(source: Source, others: Sequence[Pack]) -> dict[str, Fact]:
    """The facts that the pack may ask about: its own and those of the packs that it uses."""
    by_id = {pack.id: pack for pack in others}
    for number, used in enumerate(source.pack.uses):
        if used not in by_id:
            source.documents["pack.yaml"].refuse(f"no pack {used!r}", place=("uses", number), mend="Load that pack too, or correct the id.")
        if by_id[used].kind is PackKind.POLICY:
            source.documents["pack.yaml"].refuse(
                f"{used!r} is a policy, and may not be adopted here",
                place=("uses", number),
                mend="Use law only; ask questions of your own.",
            )
    taken = {fact_id: pack.id for pack in others for fact_id in pack.facts}
    for fact in source.pack.facts.values():
        document, place = place_of_row(source.documents, "facts", fact.id)
        if fact.id in taken:
            document.refuse(
                f"the fact {fact.id!r} stands in {taken[fact.id]} already", place=place, mend="Use that one, or choose another id."
            )
        _fact(source.pack, document, fact, place)
    return {fact_id: fact for used in source.pack.uses for fact_id, fact in by_id[used].facts.items()} | dict(source.pack.facts)


def _fact(pack: Pack, document: Document, fact: Fact, place: Place) -> None:
    wants_values = fact.type in (FactType.ENUM, FactType.SET) and not fact.derived
    if bool(fact.values) is not wants_values:
        document.refuse(f"{fact.id!r}: values belong to enum and set", place=place, mend="Add or remove values.")
    if fact.derived and (fact.derived not in DERIVED or pack.kind is PackKind.POLICY):
        document.refuse(
            f"{fact.id!r}: {fact.derived!r} cannot be worked out here", place=place, mend=f"Law packs may use {sorted(DERIVED)}."
        )
    if fact.derived and fact.type is not (FactType.SET if fact.derived in SETS else FactType.TRISTATE):
        document.refuse(f"{fact.id!r}: {fact.derived!r} is not a {fact.type.value}", place=place, mend="Write tristate or set, as it is.")
    if not fact.derived and not fact.who:
        document.refuse(f"{fact.id!r}: nobody answers it", place=place, mend="Write who answers.")
    if len({choice.value for choice in fact.values} | {"unknown"}) != len(fact.values) + 1:
        document.refuse(f"{fact.id!r}: a value stands twice, or is the word unknown", place=place, mend="Keep one of them.")


class _Rule:
    """The checks of one rule, each of which refuses with the rule's own file and line."""

    def __init__(self, source: Source, rule: Rule, facts: Mapping[str, Fact], others: Sequence[Pack]) -> None:
        self._pack, self._rule, self._facts, self._others = source.pack, rule, facts, others
        self._document = source.documents[f"rules/{rule.slug}.yaml"]

    def check(self) -> None:
        self._citations(self._rule.citations, ("citations",))
        self._conditions()
        self._demands()
        self._history()
        self._exceptions()
        if self._pack.kind is PackKind.POLICY:
            self._only_tightens()
            self._brings_forward()
            self._yields()
        elif self._rule.brings_forward or self._rule.yields_to:
            self._refuse("only a policy brings forward or yields", (), "Law has its own days, and its own exceptions.")

    def _refuse(self, message: str, place: Place, mend: str) -> None:
        self._document.refuse(message, place=place, mend=mend)

    def _citations(self, citations: Sequence[str], place: Place) -> None:
        for number, provision in enumerate(citations):
            found = self._pack.provisions.get(provision)
            if found is None:
                self._refuse(f"no provision {provision!r}", (*place, number), "Put it in provisions.yaml, or correct the id.")
            elif self._only_proposed(provision):
                self._refuse(f"{provision!r} is not law in force", (*place, number), "A proposal or a repealed text decides nothing.")

    def _only_proposed(self, provision: str) -> bool:
        """Law rests on texts in force; a policy's own text binds by adoption."""
        instrument = self._pack.instruments[self._pack.provisions[provision].instrument]
        return self._pack.kind is PackKind.LAW and instrument.status is not InstrumentStatus.IN_FORCE

    def _set_by_law(self, days: Iterable[str], place: Place) -> None:
        """No later day comes out of a proposal."""
        for day in days:
            basis = self._pack.calendar[day].basis
            if self._only_proposed(basis):
                self._refuse(f"{basis!r}, which sets {day!r}, is not law in force", place, "A proposal or a repealed text decides nothing.")

    def _conditions(self) -> None:
        conditions = [(self._rule.when, "when"), *((entry.when, "exceptions") for entry in self._rule.exceptions)]
        for condition, place in conditions:
            self._condition(condition, place)

    def _condition(self, condition: Condition, place: str) -> None:
        for ask in facts_in(condition):
            fact = self._facts.get(ask.fact)
            where = tuple(int(part) if part.isdigit() else part for part in ask.place.split("."))
            if fact is None:
                self._refuse(f"unknown fact {ask.fact!r}", where, "Put it in facts.yaml, or let the pack use the one that has it.")
            elif not self._fits(ask, fact):
                self._refuse(f"{ask.fact!r} is never {ask.operator} {ask.value!r}", where, "See the fact's type and values.")
            elif fact.derived and (self._rule.kind in FIRST or (self._rule.kind is Kind.ROLE and fact.derived in OF_ROLES)):
                self._refuse(f"{ask.fact!r} is worked out from rules such as this one", where, "Ask for facts that a person answers.")
            elif fact.type is FactType.DATE:
                self._set_by_law([str(ask.value)], where)

    def _fits(self, ask: Ask, fact: Fact) -> bool:
        values = {choice.value for choice in fact.values}
        match fact.type:
            case FactType.TRISTATE:
                return ask.operator is Operator.IS and ask.value in ("yes", "no")
            case FactType.ENUM:
                return ask.operator is Operator.IS and ask.value in values
            case FactType.DATE:
                return ask.operator is Operator.AT_LEAST and ask.value in self._pack.calendar
            case FactType.SET:
                if ask.operator is Operator.AT_LEAST:
                    return isinstance(ask.value, int) and (not values or ask.value <= len(values))
                return ask.operator is Operator.HAS and (ask.value in values or bool(fact.derived))

    def _demands(self) -> None:
        if self._rule.until is not None and self._rule.kind is not Kind.SCOPE_OUT:
            self._refuse("only what stands outside does so until a phase", ("until",), "Leave it out.")
        if (self._rule.demands is not None) is not (self._rule.kind in _DEMANDING):
            self._refuse("gates and cadences demand a record, other rules do not", ("concludes",), "Add or remove demands.")

    def _history(self) -> None:
        for number, entry in enumerate(self._rule.history):
            if entry.at not in self._pack.calendar:
                self._refuse(f"no day {entry.at!r} in the calendar", ("history", number, "at"), "Put the day in calendar.yaml.")
        self._starts()
        self._days_of_law()
        self._frees_all_along()
        days = [self._pack.calendar[entry.at].day for entry in self._rule.history]
        if days != sorted(set(days)):
            self._refuse("the history's days overlap or run backwards", ("history",), "One step per day, oldest first.")
        statuses = [entry.status for entry in self._rule.history]
        if any(later not in _BINDING for status, later in pairwise(statuses) if status in _BINDING):
            self._refuse("what is only proposed ends nothing that binds", ("history",), "Leave the proposal out until it is law.")
        if self._pack.kind is PackKind.LAW and not any(entry.status is RuleStatus.APPLICABLE for entry in self._rule.history):
            self._refuse("a rule of law has a first day", ("history",), "Write from which calendar day it is applicable.")

    def _days_of_law(self) -> None:
        """A day of law rests on law in force, and the end of what protects on a provision that has been read or reported."""
        for number, entry in enumerate(self._rule.history):
            if entry.status in _BINDING:
                self._set_by_law([entry.at], ("history", number, "at"))
            if entry.status in _ENDING and self._rule.kind not in LOOSENING:
                self._carried([self._pack.calendar[entry.at].basis], ("history", number, "at"))

    def _frees_all_along(self) -> None:
        """The class looks at substance and not at days, so what frees may begin no later than what it frees from, and has no last day here."""
        if self._rule.kind not in LOOSENING:
            return
        if any(entry.status in _ENDING for entry in self._rule.history):
            self._refuse("what frees somebody has no last day here", ("history",), "Take the rule out when it no longer holds.")
        first = self._first(self._rule)
        for other in self._pack.rules.values():
            if other.kind in (Kind.PROHIBITED, Kind.ANNEX_ITEM)[self._rule.kind is Kind.DEROGATION :] and first > self._first(other):
                self._refuse(
                    f"frees before its own first day from {other.slug!r}, which begins earlier",
                    ("history",),
                    "Add the rule when its first day has come.",
                )

    def _first(self, rule: Rule) -> date:
        days = (
            self._pack.calendar[entry.at].day
            for entry in rule.history
            if entry.status is RuleStatus.APPLICABLE and entry.at in self._pack.calendar
        )
        return min(days, default=date.max)

    def _starts(self) -> None:
        name = self._rule.starts_by
        if not name:
            return
        if name not in STARTS:
            self._refuse(f"no function {name!r}", ("starts_by",), f"Use one of {sorted(STARTS)}.")
        needed = [*(fact for fact in STARTS_FACTS[name] if fact not in self._facts)]
        needed += [day for day in STARTS_CALENDAR[name] if day not in self._pack.calendar]
        if needed:
            self._refuse(f"{name} needs {needed[0]!r}", ("starts_by",), "Put it in the pack.")
        self._set_by_law(STARTS_CALENDAR[name], ("starts_by",))

    def _exceptions(self) -> None:
        for name in ("exceptions", "deadlines"):
            ids = [row.id for row in getattr(self._rule, name)]
            if len(set(ids)) != len(ids):
                self._refuse("an id stands twice", (name,), "Give each an id of its own.")
        if self._rule.kind in LOOSENING:
            self._carried(self._rule.citations, ("citations",))
        for number, entry in enumerate(self._rule.exceptions):
            self._citations(entry.citations, ("exceptions", number, "citations"))
            self._carried(entry.citations, ("exceptions", number, "citations"))

    def _carried(self, citations: Sequence[str], place: Place) -> None:
        """What frees somebody rests on nothing weaker than a secondary source."""
        weak = [name for name in citations if self._pack.provisions[name].level not in CARRIES_AN_EXCEPTION]
        if weak:
            self._refuse(
                f"{weak[0]!r} is not verified far enough to free anybody", place, "Read the provision and mark it V, or drop this."
            )

    def _only_tightens(self) -> None:
        """A policy adds rules and touches no other: nothing it says is read by a rule of law."""
        if self._rule.kind not in _POLICY_KINDS:
            self._refuse(
                f"a policy may not conclude {self._rule.kind.value}", ("concludes", "kind"), "A policy adds or tightens; law decides this."
            )
        if self._rule.exceptions:
            self._refuse("a policy may not make exceptions", ("exceptions",), "Narrow the rule's conditions instead.")
        if self._rule.starts_by:
            self._refuse("a policy does not move a first day", ("starts_by",), "Leave it out.")
        for other in self._others:
            if other.kind is PackKind.LAW and self._rule.slug in other.rules:
                self._refuse(
                    f"the slug is that of {other.id}/{self._rule.slug}", ("id",), "Choose another: a policy replaces no rule of law."
                )

    def _brings_forward(self) -> None:
        """Rules of law in the packs used, of kinds that ask something: earlier is then only stricter."""
        for number, name in enumerate(self._rule.brings_forward):
            pack, _, slug = name.rpartition("/")
            found = next((other.rules.get(slug) for other in self._others if other.id == pack and other.kind is PackKind.LAW), None)
            place = ("brings_forward", number)
            if found is None or pack not in self._pack.uses:
                self._refuse(f"no rule of law {name!r} in the packs used", place, "Name it as pack/slug, and let the pack use that pack.")
            elif found.kind not in _BROUGHT_FORWARD:
                self._refuse(f"{name!r} is a {found.kind.value}", place, "Bring forward what asks something of somebody.")

    def _yields(self) -> None:
        """Only what asks for no record yields, to a rule that exists and does not yield in its turn."""
        if self._rule.yields_to and self._rule.kind not in _MAY_YIELD:
            self._refuse(f"a {self._rule.kind.value} does not yield", ("yields_to",), "Narrow the rule's conditions instead.")
        packs = {pack.id: pack for pack in (*self._others, self._pack)}
        for number, yielding in enumerate(self._rule.yields_to):
            pack, _, slug = yielding.rule.rpartition("/")
            if pack not in packs and pack not in self._pack.uses:
                continue  # the policy of another municipality, which need not be here
            other = packs[pack].rules.get(slug)
            if other is None or other.yields_to or other.kind not in _PREVAILS:
                said = "does not exist" if other is None else "yields itself" if other.yields_to else f"is a {other.kind.value}"
                self._refuse(
                    f"{yielding.rule!r} {said}",
                    ("yields_to", number, "rule"),
                    "Name the rule, as pack/slug, that protects the person.",
                )


def _cases(source: Source, facts: Mapping[str, Fact]) -> None:
    for path, document in source.documents.items():
        if path.startswith("cases/"):
            if path.removeprefix("cases/").removesuffix(".yaml") not in source.pack.rules:
                document.refuse("there is no rule of this name", mend="Let the file have its rule's name.")
            for number, case in enumerate(document.value["cases"]):
                if "adopted_on" in case and source.pack.kind is PackKind.LAW:
                    document.refuse("law is not adopted here", place=("cases", number, "adopted_on"), mend="Leave it out.")
                _case(document, case, ("cases", number), facts)


def _case(document: Document, case: Mapping[str, Any], place: Place, facts: Mapping[str, Fact]) -> None:
    try:
        check_answers(facts, case["facts"])
    except InvalidInput as error:
        document.refuse(f"case {case['name']!r}: {error.message}", place=(*place, "facts", error.place), mend=error.mend)
