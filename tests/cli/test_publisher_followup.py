"""What officers did in the sequencer is what the publisher counts, tells the register and publishes."""

from __future__ import annotations

import json
from datetime import date

import msgspec
from gateway_kit import SYSTEM, a_town
from review_kit import judge, propose, reconsider, review

from insyn.cli.publisher import PublicSite
from insyn.core.followup import Followup, Ground
from insyn.core.terms import ReviewVerdict
from insyn.evidence.reader import EvidenceReader

DAY = date(2026, 11, 20)


def test_one_who_was_drawn_to_the_proposal_is_counted_by_the_register_and_not_told_to_the_public() -> None:
    with a_town() as town:
        bench = town.engine()
        bench.permit(favourable="approve", blind_share=1000)
        drawn, kept = propose(bench), propose(bench)
        for receipt in (drawn, kept):
            judge(bench, receipt)  # both would have denied what is proposed to be approved
        review(bench, drawn, verdict=ReviewVerdict.ACCEPTED, outcome="approve")
        reviewed = review(bench, kept)
        reconsider(bench, kept, reviewed.receipt.rid)
        bench.permit(system="idle", epoch=1, compiled_from=0)
        bench.engine.checkpoint()
        with EvidenceReader.read_only(town.home.evidence) as reader:
            site = PublicSite(town.home, reader)
            site.publish(DAY)
            site.publish_covered()
        assert [path.name for path in town.home.followed.iterdir()] == [f"{SYSTEM}.json"]
        told = msgspec.json.decode((town.home.followed / f"{SYSTEM}.json").read_bytes(), type=Followup)
        shown = json.loads((town.home.figures / f"{SYSTEM}.json").read_text())["followed"]
    assert (told.reviews, told.judged, told.reconsidered, told.reconsidered_changed) == (2, 2, 1, 1)
    assert (told.anchored and (told.anchored.k, told.anchored.n)) == (1, 2)
    assert (told.overridden and (told.overridden.k, told.overridden.n)) == (1, 2)
    assert (told.drawn and (told.drawn.declared, told.drawn.share.k, told.drawn.share.n, told.drawn.fits)) == (1.0, 2, 2, True)
    assert told.grounds == (Ground("must_change", 1, 1),)
    assert (shown["reviews"], shown["anchored"], shown["overridden"], shown["drawn"]) == (0, None, None, None)
    assert (shown["reconsidered"], shown["periods"], shown["grounds"], shown["told"]) == (0, [], [], None)
    assert told.told is not None
    assert (told.told.reviews, told.told.judged, told.told.reconsidered) == (0, 0, 0)  # the register shows no more of one decision
