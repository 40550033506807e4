"""The record's events as Atom (RFC 4287). The same register gives the same bytes, so that a reader who asks again gets none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.utils.feedgenerator import Atom1Feed

from .events import Event

#: So many events stand in a feed.
MOST = 50
#: The update of a feed that has none yet.
_NEVER = datetime(2020, 1, 1, tzinfo=UTC)
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


class _Feed(Atom1Feed):
    """Says when it was last updated from its newest event; Django's says now when there is none."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=_NEVER)


def atom(title: str, subtitle: str, found: Iterable[Event], *, base: str, path: str, page: str, language: str) -> bytes:
    """``base``: the site's own address without a slash at the end; ``path``: of the feed; ``page``: what it tells of.

    An event's id is the address of its entry in the log, which never changes.
    """
    feed = _Feed(
        title=_plain(title),
        subtitle=_plain(subtitle),
        link=base + page,
        description=None,
        feed_url=base + path,
        feed_guid=base + path,
        language=language,
    )
    for event in found:
        feed.add_item(
            title=_plain(event.title),
            link=base + event.href,
            description=_plain(event.title) + ".",
            unique_id=f"{base}/logg/post/{event.index}/",
            pubdate=event.at,
            updateddate=event.at,
            categories=[str(event.kind.value)],
            author_name=_plain(event.system.office.name) if event.system is not None else urlsplit(base).hostname or base,
        )
    return feed.writeString("utf-8").encode()


def newest(found: Iterable[Event]) -> datetime:
    return max((event.at for event in found), default=_NEVER)


def _plain(text: str) -> str:
    """Without the signs that XML cannot bear."""
    return text.translate(_UNWRITABLE)
