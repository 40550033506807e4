"""The acts that only the unions, the safety representative and the residents themselves can do, each in their own name.

1. :func:`negotiate`: every union is invited, meets, approves the minutes, gives its word and closes. The last one supplies the record.
2. :func:`sign_as_safety`: the safety representative signs the owner's assessment.
3. :func:`hold_round`: a round is opened, answered on the web, on paper and at a meeting, read, answered and published; and a question
   from the system's page is answered on it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from demo.lindvalla import influence, people
from demo.lindvalla.people import PersonOf
from insyn.core.terms import RecordKind, Role

from .context import Journey

_DAYS_OPEN = 30


def negotiate(journey: Journey, slug: str, *, owner: PersonOf, case_number: str) -> str:
    """Negotiate with every union; say who did what."""
    from demo.register import acting, office_of, system_of
    from insyn.web import clock
    from insyn.web.participation import negotiating

    today, leader, system = clock.today(), acting(owner), system_of(slug)
    unions = [office_of(talk.union) for talk in influence.TALKS]
    started = {row.union.slug for row in system.negotiations.exclude(state="closed").select_related("union")}
    if not started:
        negotiating.invite_unions(
            actor=leader,
            system=system,
            section="11",
            unions=unions,
            subject=influence.SUBJECT,
            invited_on=today - timedelta(days=40),
            case_number=case_number,
        )
    for talk in influence.TALKS:
        row = system.negotiations.filter(union__slug=talk.union).order_by("-pk")[0]
        representative = acting(talk.representative)
        negotiating.record_meeting(
            actor=leader,
            negotiation=row,
            met_on=today - timedelta(days=20),
            minutes=talk.minutes,
            requests=talk.requests,
            answer=talk.answer,
            central_by=today + timedelta(days=influence.DAYS_TO_ASK),
            central_ground=influence.CENTRAL_GROUND,
        )
        negotiating.approve_minutes(actor=representative, negotiation=row, version=row.minutes_version + 1)
        negotiating.state_for_union(actor=representative, negotiation=row, stance=talk.stance, statement=talk.statement)
        negotiating.close_negotiation(actor=representative, negotiation=row)
        journey.terminal.line(f"{talk.representative.name} ({row.union.name_sv}) gives the union's word ({talk.stance}) and closes.", 5)
    return f"{owner.name} negotiates with {len(unions)} unions; the gate opens with the last of them."


def sign_as_safety(slug: str) -> str:
    """The safety representative signs what the owner assessed."""
    from demo.register import acting, system_of
    from insyn.web.participation import queries, safety

    system = system_of(slug)
    assessment = queries.assessment_to_sign(system)
    assert assessment is not None
    actor = acting(people.SAFETY)
    safety.state_safety_part(actor=actor, system=system, assessment=assessment, stance="taken_part", text=influence.SAFETY_WORD)
    return f"{people.SAFETY.name} (Skyddsombud) signs the work-environment assessment as having taken part."


def hold_round(slug: str) -> str:
    """One round from invitation to publication, and the next one opened for the evaluation."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.participation import proposals, rounds

    today, leader, system = clock.today(), acting(people.COORDINATOR), system_of(slug)
    last = today + timedelta(days=_DAYS_OPEN)
    asked = rounds.make_round(actor=leader, system=system, opens=today, closes=last, **influence.ROUND)
    rounds.open_round(actor=leader, asked=asked)
    found = [
        proposals.answer_round(asked=asked, text=influence.ON_THE_WEB.text, token=secrets.token_hex(16)),
        proposals.enter_paper(actor=leader, asked=asked, text=influence.ON_PAPER.text, received_on=today),
        *proposals.enter_meeting(
            actor=leader,
            asked=asked,
            held_on=today,
            place=influence.PLACE,
            participants=influence.PARTICIPANTS,
            proposals=[said.text for said in influence.AT_THE_MEETING],
        ),
    ]
    rounds.close_round(actor=leader, asked=asked, **influence.EARLY)
    for one, said in zip(found, (influence.ON_THE_WEB, influence.ON_PAPER, *influence.AT_THE_MEETING), strict=True):
        proposals.approve_proposal(actor=leader, proposal=one)
        proposals.answer_proposal(actor=leader, proposal=one, reply=said.reply, why_sv=said.why)
    rounds.publish_round(actor=leader, asked=asked, **influence.CHANGED)
    following = rounds.make_round(actor=leader, system=system, opens=today, closes=last, for_evaluation=True, **influence.NEXT_ROUND)
    rounds.open_round(actor=leader, asked=following)
    _answer_a_question(slug)
    return f"{people.COORDINATOR.name} (AI-samordnare) asks those affected, answers {len(found)} proposals and publishes them."


def _answer_a_question(slug: str) -> None:
    """Somebody asks on the system's page, without a name; the answer stands there for everybody."""
    from demo.register import acting, system_of
    from insyn.web.feedback.actions import answer_message, publish_message
    from insyn.web.feedback.receiving import About, receive_message

    leader = acting(people.COORDINATOR)
    asked = receive_message(about=About(system=system_of(slug)), kind="question", text=influence.ASKED, token=secrets.token_hex(16)).message
    answer_message(actor=leader, message=asked, answer=influence.ANSWERED)
    publish_message(actor=leader, message=asked, question_shown=asked.shown, answer_shown=influence.ANSWERED, looked=True)


def own_way(journey: Journey, slug: str, kind: RecordKind, *, role: Role, owner: PersonOf, case_number: str) -> str:
    """Supply a record that comes from acts of its own; empty for every other kind."""
    if kind is RecordKind.MBL_SECTION_11:
        return negotiate(journey, slug, owner=owner, case_number=case_number)
    if kind is RecordKind.PARTICIPATION_ROUND:
        return hold_round(slug)
    if kind is RecordKind.ASSESSMENT_WORK_ENVIRONMENT and role is Role.SAFETY_REPRESENTATIVE:
        return sign_as_safety(slug)
    return ""
