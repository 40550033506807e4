"""Which features decisions use: a month for a name, written with the first decision of the month and with no case in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import apsw
import pytest
from gateway_kit import Bench, decide, outcome

from insyn.core.fieldsnamed import FieldsNamed
from insyn.core.messages import Factor, Recorded
from insyn.evidence.records import LEFT_OUT
from insyn.gateway.named import MAX_NAMES, NamedFeatures
from insyn.supervision.fields import fields_named

DAY = date(2026, 11, 21)


def seen(connection: apsw.Connection) -> FieldsNamed:
    return fields_named(connection, on=DAY).get("lanestod", FieldsNamed("lanestod", DAY.isoformat(), 0, False, {}))


def named(bench: Bench) -> Mapping[str, str]:
    return seen(bench.engine.books.store.connection).last


def test_a_decision_writes_down_the_features_that_counted(bench: Bench) -> None:
    told = outcome()
    idle = Factor("unused", 1, 0.0)
    with_idle = outcome(payload={"income": 4200, "debt": 0.3, "unused": 1}, factors=(*told.factors, idle))
    assert isinstance(bench.tell(decide(outcome=with_idle)), Recorded)
    found = named(bench)
    assert {factor.feature for factor in told.factors} <= found.keys()
    assert "unused" not in found
    assert found[told.factors[0].feature] == "2026-11"


def test_a_refused_call_uses_nothing(bench: Bench) -> None:
    bench.tell(decide(outcome=outcome(factors=())))
    assert named(bench) == {}


def test_each_name_is_written_once_a_month_and_made_up_names_fill_nothing() -> None:
    names = NamedFeatures()
    names.keep("loans", names.fresh("loans", ["income", "debts"], "2026-10"), "2026-10")
    assert names.fresh("loans", ["income", "debts"], "2026-10") == []
    assert names.fresh("loans", ["income"], "2026-11") == ["income"]
    made_up = names.fresh("loans", [f"made-up-{n}" for n in range(10_000)], "2026-11")
    assert (len(made_up), made_up[-1]) == (MAX_NAMES - 2 + 1, LEFT_OUT)
    assert names.fresh("other", ["income"], "2026-10") == ["income"]


def test_what_was_rolled_back_is_written_again() -> None:
    names = NamedFeatures()
    names.keep("loans", names.fresh("loans", ["income"], "2026-10"), "2026-10")
    names.forget("loans", ["income"])
    assert names.fresh("loans", ["income"], "2026-10") == ["income"]


def test_the_bound_holds_from_one_start_to_the_next(bench: Bench) -> None:
    assert isinstance(bench.tell(decide()), Recorded)
    again = NamedFeatures()
    again.load(bench.engine.books.store.meta_under("named/"))
    assert again.fresh("lanestod", [factor.feature for factor in outcome().factors], "2026-11") == []
    assert len(again.fresh("lanestod", [f"made-up-{n}" for n in range(10_000)], "2026-11")) == MAX_NAMES - len(outcome().factors) + 1


@pytest.mark.parametrize("hostile", ["19850412-1234", "född 850412", "kön\x00", "a\nb", "\u202eabc"])
def test_a_name_that_could_be_about_somebody_is_not_kept_and_nobody_concludes_from_silence(bench: Bench, hostile: str) -> None:
    told = outcome()
    factor, payload = told.factors[0], dict(told.payload)
    payload[hostile] = 1
    extra = Factor(hostile, 1, 1e-9)
    assert isinstance(bench.tell(decide(outcome=outcome(payload=payload, factors=(*told.factors, extra)))), Recorded)
    connection = bench.engine.books.store.connection
    assert not any(hostile in key for key in bench.engine.books.store.meta_under("named/"))
    found = seen(connection)
    assert factor.feature in found.last
    assert LEFT_OUT not in found.last
    assert not found.features  # so the register says that it cannot see, never that a field is unused


def test_a_clock_that_goes_back_rewrites_no_month() -> None:
    names = NamedFeatures()
    names.keep("loans", names.fresh("loans", ["income"], "2026-11"), "2026-11")
    assert names.fresh("loans", ["income"], "2026-10") == []
