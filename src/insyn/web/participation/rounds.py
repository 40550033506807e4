"""Acts about a participation round: draft, open, close, publish. Publishing supplies the record that the gates ask for.

A round can be published when it has ended, every proposal has been looked at and every one that will be shown has its answer.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import mask
from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.permissions import require, role_label
from insyn.web.feedback.models import Contact, Letter
from insyn.web.feedback.words import LetterKind
from insyn.web.register import packs
from insyn.web.register.actions import supply_record
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.actions.records import suppliers_of
from insyn.web.register.acts import write_act
from insyn.web.register.entry import FIELDS, Level, reading
from insyn.web.register.models import Act, Record, System

from .models import Round, RoundGroup
from .texts import plain_text
from .words import Moderation, Reply, RoundState

LONGEST_DAYS = 366
_GONE = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})
_LIMITS = {
    "title_sv": 120,
    "title_en": 120,
    "question_sv": 4000,
    "question_en": 4000,
    "groups_sv": 400,
    "groups_en": 400,
    "easy_sv": 1500,
    "easy_en": 1500,
}
_REQUIRED = frozenset({"title_sv", "question_sv", "groups_sv"})


@transaction.atomic
def make_round(*, actor: Actor, system: System, opens: date, closes: date, for_evaluation: bool = False, **texts: str) -> Round:
    """Make a draft of a round. Nobody sees it in public before it is opened."""
    require(actor, "round.lead")
    system = fresh(system, None)
    only_own(actor, system)
    if system.phase in _GONE:
        raise ActRefused(_("The system is out of use. There is nothing to ask about."))
    said = _checked(texts)
    _check_days(opens, closes)
    row = Round(system=system, slug=_free_slug(said["title_sv"]), opens=opens, closes=closes, for_evaluation=for_evaluation, **said)
    row.act = write_act(verb="make_round", actor=actor, system=system, text=_told(row))
    row.save()
    return row


@transaction.atomic
def change_round(
    *, actor: Actor, asked: Round, opens: date, closes: date, for_evaluation: bool = False, revision: int | None = None, **texts: str
) -> Act:
    """Change a draft. What the public has been asked stands."""
    row = _leading(actor, asked, revision)
    if row.state != RoundState.DRAFT:
        raise ActRefused(_("The round is open or has been. What the public was asked is not changed."))
    _check_days(opens, closes)
    for field, value in _checked(texts).items():
        setattr(row, field, value)
    row.opens, row.closes, row.for_evaluation = opens, closes, for_evaluation
    return _done(row, "change_round", actor, _told(row))


@transaction.atomic
def open_round(*, actor: Actor, asked: Round, revision: int | None = None) -> Act:
    """Invite the public. From its first day through its last anybody may answer."""
    row = _leading(actor, asked, None)
    if row.state != RoundState.DRAFT:
        raise ActRefused(_("The round is opened already."))
    _same_revision(row, revision)
    if row.opens < clock.today():
        raise ActRefused(_("The first day has passed: nobody can be invited to a day that was. Choose another one."))
    row.state = RoundState.OPEN
    _declare_groups(row)
    return _done(row, "open_round", actor, _told(row))


def _declare_groups(row: Round) -> None:
    """Keep the groups that the system affects, as the register calls them now: who answers may say that they belong to one of them."""
    if reading(row.system.visibility, FIELDS["affected_groups"]).level is Level.PUBLIC:
        for number, one in enumerate(row.system.affected_groups, 1):
            RoundGroup.objects.create(round=row, number=number, name_sv=one["group"]["sv"], name_en=one["group"]["en"])


@transaction.atomic
def close_round(*, actor: Actor, asked: Round, why_sv: str, why_en: str = "", revision: int | None = None) -> Act:
    """Close the round before its last day, with a reason that the public reads. At its last midnight it closes by itself."""
    row = _leading(actor, asked, None)
    if row.has_ended(clock.today()):
        raise ActRefused(_("The participation round is closed already."))
    _same_revision(row, revision)
    if not row.is_open(clock.today()):
        raise ActRefused(_("The round has not begun."))
    row.closed_early_sv, row.closed_early_en = plain_text("why_sv", why_sv), plain_text("why_en", why_en, required=False)
    row.state, row.closed_on = RoundState.CLOSED, clock.today()
    return _done(row, "close_round", actor, {"round": row.slug, "why": row.closed_early_sv})


@transaction.atomic
def publish_round(*, actor: Actor, asked: Round, changed_sv: str, changed_en: str = "", revision: int | None = None) -> Act:
    """Publish the proposals with their answers and what they changed; the gates' record is supplied in the same act."""
    row = _leading(actor, asked, None)
    if row.state == RoundState.PUBLISHED:
        raise ActRefused(_("The round is published already."))
    _same_revision(row, revision)
    _check_supplier(actor)
    if not row.has_ended(clock.today()):
        raise ActRefused(_("The round is open through %(day)s.") % {"day": row.closes})
    if reasons := what_is_left(row):
        raise ActRefused(*reasons)
    row.changed_sv = mask(plain_text("changed_sv", changed_sv))
    row.changed_en = mask(plain_text("changed_en", changed_en, required=False))
    row.state, row.published_on, row.closed_on = RoundState.PUBLISHED, clock.today(), row.closed_on or row.closes
    act = _done(row, "publish_round", actor, {"round": row.slug, "changed": row.changed_sv})
    supplied = supply_record(actor=actor, system=row.system, kind=RecordKind.PARTICIPATION_ROUND, content=_content(row), by_own_act=True)
    Round.objects.filter(pk=row.pk).update(record=Record.objects.get(act=supplied))
    contacts = Contact.objects.filter(contribution__round=row)
    Letter.objects.bulk_create(Letter(kind=LetterKind.ROUND, contact=contact, made_at=clock.now()) for contact in contacts)
    return act


def what_is_left(row: Round) -> list[str]:
    """What has to be done before the round can be published, each with the numbers of the proposals."""
    waiting = row.contributions.filter(moderation=Moderation.WAITING).values_list("number", flat=True)
    unanswered = row.contributions.filter(moderation=Moderation.APPROVED, reply="").values_list("number", flat=True)
    found = []
    if waiting:
        found.append(_("Nobody has looked at these proposals yet: %(numbers)s.") % {"numbers": _numbers(waiting)})
    if unanswered:
        found.append(_("These proposals have no answer: %(numbers)s.") % {"numbers": _numbers(unanswered)})
    return found


def _numbers(numbers: object) -> str:
    first = [str(number) for number in list(numbers)[:50]]
    return ", ".join(first)


def _content(row: Round) -> dict[str, object]:
    shown = row.contributions.filter(moderation=Moderation.APPROVED)
    replies = Counter(shown.values_list("reply", flat=True))
    with translation.override(settings.LANGUAGE_CODE):
        summary = _("%(received)d proposals in “%(title)s”, %(shown)d of them shown with an answer each.") % {
            "title": row.title_sv,
            "received": row.contributions.count(),
            "shown": shown.count(),
        }
    return {
        "summary": summary,
        "round": row.slug,
        "groups": row.groups_sv,
        "opened": row.opens.isoformat(),
        "closed": row.closed_on.isoformat(),
        "received": row.contributions.count(),
        "shown": shown.count(),
        **{str(reply): replies.get(reply, 0) for reply in Reply},
        "for_evaluation": "yes" if row.for_evaluation else "no",
        "changed": row.changed_sv,
    }


def _check_supplier(actor: Actor) -> None:
    allowed = suppliers_of(RecordKind.PARTICIPATION_ROUND, packs.in_force(clock.today()))
    if actor.role not in allowed:
        words = {"role": role_label(actor.role), "allowed": ", ".join(sorted(role_label(role) for role in allowed))}
        raise NotAllowed(_("%(role)s may not publish a round. It takes: %(allowed)s.") % words)


def _checked(texts: dict[str, str]) -> dict[str, str]:
    for field in texts:
        if field not in _LIMITS:
            raise InvalidInput(_("There is no such field."), place=field)
    return {field: plain_text(field, texts.get(field, ""), limit=limit, required=field in _REQUIRED) for field, limit in _LIMITS.items()}


def _check_days(opens: date, closes: date) -> None:
    if opens < clock.today():
        raise InvalidInput(_("The day has passed."), place="opens")
    if closes < opens:
        raise InvalidInput(_("The last day lies before the first."), place="closes")
    if (closes - opens).days > LONGEST_DAYS:
        raise InvalidInput(_("At most %(days)d days.") % {"days": LONGEST_DAYS}, place="closes")


def _free_slug(title: str) -> str:
    base = slugify(title)[:50].strip("-") or "samrad"
    taken = set(Round.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if slug not in taken)


def _leading(actor: Actor, asked: Round, revision: int | None) -> Round:
    require(actor, "round.lead")
    row = locked(asked)
    only_own(actor, row.system)
    _same_revision(row, revision)
    return row


def locked(asked: Round) -> Round:
    return Round.objects.select_for_update().select_related("system__owner").get(pk=asked.pk)


def _same_revision(row: Round, revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise ChangedMeanwhile(_("Somebody else has changed the round since you opened the page. Look at it and send again."))


def _done(row: Round, verb: str, actor: Actor, text: dict[str, object]) -> Act:
    row.revision += 1
    row.save()
    return write_act(verb=verb, actor=actor, system=row.system, text=text)


def _told(row: Round) -> dict[str, object]:
    days = {"opens": row.opens.isoformat(), "closes": row.closes.isoformat()}
    texts = {field: getattr(row, field) for field in _LIMITS}
    return {"round": row.slug, "for_evaluation": row.for_evaluation, **days, **texts}
