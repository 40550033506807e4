"""What waits for somebody among records: a second signature, a comment without an answer, a draft left lying."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import RecordKind
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import Item
from insyn.web.register import packs
from insyn.web.register.labels import label
from insyn.web.register.models import Record

from .models import Comment, RecordDraft
from .signing import seconds_of_each

MOST = 50


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """Everything of these kinds that the user can do something about."""
    return [*_seconds(user, roles, on), *_comments(user), *_drafts(user)]


def _seconds(user: User, roles: frozenset[str], on: date) -> Iterator[Item]:
    """Only kinds of which a gate asks for two signatures are looked at. While the packs cannot be read, nothing can be signed either."""
    try:
        found_packs = packs.in_force(on)
    except ActRefused:
        return
    rules = [rule.demands for pack in found_packs for rule in pack.rules.values() if rule.demands and rule.demands.second_from]
    mine = {rule.record.value for rule in rules if roles & {*rule.supplied_by, *rule.second_from}}
    if not mine:
        return
    unsigned = Record.objects.valid(on).filter(kind__in=mine, countersignatures=None, countersigns=None)
    found = unsigned.exclude(person=user.person).select_related("system", "version", "countersigns")
    records = list(found.order_by("-pk")[:MOST])
    each = seconds_of_each(records, on=on)
    for record in records:
        seconds = each[record.pk]
        role = next((role for role in seconds.wanted if role in roles), "")
        if seconds.waits and role:
            to = reverse("assessments:countersign", args=[record.system.slug, record.pk])
            title = _("%(what)s waits for a second signature") % {"what": label("record", record.kind)}
            yield Item(kind="second_signature", title=title, href=to, due=None, system=record.system, role=role)


def _comments(user: User) -> Iterator[Item]:
    """Those on what the user wrote."""
    found = Comment.objects.filter(answer_act=None).select_related("record__system", "draft__system")
    for comment in (*found.filter(record__person=user.person)[:MOST], *found.filter(record=None, draft__person=user.person)[:MOST]):
        about = comment.record or comment.draft
        title = _("Answer the comment on: %(what)s") % {"what": label("record", about.kind)}
        yield Item(
            kind="comment", title=title, href=reverse("assessments:answer", args=[comment.pk]), due=None, system=about.system, role=""
        )


def _drafts(user: User) -> Iterator[Item]:
    for draft in RecordDraft.objects.filter(person=user.person, withdrawn_at=None, record=None).select_related("system")[:MOST]:
        title = _("Go on with the draft: %(what)s") % {"what": label("record", RecordKind(draft.kind))}
        to = reverse("assessments:record_draft", args=[draft.system.slug, draft.pk])
        yield Item(kind="record_draft", title=title, href=to, due=None, system=draft.system, role=str(draft.role))
