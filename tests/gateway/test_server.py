"""What comes over the sockets, well formed or not: a clear answer, and everybody else served as before."""

from __future__ import annotations

import json
import resource
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import msgspec
import pytest
from gateway_kit import SYSTEM, Town, body_of, decide, framed, number, outcome, raw

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.wire import MAX_FRAME, FrameReader, decode_reply, encode, receive_frame

BODY = encode(decide())


def reply_to(town: Town, body: bytes) -> m.Reply:
    with raw(town.home.decide_socket) as connection:
        connection.sendall(framed(body))
        reply = decode_reply(receive_frame(connection))
        connection.sendall(framed(encode(m.Ping(id=7))))
        assert decode_reply(receive_frame(connection)).id == 7, "the connection lives on"
        return reply


def with_outcome(**changes: Any) -> bytes:
    plain = json.loads(BODY)
    plain["outcome"].update(changes)
    return json.dumps(plain).encode()


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Expecting value"),
        (b"not json", "Expecting value"),
        (b"[]", "Expected `object`"),
        (b"null", "Expected `object`"),
        (b"{}", "missing required field `op`"),
        (body_of(decide(), op="nonsense"), "Invalid value 'nonsense'"),
        (with_outcome(score=float("nan")), "NaN is not a JSON number"),
        (with_outcome(score=float("inf")), "Infinity is not a JSON number"),
        (BODY.replace(b'"score":0.75', b'"score":1e999'), "too large for a number"),
        (with_outcome(payload={"income": 10**30, "debt": 1}), "too many digits"),
        (with_outcome(payload={"income": deep(40), "debt": 1}), "nested deeper"),
        (with_outcome(payload={"income": deep(900), "debt": 1}), "nested deeper"),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, "nested deeper"),
        (BODY.replace(b'"income":4200', b'"income":4200,"income":1'), "stands twice"),
        (BODY.replace(b'"op":', b'"id":1,"op":'), "stands twice"),
        (BODY.replace(b"in the form", b"in the \xff form"), "not UTF-8"),
        (BODY.replace(b"in the form", b"half \\ud800 pair"), "surrogate"),
        (with_outcome(score="0.75"), "Expected `float | null`, got `str`"),
        (with_outcome(payload=[1]), "Expected `object`, got `array`"),
        (with_outcome(extra=1), "unknown field `extra`"),
        (with_outcome(case=""), "length"),
        (body_of(decide(), key="short"), "length"),
        (body_of(decide(), id="one"), "Expected `int`"),
        (body_of(decide(), idempotency="with space in it"), "regex"),
        (body_of(m.Ping(id=1), asked={}), "unknown field"),
        (body_of(m.Clear(id=1, key="k" * 16, asked=decide().asked), asked={**msgspec.to_builtins(decide().asked), "system": "Å"}), "regex"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_in_words_and_the_connection_lives_on(served: Town, body: bytes, words: str) -> None:
    answer = reply_to(served, body).answer
    assert isinstance(answer, m.Denied)
    assert answer.refusal.code is RefusalCode.INVALID_REQUEST
    assert words in answer.refusal.sentence.en


def test_the_refusal_names_the_field_and_the_question(served: Town) -> None:
    reply = reply_to(served, body_of(msgspec.structs.replace(decide(), id=41), outcome={**json.loads(encode(outcome())), "base": "x"}))
    assert reply.id == 41
    assert isinstance(reply.answer, m.Denied)
    assert reply.answer.refusal.reasons[0].place == "outcome.base"


def test_a_frame_that_is_too_long_is_refused_and_ends_the_connection(served: Town) -> None:
    with raw(served.home.decide_socket) as connection:
        connection.sendall(struct.pack(">I", MAX_FRAME + 1) + b"x" * 100)
        answer = decode_reply(receive_frame(connection)).answer
        assert isinstance(answer, m.Denied)
        assert answer.refusal.code is RefusalCode.TOO_LARGE
        assert connection.recv(1) == b""


def test_what_is_asked_before_a_frame_that_is_too_long_is_answered(served: Town) -> None:
    with raw(served.home.decide_socket) as connection:
        connection.sendall(framed(encode(m.Ping(id=5))) + b"\xff" * 8)
        assert decode_reply(receive_frame(connection)).id == 5
        assert decode_reply(receive_frame(connection)).id == 0


def test_half_a_frame_and_then_nothing_troubles_nobody(served: Town) -> None:
    for cut in (1, 4, 20, len(BODY) // 2):
        with raw(served.home.decide_socket) as connection:
            connection.sendall(framed(BODY)[:cut])
    assert served.guard().decide(outcome()).stage == "proposal"


def test_a_frame_that_comes_byte_by_byte_is_read(served: Town) -> None:
    with raw(served.home.decide_socket) as connection:
        for byte in framed(encode(m.Ping(id=3))):
            connection.sendall(bytes([byte]))
        assert decode_reply(receive_frame(connection)).id == 3


def test_a_caller_who_hangs_up_before_its_answer_troubles_nobody(served: Town) -> None:
    for _ in range(20):
        with raw(served.home.decide_socket) as connection:
            connection.sendall(framed(encode(decide())))
    assert served.guard().decide(outcome()).stage == "proposal"


@pytest.fixture
def many_files() -> Iterator[None]:
    """A thousand connections need more descriptors than the usual limit gives this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_thousand_idle_connections_are_fine(running: Town) -> None:
    with ExitStack() as idle:
        for path in [running.home.decide_socket] * 700 + [running.home.control_socket] * 300:
            idle.enter_context(raw(path))
        assert running.guard().decide(outcome()).stage == "proposal"
        assert running.stop().status == "committed"


def test_many_requests_on_one_connection_are_each_answered_with_their_id(served: Town) -> None:
    messages = [decide() for _ in range(300)]
    with raw(served.home.decide_socket) as connection:
        connection.sendall(b"".join(framed(encode(message)) for message in messages))
        reader, replies = FrameReader(), []
        while len(replies) < len(messages):
            replies += [decode_reply(body) for body in reader.feed(connection.recv(1 << 16))]
    assert [reply.id for reply in replies] == [message.id for message in messages]
    indices = [reply.answer.receipt.index for reply in replies if isinstance(reply.answer, m.Recorded)]
    assert len(indices) == len(messages)
    assert indices == sorted(set(indices))


def test_a_caller_who_never_reads_is_not_read_either(served: Town) -> None:
    """Its answers would pile up in the sequencer's memory; it waits, others are served."""
    with raw(served.home.decide_socket) as connection:
        connection.settimeout(1.0)
        blast, sent = framed(encode(m.Ping(id=1))) * 1000, 0
        with suppress(TimeoutError):
            while sent < 20_000_000:
                sent += connection.send(blast)
        assert sent < 20_000_000
        assert served.guard().decide(outcome()).stage == "proposal"


def test_the_control_socket_is_for_its_owner_alone(served: Town) -> None:
    assert stat.S_IMODE(served.home.control_socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.home.decide_socket.stat().st_mode) == 0o660


@pytest.mark.parametrize("body", [b"{}", b'{"key":"register","body":"","signature":""}', b"\xff", BODY])
def test_what_is_not_a_signed_message_is_refused_on_the_control_socket(served: Town, body: bytes) -> None:
    with raw(served.home.control_socket) as connection:
        connection.sendall(framed(body))
        answer = decode_reply(receive_frame(connection)).answer
        assert isinstance(answer, m.Denied)
        assert answer.refusal.code is RefusalCode.INVALID_REQUEST


def test_an_unsigned_stop_is_refused(running: Town) -> None:
    body = encode(m.Stop(id=9, order=running.order()))
    forged = msgspec.structs.replace(running.register_key.sign("control", body), signature=bytes(64))
    with raw(running.home.control_socket) as connection:
        connection.sendall(framed(encode(forged)))
        reply = decode_reply(receive_frame(connection))
    assert reply.id == 9
    assert isinstance(reply.answer, m.Denied)
    assert reply.answer.refusal.code is RefusalCode.SIGNATURE_INVALID


def test_a_decision_on_the_control_socket_and_a_stop_on_the_decide_socket_are_refused(running: Town) -> None:
    signed = running.register_key.sign("control", encode(decide()))
    with raw(running.home.control_socket) as connection:
        connection.sendall(framed(encode(signed)))
        assert isinstance(decode_reply(receive_frame(connection)).answer, m.Denied)
    answer = reply_to(running, encode(m.Stop(id=number(), order=running.order()))).answer
    assert isinstance(answer, m.Denied)
    state = running.control().ask(m.StopState(id=1, system=SYSTEM))
    assert isinstance(state, m.StopReport)
    assert state.status == "none"


def test_a_second_sequencer_on_the_same_log_is_refused_and_the_first_goes_on(served: Town) -> None:
    with pytest.raises(AssertionError, match="another process"):
        served.start_another()
    assert served.guard().decide(outcome()).stage == "proposal"


def test_sockets_left_by_a_killed_sequencer_are_taken_over(town: Town) -> None:
    for path in (town.home.decide_socket, town.home.control_socket):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
    town.start()
    town.permit_in_force()
    assert town.guard().decide(outcome()).stage == "proposal"


def test_an_end_that_is_asked_for_is_clean(running: Town) -> None:
    running.guard().decide(outcome())
    assert running.end() == 0
    assert not running.home.decide_socket.exists()
    assert not running.home.control_socket.exists()
    assert [head.kind for head in running.heads()] == ["log_opened", "permit", "decision"]
