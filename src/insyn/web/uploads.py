"""No request brings more than so much in files, to any page: what is over is read past and kept nowhere."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

#: A little over the largest file that any page takes (10 MB), so that the page itself can say what was wrong with one that is just too large.
MAX_UPLOAD = 12 * 1024 * 1024


class BoundedUpload(FileUploadHandler):
    """Stands first: counts the bytes of all files and stops taking them in when there are too many."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._left = MAX_UPLOAD

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._left -= len(raw_data)
        if self._left < 0:
            self.request.upload_stopped = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def was_stopped(request: HttpRequest) -> bool:
    """Was more sent than is taken in? Then ``request.FILES`` lacks it."""
    request.FILES  # noqa: B018  # reading it is what makes the handlers run
    return getattr(request, "upload_stopped", False)
