"""Pages on which a record is written: a new one, a draft, its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import actor_of, requires
from insyn.web.attempts import attempt
from insyn.web.register import tables
from insyn.web.register.actions.records import BY_OWN_ACTS
from insyn.web.register.contents import FieldKind, fields_of
from insyn.web.register.models import Record, System
from insyn.web.register.queries import roles_on, supplying_role
from insyn.web.register.views.common import system_called
from insyn.web.register.views.systems import newest
from insyn.web.uploads import was_stopped

from . import attaching, record_drafts
from .files import too_large
from .models import Attachment, RecordDraft
from .reading import content_parts
from .record_forms import FileForm, RevisionForm, WriteForm, about_of
from .scanning import scanner

#: Buttons that keep what is typed; every other sending supplies the record.
_KEEPING = ("save", "more", "less")


@requires("record.write")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Write a new record of a kind. What is kept becomes a draft."""
    system, found = system_called(slug), _kind(kind)
    if found is RecordKind.CLASSIFICATION:
        return redirect("assessments:start", slug)
    return _Page(request, system, found, None).answered()


@requires("record.write")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go on with a draft."""
    system = system_called(slug)
    found = get_object_or_404(RecordDraft.objects.select_related("system__owner"), pk=pk, system=system)
    if found.record_id is not None and request.method != "POST":  # what is sent to a closed draft is refused in words, and not lost
        return redirect("register:record", slug, found.record_id)
    return _Page(request, system, RecordKind(found.kind), found).answered()


def _kind(text: str) -> RecordKind:
    try:
        return RecordKind(text)
    except ValueError as error:
        raise Http404 from error


class _Page:
    """The page of one record in writing, for one reader."""

    def __init__(self, request: HttpRequest, system: System, kind: RecordKind, draft: RecordDraft | None) -> None:
        self.request, self.system, self.kind, self.draft = request, system, kind, draft
        self.fields = fields_of(kind)
        self.keeping = any(name in request.POST for name in _KEEPING)
        self.writer = writing_role(request, system, kind)
        self.supplier = supplying_role(request.user, system, kind, clock.today())
        self.may_write = bool(self.writer) and kind not in BY_OWN_ACTS

    def answered(self) -> HttpResponse:
        if self.request.method != "POST" or self.kind in BY_OWN_ACTS:
            return self.shown()
        return self.keep() if self.keeping else self.supply()

    def keep(self) -> HttpResponse:
        """Save what is typed as it is: checks are for supplying. A line more or less is shown on the saved page."""
        typed, about = self._typed(), about_of(self.request.POST)
        try:
            self.draft = self._save(typed, about)
        except (ActRefused, NotAllowed, InvalidInput) as error:
            return self._not_kept(error, typed, about)
        messages.success(self.request, _("The draft is saved."))
        to = reverse("assessments:record_draft", args=[self.system.slug, self.draft.pk])
        table = self.request.POST.get("more") or self.request.POST.get("less", "").rpartition("-")[0]
        if not any(field.name == table for field in self.fields):
            return redirect(to)
        if "more" not in self.request.POST:
            return redirect(f"{to}#id_{table}")
        return redirect(f"{to}?more={table}#id_{table}-line-{len(typed[table])}")

    def _save(self, typed: Mapping[str, Any], about: Mapping[str, Any]) -> RecordDraft:
        if not self.writer:
            raise NotAllowed(_("None of your roles may write this record."))
        actor = self._actor(self.writer)
        if self.draft is None:
            return record_drafts.begin_record(actor=actor, system=self.system, kind=self.kind, content=typed, about=about)
        return record_drafts.save_record(actor=actor, draft=self.draft, content=typed, about=about, revision=self._seen())

    def _typed(self) -> dict[str, Any]:
        data = self.request.POST.copy()
        table, _dash, number = data.get("less", "").rpartition("-")
        for name in [name for name in data if table and name.startswith(f"{table}-{number}-")]:
            data[name] = ""
        return tables.loose_content(self.fields, data)

    def _not_kept(self, error: Exception, typed: Mapping[str, Any], about: Mapping[str, Any]) -> HttpResponse:
        """Nothing is lost: what was typed stands on the page, and what somebody else saved beside it."""
        reasons = list(error.reasons) if isinstance(error, ActRefused) else [str(error)]
        form = self._form(content=typed, initial={**about, **self._revisions()})
        return self.shown(form, reasons=reasons, other=self._theirs())

    def supply(self) -> HttpResponse:
        form = self._form(self.request.POST)
        if attempt(self.request, form, lambda: self._supply(form), done=_("The record is supplied.")):
            record = Record.objects.filter(system=self.system, kind=self.kind).latest("pk")
            return redirect("register:record", self.system.slug, record.pk)
        other = self._theirs()
        newest(form, self.system)
        form.data["draft_revision"] = str(self.draft.revision if self.draft else "")
        return self.shown(form, other=other)

    def _supply(self, form: WriteForm) -> None:
        if not self.supplier:
            raise NotAllowed(_("None of your roles may supply this record."))
        record, actor = form.record() | {"kind": self.kind}, self._actor(self.supplier)
        if self.draft is None:
            record_drafts.supply_record(actor=actor, system=self.system, **record)
        else:
            record_drafts.supply_draft(actor=actor, draft=self.draft, draft_revision=self._seen(), **record)

    def _actor(self, role: str) -> Actor:
        return actor_of(self.request.user, role, clock.today())

    def _seen(self) -> int:
        text = self.request.POST.get("draft_revision", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    def _theirs(self) -> list[Any]:
        """What somebody else has saved since the page was made; and from now on the page is made from that."""
        if self.draft is None:
            return []
        self.draft.refresh_from_db()
        return content_parts(self.fields, self.draft.content) if self.draft.revision != self._seen() else []

    def _revisions(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "revision": System.objects.values_list("revision", flat=True).get(pk=self.system.pk),
            "draft_revision": self.draft.revision if self.draft else None,
        }

    def _form(self, data: Any = None, **given: Any) -> WriteForm:
        return WriteForm(data, kind=self.kind, system=self.system, **given)

    def _first_form(self) -> WriteForm:
        version = self.request.GET.get("version", "")
        if self.draft is None:
            return self._form(initial={"version": version, **self._revisions()}, lines=self._lines({}))
        about = {name: getattr(self.draft, name) for name in record_drafts.ABOUT}
        content = self.draft.content
        return self._form(content=content, initial={**about, **self._revisions()}, lines=self._lines(content))

    def _lines(self, content: Mapping[str, Any]) -> dict[str, int]:
        """One line more than there are, in the table that the address names."""
        wanted = [field for field in self.fields if field.kind is FieldKind.ROWS and field.name == self.request.GET.get("more")]
        return {field.name: tables.lines_in(field, content) + 1 for field in wanted}

    def shown(self, form: WriteForm | None = None, *, reasons: list[str] | None = None, other: list[Any] | None = None) -> HttpResponse:
        open_drafts = RecordDraft.objects.filter(system=self.system, kind=self.kind, withdrawn_at=None, record=None)
        context = {
            "system": self.system,
            "kind": self.kind,
            "draft": self.draft,
            "form": form or self._first_form(),
            "sent": form is not None,
            "reasons": reasons or [],
            "other": other or [],
            "may_write": self.may_write and (self.draft is None or self.draft.open),
            "may_supply": bool(self.supplier),
            "own_act": self.kind in BY_OWN_ACTS,
            "writers": sorted(record_drafts.writers_of(self.kind)),
            "drafts": open_drafts if self.draft is None else [],
            "files": self.draft.attachments.filter(removed_at=None) if self.draft else [],
            "comments": self.draft.comments.all() if self.draft else [],
            "discard": RevisionForm(initial={"revision": self.draft.revision}, auto_id="discard-%s") if self.draft else None,
        }
        return render(self.request, "assessments/write.html", context)


def writing_role(request: HttpRequest, system: System, kind: RecordKind) -> str:
    """The role in which the reader may write this record, rather one that may supply it too; empty when there is none."""
    held = roles_on(request.user, system, clock.today()) & {role.value for role in record_drafts.writers_of(kind)}
    return supplying_role(request.user, system, kind, clock.today()) or min(held, default="")


@requires("record.write")
@require_POST
def discard(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Throw a draft away."""
    found = get_object_or_404(RecordDraft, pk=pk, system=system_called(slug))
    form = RevisionForm(request.POST)
    if _done(
        request,
        lambda: record_drafts.discard_record(actor=_writer(request, found), draft=found, revision=_revision(form)),
        _("The draft is thrown away."),
    ):
        return redirect("register:gates", slug)
    return redirect("assessments:record_draft", slug, pk)


def _revision(form: RevisionForm) -> int:
    return form.cleaned_data["revision"] if form.is_valid() else -1


def _writer(request: HttpRequest, found: RecordDraft) -> Actor:
    role = writing_role(request, found.system, RecordKind(found.kind))
    if not role:
        raise NotAllowed(_("None of your roles may write this record."))
    return actor_of(request.user, role, clock.today())


def _done(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do the act of a bare button; say on the next page what came of it."""
    try:
        act()
    except ActRefused as error:
        messages.error(request, " ".join(error.reasons))
    except (NotAllowed, InvalidInput) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
        return True
    return False


@requires("record.write")
@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Attach a file to a draft."""
    system = system_called(slug)
    found = get_object_or_404(RecordDraft.objects.select_related("system__owner"), pk=pk, system=system)
    stopped = request.method == "POST" and was_stopped(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if stopped:
        form.errors.clear()
        form.add_error("file", too_large().message)
    elif request.method == "POST" and attempt(request, form, lambda: _attach(request, found, form), done=_("The file is attached.")):
        return redirect("assessments:record_draft", slug, pk)
    return render(request, "assessments/attach.html", {"system": system, "draft": found, "form": form, "scanned": bool(scanner())})


def _attach(request: HttpRequest, found: RecordDraft, form: FileForm) -> None:
    sent = form.cleaned_data["file"]
    attaching.attach_file(actor=_writer(request, found), draft=found, name=sent.name, data=sent.read(), public=form.cleaned_data["public"])


@requires("record.write")
@require_POST
def remove_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away from a draft."""
    found = get_object_or_404(Attachment.objects.select_related("draft__system__owner"), pk=pk)
    draft = found.draft
    _done(
        request,
        lambda: attaching.remove_file(actor=_writer(request, draft), attachment=found),
        _("The file is taken away from the draft."),
    )
    return redirect("assessments:record_draft", draft.system.slug, draft.pk)
