"""Where a day ends, a number tells no day, and a text holds what nobody should read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from django.test import Client

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.oversight.opening import Case
from insyn.web.residents import authority
from insyn.web.residents.models import Representation, RepresentationKind
from insyn.web.residents.plain import CitedLine, FactorLine
from insyn.web.residents.sessions import why_not_for
from insyn.web.residents.showing import _masked
from insyn.web.site.figures import Figures, GroupRate

pytestmark = pytest.mark.django_db(transaction=True)
#: Nobody's: the tax agency's example.
NUMBER = "19811228-9874"


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        (datetime(2026, 6, 29, 21, 59, tzinfo=UTC), "not_yet"),  # before midnight in Sweden, in summer
        (datetime(2026, 6, 29, 22, 0, tzinfo=UTC), ""),
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), ""),  # the last day, to its last minute
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "ended"),  # the day after in Sweden, though not yet by the world's clock
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "ended"),
    ],
)
def test_authority_begins_and_ends_at_midnight_where_people_live(monkeypatch: pytest.MonkeyPatch, moment: datetime, refusal: str) -> None:
    row = Representation(
        kind=RepresentationKind.GUARDIAN, whom="a" * 32, who="b" * 32, first_day=date(2026, 6, 30), last_day=date(2026, 6, 30)
    )
    row.confirm_act_id = "c" * 32
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert why_not_for(row) == refusal


def test_a_coordination_number_without_a_known_day_is_a_persons(sequencer: Any, rights_officer: Actor) -> None:
    """Such a person can be protected, represented, and linked to the personal number that comes later."""
    found = authority.find_person(actor=rights_officer, place="whom", number="810060-1239")
    assert (len(found.token), found.born) == (32, None)
    assert authority.find_person(actor=rights_officer, place="whom", number="19810060 1239").token == found.token
    for wrong in ("810060-1238", "810000-1232", "SN 2026-7"):
        with pytest.raises(InvalidInput):
            authority.find_person(actor=rights_officer, place="whom", number=wrong)


def test_another_persons_number_is_masked_wherever_a_text_stands_on_the_page() -> None:
    class Somebody:
        protected = False

    said = f"Barnet {NUMBER} bor hos fadern."
    case = Case(
        rid="", index=0, leaf="", day="", version="", number="", proposed="", proposed_label="", score=None, rows=[("Text", said)],
        factors=[FactorLine("Text", said, "for", f"Text: {said}", 0.5, 50, 10)], counterfactual=said,
        citations=(CitedLine("Text", "Barnet 1981", "1228-98", "74 bor hos fadern.", cut_before=False, cut_after=False),),
    )  # fmt: skip
    shown = _masked(case, None, Somebody())  # type: ignore[arg-type]
    told = str((shown.rows, shown.factors, shown.counterfactual, shown.citations))
    assert "9874" not in told
    assert "1228-98" not in told
    assert told.count("bor hos fadern") == 5


def test_the_resident_reads_which_groups_the_system_treats_differently(
    propose_for: Callable[..., str], come_in: Callable[..., Client], settings: Any
) -> None:
    settings.HOME.figures.mkdir(parents=True, exist_ok=True)
    rates = tuple(GroupRate("sex", one, n=400, rate=at, low=at - 0.04, high=at + 0.04) for one, at in (("f", 0.40), ("m", 0.60)))
    (settings.HOME.figures / "loans.json").write_bytes(
        msgspec.json.encode(Figures("loans", "2026-11-21", 9, 800, 0, 0, 0, 0, groups=rates))
    )
    text = come_in("anna").get(f"/mina-sidor/arende/{propose_for('anna')}/").content.decode()
    assert "Kön: m 60,0 %, f 40,0 % med det gynnande förslaget." in text
    assert "Därför får ingen följa ett förslag utan att läsa." in text
    assert "skevheter</h3>" in text
    (settings.HOME.figures / "loans.json").unlink()
