"""Letters to the public: to confirm a subscription, with news of the register, with an answer. Sent by the job that sends the offices';
the first letter of a subscription by the relay too, a moment after it was asked for, and never in the request: how long that takes would
tell whether the address was known.

1. Plan: each subscriber gets one letter of news a day at most. What it tells of (a stretch of the log) and that the subscriber has been
   told so far are written together, so that a run that ends in the middle neither loses nor repeats anything.
2. Send: each letter is claimed, sent and marked. Where a run ended between the two, the letter is sent again later under the same
   Message-ID: a file of that name is there already, and a mailbox that has the letter knows it by it.
3. Forget: addresses whose time is over.

A letter's text is made when it is sent, from what is public then. Nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from insyn.core.identity import mask
from insyn.web import clock
from insyn.web.accounts.models import Office
from insyn.web.portfolio.mail import outgoing
from insyn.web.register.models import Municipality

from . import limits, subscribing
from .events import Event, events, public_size
from .models import Contact, Letter, Message, Subscriber, Wish
from .subscribing import confirm_link, end_link, forget_unconfirmed, words_of
from .words import CONTACT_DAYS, LetterKind

#: So many letters in one run, so many subscribers planned at once, so many lines in a letter.
BATCH, AT_ONCE, LINES = 1_000, 200, 40
#: A claim older than this belongs to a run that ended; a letter that failed so often is given up.
_TAKEN_OVER = timedelta(hours=1)
MOST_TRIES = 7
#: Events that are looked through for one letter; more than its lines, since not all are wished for.
_LOOKED_AT = 2_000
_KEPT_SENT = timedelta(days=30)


#: Events by stretch of the log and language: many letters of one run tell of the same.
Told = dict[tuple[int, int, str], list[Event]]
#: Subject, lines and headers.
Parts = tuple[str, list[str], dict[str, str]]


@dataclass
class Outcome:
    """Counts, and why letters could not be sent, by the letter's number: an address stands in no output."""

    planned: int = 0
    sent: int = 0
    failed: dict[int, str] = field(default_factory=dict)


def send_letters(*, dry_run: bool = False) -> Outcome:
    """Plan, send and forget. A letter that cannot be sent stops no other, and is tried again the next time."""
    outcome = Outcome()
    if dry_run:
        outcome.planned = _to_be_planned().count()
        outcome.sent = _waiting().count()
        return outcome
    subscribing.take_in()
    outcome.planned = plan()
    server = outgoing()
    told: Told = {}
    for letter in list(_waiting()[:BATCH]):
        _send(letter, server, outcome, told)
    forget()
    return outcome


def send_asked_for() -> int:
    """The letters that somebody waits for, who has just asked for a subscription; returns how many went. The relay asks for them all the
    time. One that fails is left to the day's job, so that its tries last more than a moment.
    """
    subscribing.take_in()
    waiting, outcome = list(_waiting().filter(kind=LetterKind.CONFIRM, tries=0)[:BATCH]), Outcome()
    if waiting:
        server = outgoing()
        for letter in waiting:
            _send(letter, server, outcome, {})
    return outcome.sent


def _to_be_planned() -> QuerySet[Subscriber]:
    due = Q(planned_on=None) | Q(planned_on__lt=clock.today())
    return Subscriber.objects.exclude(confirmed_at=None).filter(due, from_index__lt=public_size()).order_by("pk")


def plan() -> int:
    """Make the letters of news of the day; returns how many. So many subscribers in one transaction."""
    end, made = public_size(), 0
    offices = _offices_above()
    while rows := list(_to_be_planned().prefetch_related("wishes__system", "wishes__office")[:AT_ONCE]):
        with transaction.atomic():
            told: dict[int, list[Event]] = {}
            for row in rows:
                if row.from_index not in told:
                    told[row.from_index] = events(row.from_index, end, most=_LOOKED_AT)
                wanted = any(_wanted(event, row.wishes.all(), offices) for event in told[row.from_index])
                kept = Subscriber.objects.filter(pk=row.pk, from_index=row.from_index).update(
                    from_index=end, planned_on=clock.today() if wanted else row.planned_on
                )
                if wanted and kept:
                    Letter.objects.create(kind=LetterKind.NEWS, subscriber=row, first=row.from_index, end=end, made_at=clock.now())
                    made += 1
    return made


def _offices_above() -> dict[int, frozenset[int]]:
    """Each office's key with those of the offices above it, and its own."""
    parents = dict(Office.objects.values_list("pk", "parent_id"))
    found = {}
    for key in parents:
        above, at = set(), key
        while at is not None and at not in above:
            above.add(at)
            at = parents.get(at)
        found[key] = frozenset(above)
    return found


def _wanted(event: Event, wishes: Iterable[Wish], offices: dict[int, frozenset[int]]) -> bool:
    return any(_fits(event, wish, offices) for wish in wishes if wish.confirmed_at is not None)


def _fits(event: Event, wish: Wish, offices: dict[int, frozenset[int]]) -> bool:
    if wish.kind and wish.kind != event.kind:
        return False
    if wish.system_id is not None:
        return event.concerns is None or wish.system_id in event.concerns
    if wish.office_id is not None:
        return event.concerns is None or any(wish.office_id in offices.get(key, frozenset()) for key in event.offices)
    return True


def _waiting() -> QuerySet[Letter]:
    """Letters to send, the oldest first: those that nobody has claimed, or whose run ended."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=clock.now() - _TAKEN_OVER)
    rows = Letter.objects.filter(free, sent_at=None, tries__lt=MOST_TRIES)
    return rows.select_related("subscriber", "wish__system", "wish__office", "contact").order_by("pk")


def _claim(letter: Letter) -> bool:
    """Take the letter, if nobody else has it now."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=clock.now() - _TAKEN_OVER)
    return bool(Letter.objects.filter(free, pk=letter.pk, sent_at=None).update(claimed_at=clock.now(), tries=F("tries") + 1))


def _send(letter: Letter, server: BaseEmailBackend, outcome: Outcome, told: Told) -> None:
    if not _claim(letter):
        return
    try:
        message = made(letter, told)
        if message is not None:
            server.send_messages([message])
    except FileExistsError:  # the run before this one ended after it had written the file
        message = None
    except (OSError, ValueError) as error:  # smtplib's own errors are of the one kind, an address that cannot be written of the other
        reason = f"{type(error).__name__}: {error}"
        Letter.objects.filter(pk=letter.pk).update(claimed_at=None, error=type(error).__name__)
        outcome.failed[letter.pk] = _without_addresses(letter, reason)
        return
    Letter.objects.filter(pk=letter.pk).update(sent_at=clock.now(), error="")
    outcome.sent += message is not None


def _without_addresses(letter: Letter, reason: str) -> str:
    """Cut short afterwards: half an address is one too."""
    return reason.replace(_address(letter), "…")[:240]


def _address(letter: Letter) -> str:
    if letter.subscriber is not None:
        return letter.subscriber.email
    return letter.contact.email if letter.contact is not None else ""


def made(letter: Letter, told: Told) -> EmailMessage | None:
    """The letter as it goes, in the reader's language; ``None`` where there is nothing left to say."""
    reader = letter.subscriber or letter.contact
    if reader is None:
        return None
    with translation.override(reader.language):
        parts = _PARTS[LetterKind(letter.kind)](letter, told)
        if parts is None:
            return None
        subject, lines, headers = parts
        host = settings.PUBLIC_ADDRESS.partition("//")[2].partition("/")[0].partition(":")[0] or "insyn"
        name = Municipality.the().name or "Insyn"
        return EmailMessage(
            subject=f"{name}: {subject}".replace("\n", " "),
            body="\n".join([*lines, ""]),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[reader.email],
            headers={"Message-ID": f"<{letter.name}@{host}>", "Auto-Submitted": "auto-generated", **headers},
        )


def _confirm_parts(letter: Letter, told: Told) -> Parts | None:
    if letter.wish is None or letter.wish.confirmed_at is not None:
        return None
    lines = [
        _("Somebody, maybe you, has asked for letters from the municipality's register of AI systems:"),
        words_of(letter.wish),
        "",
        _("Open this page to say yes:"),
        confirm_link(letter.wish),
        "",
        _("If it was not you, do nothing. Your address is deleted within three days, and no more letters come."),
    ]
    return _("Do you want letters about our AI systems?"), lines, {}


def _news_parts(letter: Letter, told: Told) -> Parts | None:
    subscriber = letter.subscriber
    if subscriber is None:
        return None
    offices, wishes = _offices_above(), list(subscriber.wishes.all())
    key = (letter.first, letter.end, subscriber.language)
    if key not in told:
        told[key] = events(letter.first, letter.end, most=_LOOKED_AT)
    found = [event for event in told[key] if _wanted(event, wishes, offices)]
    if not found:
        return None
    lines = [line for event in found[:LINES] for line in _news_lines(event)]
    if len(found) > LINES:
        more = len(found) - LINES
        lines += [ngettext("and %(number)d more", "and %(number)d more", more) % {"number": more}, ""]
    link = end_link(subscriber)
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Precedence": "bulk"}
    subject = ngettext("%(number)d event in the AI register", "%(number)d events in the AI register", len(found)) % {"number": len(found)}
    return subject, [*lines, _("End these letters, and delete your address: %(address)s") % {"address": link}], headers


def _news_lines(event: Event) -> Iterator[str]:
    day = f"{timezone.localdate(event.at):%Y-%m-%d}"
    yield f"- {day} {event.title}."
    yield f"  {settings.PUBLIC_ADDRESS}{event.href}"
    yield ""


def _answer_parts(letter: Letter, told: Told) -> Parts | None:
    message = letter.contact.message if letter.contact is not None else None
    if message is None:
        return None
    answered = message.merged_into or message
    lines = [
        _("You wrote to us about our AI systems. Your number is %(receipt)s.") % {"receipt": message.receipt},
        "",
        *([answered.finding_words + ".", ""] if answered.finding else []),
        mask(answered.answer),
        "",
        *([_changed_line(answered), ""] if answered.changed is not None else []),
        _("Follow your message: %(address)s") % {"address": settings.PUBLIC_ADDRESS + reverse("feedback:status", args=[message.receipt])},
        _("We delete your address %(days)d days after the answer.") % {"days": CONTACT_DAYS.days},
    ]
    return _("Answer to your message %(receipt)s") % {"receipt": message.receipt}, lines, {}


def _changed_line(message: Message) -> str:
    place = reverse("history:revision", args=[message.changed.system.slug, message.changed.number])
    return _("The record is changed: %(address)s") % {"address": settings.PUBLIC_ADDRESS + place}


def _round_parts(letter: Letter, told: Told) -> Parts | None:
    contribution = letter.contact.contribution if letter.contact is not None else None
    if contribution is None:
        return None
    place = settings.PUBLIC_ADDRESS + reverse("participation:public_round", args=[contribution.round.slug])
    lines = [
        _("You took part in “%(title)s”. Your proposal has number %(number)d.")
        % {"title": contribution.round.title, "number": contribution.number},
        _("The municipality has answered every proposal: %(address)s") % {"address": place},
        "",
        _("We delete your address %(days)d days after the answer.") % {"days": CONTACT_DAYS.days},
    ]
    return _("The round you took part in is answered"), lines, {}


_PARTS = {
    LetterKind.CONFIRM: _confirm_parts,
    LetterKind.NEWS: _news_parts,
    LetterKind.ANSWER: _answer_parts,
    LetterKind.ROUND: _round_parts,
}


def forget() -> None:
    """Delete what has had its time: addresses after their answer, wishes that nobody confirmed, counts of tries, letters long sent."""
    answered = clock.today() - CONTACT_DAYS
    Contact.objects.filter(message__answered_on__lte=answered).delete()
    Contact.objects.filter(contribution__round__published_on__lte=answered).delete()
    Contact.objects.filter(message__state="spam", message__received_on__lte=answered).delete()
    Letter.objects.filter(sent_at__lte=clock.now() - _KEPT_SENT).delete()
    forget_unconfirmed()
    limits.forget()
