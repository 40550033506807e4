"""Step 2: Lånestöd asks and is refused; offices meet the gates act by act; the board decides.

1. Ask for clearance as the loan program does. Print each reason: what is wrong, what would mend it, who can.
2. The owner answers the packs' questions of fact.
3. For each gate that is not met, an office that the gate names supplies the record. Ask again: the reasons shrink.
4. The owner proposes, the board decides. The permit reaches the log; from then on the answer is yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from demo.lindvalla import facts, people, systems
from demo.lindvalla.people import PersonOf, second_in
from demo.lindvalla.records import Case, content_of, exercise_content, validation_texts
from demo.loans import words
from demo.loans.validation import LIMITS
from insyn.core.errors import InsynError
from insyn.core.labels import label
from insyn.core.refusals import Reason, RefusalCode, Refused
from insyn.core.terms import RecordKind, Role
from insyn.sdk import Guard

from . import influence
from .context import Journey
from .data import decide_data, limit_calls
from .reviewing import set_share

#: Which office acts where a gate names several: the one furthest from the system first.
ACTS_FIRST = (
    Role.UNION_REPRESENTATIVE,
    Role.SAFETY_REPRESENTATIVE,
    Role.DATA_PROTECTION_OFFICER,
    Role.ELECTED_MEMBER,
    Role.COUNCIL_SECRETARY,
    Role.DELEGATE,
    Role.INFORMATION_SECURITY,
    Role.AI_COORDINATOR,
    Role.INVENTORY_LEAD,
    Role.TECHNICIAN,
    Role.SYSTEM_OWNER,
)
CASE_NUMBER = "SBN 2026/204"
MOST_ACTS = 60
SHOWN_WHOLE = 3
Content = Callable[[RecordKind, Case], dict[str, Any]]


class Approved(msgspec.Struct, frozen=True):
    """``reasons``: how many stood in the way, each time Lånestöd asked. ``epoch`` of the permit in force at the end."""

    reasons: tuple[int, ...]
    gates: int
    epoch: int


def run(journey: Journey) -> Approved:
    if done := journey.journal.done("approving", Approved):
        journey.terminal.line(f"Done before: {done.gates} gates met, decision taken, permit epoch {done.epoch}.")
        return done
    from demo.register import system_of

    guard = journey.loan_guard()
    counts = [len(ask(journey, guard, show=True))]
    counts += meet_gates(journey, guard)
    decide_data(journey)
    limit_calls(journey)
    set_share(journey)
    decide(journey, words.SLUG, versions=(words.VERSION,), proposer=people.OWNER)
    remaining = ask(journey, guard, show=True)
    if remaining:
        raise InsynError("the decision is taken, and the gateway still refuses Lånestöd")
    approve_load_test(journey)
    result = Approved((*counts, 0), gates_of(words.SLUG)[1], system_of(words.SLUG).epoch)
    journey.terminal.line(f"Clearance is given. Reasons in the way, each time it asked: {', '.join(map(str, result.reasons))}.")
    journey.journal.keep("approving", result)
    return result


def ask(journey: Journey, guard: Guard, *, show: bool = False) -> tuple[Reason, ...]:
    """Ask for clearance as the program does; return what stands in the way."""
    from demo.register import settle

    settle()
    try:
        with guard.decision():
            return ()
    except Refused as refused:
        if refused.refusal.code is RefusalCode.UNREACHABLE:
            raise  # no answer is a no, and no news about the gates
        if show:
            print_refusal(journey, refused)
        return refused.refusal.reasons


def print_refusal(journey: Journey, refused: Refused) -> None:
    """The first reasons whole; of the others what they are called, what would mend them and who can."""
    terminal, reasons = journey.terminal, refused.refusal.reasons
    terminal.line(f"Lånestöd asks for clearance. REFUSED ({refused.refusal.code}), {len(reasons)} reasons:")
    for reason in reasons[:SHOWN_WHOLE]:
        source = " ".join(part for part in (reason.rule, reason.provision, f"[{reason.level}]" if reason.level else "") if part)
        terminal.line(f"- {reason.sentence.en} {f'({source})' if source else ''}", 5)
        terminal.line(f"  Mend: {reason.mend.en} Who: {offices(reason)}.", 5)
    for reason in reasons[SHOWN_WHOLE:]:
        terminal.line(f"- {reason.sentence.en.partition(':')[0]}: {reason.mend.en} Who: {offices(reason)}.", 5)
    if refused.refusal.manual_way:
        terminal.line(f"Until then: {refused.refusal.manual_way.en}", 5)


def offices(reason: Reason) -> str:
    """Who can mend it, in words."""
    return ", ".join(label(Role(role)).en for role in reason.who) or "the calling program"


def meet_gates(journey: Journey, guard: Guard) -> list[int]:
    """Answer the facts, then let the named offices supply what is missing; ask after each act."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.register.actions import answer_facts

    counts = []
    answers = facts.lanestod_answers(clock.today())
    if any(fact not in system_of(words.SLUG).facts for fact in asked(answers)):
        answer_facts(actor=acting(people.OWNER), system=system_of(words.SLUG), answers=asked(answers))
        counts.append(len(ask(journey, guard)))
        journey.terminal.line(f"{people.OWNER.name} (Systemägare) answers the packs' questions of fact. Reasons left: {counts[-1]}.")
    record_need(journey)
    for _ in range(MOST_ACTS):
        said = supply_next(journey, words.SLUG, content_of)
        if not said:
            return counts
        counts.append(len(ask(journey, guard)))
        journey.terminal.line(f"{said} Reasons left: {counts[-1]}.")
    raise InsynError("a gate does not open, whatever is supplied")


def record_need(journey: Journey) -> None:
    """What was weighed before Lånestöd was built, and why the municipality built it: no gate of Lindvalla's waits for it. Done once."""
    from demo.register import system_of

    said = ""
    for kind in (RecordKind.NEEDS_ANALYSIS, RecordKind.SOURCING_CHOICE):
        if not system_of(words.SLUG).records.filter(kind=kind).exists():
            said = supply(journey, words.SLUG, kind, people.OWNER, Role.SYSTEM_OWNER, content_of)
    if said:
        journey.terminal.line(f"{people.OWNER.name} supplies what was weighed before: the needs analysis and the choice to build.")


def asked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that an installed pack asks for."""
    from insyn.law.answers import facts_of
    from insyn.web.register import packs

    known = facts_of(packs.installed())
    return {fact: answer for fact, answer in answers.items() if fact in known and not known[fact].derived}


def gates_of(slug: str) -> tuple[list[Any], int]:
    """The gates of a system that are not met, and how many there are in all."""
    from demo.register import system_of
    from insyn.web import clock
    from insyn.web.register import compiling, packs

    system, today = system_of(slug), clock.today()
    names = system.versions.values_list("name", flat=True)
    gates = compiling.gates_of(system, packs.in_force(today), versions=names, on=today)
    return [gate for gate in gates if not gate.met], len(gates)


def supply_next(journey: Journey, slug: str, content: Content) -> str:
    """Supply the record of the first gate that is not met; say who did what. Empty when every gate is met."""
    unmet, _ = gates_of(slug)
    if not unmet:
        return ""
    gate = unmet[0]
    if gate.demands is None:
        raise InsynError(f"{gate.rule} forbids {slug}, and no record opens it")
    role = next((role for role in ACTS_FIRST if role in gate.who), gate.who[0])
    return supply(journey, slug, gate.demands, holder_of(slug, role, gate.demands), role, content)


def holder_of(slug: str, role: Role, kind: RecordKind) -> PersonOf:
    """Who holds the role: for an owner, the owner of this system; not somebody who supplied this kind already, where there is another."""
    from demo.register import system_of, user_of

    system = system_of(slug)
    if role is Role.SYSTEM_OWNER:
        return next(person for person in people.PEOPLE if person.username == system.owner.username)
    person = people.BY_ROLE[role]
    if system.records.filter(kind=kind, person=user_of(person).person).exists():
        return second_in(role, not_person=person) or person
    return person


def supply(journey: Journey, slug: str, kind: RecordKind, person: PersonOf, role: Role, content: Content) -> str:
    from demo.register import acting, system_of
    from insyn.web.register.actions import supply_record
    from insyn.web.register.contents import PER_VERSION

    system = system_of(slug)
    owner = next(one for one in people.PEOPLE if one.username == system.owner.username)
    if said := influence.own_way(journey, slug, kind, role=role, owner=owner, case_number=CASE_NUMBER):
        return said
    if kind is RecordKind.CLASSIFICATION:
        classify(slug, person, role)
        return f"{person.name} ({label(role).sv}) supplies: {label(kind).sv}."
    version = system.versions.get().name if kind in PER_VERSION else ""
    supply_record(
        actor=acting(person, role),
        system=system,
        kind=kind,
        content=content(kind, case_of(journey)),
        case_number=CASE_NUMBER,
        version=version,
    )
    return f"{person.name} ({label(role).sv}) supplies: {label(kind).sv}."


def classify(slug: str, person: PersonOf, role: Role) -> None:
    """Classify the system from the register's answers, with what shows the answers that matter most."""
    from demo.register import acting, system_of
    from insyn.web.assessments.actions import record_classification
    from insyn.web.assessments.drafts import begin_draft, save_rows

    actor, system = acting(person, role), system_of(slug)
    draft = begin_draft(actor=actor, system=system)
    evidence = facts.EVIDENCE if slug == words.SLUG else {}
    rows = {fact: {"answer": system.facts[fact], "evidence": shown} for fact, shown in evidence.items() if fact in system.facts}
    if rows:
        draft = save_rows(actor=actor, draft=draft, rows=rows, revision=draft.revision)
    record_classification(actor=actor, system=system, draft_revision=draft.revision, case_number=CASE_NUMBER)


def case_of(journey: Journey, *, stop_holder: PersonOf = people.STOP_HOLDER) -> Case:
    from demo.register import user_of
    from insyn.web import clock

    parts, checks = journey.validation
    today: date = clock.today()
    return Case(
        today=today,
        stop_holder=user_of(stop_holder).person,
        reviewers=(user_of(people.OFFICER).person, user_of(people.SECOND_OFFICER).person),
        validation=validation_texts(parts, checks, LIMITS, training=len(journey.applications.training)),
    )


def decide(journey: Journey, slug: str, *, versions: tuple[str, ...], proposer: PersonOf) -> None:
    """A substitute for the stop holder, the owner's proposal, the board's decision; then the permit stands in the log."""
    from demo.register import acting, settle, system_of
    from insyn.core.terms import Phase
    from insyn.web.register.actions import decide_use, propose_use, supply_record

    chair = acting(people.CHAIR)
    if system_of(slug).records.filter(kind=RecordKind.STOP_MANDATE).count() == 1:
        content = content_of(RecordKind.STOP_MANDATE, case_of(journey, stop_holder=people.SUBSTITUTE))
        supply_record(actor=chair, system=system_of(slug), kind=RecordKind.STOP_MANDATE, content=content, case_number=CASE_NUMBER)
    if system_of(slug).phase == Phase.ASSESSMENT:
        propose_use(actor=acting(proposer), system=system_of(slug), why="Kraven är uppfyllda.")
    if system_of(slug).phase == Phase.DECISION:
        decide_use(
            actor=chair,
            system=system_of(slug),
            versions=versions,
            case_number=CASE_NUMBER,
            conditions="En människa beslutar alltid. Utfallet per grupp redovisas öppet.",
        )
        journey.terminal.line(f"{proposer.name} proposes and {people.CHAIR.name} (Samhällsbyggnadsnämnden) decides: {slug} may be used.")
    settle()


def approve_load_test(journey: Journey) -> None:
    """The load test goes the same way; every system does."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.register.actions import answer_facts

    answers = asked(facts.exercise_answers(clock.today()))
    if any(fact not in system_of(systems.LOAD_TEST).facts for fact in answers):
        answer_facts(actor=acting(people.OTHER_OWNER), system=system_of(systems.LOAD_TEST), answers=answers)
    for _ in range(MOST_ACTS):
        if not supply_next(journey, systems.LOAD_TEST, exercise_content):
            break
    # No gate asks for reviewers where nobody is decided about; a permit never goes without them.
    if not system_of(systems.LOAD_TEST).records.filter(kind=RecordKind.HUMAN_OVERSIGHT).exists():
        supply(journey, systems.LOAD_TEST, RecordKind.HUMAN_OVERSIGHT, people.OTHER_OWNER, Role.SYSTEM_OWNER, exercise_content)
    decide(journey, systems.LOAD_TEST, versions=(systems.LOAD_VERSION,), proposer=people.OTHER_OWNER)
