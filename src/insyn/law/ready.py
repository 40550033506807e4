"""Packs made ready to be evaluated many times: conditions compiled, questions numbered, citations and days looked up once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from threading import Lock

from insyn.core.terms import Tristate

from .answers import UNKNOWN, facts_of
from .conditions import OPEN, WORDS, YES, Questions, Ready, Values, asks_of
from .derived import first_stage, second_stage
from .digests import digest_of
from .history import first_day, steps_of
from .model import FIRST, Answer, Citation, Fact, Kind, Pack, PackKind, Rule, RuleResult, RuleStatus, Step
from .starts import STARTS

#: How many sets of packs are kept ready, and results of one rule.
_KEPT_SETS, _KEPT_RESULTS, _KEPT_NUMBERS = 16, 128, 1000


class ReadyRule:
    """One rule with its conditions, its exceptions, its citations and its days."""

    def __init__(self, rule: Rule, pack: Pack, questions: Questions) -> None:
        self.rule, self.pack, self.place = rule, pack, 0
        self._when = Ready(rule.when, questions, pack.calendar)
        self._exceptions = [(exception.id, Ready(exception.when, questions, pack.calendar)) for exception in rule.exceptions]
        asked = asks_of(rule)
        self._asked = [(ask, questions.number(ask, pack.calendar)) for ask in asked]
        numbers = [number for _, number in self._asked]
        self._said: Callable[[Values], object] = itemgetter(*numbers) if numbers else lambda values: ()
        self._numbers: dict[object, int] = {}
        self._citations = tuple(cite(pack, provision) for provision in rule.citations)
        self._history = steps_of(rule.history, pack.calendar)
        self._first = date.min if pack.kind is PackKind.POLICY and not rule.history else first_day(rule, pack)
        places = [questions.place(fact) for fact in dict.fromkeys(ask.fact for ask in asked)]
        self._key: Callable[[Sequence[Answer]], object] = itemgetter(*places) if places else lambda known: ()
        self._known: dict[tuple[date, date | None, object], RuleResult] = {}

    def result(self, values: Values, known: Sequence[Answer], answers: Mapping[str, Answer], on: date) -> RuleResult:
        """What the rule says; ``known`` are the same answers by their places. Most rules ask little, so that most systems give most rules answers that they have been given before."""
        starts = self.starts(answers) if self.rule.starts_by else self._first
        key = on, starts, self._key(known)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KEPT_RESULTS:
                self._known.clear()
            found = self._known[key] = self._weigh(values, answers, starts, on)
        return found

    def _weigh(self, values: Values, answers: Mapping[str, Answer], starts: date | None, on: date) -> RuleResult:
        """The conditions, then the exceptions, then the days."""
        answer = self.number(values)
        return RuleResult(
            rule=self.rule,
            result=WORDS[answer],
            in_force=self.in_force(starts, on),
            applies_from=starts,
            citations=self._citations,
            trace=self._trace(values, answers),
            unknown=self._open(values) if answer == OPEN else (),
            exception=next((name for name, condition in self._exceptions if condition.value(values) == YES), ""),
        )

    def answer(self, values: Values) -> Tristate:
        """The conditions and exceptions alone."""
        return WORDS[self.number(values)]

    def number(self, values: Values) -> int:
        """The same as a number."""
        said = self._said(values)
        answer = self._numbers.get(said)
        if answer is None:
            answer = self._when.value(values)
            for _, condition in self._exceptions:
                answer = min(answer, YES - condition.value(values))
            if len(self._numbers) < _KEPT_NUMBERS:
                self._numbers[said] = answer
        return answer

    def starts(self, answers: Mapping[str, Answer]) -> date | None:
        """The first day for this system. A policy's rule without history holds from its adoption, which the caller answers for: ``date.min``."""
        if self._first is None or not self.rule.starts_by:
            return self._first
        return STARTS[self.rule.starts_by](self._first, answers, self.pack.calendar)

    def in_force(self, starts: date | None, on: date) -> bool:
        """On or after the first day, and the newest step of the history by that day says applicable."""
        if starts is None or on < starts:
            return False
        past = [status for day, status in self._history if day <= on]
        return not self._history or (bool(past) and past[-1] is RuleStatus.APPLICABLE)

    def _trace(self, values: Values, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
        """Every question is in it: a trace with holes explains nothing."""
        known = answers.get
        return tuple(
            [
                Step(
                    place=ask.place,
                    fact=ask.fact,
                    operator=ask.operator,
                    value=ask.value,
                    answer=known(ask.fact, UNKNOWN),
                    result=WORDS[values[number]],
                )
                for ask, number in self._asked
            ]
        )

    def _open(self, values: Values) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for condition in (self._when, *(condition for _, condition in self._exceptions)):
            condition.open(values, found)
        return tuple(found)


def cite(pack: Pack, provision: str) -> Citation:
    """The provision as a person reads it: instrument and place."""
    found = pack.provisions[provision]
    number = pack.instruments[found.instrument].number
    return Citation(provision=found.id, label=f"{found.path} {number}".strip(), url=found.url, level=found.level)


def ready_rule(rule: Rule, pack: Pack) -> ReadyRule:
    """One rule of a pack by itself."""
    return ReadyRule(rule, pack, Questions())


class ReadyPacks:
    """A set of packs. ``first``, ``roles`` and ``rest`` are its rules by the stage in which they are settled."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)
        self.digest = digest_of(packs)
        self.facts: Mapping[str, Fact] = facts_of(packs)
        self.questions = Questions()
        self.rules = [ReadyRule(rule, pack, self.questions) for pack in packs for rule in pack.rules.values()]
        for number, ready_ in enumerate(self.rules):
            ready_.place = number
        self.first = [rule for rule in self.rules if rule.rule.kind in FIRST]
        self.roles = [rule for rule in self.rules if rule.rule.kind is Kind.ROLE]
        self.rest = [rule for rule in self.rules if rule.rule.kind not in FIRST and rule.rule.kind is not Kind.ROLE]
        self.of_class, self.of_roles = first_stage(packs), second_stage(packs)
        self.bringing = [rule.rule.id for rule in self.rules if rule.rule.brings_forward]


_ready: dict[tuple[int, ...], ReadyPacks] = {}
_lock = Lock()  # the web server asks in several threads


def ready(packs: Sequence[Pack]) -> ReadyPacks:
    """The packs made ready; the last few sets are kept. A set is known by its very packs (which are kept with it), not by what they say."""
    key = tuple(map(id, packs))
    with _lock:
        found = _ready.get(key)
    found = found or ReadyPacks(packs)
    with _lock:
        _ready.pop(key, None)
        _ready[key] = found  # the newest last
        while len(_ready) > _KEPT_SETS:
            del _ready[next(iter(_ready))]
    return found
