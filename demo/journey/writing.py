"""Step 5: a printed letter with a one-time code, so that the resident of one case can open it."""

from __future__ import annotations

import msgspec

from demo.journal import letters
from demo.lindvalla import people
from demo.loans import words
from insyn.core.terms import Role

from .context import Journey
from .streaming import Streamed

LETTER_WIDTH = 70


class Written(msgspec.Struct, frozen=True):
    """The case and the code of the letter; the register itself keeps only a keyed hash of the code."""

    case: str
    rid: str
    code: str


def run(journey: Journey, streamed: Streamed) -> Written:
    """Print the letter that lies unopened, or have the case officer issue a new one."""
    number, rid = next(iter(streamed.waiting.items()))
    case = next(one.case for one in journey.applications.live if one.number == int(number))
    held = letters(journey.home).get(rid)
    if held and is_unused(held):
        journey.terminal.line("The letter from before has not been used:")
    else:
        held = issue(journey, rid)
        journey.terminal.line(f"{people.OFFICER.name} (Handläggare) issues a letter for the case {case}:")
    print_letter(journey, case, held)
    return Written(case, rid, held)


def is_unused(code: str) -> bool:
    from insyn.web import clock
    from insyn.web.residents.codes import code_hash
    from insyn.web.residents.models import CaseCode

    return CaseCode.objects.filter(code_hash=code_hash(code), used_at=None, expires__gt=clock.now()).exists()


def issue(journey: Journey, rid: str) -> str:
    from demo.register import acting, system_of
    from insyn.web.residents.actions import issue_case_code

    code = issue_case_code(actor=acting(people.OFFICER, Role.CASE_OFFICER), system=system_of(words.SLUG), rids=[rid])
    return letters(journey.home).keep(rid, code)


def print_letter(journey: Journey, case: str, code: str) -> None:
    lines = (
        f"{people.MUNICIPALITY}, Enheten för bostadslån",
        f"Ärende {case}",
        "",
        "Ett AI-system har lämnat ett förslag i ditt ärende. Ett förslag är",
        "inget beslut: en människa beslutar. Du kan se vad systemet såg, vad",
        "som talade för och emot, och be att en människa tittar igen.",
        "",
        f"Gå till  {journey.services.web_url}/mitt-arende/",
        f"Kod      {code}",
        "Koden gäller en gång.",
    )
    frame = f"+{'-' * (LETTER_WIDTH + 4)}+"
    journey.terminal.raw("\n".join([frame, *(f"|  {line:<{LETTER_WIDTH}}  |" for line in lines), frame]))
