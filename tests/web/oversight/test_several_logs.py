"""Two sequencers: what governs a system stands in the log that decides about it too, and a stop waits for neither the register nor the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from gateway_kit import Town, a_town

from insyn.core import messages as m
from insyn.core.beside import Beside, load_beside
from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.scope import Target
from insyn.core.stop_rule import StopRule
from insyn.core.terms import StopScope
from insyn.web import bridge
from insyn.web.oversight.models import StopOrder
from insyn.web.relay import relay_once

from .conftest import follow_until, open_stop_page
from .test_stop import AT_REST, PAGE, register_locked
from .test_stop_scopes import WIDE, wide_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def north(loans: Any, sequencer: Any, settings: Any) -> Iterator[Town]:
    """A second sequencer, which answers for the loan system too; it obeys the same register."""
    with a_town() as town:
        town.register_key = bridge.register_key()
        config = json.loads(town.home.sequencer_config.read_text())
        config["register_public"] = town.register_key.public.hex()
        town.home.sequencer_config.write_text(json.dumps(config))
        told = {"name": "north", "control": str(town.home.control_socket), "spool": str(town.home.spool), "systems": ["loans"]}
        settings.HOME.other_sequencers.write_text(json.dumps([told]))
        town.start()
        relay_once(sequencer.client())
        yield town


def state(town: Town, **of: Any) -> Any:
    return town.control().ask(m.StopState(id=1, **of))


def read(town: Town) -> StopRule:
    town.end()
    rule, store = StopRule(), town.open_store()
    for index, data in store.entries(0, 1_000):
        rule.observe(index, data)
    town.close_store()
    return rule


def test_permits_stops_and_resumes_stand_in_both_logs(
    north: Town, loans: Any, holder: Actor, member: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    token = open_stop_page(browser)
    connection.close()
    with register_locked():
        pressed = browser.post(PAGE, {"token": token})
        assert state(north, system="loans").status in ("committed", "drained"), "it waits for no relay"
        follow_until(browser, pressed["Location"], AT_REST)
    relay_once(sequencer.client())
    relay_once(sequencer.client())
    first = StopOrder.objects.get()
    other = state(north, system="loans")
    assert (other.rid, other.index != first.index) == (first.rid, True)
    sign_in(member).post(f"{PAGE}alla/", {"resume": "1", "stop_index": first.index, "case_number": "KS 1", "why": "Rättad."})
    relay_once(sequencer.client())
    relay_once(sequencer.client())
    assert state(north, system="loans").status == "none"
    rule = read(north)
    assert (rule.stops, rule.resumes, rule.violations, rule.stopped) == (1, 1, [], {})
    assert {head.system for head in north.heads() if head.kind == "permit"} == {"loans"}


def test_a_sequencer_that_was_away_carries_out_the_order_before_its_first_answer(
    north: Town, loans: Any, holder: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    browser = sign_in(holder)
    token = wide_token(browser)
    north.end()
    pressed = browser.post(WIDE, {"token": token, "of": "everything"})
    follow_until(browser, pressed["Location"], AT_REST)
    relay_once(sequencer.client())  # waits for it, and for nothing else
    assert StopOrder.objects.get().scope == "everything"
    north.start()
    assert state(north, scope=StopScope.EVERYTHING).status in ("committed", "drained")
    relay_once(sequencer.client())
    rule = read(north)
    assert (rule.stops, rule.violations) == (1, []), "spooled, and told by the relay: one stop"


@pytest.mark.parametrize("text", ["{", "[{}]", '[{"name":"a","control":"x","spool":"y"},{"name":"a","control":"x","spool":"y"}]'])
def test_a_broken_list_of_sequencers_is_named_and_holds_no_stop_back(text: str, settings: Any, tmp_path: Any) -> None:
    path = tmp_path / "sequencers.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"sequencers\.json"):
        load_beside(path)
    assert load_beside(tmp_path / "none.json") == ()


@pytest.mark.parametrize(
    ("systems", "of", "governs"),
    [
        (("loans",), Target(system="loans"), True),
        (("loans",), Target(system="chat"), False),
        ((), Target(system="chat"), True),
        (("loans",), Target(scope=StopScope.EVERYTHING), True),
        (("loans",), Target(scope=StopScope.SUPPLIER, supplier="supplier-1"), True),
    ],
)
def test_a_sequencer_is_told_what_concerns_its_systems_and_whatever_is_wider(systems: tuple[str, ...], of: Target, governs: bool) -> None:
    assert Beside(name="north", control="c", spool="s", systems=systems).governs(of) is governs
