"""The pages of a classification: where it stands, one topic at a time, the summary, and what was recorded before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insyn.law.model import Fact
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.register.models import System
from insyn.web.register.queries import roles_on
from insyn.web.register.views.common import acting, may, system_called

from . import drafts, queries, showing
from .actions import may_record, record_classification
from .finding import as_put, asked_for
from .forms import BeginForm, DiscardForm, RecordForm, TopicForm
from .models import Classification, Draft

#: The only pages with a script: it shows at once what an answer changes. Without it the same is shown on each saving.
with_script = csp_replace({"script-src": [SELF], "connect-src": [SELF]})


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the classification stands: not begun, a draft, and what was recorded before."""
    system = system_called(slug)
    draft = queries.draft_of(system)
    form = _beginning(request, draft)
    if request.method == "POST" and attempt(request, form, lambda: _begin_or_discard(request, system, draft, form), done=_done(draft)):
        return _to_first(slug) if draft is None else redirect("assessments:start", slug)
    standing = queries.standing(drafts.rows_of(draft)) if draft else None
    context = {
        "system": system,
        "draft": draft,
        "form": form,
        "standing": standing,
        "so_far": showing.so_far(standing) if standing else None,
        "next": standing.next_after() if standing else None,
        "earlier": [(one, showing.the_class(one.result)) for one in queries.classifications_of(system)],
        "may_make": may(request, "classification.make", system),
    }
    return render(request, "assessments/start.html", context)


def _beginning(request: HttpRequest, draft: Draft | None) -> forms.Form:
    """The form to begin, or with a draft the form to throw it away."""
    data = request.POST if request.method == "POST" else None
    return DiscardForm(data, initial={"revision": draft.revision}) if draft else BeginForm(data)


def _done(draft: Draft | None) -> str:
    return _("The draft is thrown away.") if draft else _("A draft is begun. What you save can be gone on with later, by others too.")


def _begin_or_discard(request: HttpRequest, system: System, draft: Draft | None, form: forms.Form) -> None:
    actor = acting(request, "classification.make", system)
    if draft is None:
        drafts.begin_draft(actor=actor, system=system)
    else:
        drafts.discard_draft(actor=actor, draft=draft, revision=form.cleaned_data["revision"])


def _to_first(slug: str) -> HttpResponse:
    draft = queries.draft_of(system_called(slug))
    first = queries.standing(drafts.rows_of(draft)).next_after() if draft else None
    return redirect("assessments:topic", slug, first.topic.key) if first else redirect("assessments:summary", slug)


@requires("system.see")
@with_script
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The questions of one topic, with what the answers say so far at their side."""
    page = _Page(request, slug, key)
    if page.draft is None:
        return redirect("assessments:start", slug)
    if request.method == "POST" and page.save():
        return page.onwards()
    return render(request, "assessments/topic.html", page.context())


@requires("system.see")
@require_POST
def so_far(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """What the page's unsaved answers would say, and the questions that they make needed. Saves nothing."""
    page = _Page(request, slug, key)
    if page.draft is None:
        raise Http404
    page.form.is_valid()
    rows = drafts.written(page.rows, page.form.rows(), request.actor)
    standing = queries.standing(rows)
    more = page.not_shown(standing)
    form = page.form_for(more, None)
    return JsonResponse(
        {
            "aside": render_to_string("assessments/parts/so_far.html", {"so_far": showing.so_far(standing)}, request),
            "more": render_to_string("assessments/parts/questions.html", page.asked_context(form, standing, page.shown), request),
        }
    )


class _Page:
    """A topic's page for one reader: the draft, the questions on it, the form."""

    def __init__(self, request: HttpRequest, slug: str, key: str) -> None:
        self.request, self.key = request, key
        self.system = system_called(slug)
        self.draft = queries.draft_of(self.system)
        self.rows = drafts.rows_of(self.draft) if self.draft else {}
        self.standing = queries.standing(self.rows)
        self.state = next((state for state in self.standing.topics if state.topic.key == key), None)
        if self.state is None:
            raise Http404
        facts = self._facts()
        self.mine = queries.answering(roles_on(request.user, self.system, clock.today()), facts)
        self.shown = [fact for fact in facts if fact.id in self.mine]
        self.others = [fact for fact in facts if fact.id not in self.mine]
        self.form = self.form_for(self.shown, request.POST or None)

    def _facts(self) -> list[Fact]:
        """What was on the page when it was sent, or else what is needed now."""
        sent = self.request.POST.getlist("shown")
        facts = queries.on_the_page(self.state, self.rows)
        return [fact for fact in self.state.topic.facts if fact.id in sent] if sent else facts

    def form_for(self, facts: list[Fact], data: Any) -> TopicForm:
        return TopicForm(data, facts=facts, rows=self.rows, initial={"revision": self.draft.revision if self.draft else 0})

    def not_shown(self, standing: queries.Standing) -> list[Fact]:
        """Questions of the topic that the new answers make needed and that are not on the page yet."""
        state = next(state for state in standing.topics if state.topic.key == self.key)
        there = {fact.id for fact in (*self.shown, *self.others)}
        asked = {question.fact for question in state.asked} - there
        mine = queries.answering(roles_on(self.request.user, self.system, clock.today()), state.topic.facts)
        return [fact for fact in state.topic.facts if fact.id in asked & mine]

    def save(self) -> bool:
        """Save what was written. On a change meanwhile the form carries the newest revision, and what was typed stands."""
        saved = attempt(
            self.request,
            self.form,
            lambda: drafts.save_rows(
                actor=acting(self.request, "fact.answer", self.system),
                draft=self.draft,
                rows=self.form.rows(),
                revision=self.form.cleaned_data["revision"],
            ),
            done=_("Saved."),
        )
        if not saved:
            self.draft = queries.draft_of(self.system)
            self.form.data = self.form.data.copy()
            self.form.data["revision"] = str(self.draft.revision if self.draft else 0)
        return saved

    def onwards(self) -> HttpResponse:
        """To the next question: more in this topic, a later topic, or the summary when nothing later is left."""
        slug, standing = self.system.slug, queries.standing(drafts.rows_of(queries.draft_of(self.system)))
        if "stay" in self.request.POST:
            return redirect("assessments:topic", slug, self.key)
        following = standing.next_after(self.key)
        if following is not None and following.topic.key == self.key and not self._new_in(following):
            keys = [state.topic.key for state in standing.topics]
            following = standing.next_after(keys[keys.index(self.key) + 1]) if self.key != keys[-1] else None
        if following is None or standing.finding.result.system_class == "prohibited":
            return redirect("assessments:summary", slug)
        return redirect("assessments:topic", slug, following.topic.key)

    def _new_in(self, state: queries.TopicState) -> bool:
        """Is something asked that was not on the page? What was left empty there is not put again at once."""
        return bool({question.fact for question in state.asked} - {fact.id for fact in self.shown + self.others})

    def context(self) -> dict[str, Any]:
        keys = [state.topic.key for state in self.standing.shown]
        return {
            **self.asked_context(self.form, self.standing),
            "system": self.system,
            "draft": self.draft,
            "state": self.state,
            "standing": self.standing,
            "step": keys.index(self.key) + 1 if self.key in keys else 0,
            "steps": len(keys),
            "back": self.standing.step_from(self.key, -1),
            "forward": self.standing.step_from(self.key, 1),
            "others": showing.answers_of(self.state.topic, self.others, self.rows),
            "so_far": showing.so_far(self.standing),
        }

    def asked_context(self, form: TopicForm, standing: queries.Standing, above: list[Fact] | None = None) -> dict[str, Any]:
        """For the questions themselves: with each, which rules ask it. ``above``: how many stand before these on the page."""
        rules = asked_for(standing.finding)
        return {"questions": [(asked, rules.get(asked.fact.id, [])) for asked in form.questions()], "form": form, "above": len(above or ())}


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def summary(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that the draft says, beside what was recorded last, and the act that records it."""
    system = system_called(slug)
    draft = queries.draft_of(system)
    if draft is None:
        return redirect("assessments:start", slug)
    initial = {"revision": draft.revision, "system_revision": system.revision}
    form = RecordForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: _record(request, system, form.cleaned_data),
        done=_("The classification is recorded. See which requirements follow."),
    ):
        newest = queries.classifications_of(system)[0]
        return redirect("assessments:classification", slug, newest.pk)
    form = _newest(form, draft, system) if form.is_bound else form
    return render(request, "assessments/summary.html", {**_summed_up(request, system, draft), "form": form})


def _summed_up(request: HttpRequest, system: System, draft: Draft) -> dict[str, Any]:
    rows = drafts.rows_of(draft)
    standing = queries.standing(rows)
    finding, last = standing.finding, next(iter(queries.classifications_of(system)), None)
    told = finding.told
    return {
        "system": system,
        "draft": draft,
        "standing": standing,
        "next": standing.next_after(),
        "whole": showing.whole(told, finding.reasons, as_put(finding.topics, _used(standing, rows)), rows),
        "last": last,
        "changes": _changes(last.result, told) if last else None,
        "may_make": may(request, "classification.make", system),
        "in_the_way": _in_the_way(request, system),
    }


def _record(request: HttpRequest, system: System, data: Mapping[str, Any]) -> None:
    record_classification(
        actor=acting(request, "classification.make", system),
        system=system,
        draft_revision=data["revision"],
        revision=data["system_revision"],
        case_number=data["case_number"],
        valid_through=data["valid_through"],
    )


def _newest(form: RecordForm, draft: Draft, system: System) -> RecordForm:
    """After a refusal the page shows what is newest, and so does the form."""
    form.data = form.data.copy()
    form.data["revision"], form.data["system_revision"] = str(draft.revision), str(system.revision)
    return form


def _used(standing: queries.Standing, rows: Mapping[str, Any]) -> set[str]:
    reasons = standing.finding.reasons
    return {*rows, *(one["fact"] for reason in reasons for one in reason["settled_by"])}


def _in_the_way(request: HttpRequest, system: System) -> str:
    """Why the reader, who may work on the draft, may not record it; empty when they may."""
    try:
        may_record(acting(request, "classification.make", system), clock.today())
    except NotAllowed as error:
        return str(error)
    return ""


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any] | None:
    change = queries.changes(old, new)
    return showing.told_changes(change, old, new) if change else None


@requires("system.see")
@require_safe
def classification(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A classification as it was recorded, beside the one before it."""
    system = system_called(slug)
    found = get_object_or_404(Classification.objects.select_related("act", "record"), system=system, pk=pk)
    last = queries.before(found)
    context = {
        "system": system,
        "classification": found,
        "newest": queries.classifications_of(system)[0].pk == found.pk,
        "whole": showing.whole(found.result, found.reasons, found.topics, found.rows),
        "last": last,
        "changes": _changes(last.result, found.result) if last else None,
        "facts_changed": system.facts != {fact: row["answer"] for fact, row in found.rows.items() if "answer" in row},
    }
    return render(request, "assessments/classification.html", context)
