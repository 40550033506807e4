"""Work items: what an act about something else means for one system, and the form that says it is dealt with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt

from .. import actions
from ..forms import CloseForm
from ..models import WorkItem
from .common import acting, may


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def work_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One work item, and its closing."""
    item = get_object_or_404(WorkItem.objects.select_related("system__owner", "act", "closing"), pk=pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.close_work(actor=acting(request, "work.close", item.system), item=item, **form.cleaned_data),
        done=_("The work item is closed."),
    ):
        return redirect("register:start")
    context = {"item": item, "system": item.system, "form": form, "may_close": may(request, "work.close", item.system) and not item.closed}
    return render(request, "register/work_item.html", context)
