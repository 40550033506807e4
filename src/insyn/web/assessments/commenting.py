"""Comments by those who look over, and the answers to them. Each is an act; none opens or closes anything."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Record, System
from insyn.web.register.shapes import required

from .models import Comment, RecordDraft

MAX_COMMENT = 5_000


@transaction.atomic
def comment_record(*, actor: Actor, about: RecordDraft | Record, text: str) -> Act:
    """Say something about a draft or a record."""
    require(actor, "record.comment")
    draft, record = _either(about)
    said = _said(text)
    act = write_act(
        verb="comment_record", actor=actor, system=about.system, text={"kind": about.kind, **_which(draft, record), "text": said}
    )
    Comment.objects.create(
        draft=draft, record=record, text=said, person=actor.person, person_name=actor.name, role=actor.role, at=act.at, act=act
    )
    return act


@transaction.atomic
def answer_comment(*, actor: Actor, comment: Comment, text: str) -> Act:
    """Answer a comment, by whoever wrote what it is about or by the system's owner. It is answered once."""
    require(actor, "record.answer")
    comment = Comment.objects.select_for_update().get(pk=comment.pk)
    if comment.answer_act_id is not None:
        raise ActRefused(_("The comment is answered already."))
    if actor.person not in answerers(comment):
        raise NotAllowed(_("A comment is answered by who wrote the record, or by the system's owner."))
    said = _said(text)
    system: System = about_of(comment).system
    act = write_act(verb="answer_comment", actor=actor, system=system, text={"comment": comment.act_id, "text": said})
    comment.answer, comment.answered_name, comment.answered_role = said, actor.name, actor.role
    comment.answered_at, comment.answer_act = clock.now(), act
    comment.save()
    return act


def about_of(comment: Comment) -> RecordDraft | Record:
    return comment.record or comment.draft


def answerers(comment: Comment) -> frozenset[str]:
    """The persons who may answer."""
    about = about_of(comment)
    return frozenset({about.person, about.system.owner.person})


def _either(about: RecordDraft | Record) -> tuple[RecordDraft | None, Record | None]:
    if isinstance(about, Record):
        return None, about
    now = RecordDraft.objects.select_for_update().get(pk=about.pk)
    if not now.open:
        raise ActRefused(_("The draft is no longer open. Comment on the record instead."))
    return now, None


def _which(draft: RecordDraft | None, record: Record | None) -> dict[str, object]:
    return {"record": record.act_id} if record else {"draft": draft.pk if draft else None}


def _said(text: str) -> str:
    said = required("text", text)
    if len(said) > MAX_COMMENT:
        raise InvalidInput(_("Write text of at most %(limit)d characters.") % {"limit": MAX_COMMENT}, place="text")
    return said
