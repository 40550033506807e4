"""Acts of those who answer. Each entry says that it was done, and under which receipt; no text of a message or an answer is in an act."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import mask
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import PERMISSIONS, require, role_label
from insyn.web.history.models import Revision
from insyn.web.participation.texts import plain_text
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act

from .codes import read_receipt
from .models import Contact, Letter, Message
from .words import MAX_ANSWER, MAX_MESSAGE, Finding, Kind, LetterKind, SpamReason, State


@transaction.atomic
def assign_message(*, actor: Actor, message: Message, to: User) -> Act:
    """Say who answers: oneself, or somebody else who may."""
    row = _open(actor, message)
    if row.assigned_id == to.pk:
        raise ActRefused(_("%(person)s has the message already.") % {"person": to})
    roles = set(Mandate.objects.valid(clock.today()).filter(user=to).values_list("role", flat=True))
    allowed = {str(role) for role in PERMISSIONS["feedback.handle"]}
    owns = row.system is not None and row.system.owner_id == to.pk
    if not roles & (allowed if owns else allowed - {"system_owner"}):
        words = {"person": to, "allowed": ", ".join(sorted(role_label(role) for role in allowed))}
        raise ActRefused(_("%(person)s may not answer this. It takes: %(allowed)s.") % words)
    row.assigned = to
    return _done(row, "assign_message", actor, {"to": to.person})


@transaction.atomic
def draft_answer(*, actor: Actor, message: Message, draft: str, revision: int | None = None) -> Message:
    """Keep a draft. Nothing rests on it, so it is no act; it is gone when the answer is given."""
    row = _open(actor, message)
    _same_revision(row, revision)
    row.draft = plain_text("draft", draft, limit=MAX_ANSWER)
    row.revision += 1
    row.save(update_fields=["draft", "revision"])
    return row


@transaction.atomic
def answer_message(
    *, actor: Actor, message: Message, answer: str, finding: str = "", changed: int | None = None, revision: int | None = None
) -> Act:
    """Answer. Of an error report also what a look at it ended in; one that is right names the revision of the entry that put it right."""
    row = _open(actor, message)
    _same_revision(row, revision)
    row.answer = plain_text("answer", answer, limit=MAX_ANSWER)
    row.finding, row.changed = _found(row, finding, changed)
    row.state, row.answered_on, row.draft = State.ANSWERED, clock.today(), ""
    told: dict[str, object] = {"answer_sha256": hashlib.sha256(row.answer.encode()).hexdigest()}
    if row.finding:
        told["finding"] = row.finding
    if row.changed is not None:
        told |= {"revision": row.changed.number, "changed_by": row.changed.act_id}
    act = _done(row, "answer_message", actor, told, also=lambda act: _set(row, answered=act))
    followed = row.merged.filter(state=State.MERGED)
    followed.update(answered_on=row.answered_on, answered=act)
    contacts = Contact.objects.filter(message__in=[row.pk, *followed.values_list("pk", flat=True)])
    Letter.objects.bulk_create(Letter(kind=LetterKind.ANSWER, contact=contact, made_at=clock.now()) for contact in contacts)
    return act


def _found(row: Message, finding: str, changed: int | None) -> tuple[str, Revision | None]:
    if row.kind != Kind.ERROR:
        return "", None
    if finding not in Finding.values:
        raise InvalidInput(_("Say whether the report was right."), place="finding")
    if finding == Finding.NOT_RIGHT or row.system is None:
        return finding, None
    found = changes_since(row).filter(number=changed or 0).first()
    if found is None:
        raise InvalidInput(
            _("A report that is right ends in a change of the record. Change the entry first, and choose that change here."),
            place="changed",
        )
    return finding, found


def changes_since(row: Message) -> object:
    """The changes of the entry since the message came, the newest first."""
    rows = (
        Revision.objects.filter(system=row.system_id, act__isnull=False, at__gte=row.act.at) if row.system_id else Revision.objects.none()
    )
    return rows.select_related("act").order_by("-number")


@transaction.atomic
def publish_message(*, actor: Actor, message: Message, question_shown: str, answer_shown: str, looked: bool) -> Act:
    """Put question and answer on the record, as a named person has looked at them. Identity numbers are masked once more."""
    row = _handling(actor, message)
    if row.state != State.ANSWERED:
        raise ActRefused(_("Only what is answered can be published."))
    if not row.may_publish:
        raise ActRefused(_("The sender has said no to publication."))
    if not looked:
        raise InvalidInput(_("Read both texts and say that you have: they tell of nobody's private life."), place="looked")
    question = mask(plain_text("question_shown", question_shown, limit=MAX_MESSAGE))
    answer = mask(plain_text("answer_shown", answer_shown, limit=MAX_ANSWER))
    if row.published_on is not None and (question, answer) == (row.question_shown, row.answer_shown):
        raise ActRefused(_("This is published already."))
    row.question_shown, row.answer_shown, row.published_on = question, answer, row.published_on or clock.today()
    return _done(row, "publish_message", actor, {}, also=lambda act: _set(row, published=act))


@transaction.atomic
def unpublish_message(*, actor: Actor, message: Message, why: str) -> Act:
    """Take question and answer off the record again; why is said in the act."""
    row = _handling(actor, message)
    if row.published_on is None:
        raise ActRefused(_("This is not published."))
    why = mask(plain_text("why", why, limit=400))
    row.question_shown, row.answer_shown, row.published_on, row.published = "", "", None, None
    return _done(row, "unpublish_message", actor, {"why": why})


@transaction.atomic
def merge_message(*, actor: Actor, message: Message, into: str) -> Act:
    """Let another message, which says the same of the same, be answered for this one too."""
    row = _open(actor, message)
    other = Message.objects.select_for_update(of=("self",)).select_related("system__owner").filter(receipt=read_receipt(into)).first()
    if other is None or other.pk == row.pk:
        raise InvalidInput(_("There is no other message of that number."), place="into")
    _check_own(actor, other)
    if (other.system_id, other.need_id, other.round_id) != (row.system_id, row.need_id, row.round_id):
        raise InvalidInput(_("That message is about something else."), place="into")
    if other.state not in (State.OPEN, State.ANSWERED):
        raise InvalidInput(_("That message is closed, or merged itself."), place="into")
    if row.merged.exists():
        raise ActRefused(_("Others are merged into this one. Answer it, or merge them elsewhere first."))
    row.state, row.merged_into, row.draft = State.MERGED, other, ""
    row.answered_on, row.answered = other.answered_on and clock.today(), other.answered
    if other.answered_on is not None:
        for contact in Contact.objects.filter(message=row):
            Letter.objects.create(kind=LetterKind.ANSWER, contact=contact, made_at=clock.now())
    return _done(row, "merge_message", actor, {"into": other.receipt})


@transaction.atomic
def close_message(*, actor: Actor, message: Message, reason: str) -> Act:
    """Close without an answer, for one of the closed reasons. What came stays, and can be opened again."""
    row = _open(actor, message)
    if reason not in SpamReason.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="reason")
    if row.merged.exists():
        raise ActRefused(_("Others are merged into this one. Answer it, or merge them elsewhere first."))
    row.state, row.spam_reason, row.draft = State.SPAM, reason, ""
    return _done(row, "close_message", actor, {"reason": str(reason)})


@transaction.atomic
def reopen_message(*, actor: Actor, message: Message) -> Act:
    """Open again what was closed without an answer, or merged by mistake and not yet answered."""
    row = _handling(actor, message)
    if row.state == State.ANSWERED or (row.state == State.MERGED and row.answered_on is not None):
        raise ActRefused(_("What is answered is not opened again."))
    if row.state == State.OPEN:
        raise ActRefused(_("The message is open."))
    row.state, row.spam_reason, row.merged_into, row.suspected = State.OPEN, "", None, False
    return _done(row, "reopen_message", actor, {})


def _handling(actor: Actor, message: Message) -> Message:
    require(actor, "feedback.handle")
    row = Message.objects.select_for_update(of=("self",)).select_related("system__owner", "act").get(pk=message.pk)
    _check_own(actor, row)
    return row


def _check_own(actor: Actor, row: Message) -> None:
    """An owner answers for their own systems; what is about none waits for the coordinator and the rights officers."""
    if row.system is not None:
        only_own(actor, row.system)
    elif actor.role == "system_owner":
        raise NotAllowed(_("The message is about no system of yours."))


def _open(actor: Actor, message: Message) -> Message:
    row = _handling(actor, message)
    if row.state != State.OPEN:
        raise ActRefused(_("The message is dealt with already: %(state)s.") % {"state": row.state_words.lower()})
    return row


def _same_revision(row: Message, revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise ChangedMeanwhile(_("Somebody else has worked on the message meanwhile. Nothing was saved; what you wrote stands below."))


def _done(row: Message, verb: str, actor: Actor, told: dict[str, object], also: Callable[[Act], None] = lambda act: None) -> Act:
    act = write_act(verb=verb, actor=actor, system=row.system, text={"receipt": row.receipt, **told})
    also(act)
    row.revision += 1
    row.save()
    return act


def _set(row: Message, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
