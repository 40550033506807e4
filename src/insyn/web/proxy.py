"""Behind a proxy: whose address counts."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse

Respond = Callable[[HttpRequest], HttpResponse]


def caller_address(get_response: Respond) -> Respond:
    """Take the caller's address from the last entry of X-Forwarded-For, which our own proxy wrote. Only with ``INSYN_PROXY=1``.

    Without it every caller has the proxy's address: ten codes or five wrong passwords by one would lock out all.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        with suppress(ValueError):  # no proxy on the way: the connection's own address
            request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(last))
        return get_response(request)

    return respond
