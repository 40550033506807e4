"""Data: what is used and why, what is kept, what is secret."""

from __future__ import annotations

from insyn.core.terms import RecordKind

from .fields import ContentField

Fields = dict[RecordKind, tuple[ContentField, ...]]

FIELDS: Fields = {}
