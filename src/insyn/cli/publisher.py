"""The publisher: the public log and the public figures, at the public interval, and at once when there is a stop.

Reads the evidence read-only and never holds a key. The interval is long in production (a day by default) so that the size of the log and the
time of a change betray nobody; a stop or a resume is published at once because everybody should be able to see it.
"""

from __future__ import annotations

import argparse
import math
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
from insyn.core.errors import InsynError, InvalidInput
from insyn.core.files import write_flushed
from insyn.core.followup import Followup
from insyn.core.home import Home
from insyn.core.permit import Permit
from insyn.evidence.objectstore import Mirror, S3Objects, read_config
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.tree import node_reader
from insyn.evidence.witnessing import POLICY, Witnesses
from insyn.supervision.exercises import publish_exercises
from insyn.supervision.fields import tell_register
from insyn.supervision.figures import Figures
from insyn.supervision.followup import follow_up, for_public, read_followed, systems_with_rows, tell_followed
from insyn.supervision.publishing import figures, publish_figures
from insyn.supervision.steps import in_steps
from insyn.tlog.cosignature import parse_vkey
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import parse_note
from insyn.tlog.proofs import consistency_proof

PUBLIC_SECONDS = 24 * 3600.0
LOOK_SECONDS = 0.25
#: How long before a witness that did not cosign, or an object store that did not take a copy, is tried again.
ASK_AGAIN_SECONDS = 60.0
COPY_AGAIN_SECONDS = 30.0
_PAGE = 1000
_TELLS_EVERYBODY = frozenset({EntryKind.STOP, EntryKind.RESUME})
_permit = msgspec.json.Decoder(Permit)


class PublicSite:
    """What is published, and how far the entries have been looked through for stops."""

    def __init__(self, home: Home, reader: EvidenceReader, *, news: threading.Event | None = None) -> None:
        self._home, self._reader = home, reader
        self.news = news or threading.Event()  # set when something has been published
        self._publisher = Publisher(reader, home.public)
        self._looked = 0
        self._urgent_at = -1  # index of the newest stop or resume seen
        self._published = 0
        self._counted: list[Figures] = []
        self._with_rows: frozenset[str] = frozenset()
        self._witnesses = Witnesses(home.witnesses)
        self._problems: dict[str, str] = {}
        self._ask_again = math.inf

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
        permits = self._reader.permits()
        self._with_rows = systems_with_rows(self._reader.connection)
        counted = [self._count(_permit.decode(signed.body), on) for signed in permits.values()]
        tell_register(self._reader.connection, self._home.fields_named, systems=permits, on=on)
        self._counted = [one for one in counted if one is not None]
        return self.publish_covered()

    def figures_are_covered(self) -> bool:
        """Do figures wait for a checkpoint that has come since?"""
        newest = self._reader.checkpoint()
        return newest is not None and any(one.log_size <= newest.size for one in self._counted)

    def publish_covered(self) -> bool:
        """The log, then the figures of which every entry is public: a figure never speaks of an entry that nobody can check."""
        published = self._publisher.publish(self._cosigned(self._reader.checkpoint_note()))
        if published is None:
            return False
        self._published = published.size
        publish_keys(self._home)
        for one in self._counted:
            if one.log_size <= published.size:
                publish_figures(one, self._home.figures)
        self._counted = [one for one in self._counted if one.log_size > published.size]
        publish_exercises(self._reader.connection, self._home.figures, size=self._published)
        self.news.set()
        return True

    def publish_measured(self) -> None:
        """An exercise is drained a moment after its stop is public: its times follow at the next look."""
        if self._published and publish_exercises(self._reader.connection, self._home.figures, size=self._published):
            self.news.set()

    def _cosigned(self, note: str) -> str:
        """The note with what the witnesses add in the time that they have. Who did not cosign is said once, and asked again later."""
        if not note:
            return note
        self._ask_again = math.inf
        try:
            made = self._witnesses.cosign(note, self._prove)
        except InvalidInput as error:
            say(f"without witnesses: {error}")
            return note
        if made.problems:
            self._ask_again = time.monotonic() + ASK_AGAIN_SECONDS
        if made.problems != self._problems:
            self._problems = made.problems
            for name, problem in made.problems.items():
                say(f"witness {name} did not cosign{'' if made.enough else ', and the quorum lacks it'}: {problem}")
        return made.note

    def _prove(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, node_reader(self._reader.tree(), self._reader.connection))

    def witnesses_are_wanting(self) -> bool:
        """Has a witness not cosigned what is public, and is it time to ask again?"""
        return time.monotonic() >= self._ask_again

    def ask_witnesses_again(self) -> None:
        """For the checkpoint that is public already; a line that comes late is added to it."""
        note = (self._home.public / "checkpoint").read_text(encoding="utf-8")
        cosigned = self._cosigned(note)
        if cosigned != note:
            self._publisher.publish(cosigned)
            self.news.set()

    def _count(self, permit: Permit, on: date) -> Figures | None:
        followed = self._follow(permit, on)
        if permit.exercise or not permit.favourable:
            return None
        counted = figures(self._reader.connection, system=permit.system, favourable=permit.favourable, on=on)
        return msgspec.structs.replace(counted, followed=followed and for_public(followed))

    def _follow(self, permit: Permit, on: date) -> Followup | None:
        """How people decided, as it may be shown; told to the register. Nothing is counted for systems of which there never was a row."""
        before = read_followed(self._home.followed, permit.system)
        if permit.system not in self._with_rows and before is None:
            return None
        followed = follow_up(self._reader.connection, permit, on=on)
        told = in_steps(before and before.told, followed, on=on)
        tell_followed(msgspec.structs.replace(followed, told=told), self._home.followed)
        return told


def run(home: Home, *, seconds: float, ended: threading.Event) -> None:
    """Publish at once, then when the interval has passed or something urgent stands in the log."""
    news = threading.Event()
    news.set()  # a copy that was cut off goes on
    threading.Thread(target=keep_copied, args=(home, news, ended), daemon=True, name="copy").start()
    site: PublicSite | None = None
    due = time.monotonic()
    while not ended.is_set():
        try:
            site = site or PublicSite(home, EvidenceReader.read_only(home.evidence), news=news)
            if time.monotonic() >= due or site.something_urgent():
                if site.publish(datetime.now(ZoneInfo("Europe/Stockholm")).date()):
                    due = time.monotonic() + seconds
            elif site.figures_are_covered():
                site.publish_covered()
            elif site.witnesses_are_wanting():
                site.ask_witnesses_again()
            site.publish_measured()
        except (InsynError, TlogError, OSError, apsw.Error) as error:
            # The evidence may be missing still, or busy, or the public disk full: say so and look again. What is published stays as it is.
            say(f"not published: {error}")
            site = None
            ended.wait(2.0)
        ended.wait(LOOK_SECONDS)


def keep_copied(home: Home, news: threading.Event, ended: threading.Event) -> None:
    """Bring the object store, if there is one, to what is published, each time there is news. A copy that fails is tried again.

    In a thread of its own: a store that is slow or away holds up no publication.
    """
    mirror: Mirror | None = None
    while not ended.is_set():
        if not news.wait(LOOK_SECONDS):
            continue
        news.clear()
        try:
            config = read_config(home.object_store)
            if config is not None:
                mirror = mirror or Mirror(home.public, S3Objects(config))
                mirror.send()
        except (InsynError, OSError) as error:
            say(f"not copied: {error}")
            news.set()
            ended.wait(COPY_AGAIN_SECONDS)


def say(text: str) -> None:
    """A line in the publisher's own log."""
    print(f"{datetime.now(ZoneInfo('UTC')).isoformat(timespec='seconds')} {text}", file=sys.stderr, flush=True)


def publish_keys(home: Home) -> None:
    """The log's second key, once the public checkpoint bears its line, and both keys with the witnesses as a tlog-policy.

    For whoever verifies; to be compared with copies that came another way.
    """
    second = home.public / "log-ml-dsa.vkey"
    if home.log_ml_dsa_vkey.is_file():
        vkey = home.log_ml_dsa_vkey.read_text(encoding="utf-8").strip()
        signed = {one.key_id for one in parse_note((home.public / "checkpoint").read_text(encoding="utf-8"))[1]}
        if parse_vkey(vkey).key_id in signed:
            _write_changed(second, f"{vkey}\n".encode())
    keys = [path.read_text(encoding="utf-8").strip() for path in (home.log_vkey, second) if path.is_file()]
    own = home.witnesses / POLICY
    rest = (
        [line for line in own.read_text(encoding="utf-8").splitlines() if line.split()[:1] != ["log"]] if own.is_file() else ["quorum none"]
    )
    if keys:
        _write_changed(home.public / "policy", "\n".join([*(f"log {key}" for key in keys), *rest, ""]).encode())


def _write_changed(path: Path, data: bytes) -> None:
    if not path.is_file() or path.read_bytes() != data:
        write_flushed(path, data, mode=0o644)


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
