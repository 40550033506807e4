"""The fence at the place of an effect: what comes too late does nothing, however long its caller was frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gateway_kit import ORIGIN, Bench, FakeClock, a_town, decide

from insyn.core import messages as m
from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import StopScope
from insyn.sdk.answers import Answer
from insyn.sdk.fence import Fence, Token, token_of


def token(bench: Bench, **changes: Any) -> Token:
    recorded = bench.tell(decide(**changes))
    assert isinstance(recorded, m.Recorded), recorded
    return token_of(Answer(recorded, 0, 0))


def refused(fence: Fence, held: Token) -> bool:
    try:
        fence.admit(held)
    except Refused as error:
        assert error.refusal.code is RefusalCode.STOPPED
        return True
    return False


@pytest.fixture
def fence(tmp_path: Path) -> Fence:
    return Fence(tmp_path / "payments.fence", log=ORIGIN)


def test_an_answer_from_before_a_stop_has_no_effect_once_the_fence_knows_of_the_stop(fence: Fence) -> None:
    with a_town() as town:
        bench = town.engine(FakeClock())
        bench.permit()
        frozen, fresh = token(bench), token(bench)
        assert not refused(fence, fresh)
        fence.raise_to(bench.stop().index)
        assert refused(fence, frozen)


def test_without_word_of_the_stop_the_first_answer_after_the_resume_raises_the_fence(fence: Fence) -> None:
    with a_town() as town:
        bench = town.engine(FakeClock())
        bench.permit()
        frozen = token(bench, idempotency="one-of-a-kind")
        stop = bench.stop().index
        bench.order(town.act(resume_of=stop))
        after = token(bench)
        assert after.since > stop > frozen.index
        assert not refused(fence, after)
        assert refused(fence, frozen)
        town.close_store()
        again = town.engine(FakeClock())
        assert token(again).since == after.since, "a restart forgets no resume"


def test_a_resume_of_everything_counts_for_each_system_and_one_of_another_system_does_not(fence: Fence) -> None:
    with a_town() as town:
        bench = town.engine(FakeClock())
        bench.permit()
        bench.permit(system="other")
        assert isinstance(bench.order(town.act(system="other", resume_of=bench.stop(system="other").index)), m.Done)
        assert token(bench).since == -1
        stop = bench.stop(scope=StopScope.EVERYTHING).index
        assert isinstance(bench.order(town.act(system="", resume_of=stop, scope="everything")), m.Done)
        assert token(bench).since > stop


def test_the_fence_never_sinks_and_a_second_process_sees_it(fence: Fence, tmp_path: Path) -> None:
    fence.raise_to(9)
    fence.raise_to(4)
    other = Fence(tmp_path / "payments.fence", log=ORIGIN)
    assert (fence.floor, other.floor) == (9, 9)
    assert refused(other, Token(ORIGIN, 9, 3, 1))
    other.admit(Token(ORIGIN, 10, 3, 1))
    assert other.floor == 9


def test_a_broken_file_or_a_foreign_token_has_no_effect(fence: Fence, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="another log"):
        fence.admit(Token("other/log", 10, -1, 1))
    (tmp_path / "payments.fence").write_text("gossip")
    with pytest.raises(InvalidInput, match="not a fence"):
        fence.admit(Token(ORIGIN, 10, -1, 1))
