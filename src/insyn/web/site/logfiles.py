"""Serves the published log from its folder: checkpoint, keys, policies, tiles, entry bundles and figures, and nothing else.

A reverse proxy may serve the folder instead; this view is for one machine.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponseBase

# Closed: what C2SP tlog-tiles names, and our own two kinds of file. A name that does not match is not looked for on the disk.
_FILES = (
    (re.compile(r"checkpoint"), "text/plain; charset=utf-8", "no-cache"),
    (re.compile(r"log(-ml-dsa)?\.vkey|policy"), "text/plain; charset=utf-8", "public, max-age=3600"),
    (re.compile(r"retention\.json"), "application/json", "public, max-age=60"),
    (re.compile(r"tile/(entries|[0-9]{1,2})(/x[0-9]{3})*/[0-9]{3}\.p/[0-9]{1,3}"), "application/octet-stream", "public, max-age=3600"),
    (
        re.compile(r"tile/(entries|[0-9]{1,2})(/x[0-9]{3})*/[0-9]{3}"),
        "application/octet-stream",
        "public, max-age=31536000, immutable",
    ),
    (re.compile(r"figures/[a-z0-9][a-z0-9_.-]{0,63}\.json"), "application/json", "public, max-age=60"),
)


def serve(folder: Path, path: str) -> HttpResponseBase:
    """The file with its type and how long it may be kept. Raises :class:`Http404` for every other name, and for links out of the folder."""
    kind = next(((content, cache) for pattern, content, cache in _FILES if pattern.fullmatch(path)), None)
    if kind is None:
        raise Http404
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise Http404
    response = FileResponse(file.open("rb"), content_type=kind[0])
    response["Cache-Control"] = kind[1]
    response["Access-Control-Allow-Origin"] = "*"  # public, without cookies: anyone's page may check the log
    return response
