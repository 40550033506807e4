"""What the evidence store refuses. A failed flush is :class:`insyn.core.errors.StoreFailed`."""

from __future__ import annotations

from insyn.core.errors import InsynError


class RecordUnknown(InsynError):
    """No sealed record has this id."""


class RecordErased(InsynError):
    """The record's key is destroyed; its entry stands in the log, its content is nowhere."""


class WrongRootKey(InsynError):
    """The root key does not open this key file."""


class StoreBusy(InsynError):
    """Another process has the store open for writing."""


class StoreRolledBack(InsynError):
    """The rows are fewer than, or other than, what a checkpoint says was there. Nothing may be answered from them."""


class RecordHeld(InsynError):
    """A legal hold stands on the record, its case or its system: nothing of it may be destroyed."""


class RecordPreserved(InsynError):
    """The record is of the class that is kept for good."""


class NothingToDispose(InsynError):
    """There is no key of this system, class and month, or the month is not over."""
