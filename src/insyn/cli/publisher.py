"""The publisher: the public log and the public figures, at the public interval, and at once when there is a stop.

Reads the evidence read-only and never holds a key. The interval is long in production (a day by default) so that the size of the log and the
time of a change betray nobody; a stop or a resume is published at once because everybody should be able to see it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import apsw
import msgspec

from insyn.core.entries import EntryKind, read_head
from insyn.core.errors import InsynError
from insyn.core.home import Home
from insyn.core.permit import Permit
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader
from insyn.supervision.fields import fields_named, write_fields
from insyn.supervision.figures import Figures
from insyn.supervision.publishing import figures, publish_figures
from insyn.tlog.errors import TlogError

PUBLIC_SECONDS = 24 * 3600.0
LOOK_SECONDS = 0.25
_PAGE = 1000
_TELLS_EVERYBODY = frozenset({EntryKind.STOP, EntryKind.RESUME})
_permit = msgspec.json.Decoder(Permit)


class PublicSite:
    """What is published, and how far the entries have been looked through for stops."""

    def __init__(self, home: Home, reader: EvidenceReader) -> None:
        self._home, self._reader = home, reader
        self._publisher = Publisher(reader, home.public)
        self._looked = 0
        self._urgent_at = -1  # index of the newest stop or resume seen
        self._published = 0
        self._counted: list[Figures] = []

    def something_urgent(self) -> bool:
        """Does a stop or a resume stand in the log that is covered by a checkpoint and not yet public?"""
        while entries := self._reader.entries(self._looked, _PAGE):
            for index, entry in entries:
                if read_head(entry).kind in _TELLS_EVERYBODY:
                    self._urgent_at = index
            self._looked = entries[-1][0] + 1
        newest = self._reader.checkpoint()
        return newest is not None and self._published <= self._urgent_at < newest.size

    def publish(self, on: date) -> bool:
        """Publish the log now, and count the figures; false when there is no checkpoint yet."""
        counted = [self._count(_permit.decode(signed.body), on) for signed in self._reader.permits().values()]
        for slug in self._reader.permits():
            write_fields(self._home.fields_named, fields_named(self._reader.connection, system=slug, on=on))
        self._counted = [one for one in counted if one is not None]
        return self.publish_covered()

    def figures_are_covered(self) -> bool:
        """Do figures wait for a checkpoint that has come since?"""
        newest = self._reader.checkpoint()
        return newest is not None and any(one.log_size <= newest.size for one in self._counted)

    def publish_covered(self) -> bool:
        """The log, then the figures of which every entry is public: a figure never speaks of an entry that nobody can check."""
        published = self._publisher.publish()
        if published is None:
            return False
        self._published = published.size
        for one in self._counted:
            if one.log_size <= published.size:
                publish_figures(one, self._home.figures)
        self._counted = [one for one in self._counted if one.log_size > published.size]
        return True

    def _count(self, permit: Permit, on: date) -> Figures | None:
        if permit.exercise or not permit.favourable:
            return None
        return figures(self._reader.connection, system=permit.system, favourable=permit.favourable, on=on)


def run(home: Home, *, seconds: float, ended: threading.Event) -> None:
    """Publish at once, then when the interval has passed or something urgent stands in the log."""
    site: PublicSite | None = None
    due = time.monotonic()
    while not ended.is_set():
        try:
            site = site or PublicSite(home, EvidenceReader.read_only(home.evidence))
            if time.monotonic() >= due or site.something_urgent():
                if site.publish(datetime.now(ZoneInfo("Europe/Stockholm")).date()):
                    due = time.monotonic() + seconds
            elif site.figures_are_covered():
                site.publish_covered()
        except (InsynError, TlogError, OSError, apsw.Error) as error:
            # The evidence may be missing still, or busy, or the public disk full: say so and look again. What is published stays as it is.
            print(f"{datetime.now(ZoneInfo('UTC')).isoformat(timespec='seconds')} not published: {error}", file=sys.stderr, flush=True)
            site = None
            ended.wait(2.0)
        ended.wait(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description="Publish the log and the figures of the installation in INSYN_HOME.")
    parser.add_argument("--seconds", type=float, default=PUBLIC_SECONDS, help="public interval (default: a day)")
    arguments = parser.parse_args()
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    run(Home(Path(os.environ["INSYN_HOME"])), seconds=arguments.seconds, ended=ended)
    return 0


if __name__ == "__main__":
    sys.exit(main())
