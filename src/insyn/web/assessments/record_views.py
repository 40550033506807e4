"""Pages about a record that is supplied: comments, the second signature, its files, and the record as a document."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import actor_of, public, requires
from insyn.web.attempts import attempt
from insyn.web.register.models import Record
from insyn.web.register.queries import roles_on
from insyn.web.register.views.common import acting, system_called
from insyn.web.register.views.systems import newest

from .attaching import stored
from .commenting import about_of, answer_comment, answerers, comment_record
from .document import document_of
from .models import Attachment, Comment, RecordDraft
from .reading import parts_of
from .record_forms import AnswerForm, CommentForm, RevisionForm
from .signing import countersign_record, seconds_of


@requires("record.comment")
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, slug: str, pk: int, on: str) -> HttpResponse:
    """Comment on a record, or on a draft."""
    system = system_called(slug)
    about = get_object_or_404(RecordDraft if on == "draft" else Record, pk=pk, system=system)
    form = CommentForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: comment_record(actor=acting(request, "record.comment", system), about=about, text=form.cleaned_data["text"]),
        done=_("The comment is kept."),
    ):
        return _back_to(about)
    return render(request, "assessments/comment.html", {"system": system, "about": about, "on": on, "form": form})


@requires("record.answer")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a comment."""
    found = get_object_or_404(Comment.objects.select_related("draft__system__owner", "record__system__owner"), pk=pk)
    about = about_of(found)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: answer_comment(actor=acting(request, "record.answer", about.system), comment=found, text=form.cleaned_data["text"]),
        done=_("The answer is kept."),
    ):
        return _back_to(about)
    mine = request.user.person in answerers(found) and found.answer_act_id is None
    return render(
        request, "assessments/answer.html", {"system": about.system, "comment": found, "about": about, "form": form, "may_answer": mine}
    )


def _back_to(about: RecordDraft | Record) -> HttpResponse:
    if isinstance(about, RecordDraft):
        return redirect("assessments:record_draft", about.system.slug, about.pk)
    return redirect("register:record", about.system.slug, about.pk)


@requires("record.countersign")
@require_http_methods(["GET", "HEAD", "POST"])
def countersign(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is to be signed, in full, and the button that signs it."""
    system = system_called(slug)
    record = get_object_or_404(Record.objects.select_related("version", "act", "system"), pk=pk, system=system)
    seconds = seconds_of(record, on=clock.today())
    form = RevisionForm(request.POST or None, initial={"revision": system.revision})
    if request.method == "POST" and attempt(
        request, form, lambda: _countersign(request, record, form), done=_("The record is signed by you too.")
    ):
        return redirect("register:record", slug, pk)
    context = {"system": system, "record": record, "parts": parts_of(record), "form": newest(form, system), "seconds": seconds}
    return render(request, "assessments/countersign.html", context)


def _countersign(request: HttpRequest, record: Record, form: RevisionForm) -> None:
    held = roles_on(request.user, record.system, clock.today())
    wanted = seconds_of(record, on=clock.today()).wanted
    role = next((role for role in wanted if role in held), min(held, default=""))
    if not role:
        raise NotAllowed(_("None of your roles may sign this record."))
    countersign_record(actor=actor_of(request.user, role, clock.today()), record=record, revision=form.cleaned_data["revision"])


@requires("attachment.see")
@require_safe
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of a draft or a record, to keep: never shown by the browser itself."""
    found = get_object_or_404(Attachment, pk=pk, removed_at=None)
    try:
        return given_out(found)
    except ActRefused as error:
        return render(request, "assessments/file_gone.html", {"reasons": error.reasons}, status=500)


@public("a file that the municipality shows with a record that it shows")
@require_safe
def public_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of a public record, when it is marked as public itself. Every other answer is the same: there is no such file."""
    shown = Attachment.objects.filter(pk=pk, removed_at=None, public=True, record__public=True, record__withdrawn_on=None).first()
    if shown is None:
        raise Http404
    try:
        return given_out(shown)
    except ActRefused as error:
        raise Http404 from error


def given_out(found: Attachment) -> HttpResponse:
    response = HttpResponse(stored(found), content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@requires("system.see")
@require_safe
def document(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The record as PDF/A and PDF/UA, in the reader's language."""
    system = system_called(slug)
    record = get_object_or_404(Record.objects.select_related("version", "act", "system__office"), pk=pk, system=system)
    response = HttpResponse(document_of(record, language=get_language() or "sv"), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"{system.slug}-{record.kind}-{record.pk}.pdf")
    return response
