"""Which decisions an error touched, found by what is public of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from insyn.evidence.affected import Sought, count_affected, find_affected, named_in_facts
from tests.web.remedies.log_kit import FIRST, Log

LAST = FIRST + timedelta(days=90)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def sought(**more: Any) -> Sought:
    return Sought(system="lanestod", **{"first": FIRST, "last": LAST, **more})


def found(log: Log, **more: Any) -> list[str]:
    return [one.rid for one in find_affected(log.write, sought(**more)) if one.decided]


def test_each_thing_that_the_decisions_have_in_common_narrows_the_list(log: Log) -> None:
    plain = log.decide()
    later = log.decide(day=FIRST + timedelta(days=20))
    other = log.decide(version="2.0")
    granted = log.decide(outcome="grant")
    alone = log.decide(stage="decision")
    women = log.decide(groups={"sex": "female", "age": "18-29"})
    every = [plain, later, other, granted, alone, women]
    assert found(log) == every
    assert found(log, last=FIRST + timedelta(days=19)) == [rid for rid in every if rid != later]
    assert found(log, version="2.0") == [other]
    assert found(log, outcome="grant") == [granted]
    assert found(log, stage="decision") == [alone]
    assert found(log, group="sex") == found(log, group="sex", value="female") == [women]
    assert found(log, group="sex", value="male") == found(log, group="region") == []
    assert found(log, first=FIRST - timedelta(days=9), last=FIRST - timedelta(days=1)) == []
    assert named_in_facts(log.write, "lanestod", "groups") == {"age": ["18-29"], "sex": ["female"]}


def test_what_waits_was_decided_elsewhere_or_is_erased_is_counted_and_not_listed(log: Log) -> None:
    kept = log.decide(day=date(2026, 10, 2))
    log.decide(waiting=True)
    log.decide(decided=False)
    log.erase(log.decide())
    log.erase(log.decide(version="2.0"))
    counted = count_affected(log.write, sought(version="1.0"))
    assert (counted.months, counted.decided, counted.waiting, counted.outside, counted.erased) == ({"2026-10": 1}, 1, 1, 1, 1)
    assert found(log) == [kept]


def test_a_decision_reviewed_or_reconsidered_many_times_is_found_once(log: Log) -> None:
    rid = log.decide()
    for _ in range(3):
        log.review(rid, 0, FIRST)
        log.again(rid, FIRST)
    assert found(log) == [rid]
