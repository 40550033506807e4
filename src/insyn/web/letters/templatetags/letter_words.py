"""Words for the places where people are told, and the mark as text."""

from __future__ import annotations

import json

from django import template

from insyn.core.labels import label
from insyn.core.terms import NoticeChannel
from insyn.web.language import spoken

register = template.Library()


@register.filter
def place(channel: object) -> str:
    """What the place is called; the word itself when it is none of ours."""
    return spoken(label(NoticeChannel(channel))) if channel in set(NoticeChannel) else str(channel)


@register.filter
def mark_text(mark: dict[str, str]) -> str:
    """The mark as one puts it into a page."""
    return json.dumps(mark, ensure_ascii=False, indent=1)
