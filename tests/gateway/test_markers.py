"""Planted markers: sealed in every file while a record lives, and after erasure or disposal in no file, backup, export, cache or log at all."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, DAY, KEY, OFFICER, SYSTEM, Bench, FakeClock, asked, decide, number, outcome

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.terms import NoticeChannel, ReconsiderationGround, ReviewVerdict
from insyn.evidence import backup, disposal
from insyn.evidence.check import check
from insyn.evidence.errors import RecordErased
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.gateway import records
from insyn.supervision.fields import tell_register
from insyn.supervision.publishing import figures, publish_figures

SEALED = {
    "payload": "Kvastfening71",
    "case": "XQ-Mandelblom-88",
    "subject": "zz-Vattenlinje-13",
    "notice": "Blankett-Rönndruva-9",
    "reasons": "Tallkottarna talar sitt tysta språk",
    "blind": "Skogsmossan väntar under snön",
    "letter": "Brevet om Hjortronmyren",
    "words": "Vi sade det vid Lingontuvan",
    "again": "Sjöstjärnan ändrade allt igen",
    "idempotency": "idem-Björkhage-0017",
}
IN_FACTS = {"outcome": "utfall-Snöglopp-4"}
SAID_ABOUT_IT = ("blind_judgement", "review", "reconsideration")


def marked(bench: Bench, **more: Any) -> m.Recorded:
    """A decision every part of which bears a mark, judged blind, reviewed and reconsidered with marked reasons."""
    bench.permit(blind_share=1000)
    said = outcome(
        outcome=IN_FACTS["outcome"],
        payload={"income": 4200, "debt": 0.3, "note": SEALED["payload"]},
        case=SEALED["case"],
        subject=SEALED["subject"],
        notice=SEALED["notice"],
    )
    made: m.Recorded = bench.tell(decide(outcome=said, idempotency=SEALED["idempotency"], **more))
    assert isinstance(made, m.Recorded), made
    judge = m.Judge(
        id=number(), system=SYSTEM, rid=made.receipt.rid, proposal=made.receipt.leaf, opened=bench.open_case(made.receipt.rid).opened,
        outcome="deny", reasons=SEALED["blind"], actor=OFFICER,
    )  # fmt: skip
    assert isinstance(bench.order(judge), m.Done)
    review = m.Review(
        id=number(), system=SYSTEM, rid=made.receipt.rid, proposal=made.receipt.leaf, verdict=ReviewVerdict.ACCEPTED,
        outcome=IN_FACTS["outcome"], reasons=SEALED["reasons"], heard_party=True, actor=OFFICER,
        opened=bench.open_case(made.receipt.rid).opened, letter=SEALED["letter"],
        notice=m.NoticeGiven(channel=NoticeChannel.LETTER, step="the letter", words=SEALED["words"]),
    )  # fmt: skip
    reviewed = bench.order(review)
    assert isinstance(reviewed, m.Done)
    again = m.Reconsider(
        id=number(), system=SYSTEM, rid=made.receipt.rid, replaces=reviewed.receipt.rid,
        opened=bench.open_case(made.receipt.rid).opened,
        ground=ReconsiderationGround.ERROR_FOUND, outcome="deny", reasons=SEALED["again"], heard_party=True, actor=OFFICER,
        letter=SEALED["letter"],
    )  # fmt: skip
    assert isinstance(bench.order(again), m.Done)
    return made


def export(bench: Bench) -> None:
    """What is made from the store and lies beside it: the published log, the figures, the fields that were named."""
    home, store = bench.town.home, bench.engine.books.store
    bench.engine.checkpoint()
    publish(store, home.public)
    with EvidenceReader.read_only(home.evidence) as reader:
        today = store.clock().date()
        home.figures.mkdir(parents=True, exist_ok=True)
        publish_figures(figures(reader.connection, system=SYSTEM, favourable="approve", on=today), home.figures)
        tell_register(reader.connection, home.fields_named, systems=[SYSTEM], on=today)


def spellings(text: str) -> Iterable[bytes]:
    """As text may lie in a file: as it is, escaped in JSON, in UTF-16, in hex."""
    raw = text.encode()
    return {raw, msgspec.json.encode(text)[1:-1], text.encode("utf-16-le"), raw.hex().encode(), text.encode("unicode_escape")}


def files_holding(folders: Iterable[Path], text: str) -> list[str]:
    found = []
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        elif data[:1] == b"\x78":
            data = zlib.decompress(data)
        if any(spelling in data for spelling in spellings(text)):
            found.append(str(path))
    return found


def test_marks_are_sealed_while_the_record_lives_and_nowhere_after_its_erasure(bench: Bench, tmp_path: Path) -> None:
    home = bench.town.home
    made = marked(bench)
    export(bench)
    folders = (home.root, tmp_path)
    evidence = home.evidence
    _, keys = backup.make(evidence, home.register, to=tmp_path / "b", keys_to=tmp_path / "k", days=35, now=DAY)
    for text in SEALED.values():
        assert files_holding(folders, text) == [], "what is sealed lies in clear text in no file, backups included"
    assert files_holding(folders, IN_FACTS["outcome"]), "the search itself must be able to find a mark"
    opened = bench.order(m.Open(id=1, rid=made.receipt.rid, groups=("input", "case"), actor=ADMIN, purpose="erasure request"))
    assert SEALED["payload"] in str(opened.groups)

    store = bench.engine.books.store
    for rid in [made.receipt.rid, *(rid for rid, kind in store.followers(made.receipt.rid) if kind in SAID_ABOUT_IT)]:
        assert isinstance(bench.order(m.Erase(id=number(), rid=rid, basis="GDPR Art. 17", actor=ADMIN)), m.Done)
    export(bench)
    for text in (*SEALED.values(), *IN_FACTS.values()):
        assert files_holding((home.root,), text) == []
    assert files_holding((tmp_path / "k",), IN_FACTS["outcome"]) == []
    expires = backup.read_manifest(keys).expires
    assert bench.last().until >= expires, "the shred entry names a day on which no backup of the key is left"
    backup.remove_expired(tmp_path / "k", DAY.date() + timedelta(days=40))
    assert not any((tmp_path / "k").iterdir())
    report = check(evidence, bench.town.root_key, bench.town.signer.vkey)
    assert (report.findings, report.erased) == ([], 4)


def test_an_evidence_backup_alone_opens_nothing_that_was_erased(bench: Bench, tmp_path: Path) -> None:
    """It holds the sealed text and the facts row of the record; the key is destroyed. Evidence backups are kept as long as facts may be."""
    home, store = bench.town.home, bench.engine.books.store
    made = marked(bench)
    copied, _ = backup.make(home.evidence, home.register, to=tmp_path / "b", keys_to=tmp_path / "k", days=35, now=DAY)
    bench.order(m.Erase(id=number(), rid=made.receipt.rid, basis="GDPR Art. 17", actor=ADMIN))
    store.flush_wal()
    (copied / "keys.sqlite").write_bytes((home.evidence / "keys.sqlite").read_bytes())
    with EvidenceReader.read_only(copied, root_key=bench.town.root_key) as reader, pytest.raises(RecordErased):
        reader.open_groups(made.receipt.rid)


def test_after_a_disposal_no_mark_of_the_month_is_left(bench: Bench, clock: FakeClock) -> None:
    marked(bench)
    export(bench)
    clock.pass_time(31 * 24 * 3600.0)
    store = bench.engine.books.store
    public = {"day": "2026-12-21", "basis": "KS 2026/77", "until": "2027-01-25", "about": "cd" * 16}
    disposal.begin(store, rid="ab" * 16, system=SYSTEM, retention="standard", month="2026-11", public=public)
    while disposal.go_on(store):
        pass
    export(bench)
    for text in (*SEALED.values(), *IN_FACTS.values()):
        assert files_holding((bench.town.home.root,), text) == []


def test_no_mark_reaches_a_log_or_a_traceback_when_something_breaks(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)

    def breaks(*words: Any, **more: Any) -> Any:
        raise RuntimeError("the disk of this test is made of paper")

    with monkeypatch.context() as patched:
        patched.setattr(records, "decision_public", breaks)
        said = outcome(payload={"income": 4200, "debt": 0.3, "note": SEALED["payload"]}, case=SEALED["case"], subject=SEALED["subject"])
        refused = bench.tell(m.Decide(id=number(), key=KEY, asked=asked(), outcome=said))
    assert refused.refusal.code is RefusalCode.INVALID_REQUEST
    assert "made of paper" in caplog.text, "the fault is told to the operator"
    told = caplog.text + str(refused)
    for text in SEALED.values():
        assert text not in told
    assert files_holding((bench.town.home.root,), SEALED["payload"]) == []
