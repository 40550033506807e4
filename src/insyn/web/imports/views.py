"""Pages of an import: send a file, say how it is read, look at the dry run, take it, see how it goes."""

from __future__ import annotations

import csv

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.portfolio.tables import safe_cell

from . import actions, queries, worker
from .forms import LeaveForm, SaveForm, SettleForm, TakeForm, UploadForm
from .models import Import, State
from .reading import MAX_BYTES
from .words import change_label

ROWS = 25


@requires("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the form for a new one."""
    form = UploadForm(request.POST or None, request.FILES or None)
    made: list[Import] = []
    if request.method == "POST" and attempt(
        request, form, lambda: made.append(_begin(request, form)), done=_("The file is read. Nothing has been taken yet.")
    ):
        return redirect("imports:one", made[0].pk)
    page = Paginator(Import.objects.select_related("act"), 25).get_page(request.GET.get("page"))
    return render(request, "imports/imports.html", {"form": form, "page": page})


def _begin(request: HttpRequest, form: UploadForm) -> Import:
    data = form.cleaned_data
    sent = data["file"]
    fields = {name: data[name] for name in ("source", "owner", "office", "mapping")}
    return actions.begin_import(actor=request.actor, file_name=sent.name, data=sent.read(MAX_BYTES + 1), **fields)


@requires("import.run")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run, and how the file is read."""
    found = get_object_or_404(Import.objects.select_related("owner", "office", "act", "applied"), pk=pk)
    initial = {
        "revision": found.revision,
        "owner": found.owner.person,
        "office": found.office.slug,
        **{name: getattr(found, name) for name in ("heading_row", "sheet", "day_order", "language")},
    }
    form = SettleForm(request.POST or None, found=found, initial=initial)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.settle_import(actor=request.actor, found=found, **form.settings()),
        done=_("The file is read again. Nothing has been taken yet."),
    ):
        return redirect("imports:one", pk)
    chosen, code = request.GET.get("rad", ""), request.GET.get("fel", "")
    page = Paginator(queries.rows_of(found, change=chosen, code=code), ROWS).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "form": form,
        "headings": [(form[field], found.samples.get(heading, [])) for field, heading in form.headings],
        "words": [(form[field], queries.column_label(name)) for field, name, _word in form.words],
        "settings": [form[name] for name in ("heading_row", "sheet", "day_order", "language", "owner", "office")],
        "counts": queries.counts_of(found),
        "problems": queries.problems_of(found),
        "page": page,
        "rows": queries.shown_rows(found, page.object_list),
        "query": "".join(f"{key}={value}&" for key, value in (("rad", chosen), ("fel", code)) if value.replace("_", "").isalpha()),
        "chosen": chosen,
        "code": code,
        "progress": queries.progress_of(found),
        "gone": queries.gone_from(found)[:ROWS] if found.gone else [],
        "save": SaveForm(initial={"name": found.source}),
        "leave": LeaveForm(),
        "checked": found.state == State.CHECKED,
        "applying": found.state == State.APPLYING,
    }
    return render(request, "imports/one.html", context)


@requires("import.run")
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the rows, go on taking them, remember how the file was read, or leave it."""
    found = get_object_or_404(Import, pk=pk)
    what = request.POST.get("what", "")
    if what not in _STEPS:
        raise BadRequest("no step")
    made, done = _STEPS[what]
    form = made(request.POST)

    def act() -> object:
        step_of = {"save": actions.save_mapping, "leave": actions.abandon_import}.get(what, actions.apply_import)
        return step_of(actor=request.actor, found=found, **form.cleaned_data)

    if not attempt(request, form, act, done=str(done)):
        return render(request, "imports/refused.html", {"found": found, "form": form}, status=400)
    if made is TakeForm:
        worker.start(found.pk)
    return redirect("imports:one", pk)


_STEPS = {
    "save": (SaveForm, gettext_lazy("Remembered.")),
    "leave": (LeaveForm, gettext_lazy("The import is left. Nothing was taken.")),
    "apply": (TakeForm, gettext_lazy("The rows are being taken.")),
    "continue": (TakeForm, gettext_lazy("The rows are being taken.")),
}


@requires("import.run")
@require_safe
def faults(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem as CSV, to mend the file by. What a cell holds is never read as a formula by the program that opens it."""
    found = get_object_or_404(Import, pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="rader.csv"'})
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow([_("Row"), _("Name"), _("What would be done"), _("Column"), _("Problem")])
    for row in queries.shown_rows(found, queries.rows_of(found)):
        for column, problem in (*row.problems, *row.repaired):
            writer.writerow(
                [str(row.row.number), *(safe_cell(text) for text in (row.name, change_label(row.row.change), column, problem.words()))]
            )
    return response
