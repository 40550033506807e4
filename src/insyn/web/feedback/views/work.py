"""The queue of what the public has said, and one message: who answers, a draft, the answer, and whether it is shown on the record."""

from __future__ import annotations

from functools import partial

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.participation.views.steps import Step, sends, sent_form, take
from insyn.web.register.views.common import acting

from .. import actions
from ..forms import (
    AnswerForm,
    AssignForm,
    CloseForm,
    DraftForm,
    FindingForm,
    MergeForm,
    PublishForm,
    TakeForm,
    UnpublishForm,
)
from ..models import Message
from ..queries import handled_by, handlers_of, pace
from ..receiving import About
from ..words import Kind, State

ON_A_PAGE = 50
#: What the queue can be narrowed to, beside the kinds.
_VIEWS = ("open", "mine", "late", "suspected", "answered", "closed")


@requires("feedback.handle")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Messages that the reader may answer, the one due first on top. Lists show them with identity numbers masked."""
    today, view = clock.today(), request.GET.get("visa", "open")
    view, kind = (view if view in _VIEWS else "open"), request.GET.get("slag", "")
    rows = _narrowed(handled_by(request.user, today), view, request)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("sida"))
    context = {
        "page": page,
        "rows": [(row, row.is_overdue(today)) for row in page.object_list],
        "view": view,
        "kind": kind if kind in Kind.values else "",
        "views": list(zip(_VIEWS, _view_words(), strict=True)),
        "kinds": Kind.choices,
        "pace": pace(today),
    }
    return render(request, "feedback/queue.html", context)


def _view_words() -> tuple[str, ...]:
    return (_("Waiting"), _("Mine"), _("Late"), _("Maybe sent by a program"), _("Answered"), _("Closed or merged"))


def _narrowed(rows: QuerySet[Message], view: str, request: HttpRequest) -> QuerySet[Message]:
    waiting = rows.filter(state=State.OPEN).order_by("due_on", "pk")
    match view:
        case "mine":
            return waiting.filter(assigned=request.user)
        case "late":
            return waiting.filter(due_on__lt=clock.today())
        case "suspected":
            return waiting.filter(suspected=True)
        case "answered":
            return rows.filter(state=State.ANSWERED).order_by("-answered_on", "-pk")
        case "closed":
            return rows.filter(state__in=(State.MERGED, State.SPAM)).order_by("-pk")
        case _:
            return waiting.filter(suspected=False)


@requires("feedback.handle")
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, receipt: str) -> HttpResponse:
    """One message, and what can be done with it now."""
    rows = handled_by(request.user, clock.today()).select_related("changed", "merged_into", "answered", "published")
    found = get_object_or_404(rows, receipt=receipt)
    steps = _steps(request, found)
    if take(request, steps):
        return redirect("feedback:message", receipt)
    about = About(found.system, found.need, found.round)
    context = {
        "one": found,
        "about": about,
        "part": about.parts.get(found.part, found.part),
        "late": found.is_overdue(clock.today()),
        "steps": [step for step in steps if step.offered],
        "sent": sent_form(steps),
        "merged": found.merged.all(),
        "system": found.system,
    }
    return render(request, "feedback/message.html", context)


def _steps(request: HttpRequest, found: Message) -> list[Step]:
    actor = partial(acting, request, "feedback.handle", found.system)
    return [*_answering(request, found, actor), *_sorting(request, found, actor), *_publishing(found, actor)]


def _answering(request: HttpRequest, found: Message, actor: object) -> list[Step]:
    is_open, revised = found.state == State.OPEN, {"revision": found.revision}
    changes = list(actions.changes_since(found)[:20]) if found.kind == Kind.ERROR and found.system_id else []
    looks = found.kind == Kind.ERROR
    return [
        Step(
            name="take",
            title=_("I answer this"),
            done=_("The message is yours."),
            form=TakeForm,
            act=lambda form: actions.assign_message(actor=actor(), message=found, to=request.user),
            offered=is_open and found.assigned_id != request.user.pk,
        ),
        Step(
            name="draft",
            title=_("Save a draft"),
            done=_("The draft is saved."),
            form=DraftForm,
            act=sends(actions.draft_answer, actor, message=found),
            offered=is_open,
            initial={**revised, "draft": found.draft},
            open=bool(found.draft),
        ),
        Step(
            name="answer",
            title=_("Send the answer"),
            done=_("The answer is given. Whoever sent the message sees it with their key."),
            form=partial(FindingForm, changes=changes) if looks else AnswerForm,
            act=sends(actions.answer_message, actor, message=found),
            offered=is_open,
            initial={**revised, "answer": found.draft},
            open=True,
        ),
    ]


def _sorting(request: HttpRequest, found: Message, actor: object) -> list[Step]:
    is_open = found.state == State.OPEN
    put_away = found.state in (State.SPAM, State.MERGED) and found.answered_on is None
    return [
        Step(
            name="assign",
            title=_("Give it to somebody else"),
            done=_("The message has been handed on."),
            form=partial(AssignForm, people=handlers_of(found, clock.today())),
            act=sends(actions.assign_message, actor, message=found),
            offered=is_open,
        ),
        Step(
            name="merge",
            title=_("Answer it together with another"),
            done=_("The messages are merged. One answer goes to both."),
            form=MergeForm,
            act=sends(actions.merge_message, actor, message=found),
            offered=is_open,
        ),
        Step(
            name="close",
            title=_("Close without an answer"),
            done=_("The message is closed. It can be opened again."),
            form=CloseForm,
            act=sends(actions.close_message, actor, message=found),
            offered=is_open,
            danger=True,
        ),
        Step(
            name="reopen",
            title=_("Open it again"),
            done=_("The message is open."),
            form=TakeForm,
            act=lambda form: actions.reopen_message(actor=actor(), message=found),
            offered=put_away,
        ),
    ]


def _publishing(found: Message, actor: object) -> list[Step]:
    answered = found.state == State.ANSWERED
    return [
        Step(
            name="publish",
            title=_("Show question and answer on the record"),
            done=_("Question and answer are shown on the record."),
            form=PublishForm,
            act=sends(actions.publish_message, actor, message=found),
            offered=answered and found.may_publish,
            initial={"question_shown": found.question_shown or found.shown, "answer_shown": found.answer_shown or found.answer},
            open=found.published_on is None,
        ),
        Step(
            name="unpublish",
            title=_("Take question and answer off the record"),
            done=_("They are no longer shown."),
            form=UnpublishForm,
            act=sends(actions.unpublish_message, actor, message=found),
            offered=found.published_on is not None,
            danger=True,
        ),
    ]
