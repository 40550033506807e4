"""A resident's half hour: begun by e-ID or code, held by a random id in a cookie, ended in the register.

It has nothing to do with the sign-in of staff: another cookie, another table, and a path of its own.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache

from insyn.core.errors import Unreachable
from insyn.core.messages import SubjectRecord
from insyn.core.refusals import RefusalCode, Refused
from insyn.web import clock
from insyn.web.accounts.permissions import View, public

from .models import CaseCode, Representation, ResidentSession
from .protection import is_protected_by_code
from .standing import VIEW_TIME as VIEW_TIME, Resident, Via, is_protected

COOKIE = "insyn_mina"
#: Pages that one person (or one code) may have made in half an hour. Each leaves an entry in the log, which must not be flooded.
MOST_PAGES = 300
_KEPT = timedelta(days=1)


def private(view: View) -> View:
    """Kept by no cache and found by no search engine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = never_cache(view)(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def resident_page(view: View) -> View:
    """The view is for a resident who has come in by e-ID or code; sets ``request.resident``.

    Everybody else, staff too, gets the page that says how to get in: the same for every address below, whether anything stands there or not.
    A log that does not answer, and a record that is erased or unknown, are said on pages of their own.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        session = session_of(request)
        if session is None:
            return render(request, "residents/how_to_get_in.html", {"eid": settings.INSYN_EID is not None}, status=403)
        if too_many_pages(session):
            return render(request, "residents/wait.html", {"pages": True}, status=429)
        ResidentSession.objects.filter(pk=session.pk).update(opened=F("opened") + 1)
        if session.acting is not None and (refusal := why_not_for(session.acting)):
            return _authority_over(request, session, refusal)
        return _answer(view, request, session, args, kwargs)

    marked = public("a resident who has come in by e-ID or by the code of a letter")(private(guarded))
    marked.is_resident_page = True
    return marked


def _answer(
    view: View, request: HttpRequest, session: ResidentSession, args: tuple[object, ...], kwargs: dict[str, object]
) -> HttpResponse:
    try:
        request.resident = resident_of(session)
        return view(request, *args, **kwargs)
    except Unreachable:
        return render(request, "residents/down.html", {"until": session.until}, status=503)
    except Refused as refused:
        if refused.refusal.code is RefusalCode.RECORD_UNKNOWN:
            return unknown(request)
        erased = refused.refusal.code is RefusalCode.RECORD_ERASED
        return render(request, "residents/closed.html", {"erased": erased, "refusal": refused.refusal}, status=409)


def unknown(request: HttpRequest) -> HttpResponse:
    """One answer for what is somebody else's and for what is not there."""
    return render(request, "residents/unknown.html", status=404)


def _authority_over(request: HttpRequest, session: ResidentSession, refusal: str) -> HttpResponse:
    """Said once; the page after it is the representative's own."""
    act_for(session, None)
    return render(request, "residents/authority_over.html", {"refusal": refusal, "acting": session.acting}, status=403)


def records_of(resident: Resident) -> list[SubjectRecord]:
    """The records that the resident may see, oldest first. Raises :class:`Unreachable` and :class:`Refused`."""
    return list(resident.records)


@transaction.atomic
def begin_session(*, via: Via, token: str = "", code: CaseCode | None = None) -> tuple[ResidentSession, str]:
    """A new session and the random id for its cookie. Sessions that ended long ago are dropped."""
    now = clock.now()
    ResidentSession.objects.filter(until__lt=now - _KEPT).delete()
    key = secrets.token_urlsafe(32)
    session = ResidentSession.objects.create(key_hash=_hashed(key), via=via, token=token, code=code, until=now + VIEW_TIME)
    return session, key


def let_in(request: HttpRequest, response: HttpResponse, *, via: Via, token: str = "", code: CaseCode | None = None) -> HttpResponse:
    """Begin a session and give it to the browser. What the browser held before ends: nobody can hand over a cookie beforehand."""
    end_session(request)
    _session, key = begin_session(via=via, token=token, code=code)
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(VIEW_TIME.total_seconds()),
        path=reverse("residents:mine"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # a resident comes back from the e-ID by a link from another site, and Strict would leave the cookie at home
    )
    return response


def end_session(request: HttpRequest) -> None:
    """End it in the register, so that a copied cookie opens nothing either."""
    ResidentSession.objects.filter(key_hash=_hashed(request.COOKIES.get(COOKIE, ""))).update(ended=True)


def let_out(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    end_session(request)
    response.delete_cookie(COOKIE, path=reverse("residents:mine"), samesite="Lax")
    return response


def session_of(request: HttpRequest) -> ResidentSession | None:
    """The session whose half hour runs, by the cookie and by the time in the register."""
    held = ResidentSession.objects.filter(key_hash=_hashed(request.COOKIES.get(COOKIE, "")), ended=False, until__gt=clock.now())
    return held.select_related("code__system", "acting").first()


def too_many_pages(session: ResidentSession) -> bool:
    """Whether the person or the code has had all its pages for now, over every session that still counts."""
    same = ResidentSession.objects.filter(token=session.token, code=session.code, until__gt=clock.now())
    return (same.aggregate(pages=Sum("opened"))["pages"] or 0) >= MOST_PAGES


def resident_of(session: ResidentSession) -> Resident:
    """Who the session is, as the register has it now. Raises :class:`Unreachable` where a code's person must be asked for."""
    acting = session.acting
    subject = acting.whom if acting else session.token
    return Resident(
        via=Via(session.via),
        subject=subject,
        code=session.code,
        acting=acting,
        protected=is_protected(subject) if subject else is_protected_by_code(session),
        until=session.until,
        signed_in=session.token,
        session=session.pk,
    )


def act_for(session: ResidentSession, representation: Representation | None) -> None:
    """From now on the session looks for somebody else, or for the person's own self again."""
    ResidentSession.objects.filter(pk=session.pk).update(acting=representation)


def why_not_for(representation: Representation) -> str:
    """Why the authority gives nothing today: ``ended``, ``not_yet`` or ``closed``; empty where it does.

    ``closed`` says no more than that the office must be asked: that a child's identity is protected is itself protected, and what nobody
    has confirmed is nothing yet.
    """
    today = clock.today()
    if not representation.is_confirmed:
        return "closed"
    if not representation.holds(today):
        return "not_yet" if representation.first_day > today else "ended"
    if is_protected(representation.whom) and not representation.despite_protection:
        return "closed"
    return ""


def _hashed(key: str) -> str:
    return salted_hmac("insyn.residents.session", key, algorithm="sha256").hexdigest()
