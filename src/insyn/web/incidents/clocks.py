"""Which duties to notify an incident starts, by the packs of its day, and until when. Pure: reads no clock and no database.

Hours are counted exactly, in UTC: 72 hours are 72 hours over a change to summer time too. Days and months are counted in the local
calendar and end at the same time of day, which is the earliest way to read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from insyn.core.terms import Tristate
from insyn.core.text import Text
from insyn.law.answers import facts_of
from insyn.law.authorities import authorities_on
from insyn.law.durations import after, parts_of
from insyn.law.evaluate import evaluate
from insyn.law.model import Answer, AuthorityStatus, Kind, Pack, RuleResult
from insyn.law.protective import applying


@dataclass(frozen=True)
class About:
    """Which rule of the packs speaks of incidents, which question about the incident starts it, and the role of the authority that is told.

    ``first``: whom the rule tells before any authority. ``fact``: what the register holds of the system, and a yes about the incident
    outweighs: data can leak from a system that was said to hold none.
    """

    question: str
    role: str
    first: Text | None = None
    fact: str = ""


_PROVIDER = Text("leverantören, genast", "the provider, at once")
#: The packs say what must be done and by when; which of a reporter's answers starts it is ours to say, rule by rule.
RULES: Mapping[str, About] = {
    "eu-gdpr/breach-notified": About("personal_data", "data_protection", fact="data.personal"),
    "se-cybersakerhetslagen/incident-reported": About("security", "cybersecurity"),
    "eu-ai-act/serious-incident-told": About("serious", "market_surveillance", _PROVIDER),
    "eu-ai-act/report-serious-incident": About("serious", "market_surveillance"),
}
#: Deadlines that hold only in a graver case, by their id in the pack, and the question that asks for it.
GRAVER: Mapping[str, str] = {"death": "death", "widespread": "widespread"}
_NOBODY = Text("ingen myndighet är utpekad den dagen", "no authority is designated on that day")


@dataclass(frozen=True)
class Clock:
    """One deadline that runs."""

    rule: str
    deadline: str
    title: Text
    to: Text
    provisions: tuple[str, ...]
    packs: str
    started_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class NotYet:
    """A duty about incidents that the packs know and that is not in force on the day; ``begins`` if they say when."""

    rule: str
    title: Text
    begins: date | None


def clocks_of(
    packs: Sequence[Pack], facts: Mapping[str, Answer], answers: Mapping[str, str], *, discovered_at: datetime, zone: ZoneInfo
) -> tuple[Clock, ...]:
    """The clocks that an incident with these answers starts. An answer that is missing or unknown counts as yes."""
    on = discovered_at.astimezone(zone).date()
    evaluation = evaluate(packs, _shown(packs, facts, answers), on=on)
    found = []
    for result in applying(evaluation, Kind.DUTY):
        about = RULES.get(result.rule.id)
        if about is not None and _counts(answers, about.question):
            found += _clocks(result, about, answers, packs, evaluation.packs, discovered_at, zone)
    return tuple(sorted(found, key=lambda clock: (clock.due_at, clock.rule)))


def not_yet(packs: Sequence[Pack], facts: Mapping[str, Answer], *, on: date) -> tuple[NotYet, ...]:
    """The duties about incidents that are not in force on the day."""
    results = evaluate(packs, facts, on=on).of_kind(Kind.DUTY)
    return tuple(
        NotYet(result.rule.id, result.rule.title, result.applies_from)
        for result in results
        if result.rule.id in RULES and not result.in_force
    )


def deadline_after(start: datetime, within: str, zone: ZoneInfo) -> datetime:
    """``start`` plus an ISO 8601 duration, in UTC. Raises ``ValueError`` for other text."""
    hours = parts_of(within)[3]
    calendar = within.partition("T")[0]
    if calendar != "P":
        local = start.astimezone(zone)
        day = after(local.date(), calendar)
        start = datetime.combine(day, local.timetz())
    return start.astimezone(UTC) + timedelta(hours=hours)


def _shown(packs: Sequence[Pack], facts: Mapping[str, Answer], answers: Mapping[str, str]) -> dict[str, Answer]:
    """The system's facts, with what the incident has shown to be so."""
    asked = facts_of(packs)
    shown = {about.fact for about in RULES.values() if about.fact in asked and answers.get(about.question) == Tristate.YES}
    return {**facts, **dict.fromkeys(shown, str(Tristate.YES))}


def _counts(answers: Mapping[str, str], question: str) -> bool:
    return answers.get(question, Tristate.UNKNOWN) != Tristate.NO


def _clocks(
    result: RuleResult,
    about: About,
    answers: Mapping[str, str],
    packs: Sequence[Pack],
    digest: str,
    discovered_at: datetime,
    zone: ZoneInfo,
) -> Iterable[Clock]:
    to = _recipients(packs, about, discovered_at.astimezone(zone).date())
    for deadline in result.rule.deadlines:
        if deadline.id in GRAVER and not _counts(answers, GRAVER[deadline.id]):
            continue
        yield Clock(
            rule=result.rule.id,
            deadline=deadline.id,
            title=Text(f"{result.rule.title.sv}: {deadline.title.sv}", f"{result.rule.title.en}: {deadline.title.en}"),
            to=to,
            provisions=tuple(citation.label for citation in result.citations),
            packs=digest,
            started_at=discovered_at.astimezone(UTC),
            due_at=deadline_after(discovered_at, deadline.within, zone),
        )


def _recipients(packs: Sequence[Pack], about: About, on: date) -> Text:
    """Only an authority that is designated on the day: a proposed one has no power yet."""
    standing = [
        one.authority.name
        for one in authorities_on(packs, on)
        if one.authority.role == about.role and one.status is AuthorityStatus.DESIGNATED
    ]
    names = [*([about.first] if about.first else []), *(standing or [_NOBODY])]
    return Text("; ".join(name.sv for name in names), "; ".join(name.en for name in names))
