"""Words and numbers as the public reads them."""

from __future__ import annotations

import re
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _, gettext_lazy

from insyn.core.entries import EntryKind
from insyn.core.terms import Mode
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import holds
from insyn.web.register.models import System
from insyn.web.residents.plain import number_text

register = template.Library()

STATUS_WORDS = {
    "in_use": gettext_lazy("In use"),
    "in_use_outside": gettext_lazy("In use, but not held by Insyn"),
    "overdue": gettext_lazy("Held: the evaluation is overdue"),
    "closed": gettext_lazy("Held: something has ended or is missing"),
    "not_approved": gettext_lazy("Not approved for use"),
    "paused": gettext_lazy("Paused"),
    "stopped": gettext_lazy("Stopped"),
    "retired": gettext_lazy("Retired"),
    "refused": gettext_lazy("The municipality said no"),
}
ENTRY_WORDS = {
    EntryKind.LOG_OPENED: gettext_lazy("The log was opened"),
    EntryKind.ACT: gettext_lazy("An act in the register"),
    EntryKind.PERMIT: gettext_lazy("A change of what is allowed"),
    EntryKind.CLEARANCE: gettext_lazy("A system was let in"),
    EntryKind.DECISION: gettext_lazy("A proposal or decision by a system"),
    EntryKind.RELEASE: gettext_lazy("An answer was released"),
    EntryKind.REFUSAL: gettext_lazy("A refusal"),
    EntryKind.BLIND_JUDGEMENT: gettext_lazy("A person judged a case before the proposal was shown"),
    EntryKind.REVIEW: gettext_lazy("A person decided"),
    EntryKind.RECONSIDERATION: gettext_lazy("A person looked at a decision again"),
    EntryKind.OPENED: gettext_lazy("A sealed record was opened"),
    EntryKind.HISTORICAL_DECISION: gettext_lazy("A decision from before Insyn"),
    EntryKind.NOT_USED: gettext_lazy("An answer was not used"),
    EntryKind.STOP: gettext_lazy("A stop"),
    EntryKind.RESUME: gettext_lazy("A stop was lifted"),
    EntryKind.SHRED: gettext_lazy("A sealed record was destroyed"),
    EntryKind.CLOCK_CLOSED: gettext_lazy("Closed: the clock jumped"),
    EntryKind.CLOCK_OPENED: gettext_lazy("Opened again after the clock was checked"),
}
DECISION_WORDS = {
    "use": gettext_lazy("The system may be used"),
    "decide_use": gettext_lazy("The system may be used"),
    "in_use": gettext_lazy("The system may be used"),
    "pilot": gettext_lazy("To try the system as a pilot"),
    "continue": gettext_lazy("To let the system go on"),
    "pause": gettext_lazy("To pause the system"),
    "retire": gettext_lazy("To retire the system"),
    "refuse": gettext_lazy("To say no to the system"),
    "data_use": gettext_lazy("On a use of data"),
}

_ARTICLE = re.compile(r"\b(Article|point) (\d+(?:\([0-9a-z]+\))*)")
_PLACES = {"Article": "artikel", "point": "punkt"}
_INSTRUMENTS = {"Annex": "bilaga", "AI Act": "AI-förordningen", "GDPR": "dataskyddsförordningen"}


@register.simple_tag
def missing() -> SafeString:
    """What the register should say and does not."""
    return format_html('<span class="missing">{}</span>', _("Missing."))


@register.simple_tag
def absent(system: System, field: str) -> SafeString:
    """Why a field of a veiled entry is empty: withheld by a provision, not shown, or missing."""
    if provision := system.withheld.get(field):
        words = _("This is withheld under %(provision)s.") % {"provision": provision}
        return format_html('<span class="tag warn">{}</span> {}', _("Withheld"), words)
    return format_html('<span class="muted">{}</span>', _("Not shown here.")) if field in system.internal else missing()


@register.filter
def as_link(text: str) -> SafeString:
    """An https address as a link that tells the other place nothing; anything else as it is."""
    if text.startswith("https://"):
        return format_html('<a href="{}" rel="noreferrer nofollow">{}</a>', text, text)
    return format_html("{}", text)


@register.filter
def number(value: object) -> str:
    """A number in the reader's language."""
    return number_text(float(value), language=get_language() or "sv") if isinstance(value, int | float) else str(value)


@register.filter
def clock_time(text: str) -> str:
    """A UTC time (RFC 3339) in the site's time zone, to the second: 2026-03-11 14:07:31."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if moment.tzinfo else text


@register.filter
def status_word(key: str) -> str:
    return str(STATUS_WORDS.get(key, key))


@register.filter
def entry_word(kind: str) -> str:
    return str(ENTRY_WORDS.get(kind, kind))


@register.filter
def provision(label: str) -> str:
    """Where a demand stands, for a Swedish reader as Swedish law writes it: ``Article 5(1)(a) AI Act`` is ``artikel 5.1 a AI-förordningen``."""
    if not (get_language() or "sv").startswith("sv"):
        return label
    text = _ARTICLE.sub(lambda found: f"{_PLACES[found[1]]} {_place(found[2])}", label)
    for name, swedish in _INSTRUMENTS.items():
        text = text.replace(name, swedish)
    return text


def _place(article: str) -> str:
    """``5(1)(a)`` as ``5.1 a``."""
    number, *parts = article.replace(")", "").split("(")
    return number + "".join(f".{part}" if part.isdecimal() else f" {part}" for part in parts)


@register.filter
def decision_word(what: str) -> str:
    return str(DECISION_WORDS.get(what, what))


@register.filter
def who_decides(system: System) -> str:
    """In one sentence, whether a person has the last word."""
    if Mode.AUTOMATED in system.modes:
        return _("The system may decide by itself in some cases. You can always ask that a person looks at it.")
    if Mode.SUPPORT in system.modes:
        return _("A case officer always decides. The system only makes a proposal, and the officer must give reasons of their own.")
    if Mode.ADVICE in system.modes:
        return _("A person. The system only gives advice, which decides nothing.")
    return _("Missing: no form of decision has been decided.")


@register.filter
def may(user: User, permission: str) -> bool:
    """Whether the signed-in person holds a mandate for this today."""
    return holds(user, permission, clock.today()) is not None
