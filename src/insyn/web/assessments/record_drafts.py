"""Writing a record: begin, save, throw away, supply. Only supplying is an act, for nothing rests on a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.permissions import require, role_label
from insyn.web.register import packs
from insyn.web.register.actions import supply_record
from insyn.web.register.actions.records import suppliers_of
from insyn.web.register.contents.fields import MAX_ROWS, MAX_TEXT
from insyn.web.register.models import Act, Record, System

from .models import Attachment, Comment, RecordDraft

#: They may help to write any record; who may supply it is another question.
HELPING = frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR})
#: A draft larger than this was not written by hand.
MAX_DRAFT = 500_000
#: What of a draft stands beside its content.
ABOUT = ("version", "case_number", "valid_through", "public")


@transaction.atomic
def begin_record(*, actor: Actor, system: System, kind: RecordKind, content: Mapping[str, Any], about: Mapping[str, Any]) -> RecordDraft:
    """Begin a draft with what is typed so far. Raises :class:`NotAllowed` for an office that has nothing to write here."""
    require(actor, "record.write")
    may_write(actor, system, kind)
    now = clock.now()
    return RecordDraft.objects.create(
        system=system,
        kind=kind,
        content=_bounded(content),
        **_about(about),
        person=actor.person,
        person_name=actor.name,
        role=actor.role,
        begun_at=now,
        saved_at=now,
        saved_person=actor.person,
        saved_name=actor.name,
    )


@transaction.atomic
def save_record(*, actor: Actor, draft: RecordDraft, content: Mapping[str, Any], about: Mapping[str, Any], revision: int) -> RecordDraft:
    """Save what is typed. Raises :class:`ChangedMeanwhile` when somebody saved after ``revision``; then nothing is saved."""
    require(actor, "record.write")
    draft = newest_draft(draft, revision)
    may_write(actor, draft.system, RecordKind(draft.kind))
    draft.content = _bounded(content)
    for field, value in _about(about).items():
        setattr(draft, field, value)
    draft.revision += 1
    draft.saved_at, draft.saved_person, draft.saved_name = clock.now(), actor.person, actor.name
    draft.save()
    return draft


@transaction.atomic
def discard_record(*, actor: Actor, draft: RecordDraft, revision: int) -> None:
    """Throw the draft away. The row stays, marked; files and comments stay with it."""
    require(actor, "record.write")
    draft = newest_draft(draft, revision)
    may_write(actor, draft.system, RecordKind(draft.kind))
    draft.withdrawn_at, draft.withdrawn_name = clock.now(), actor.name
    draft.save()


@transaction.atomic
def supply_draft(*, actor: Actor, draft: RecordDraft, draft_revision: int, **record: Any) -> Act:
    """Supply the draft as a record, with its files; see :func:`supply_record` for ``record``. Its comments go with it."""
    draft = newest_draft(draft, draft_revision)
    if record["kind"] != draft.kind:
        raise InvalidInput(_("The draft is of another kind."), place="kind")
    files = draft.attachments.filter(removed_at=None)
    more = {"attached": [{"name": file.name, "sha256": file.sha256} for file in files]} if files else None
    act = supply_record(actor=actor, system=draft.system, more=more, **record)
    supplied = Record.objects.get(act=act)
    Attachment.objects.filter(pk__in=[file.pk for file in files]).update(record=supplied)
    Comment.objects.filter(draft=draft).update(record=supplied)
    RecordDraft.objects.filter(pk=draft.pk).update(record=supplied)
    return act


def newest_draft(draft: RecordDraft, revision: int | None) -> RecordDraft:
    """The draft as it is now; ``None`` asks for no check of the revision. Raises :class:`ActRefused` for one that is no longer open."""
    now = RecordDraft.objects.select_for_update().select_related("system__owner", "system__office").get(pk=draft.pk)
    if now.record_id is not None:
        raise ActRefused(_("The draft is supplied already."))
    if now.withdrawn_at is not None:
        raise ActRefused(_("The draft is thrown away already, by %(name)s.") % {"name": now.withdrawn_name})
    if revision is not None and now.revision != revision:
        raise ChangedMeanwhile(
            _(
                "%(name)s has saved the draft since you opened the page. Nothing was saved; what you wrote stands below, beside the other text."
            )
            % {"name": now.saved_name}
        )
    return now


def may_write(actor: Actor, system: System, kind: RecordKind) -> None:
    """Raises :class:`NotAllowed` unless the office may supply the record or helps to write it; an owner only on their own systems."""
    if actor.role == Role.SYSTEM_OWNER and system.owner.person != actor.person:
        raise NotAllowed(_("Only the owner of this system may do this. The owner is %(owner)s.") % {"owner": system.owner})
    allowed = writers_of(kind)
    if actor.role not in allowed:
        words = {"role": role_label(actor.role), "allowed": ", ".join(sorted(role_label(role) for role in allowed))}
        raise NotAllowed(_("%(role)s may not write this record. It takes: %(allowed)s.") % words)


def writers_of(kind: RecordKind) -> frozenset[Role]:
    return suppliers_of(kind, packs.in_force(clock.today())) | HELPING


def _about(about: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside the content, as typed and cut to what the columns hold: a draft is kept also with a slip in it."""
    return {
        "version": str(about.get("version", ""))[:64],
        "case_number": str(about.get("case_number", ""))[:40],
        "valid_through": str(about.get("valid_through", ""))[:10],
        "public": bool(about.get("public", True)),
    }


def _bounded(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content, if it is of a size that somebody may have typed. Raises :class:`InvalidInput`."""
    if sum(_size(name, value) for name, value in content.items()) > MAX_DRAFT:
        raise InvalidInput(_("The text is too long to be kept. Attach it as a file instead."))
    return dict(content)


def _size(name: str, value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(_size(inner, text) for inner, text in value.items())
    if isinstance(value, list):
        if len(value) > MAX_ROWS:
            raise InvalidInput(_("At most %(limit)d lines.") % {"limit": MAX_ROWS}, place=name)
        return sum(_size(name, one) for one in value)
    if len(str(value)) > MAX_TEXT:
        raise InvalidInput(_("Write text of at most %(limit)d characters.") % {"limit": MAX_TEXT}, place=name)
    return len(str(value))
