"""Files of a draft: taken in after examination, stored under their own digest, given out as they came."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.files import keep_by_digest
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require

from .files import examine
from .models import Attachment, RecordDraft
from .record_drafts import may_write, newest_draft
from .scanning import scan

MAX_FILES = 20


def attach_file(*, actor: Actor, draft: RecordDraft, name: str, data: bytes, public: bool = False) -> Attachment:
    """Keep a file with a draft. It is examined and scanned first, and on the disk before the register says that it is there."""
    require(actor, "record.write")
    may_write(actor, draft.system, RecordKind(draft.kind))
    found = examine(name, data)
    scan(data)
    digest = keep_by_digest(folder(), data)
    with transaction.atomic():
        draft = newest_draft(draft, None)
        held = draft.attachments.filter(removed_at=None)
        if held.filter(sha256=digest).exists():
            raise ActRefused(_("The file is attached already."))
        if held.count() >= MAX_FILES:
            raise InvalidInput(_("At most %(limit)d files.") % {"limit": MAX_FILES}, place="file")
        return Attachment.objects.create(
            draft=draft,
            name=found.name,
            media_type=found.media_type,
            size=len(data),
            sha256=digest,
            public=public,
            person=actor.person,
            person_name=actor.name,
            at=clock.now(),
        )


@transaction.atomic
def remove_file(*, actor: Actor, attachment: Attachment) -> None:
    """Take a file away from a draft. What a record was supplied with stays."""
    require(actor, "record.write")
    draft = newest_draft(attachment.draft, None)
    may_write(actor, draft.system, RecordKind(draft.kind))
    if not Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=clock.now()):
        raise ActRefused(_("The file is taken away already."))


def folder() -> Path:
    return Path(settings.HOME.root) / "attachments"


def stored(attachment: Attachment) -> bytes:
    """The file's bytes. Raises :class:`ActRefused` when they are gone or are others than those that were attached."""
    try:
        data = (folder() / attachment.sha256).read_bytes()
    except OSError as error:
        raise ActRefused(_("The file cannot be read from the disk. Tell whoever runs Insyn: it may be in the backup.")) from error
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise ActRefused(_("The file on the disk is no longer the one that was attached. It is not given out."))
    return data
