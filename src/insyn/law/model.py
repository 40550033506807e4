"""What a pack says, as frozen values. :mod:`insyn.law.loader` makes them from files; nothing else does.

The vocabulary follows the AI Act where it has a word. Closed lists are enums; labels for them are the interface's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from insyn.core.terms import Phase, RecordKind, Role, Tristate, VerificationLevel
from insyn.core.text import Text


class Kind(StrEnum):
    """What a rule concludes when its conditions hold."""

    PROHIBITED = "prohibited"
    ANNEX_ITEM = "annex_item"
    DEROGATION = "derogation"
    ROLE = "role"
    TRANSPARENCY = "transparency"
    SCOPE_OUT = "scope_out"
    DUTY = "duty"
    GATE = "gate"
    STOP_RULE = "stop_rule"
    PRINCIPLE = "principle"
    CADENCE = "cadence"
    DEFINITION = "definition"


#: Kinds that decide the class. They are settled first, and ask only for what people answer. Roles come second (some hang on the class) and
#: may ask for what is worked out from the first; all others come last. So rules can never rest on each other in a ring.
FIRST = frozenset({Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.DEROGATION, Kind.TRANSPARENCY, Kind.SCOPE_OUT})
CLASSIFYING = FIRST | {Kind.ROLE}
#: Kinds that free somebody from something: never on knowledge or guesswork, never in a policy.
LOOSENING = frozenset({Kind.DEROGATION, Kind.SCOPE_OUT})
#: Levels strong enough to be the ground of something that loosens (read word for word, or a secondary source).
CARRIES_AN_EXCEPTION = frozenset({VerificationLevel.READ, VerificationLevel.SECONDARY})


class PackKind(StrEnum):
    """Law binds by itself from its dates. A policy binds nobody until a municipality adopts it by act."""

    LAW = "law"
    POLICY = "policy"


class PackStatus(StrEnum):
    """How far the pack's own text has come. ``adoption_not_shown``: the text shows neither day nor body nor case number."""

    PROPOSED = "proposed"
    ADOPTION_NOT_SHOWN = "adoption_not_shown"
    IN_FORCE = "in_force"


class Coverage(StrEnum):
    """Whether the pack holds the whole of what it is named after. From a partial pack nothing is ever ``minimal``."""

    PARTIAL = "partial"
    WHOLE = "whole"


class InstrumentStatus(StrEnum):
    PROPOSED = "proposed"
    ADOPTION_NOT_SHOWN = "adoption_not_shown"
    ADOPTED = "adopted"
    IN_FORCE = "in_force"
    REPEALED = "repealed"


class RuleStatus(StrEnum):
    """A step in a rule's history, on a day of the calendar."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    APPLICABLE = "applicable"
    SUSPENDED = "suspended"
    REPEALED = "repealed"


class FactType(StrEnum):
    TRISTATE = "tristate"
    ENUM = "enum"
    SET = "set"
    DATE = "date"


class Reading(StrEnum):
    """How settled the reading of the text is."""

    MAINSTREAM = "mainstream"
    CAUTIOUS = "cautious"
    CONTESTED = "contested"


class Choice(msgspec.Struct, frozen=True):
    """One possible value of an enum or a set."""

    value: str
    label: Text


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a system or its use. ``derived`` names the function that answers it instead of a person.

    ``evidence``: what shows that an answer is right. ``topic``: the part of the questionnaire that it stands in (:attr:`Pack.topics`).
    """

    id: str
    type: FactType
    question: Text
    topic: str = ""
    help: Text | None = None
    evidence: Text | None = None
    who: tuple[Role, ...] = ()
    values: tuple[Choice, ...] = ()
    derived: str = ""


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    number: str
    url: str
    status: InstrumentStatus


class Provision(msgspec.Struct, frozen=True, kw_only=True):
    """A place in an instrument. ``level`` says how far our reading of it is verified."""

    id: str
    instrument: str
    path: str
    level: VerificationLevel
    url: str
    note: str = ""


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day from which something holds. The calendar is the only place in a pack with dates."""

    id: str
    day: date
    basis: str
    note: str = ""


class HistoryEntry(msgspec.Struct, frozen=True):
    """``at`` is the id of a calendar day."""

    status: RuleStatus
    at: str


class Operator(StrEnum):
    """``is``: equals. ``has``: the set holds it. ``at_least``: so many in the set, or (dates) on or after that calendar day."""

    IS = "is"
    HAS = "has"
    AT_LEAST = "at_least"


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """A question to one fact. ``place`` is the condition's place in the rule, for the trace."""

    fact: str
    operator: Operator
    value: str | int
    place: str = ""


class All(msgspec.Struct, frozen=True, tag="all"):
    parts: tuple[Condition, ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    part: Condition


class Always(msgspec.Struct, frozen=True, tag="always"):
    """Holds for every registered system."""


Condition = All | AnyOf | Not | Ask | Always


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """The record that opens a gate.

    ``before`` is the phase that may not begin without it; ``expires_after`` an ISO 8601 duration in years, months or days. ``second_from``:
    a second record of the same kind is needed, from another person in one of these roles. ``differs_from``: whoever supplies it may not be
    the person who supplied a record of these kinds.
    """

    record: RecordKind
    before: Phase
    supplied_by: tuple[Role, ...]
    per_version: bool = False
    expires_after: str = ""
    second_from: tuple[Role, ...] = ()
    differs_from: tuple[RecordKind, ...] = ()


class RuleException(msgspec.Struct, frozen=True, kw_only=True):
    """When it holds, the rule does not. Rests only on provisions that have been read (``V``) or reported (``S``)."""

    id: str
    title: Text
    when: Condition
    citations: tuple[str, ...]


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A clock in a duty: so long (ISO 8601 duration) from what ``starts`` says."""

    id: str
    title: Text
    within: str
    starts: Text


class Yielding(msgspec.Struct, frozen=True, kw_only=True):
    """Where both hold, ``rule`` (pack/slug) protects the person and wins."""

    rule: str
    why: Text


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; ``id`` is pack/slug. ``starts_by`` names the function that moves the first day for a single system (AI Act, Article 111(2)).

    Only a policy has ``brings_forward``, the rules of law (pack/slug) that the municipality applies from its own first day already, and
    ``yields_to``. ``until``: what stands outside does so only before this phase (a system in development that is put into use).
    """

    id: str
    pack: str
    slug: str
    title: Text
    kind: Kind
    value: str
    when: Condition
    citations: tuple[str, ...]
    why: Text
    mend: Text
    demands: Demand | None = None
    exceptions: tuple[RuleException, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    starts_by: str = ""
    deadlines: tuple[Deadline, ...] = ()
    brings_forward: tuple[str, ...] = ()
    yields_to: tuple[Yielding, ...] = ()
    until: Phase | None = None
    actor: str = ""
    reading: Reading = Reading.MAINSTREAM
    note: str = ""

    @property
    def cited(self) -> tuple[str, ...]:
        """The provisions of the rule, then of its exceptions; one that is named twice stands twice."""
        return (*self.citations, *(name for exception in self.exceptions for name in exception.citations))


class Expect(StrEnum):
    """What a worked case expects of its rule on its day."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_IN_FORCE = "not_in_force"


Answer = str | tuple[str, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A worked case beside its rule. ``adopted_on``: the day on which the municipality adopts the policy (before: not in force)."""

    rule: str
    name: str
    facts: Mapping[str, Answer]
    on: date
    expect: Expect
    adopted_on: date | None = None


class AuthorityStatus(StrEnum):
    PROPOSED = "proposed"
    DESIGNATED = "designated"
    ENDED = "ended"


class AuthorityStep(msgspec.Struct, frozen=True):
    """``at`` is the id of a calendar day."""

    status: AuthorityStatus
    at: str


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """Who supervises, by a provision, from which day. A proposed one has no power yet."""

    id: str
    role: str
    name: Text
    basis: str
    url: str = ""
    history: tuple[AuthorityStep, ...] = ()
    note: str = ""


class Sanction(msgspec.Struct, frozen=True, kw_only=True):
    """What a breach of the provisions can cost, and whether that reaches public bodies."""

    id: str
    provisions: tuple[str, ...]
    ceiling: Text
    public_bodies: Tristate
    basis: str
    note: str = ""


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A whole pack, checked against itself and the packs that it uses. ``digest`` is over every file's path and bytes."""

    id: str
    title: Text
    kind: PackKind
    status: PackStatus
    coverage: Coverage
    jurisdiction: str
    version: str
    digest: str
    note: str = ""
    uses: tuple[str, ...] = ()
    topics: Mapping[str, Text] = {}
    instruments: Mapping[str, Instrument] = {}
    provisions: Mapping[str, Provision] = {}
    facts: Mapping[str, Fact] = {}
    calendar: Mapping[str, CalendarDay] = {}
    authorities: Mapping[str, Authority] = {}
    sanctions: Mapping[str, Sanction] = {}
    rules: Mapping[str, Rule] = {}
    cases: tuple[Case, ...] = ()


class Citation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A provision as shown to a person."""

    provision: str
    label: str
    url: str
    level: VerificationLevel


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the trace: which question was asked of which fact, what the answer was and what came of it."""

    place: str
    fact: str
    operator: Operator
    value: str | int
    answer: Answer
    result: Tristate


class RuleResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one rule says of one system on one day.

    ``result`` is Kleene's answer; :func:`insyn.law.protective.holds` turns it into what to act on. ``in_force`` is false before the rule's
    first day for this system, and while it is suspended or repealed. ``applies_from`` is that first day, ``None`` if there is none. ``brought_by`` are the
    policies' rules by which a rule of law is in force before its own first day; their citations then stand before its own.
    """

    rule: Rule
    result: Tristate
    in_force: bool
    applies_from: date | None
    citations: tuple[Citation, ...]
    trace: tuple[Step, ...]
    unknown: tuple[str, ...] = ()
    exception: str = ""
    brought_by: tuple[str, ...] = ()


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Every rule's result, with the day, the answers used (derived ones included) and the digest of the packs."""

    on: date
    packs: str
    answers: Mapping[str, Answer]
    results: tuple[RuleResult, ...]

    def of_kind(self, *kinds: Kind) -> tuple[RuleResult, ...]:
        wanted = frozenset(kinds)
        return tuple([result for result in self.results if result.rule.kind in wanted])
