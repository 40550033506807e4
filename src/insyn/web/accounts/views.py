"""Sign-in, sign-out, and who holds which mandate."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from insyn.web import clock
from insyn.web.attempts import attempt

from .actions import add_person, appoint, end_mandate
from .forms import WRONG, EndForm, MandateForm, PersonForm, SignInForm
from .models import Mandate, User
from .permissions import public, requires


@public("everybody may try to sign in; attempts are counted")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password, and go on to where one was heading."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return HttpResponseRedirect(_heading_for(request))
    return render(request, "accounts/sign_in.html", {"form": form, "next": request.GET.get("next", "")})


def _heading_for(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if safe else settings.LOGIN_REDIRECT_URL


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: object = None, **_more: object) -> HttpResponse:
    """What axes shows after too many attempts: the same page and the same words as for a wrong password."""
    form = SignInForm(request)
    return render(request, "accounts/sign_in.html", {"form": form, "next": request.POST.get("next", ""), "refused": WRONG}, status=429)


@public("signing out is for whoever is signed in, and does nothing for others")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, on the server too."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


@requires("mandate.appoint")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who signs in, and the form for one more."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and attempt(
        request, form, lambda: add_person(actor=request.actor, **form.cleaned_data), done=_("The person can sign in. Now give a mandate.")
    ):
        return redirect("accounts:person", User.objects.get(username=form.cleaned_data["username"]).person)
    found = User.objects.order_by("last_name", "first_name").prefetch_related("mandates__office")
    return render(request, "accounts/people.html", {"people": found, "form": form})


@requires("mandate.appoint")
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person: str) -> HttpResponse:
    """One person's mandates: give one, end one."""
    user = get_object_or_404(User, person=person)
    ending = request.POST.get("what") == "end"
    give = MandateForm(None if ending else request.POST or None, initial={"first_day": clock.today()}, prefix="give")
    end = EndForm(request.POST if ending else None, prefix="end", initial={"last_day": clock.today()})
    if request.method == "POST" and _changed(request, user, give, end, ending=ending):
        return redirect("accounts:person", person)
    mandates = user.mandates.select_related("office").order_by("-first_day")
    context = {"person": user, "mandates": mandates, "give": give, "end": end, "today": clock.today()}
    return render(request, "accounts/person.html", context)


def _changed(request: HttpRequest, user: User, give: MandateForm, end: EndForm, *, ending: bool) -> bool:
    if not ending:
        return attempt(request, give, lambda: appoint(actor=request.actor, user=user, **give.cleaned_data), done=_("The mandate is given."))

    def act() -> object:
        mandate = get_object_or_404(Mandate, pk=end.cleaned_data["mandate"], user=user)
        return end_mandate(actor=request.actor, mandate=mandate, last_day=end.cleaned_data["last_day"], why=end.cleaned_data["why"])

    return attempt(request, end, act, done=_("The mandate ends on that day."))
