"""The stop token: a signed note of who may stop what, good for twelve hours in the session that it was made for.

It is made while the register can be read and used when it cannot. It opens nothing but the stop of one system, and the sequencer asks the
permit again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from insyn.core.messages import Actor

SALT = "insyn.oversight.stop"
LIFE_SECONDS = 12 * 3600
COOKIE = "insyn_stop"


@dataclass(frozen=True)
class StopToken:
    """Who may stop what, and what the page needs to say so without the register.

    ``versions`` and ``purposes`` (short name, Swedish, English): parts of the system that can be stopped alone. A token without a system is for
    the page of suppliers (short name, name) and ``everything``.
    """

    system: str
    name_sv: str
    name_en: str
    municipality: str
    person: str
    person_name: str
    role: str
    office: str
    by_people: bool = False
    versions: tuple[str, ...] = ()
    purposes: tuple[tuple[str, str, str], ...] = ()
    suppliers: tuple[tuple[str, str], ...] = ()
    everything: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(person=self.person, name=self.person_name, role=self.role, office=self.office)


def make_token(request: HttpRequest, token: StopToken) -> str:
    """The token as text, bound to the request's session cookie."""
    return signing.dumps({**asdict(token), "session": _session_mark(request)}, salt=SALT, compress=True)


def read_token(request: HttpRequest, text: str, *, system: str) -> StopToken | None:
    """The token, or None: wrong signature, too old, another session or another system. Reads no database."""
    try:
        fields = signing.loads(text, salt=SALT, max_age=LIFE_SECONDS)
        mark = fields.pop("session")
        token = StopToken(**fields)
    except (signing.BadSignature, KeyError, TypeError, AttributeError):
        return None
    if not mark or not constant_time_compare(mark, _session_mark(request)) or token.system != system:
        return None
    return token


def token_of(request: HttpRequest, *, system: str) -> tuple[str, StopToken] | None:
    """The token that came with the form, or else with the cookie of an earlier visit to the page."""
    for text in (request.POST.get("token", ""), request.COOKIES.get(COOKIE, "")):
        token = read_token(request, text, system=system) if text else None
        if token is not None:
            return text, token
    return None


def keep_token(response: HttpResponse, text: str, *, path: str) -> None:
    """Let the browser keep the token for this system's stop page, so that the page opens while the register is locked."""
    response.set_cookie(
        COOKIE, text, max_age=LIFE_SECONDS, path=path, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )


def _session_mark(request: HttpRequest) -> str:
    """Says which session without revealing its key. Empty without a session, and an empty mark never fits."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return salted_hmac(SALT, cookie, algorithm="sha256").hexdigest() if cookie else ""
