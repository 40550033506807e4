"""Letters about what waits: one to a person, once a day at most, to those who asked for them.

A letter goes through other people's servers. So it holds names of systems, what kind of thing waits and the day; the rest stands behind
the link, after signing in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from insyn.web import clock
from insyn.web.accounts.models import Mandate

from .items import Item, collect_items
from .kinds import kind_label
from .mail import outgoing
from .models import DigestChoice, DigestSent

#: What is due later than this waits for another letter.
AHEAD = timedelta(days=14)
#: So many lines stand in a letter.
LINES = 40
_WEEK = timedelta(days=7)


@dataclass
class Outcome:
    """Who (by person id) got a letter, who had nothing waiting or was not due, and to whom it could not be sent and why."""

    sent: list[str] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def send_digests(*, on: date, dry_run: bool = False) -> Outcome:
    """Send the letters of the day. A recipient who cannot be reached does not stop the rest, and is tried again the next time."""
    outcome, server = Outcome(), outgoing()
    for choice in _due(on):
        person = choice.user.person
        with translation.override(choice.language):
            items = worth_a_letter(collect_items(choice.user, on), on)
            if not items:
                outcome.nothing.append(person)
            elif dry_run:
                outcome.sent.append(person)
            else:
                _send(choice, items, on, server, outcome)
    return outcome


def _due(on: date) -> Iterable[DigestChoice]:
    """Those who asked for a letter, hold a mandate and have got none too lately."""
    choices = DigestChoice.objects.exclude(often=DigestChoice.Often.NEVER).exclude(user__email="").filter(user__is_active=True)
    working = set(Mandate.objects.valid(on).values_list("user_id", flat=True))
    today = set(DigestSent.objects.filter(day=on, error="").values_list("user_id", flat=True))
    week = today | set(DigestSent.objects.filter(day__gt=on - _WEEK, day__lte=on, sent_at__isnull=False).values_list("user_id", flat=True))
    for choice in choices.select_related("user").order_by("user_id"):
        lately = week if choice.often == DigestChoice.Often.WEEKLY else today
        if choice.user_id in working and choice.user_id not in lately:
            yield choice


def worth_a_letter(items: Iterable[Item], on: date) -> list[Item]:
    """What is overdue, due soon, or waits without a day."""
    return [item for item in items if item.due is None or item.due <= on + AHEAD]


def _send(choice: DigestChoice, items: list[Item], on: date, server: BaseEmailBackend, outcome: Outcome) -> None:
    row = _claim(choice, len(items), on)
    if row is None:
        return
    try:
        server.send_messages([letter(choice, items, on)])
    except (OSError, ValueError) as error:  # smtplib's own errors are of the one kind, an address that cannot be written of the other
        reason = f"{type(error).__name__}: {error}"[:300]
        DigestSent.objects.filter(pk=row.pk).update(error=reason)
        outcome.failed[choice.user.person] = reason
    else:
        DigestSent.objects.filter(pk=row.pk).update(sent_at=clock.now())
        outcome.sent.append(choice.user.person)


def _claim(choice: DigestChoice, count: int, on: date) -> DigestSent | None:
    """The row that says this run sends the letter; nothing when another run has it. One that failed may be taken over."""
    with transaction.atomic():
        row, made = DigestSent.objects.get_or_create(user=choice.user, day=on, defaults={"count": count})
        if not made and not DigestSent.objects.filter(pk=row.pk, sent_at=None).exclude(error="").update(error="", count=count):
            return None
    return row


def letter(choice: DigestChoice, items: list[Item], on: date) -> EmailMessage:
    """The letter in the language that is active."""
    overdue = sum(item.due is not None and item.due < on for item in items)
    subject = ngettext("%(number)d thing waits for you", "%(number)d things wait for you", len(items)) % {"number": len(items)}
    if overdue:
        subject += ", " + ngettext("%(number)d overdue", "%(number)d overdue", overdue) % {"number": overdue}
    lines = [_line(item, on) for item in items[:LINES]]
    if len(items) > LINES:
        more = len(items) - LINES
        lines.append(ngettext("and %(number)d more", "and %(number)d more", more) % {"number": more})
    end = [
        _("Everything is here: %(address)s") % {"address": settings.PUBLIC_ADDRESS + reverse("register:start")},
        _("Choose how often letters come: %(address)s") % {"address": settings.PUBLIC_ADDRESS + reverse("portfolio:settings")},
    ]
    body = "\n".join([subject + ".", "", *lines, "", *end, ""])
    message = EmailMessage(subject=f"Insyn: {subject}", body=body, from_email=settings.DEFAULT_FROM_EMAIL, to=[choice.user.email])
    message.extra_headers = {"Auto-Submitted": "auto-generated"}
    return message


def _line(item: Item, on: date) -> str:
    name = f"{item.system.name}: " if item.system else ""
    line = f"- {name}{kind_label(item.kind)}"
    if item.due is None:
        return line
    words = _("overdue since %(day)s") if item.due < on else _("due %(day)s")
    return f"{line} ({words % {'day': item.due.isoformat()}})"
