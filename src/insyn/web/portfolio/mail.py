"""Where letters go: to the mail server that the environment names, or as files into the installation's folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend


class FileBackend(BaseEmailBackend):
    """Writes each letter as an ``.eml`` file that only this user can read.

    A letter with a Message-ID of its own has its file by it: sent again, it raises :class:`FileExistsError`. A file is there whole or not at all.
    """

    def __init__(self, folder: Path, **options: object) -> None:
        super().__init__(**options)
        self._folder = folder

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            letter = message.message().as_bytes()  # first: one that cannot be written leaves no empty file
            own = message.extra_headers.get("Message-ID", "")
            name = hashlib.sha256(own.encode()).hexdigest()[:16] if own else secrets.token_hex(8)
            self._write(self._folder / f"{name}.eml", letter)
        return len(email_messages)

    def _write(self, path: Path, letter: bytes) -> None:
        begun = self._folder / f".{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(letter)
                file.flush()
                os.fsync(file.fileno())
            os.link(begun, path)
        finally:
            begun.unlink(missing_ok=True)


def outgoing() -> BaseEmailBackend:
    """The mail server of ``INSYN_SMTP_HOST``; without one a folder."""
    if settings.EMAIL_HOST:
        return get_connection("django.core.mail.backends.smtp.EmailBackend")
    return FileBackend(mail_folder())


def mail_folder() -> Path:
    return settings.HOME.root / "mail-out"
