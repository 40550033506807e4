"""Acts about the proposals of a round: how they come in, who looks at them, what each is answered.

An act tells that a proposal came, never what it says: acts stay for good, and a text from outside may hold what has to be taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import mask
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.addresses import checked_address
from insyn.web.feedback.codes import new_receipt
from insyn.web.feedback.models import Contact
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act
from insyn.web.residents.codes import address_hash

from .models import AnswerTries, Contribution, Round
from .rounds import locked
from .texts import MAX_PROPOSAL, plain_text
from .words import HiddenBecause, Moderation, Reply, RoundState, Way

#: Who acts when somebody answers on the web: nobody asked who it is.
SOMEBODY = Actor(person="resident", name="Någon som deltar i samrådet", role="resident")
MOST_FROM_ADDRESS = 10
TRIES_WINDOW = timedelta(hours=1)
MOST_IN_A_DAY = 1_000
MOST_AT_A_MEETING = 50
_TOKEN = re.compile(r"[0-9a-f]{32}")


@transaction.atomic
def count_answer(address: str) -> bool:
    """Count one answer from an address; False when it has had its share for now. Old rows go first, so the table stays small."""
    now = clock.now()
    AnswerTries.objects.filter(started__lte=now - TRIES_WINDOW).delete()
    row, _made = AnswerTries.objects.get_or_create(address=address_hash(address), defaults={"started": now})
    AnswerTries.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count < MOST_FROM_ADDRESS


@transaction.atomic
def answer_round(*, asked: Round, text: str, token: str, group: int | None = None, email: str = "", language: str = "sv") -> Contribution:
    """Somebody answers on the web. The same form sent twice is one proposal: the first is returned.

    ``group``: the number of the declared group that they say they belong to. ``email``: where a letter goes when the round is answered.
    Nothing keeps one person from answering several times; the page says so.
    """
    row = locked(asked)
    if not _TOKEN.fullmatch(token):
        raise InvalidInput(_("The form is incomplete. Open the page again."), place="token")
    before = Contribution.objects.filter(round=row, token=token).first()
    if before is not None:
        return before
    if not row.is_open(clock.today()):
        raise ActRefused(_("The round is not open. Your proposal was not saved; what you wrote stands below."))
    if row.contributions.filter(way=Way.WEB, received_on=clock.today()).count() >= MOST_IN_A_DAY:
        raise ActRefused(_("Unusually many proposals have come in today. Try again tomorrow, or write a letter."))
    text = plain_text("text", text, limit=MAX_PROPOSAL)
    declared = row.declared.filter(number=group).first() if group is not None else None
    if group is not None and declared is None:
        raise InvalidInput(_("Choose one of the alternatives."), place="group")
    email = checked_address(email)
    number = _next_number(row)
    act = write_act(verb="answer_round", actor=SOMEBODY, system=row.system, text={"round": row.slug, "number": number})
    about = {"way": Way.WEB, "received_on": clock.today(), "token": token, "receipt": new_receipt(), "group": declared}
    saved = _enter(row, number, act, text, **about)
    if email:
        Contact.objects.create(contribution=saved, email=email, language=language)
    return saved


@transaction.atomic
def enter_paper(*, actor: Actor, asked: Round, text: str, received_on: date) -> Contribution:
    """Enter a proposal that came on paper. Who entered it, and when it came, stand beside it."""
    row = _entering(actor, asked)
    _check_day(row, "received_on", received_on)
    text = plain_text("text", text, limit=MAX_PROPOSAL)
    if row.contributions.filter(way=Way.PAPER, original=text, received_on=received_on).exists():
        raise ActRefused(_("The same letter is entered already."))
    number = _next_number(row)
    act = write_act(verb="enter_paper", actor=actor, system=row.system, text=_named(row, [number]))
    return _enter(row, number, act, text, way=Way.PAPER, received_on=received_on, entered_by=actor.name)


@transaction.atomic
def enter_meeting(
    *, actor: Actor, asked: Round, held_on: date, place: str, participants: int, proposals: Iterable[str]
) -> list[Contribution]:
    """Enter what was proposed at a meeting: its day, place and number of participants, and each proposal by itself."""
    row = _entering(actor, asked)
    _check_day(row, "held_on", held_on)
    place = plain_text("place", place, limit=200)
    if not 1 <= participants <= 100_000:
        raise InvalidInput(_("How many took part?"), place="participants")
    texts = [plain_text("proposals", text, limit=MAX_PROPOSAL) for text in proposals if text.strip()]
    if not 1 <= len(texts) <= MOST_AT_A_MEETING:
        raise InvalidInput(_("Write one proposal or more, at most %(limit)d.") % {"limit": MOST_AT_A_MEETING}, place="proposals")
    if row.contributions.filter(way=Way.MEETING, received_on=held_on, place=place, original__in=texts).exists():
        raise ActRefused(_("Something of this is entered already from the same meeting."))
    first = _next_number(row)
    act = write_act(verb="enter_meeting", actor=actor, system=row.system, text=_named(row, range(first, first + len(texts))))
    about = {"way": Way.MEETING, "received_on": held_on, "place": place, "participants": participants, "entered_by": actor.name}
    return [_enter(row, first + place_in_list, act, text, **about) for place_in_list, text in enumerate(texts)]


@transaction.atomic
def approve_proposal(*, actor: Actor, proposal: Contribution, shown: str = "") -> Act:
    """Let a proposal be shown. ``shown``: the text without what is about somebody's private life; the page says that it was shortened."""
    row = _moderating(actor, proposal)
    text = mask(plain_text("shown", shown or row.shown, limit=MAX_PROPOSAL))
    if row.moderation == Moderation.APPROVED and text == row.shown:
        raise ActRefused(_("The proposal is approved already."))
    row.moderation, row.hidden_because, row.shown = Moderation.APPROVED, "", text
    row.edited = text != row.original
    row.moderated = write_act(verb="approve_proposal", actor=actor, system=row.round.system, text=_named(row.round, [row.number]))
    row.save()
    return row.moderated


@transaction.atomic
def hide_proposal(*, actor: Actor, proposal: Contribution, because: str) -> Act:
    """Let a proposal not be shown, for one of the closed reasons. What came stays; the page counts it with its reason."""
    row = _moderating(actor, proposal)
    if because not in HiddenBecause.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="because")
    if row.moderation == Moderation.HIDDEN and row.hidden_because == because:
        raise ActRefused(_("The proposal is hidden already."))
    row.moderation, row.hidden_because = Moderation.HIDDEN, because
    text = _named(row.round, [row.number]) | {"because": str(because)}
    row.moderated = write_act(verb="hide_proposal", actor=actor, system=row.round.system, text=text)
    row.save()
    return row.moderated


@transaction.atomic
def answer_proposal(*, actor: Actor, proposal: Contribution, reply: str, why_sv: str, why_en: str = "") -> Act:
    """Answer a proposal: taken, in part or not, and why. Until the round is published the answer may be changed."""
    row = _moderating(actor, proposal)
    if row.moderation != Moderation.APPROVED:
        raise ActRefused(_("Look first whether the proposal can be shown."))
    if reply not in Reply.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="reply")
    said = plain_text("why_sv", why_sv, limit=MAX_PROPOSAL), plain_text("why_en", why_en, limit=MAX_PROPOSAL, required=False)
    sv, en = (mask(text) for text in said)
    if (row.reply, row.why_sv, row.why_en) == (reply, sv, en):
        raise ActRefused(_("The proposal has this answer already."))
    row.reply, row.why_sv, row.why_en = reply, sv, en
    text = _named(row.round, [row.number]) | {"reply": str(reply), "why": sv}
    row.replied = write_act(verb="answer_proposal", actor=actor, system=row.round.system, text=text)
    row.save()
    return row.replied


def _entering(actor: Actor, asked: Round) -> Round:
    require(actor, "round.enter")
    row = locked(asked)
    only_own(actor, row.system)
    if row.state in (RoundState.DRAFT, RoundState.PUBLISHED):
        raise ActRefused(_("Proposals are entered from when the round is opened until it is published."))
    return row


def _check_day(row: Round, place: str, day: date) -> None:
    if day > clock.today():
        raise InvalidInput(_("The day has not come yet."), place=place)
    last = row.closed_on or row.closes
    if not row.opens <= day <= last:
        words = {"first": row.opens, "last": last}
        raise InvalidInput(_("The round is open from %(first)s through %(last)s.") % words, place=place)


def _moderating(actor: Actor, proposal: Contribution) -> Contribution:
    require(actor, "round.lead")
    row = Contribution.objects.select_for_update().select_related("round__system__owner").get(pk=proposal.pk)
    only_own(actor, row.round.system)
    if row.round.state == RoundState.PUBLISHED:
        raise ActRefused(_("The round is published. What stands there stands."))
    return row


def _next_number(row: Round) -> int:
    return (row.contributions.aggregate(last=Max("number"))["last"] or 0) + 1


def _enter(row: Round, number: int, act: Act, text: str, **about: object) -> Contribution:
    shown = mask(text)
    return Contribution.objects.create(round=row, number=number, original=text, shown=shown, edited=shown != text, act=act, **about)


def _named(row: Round, numbers: Iterable[int]) -> dict[str, object]:
    return {"round": row.slug, "numbers": list(numbers)}
