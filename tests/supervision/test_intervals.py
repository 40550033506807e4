"""Shares and their intervals, against figures computed elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.core.errors import InvalidInput
from insyn.supervision.intervals import wilson

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_agrees_with_newcombes_published_examples(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_a_share_of_nothing_is_undefined_and_never_zero() -> None:
    assert wilson(0, 0) is None


def test_a_count_over_the_whole_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a share"):
        wilson(3, 2)
    with pytest.raises(InvalidInput, match="not a share"):
        wilson(-1, 2)


@pytest.mark.parametrize("confidence", [0.0, 1.0, float("nan")])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(InvalidInput, match="confidence"):
        wilson(1, 2, confidence)


@given(counts)
def test_the_share_lies_within_its_interval_and_the_interval_within_zero_and_one(count: tuple[int, int]) -> None:
    interval = wilson(*count)
    assert interval is not None
    assert 0.0 <= interval.low <= interval.rate <= interval.high <= 1.0


@given(counts)
def test_the_other_outcome_has_the_mirrored_interval(count: tuple[int, int]) -> None:
    successes, n = count
    one, other = wilson(successes, n), wilson(n - successes, n)
    assert one is not None
    assert other is not None
    assert one.low == pytest.approx(1 - other.high)
    assert one.high == pytest.approx(1 - other.low)


@given(counts)
def test_more_confidence_means_a_wider_interval(count: tuple[int, int]) -> None:
    narrow, wide = wilson(*count, confidence=0.90), wilson(*count, confidence=0.99)
    assert narrow is not None
    assert wide is not None
    assert wide.low <= narrow.low <= narrow.high <= wide.high
