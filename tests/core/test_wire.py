"""Messages survive the wire, and what is not a message is refused by field."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.core import messages as m, wire
from insyn.core.errors import InvalidInput, SignatureInvalid
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.signing import SigningKey, verify
from insyn.core.terms import Mode

ASKED = m.Asked(system="lanestod", version="1.0", purpose="loan_assessment", categories=("income",), matter_type="home_loan")
OUTCOME = m.Outcome(outcome="grant", score=1.5, base=1.0, factors=(m.Factor("debts", 42, 0.5),), payload={"debts": 42}, case="LN-1")
MESSAGES = [
    m.Clear(id=1, key="k" * 20, asked=ASKED),
    m.Record(id=2, key="k" * 20, clearance="0" * 32, outcome=OUTCOME),
    m.Decide(id=3, key="k" * 20, asked=ASKED, outcome=OUTCOME, idempotency="case-1-try"),
    m.Batch(id=4, key="k" * 20, asked=ASKED, items=(m.Item(outcome=OUTCOME),)),
    m.NotUsed(id=5, key="k" * 20, system="lanestod", rid="a" * 32),
    m.Historical(id=6, key="k" * 20, system="lanestod", case="LN-1", outcome="grant", decided="1990"),
    m.Ping(id=7),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was_sent(message: m.DecideMessage) -> None:
    assert wire.decode_decide(wire.encode(message)) == message


@given(st.lists(st.binary(max_size=50), max_size=6), st.integers(1, 7))
def test_frames_come_out_whole_however_the_bytes_are_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(wire.frame(body) for body in bodies)
    reader = wire.FrameReader()
    found = [body for start in range(0, len(stream), step) for body in reader.feed(stream[start : start + step])]
    assert found == bodies


def test_a_frame_that_claims_to_be_huge_is_refused_before_it_is_collected() -> None:
    with pytest.raises(InvalidInput, match="at most"):
        list(wire.FrameReader().feed(b"\xff\xff\xff\xff"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"system": 7}, "asked.system"),
        ({"system": "Not A Slug"}, "asked.system"),
        ({"mode": "whatever"}, "asked.mode"),
        ({"categories": "income"}, "asked.categories"),
        ({"surprise": 1}, "asked"),
    ],
)
def test_a_wrong_type_names_the_field(change: dict[str, object], place: str) -> None:
    import json

    body = json.loads(wire.encode(MESSAGES[0]))
    body["asked"].update(change)
    with pytest.raises(InvalidInput) as caught:
        wire.decode_decide(json.dumps(body).encode())
    assert caught.value.place == place


def test_a_reply_with_a_refusal_comes_back_whole() -> None:
    reply = m.Reply(id=9, answer=m.Denied(refusal=refuse(RefusalCode.STOPPED)))
    assert wire.decode_reply(wire.encode(reply)) == reply


def test_a_signed_stop_cannot_be_replayed_as_a_permit() -> None:
    key = SigningKey.generate("register")
    signed = key.sign("stop", b"body")
    assert verify(signed, context="stop", public=key.public) == b"body"
    with pytest.raises(SignatureInvalid):
        verify(signed, context="permit", public=key.public)


def test_a_signature_does_not_pass_under_another_name() -> None:
    key = SigningKey.generate("register")
    signed = key.sign("stop", b"body")
    renamed = type(signed)(key="somebody", body=signed.body, signature=signed.signature)
    with pytest.raises(SignatureInvalid):
        verify(renamed, context="stop", public=key.public)


def test_mode_support_is_what_a_caller_gets_who_says_nothing() -> None:
    assert ASKED.mode is Mode.SUPPORT


@pytest.mark.parametrize(
    "message",
    [
        m.StopState(id=1, system="lanestod\n"),
        m.OpenOrder(id=1, rid="a" * 32 + "\n"),
    ],
)
def test_a_name_does_not_end_in_a_line_break(message: m.ControlMessage) -> None:
    """A stop of ``lanestod`` and a line break was committed, and stopped nothing."""
    with pytest.raises(InvalidInput):
        wire.decode_control(wire.encode(message))


@pytest.mark.parametrize("decided", ["2026-11\n", "\u0662\u0660\u0662\u0666"])
def test_a_day_is_written_in_plain_digits(decided: str) -> None:
    message = m.Historical(id=1, key="k" * 16, system="lanestod", case="1", outcome="approve", decided=decided)
    with pytest.raises(InvalidInput):
        wire.decode_decide(wire.encode(message))
