"""What every page may know of who is signed in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def signed_in(request: HttpRequest) -> dict[str, object]:
    """``signed_in``: a session cookie came along. Looks at no database; ``user`` is read only by pages that use it."""
    return {"signed_in": settings.SESSION_COOKIE_NAME in request.COOKIES, "user": getattr(request, "user", None)}
