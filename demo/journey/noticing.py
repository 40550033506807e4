"""How Lindvalla's people are told that AI helps, and how they appeal. The other systems outside the gateway say nothing yet, and it is seen.

Of Lånestöd every call says it, for the application form does; that the letter of decision says it too is recorded by its owner.
"""

from __future__ import annotations

from demo.lindvalla import people, systems
from demo.lindvalla.people import PersonOf
from demo.loans import words
from insyn.core.terms import NoticeChannel

from .context import Journey

APPEAL = {
    "appeal_sv": "Tycker du att beslutet är fel? Skriv till oss och säg vad du vill ändra. Vi ser till att brevet kommer till rätt domstol.",
    "appeal_en": "Do you think that the decision is wrong? Write to us what you want changed. We see to it that your letter reaches the court.",
    "contact_sv": "Ring kontaktcenter i Lindvalla. Säg ditt ärendenummer.",
    "contact_en": "Phone the contact centre in Lindvalla. Say the number of your case.",
}


def tell_people(journey: Journey) -> None:
    """The text on appeal of the loan decisions, the notice in their letters, and one of a system that Insyn does not reach. Done once."""
    from demo.register import acting, system_of
    from insyn.web.letters.actions import set_matter_text

    loans = system_of(words.SLUG)
    if not loans.matter_texts.exists():
        set_matter_text(actor=acting(people.OWNER), system=loans, matter_type="", **APPEAL)
    _record(words.SLUG, people.OWNER, NoticeChannel.LETTER, "proposal")
    _record(systems.ASSISTANT["slug"], people.OTHER_OWNER, NoticeChannel.WEB_TEXT, "writing")
    journey.terminal.line(
        "Every loan decision says how to appeal and that AI helped, and so does whatever text the assistant has helped to write."
    )


def _record(slug: str, owner: PersonOf, channel: NoticeChannel, step: str) -> None:
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.letters.actions import record_notice
    from insyn.web.letters.notices import notice_text, step_text

    system = system_of(slug)
    if system.notice_ways.exists():
        return
    said = {f"words_{language}": notice_text(system, channel, step, language) for language in ("sv", "en")}
    steps = {f"step_{language}": step_text(system, step, language) for language in ("sv", "en")}
    record_notice(actor=acting(owner), system=system, channel=channel, first_day=clock.today(), **steps, **said)
