"""What templates show of records: what they say, their files, comments and signatures."""

from __future__ import annotations

from typing import Any

from django import template

from insyn.law.model import Citation
from insyn.web import clock
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.assessments.commenting import answerers
from insyn.web.assessments.models import Comment
from insyn.web.assessments.reading import Part, citations_of, parts_of
from insyn.web.assessments.signing import seconds_of
from insyn.web.register.contents import ContentField, tells_of_a_test, was_passed
from insyn.web.register.models import Record
from insyn.web.register.queries import roles_on

register = template.Library()


@register.filter
def citations(column: ContentField) -> list[Citation]:
    """The provisions behind a question."""
    return citations_of(column)


@register.filter
def record_parts(record: Record) -> list[Part]:
    """What a record says, field by field."""
    return parts_of(record)


@register.filter
def megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} kB"


@register.inclusion_tag("assessments/parts/around_record.html", takes_context=True)
def around_record(context: Any, record: Record) -> dict[str, Any]:
    """Test outcome, signatures, files and comments of a record, with what the reader can do about each."""
    request, today = context["request"], clock.today()
    held = roles_on(request.user, record.system, today)
    seconds = seconds_of(record, on=today)
    return {
        "record": record,
        "system": record.system,
        "seconds": seconds,
        "may_sign": seconds.waits and record.person != request.user.person and bool(held & set(seconds.wanted)),
        "first": record.countersigns.first if hasattr(record, "countersigns") else None,
        "tested": tells_of_a_test(record.kind),
        "passed": was_passed(record.kind, record.content),
        "files": record.attachments.filter(removed_at=None),
        "comments": record.comments.all(),
        "may_comment": bool(held & {role.value for role in PERMISSIONS["record.comment"]}),
        "request": request,
    }


@register.filter
def answered_by(comment: Comment, request: Any) -> bool:
    """May the reader answer this comment?"""
    return comment.answer_act_id is None and request.user.person in answerers(comment)
