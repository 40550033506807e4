"""Cosignatures of witnesses and the log's own second line: what they are taken over, and everything that must not hold."""

from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import given, settings, strategies as st

from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.cosignature import (
    ED25519_COSIGNATURE,
    ML_DSA_44,
    CosignatureVerifier,
    Cosigner,
    no_time,
    parse_vkey,
    parse_vkeys,
    time_of,
)
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import NoteSigner, parse_note, sign_note
from insyn.tlog.verify import Trust

LOG = NoteSigner("log.example/kommun", bytes(range(32)))
SECOND = Cosigner(LOG.name, bytes(range(32)))
CHECKPOINT = Checkpoint(LOG.name, 7, bytes(range(32)))
BODY = CHECKPOINT.body()
KINDS = pytest.mark.parametrize("kind", [ED25519_COSIGNATURE, ML_DSA_44])


def cosigner(kind: int, name: str = "witness.example/w1", time: int = 1_679_315_147) -> Cosigner:
    return Cosigner(name, bytes(32), kind=kind, now=lambda: time)


@KINDS
def test_a_cosignature_holds_for_its_checkpoint_and_says_when(kind: int) -> None:
    one = cosigner(kind)
    signature = one.sign(BODY)
    assert one.verifier.verify(BODY, signature)
    assert time_of(signature) == 1_679_315_147
    assert parse_vkey(one.vkey) == one.verifier


def test_an_ed25519_cosignature_is_over_the_text_that_the_specification_writes() -> None:
    message = f"cosignature/v1\ntime 1679315147\n{BODY}".encode()
    assert cosigner(ED25519_COSIGNATURE).sign(BODY)[8:] == Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(message)


def test_an_ml_dsa_cosignature_is_over_the_bytes_that_the_specification_writes() -> None:
    one = cosigner(ML_DSA_44)
    name, origin = one.name.encode(), LOG.name.encode()
    message = b"subtree/v1\n\x00" + bytes([len(name)]) + name + struct.pack(">Q", 1_679_315_147)
    message += bytes([len(origin)]) + origin + struct.pack(">QQ", 0, 7) + CHECKPOINT.root
    MLDSA44PublicKey.from_public_bytes(one.verifier.public).verify(one.sign(BODY)[8:], message)


@KINDS
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_no_changed_cosignature_holds(kind: int, data: st.DataObject) -> None:
    one = cosigner(kind)
    changed = bytearray(one.sign(BODY))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    assert not one.verifier.verify(BODY, bytes(changed))


@KINDS
@pytest.mark.parametrize("cut", [0, 1, 8, 9, 71])
def test_a_cosignature_cut_short_does_not_hold(kind: int, cut: int) -> None:
    one = cosigner(kind)
    assert not one.verifier.verify(BODY, one.sign(BODY)[:cut])


@KINDS
def test_a_cosignature_is_of_one_checkpoint_and_one_time(kind: int) -> None:
    one = cosigner(kind)
    signature = one.sign(BODY)
    for other in (
        Checkpoint(LOG.name, 8, CHECKPOINT.root),
        Checkpoint(LOG.name, 7, bytes(32)),
        Checkpoint("other.example", 7, CHECKPOINT.root),
    ):
        assert not one.verifier.verify(other.body(), signature)
    assert not one.verifier.verify(BODY, struct.pack(">Q", 1) + signature[8:])
    assert not one.verifier.verify("no checkpoint\n", signature)


def test_a_time_beyond_what_the_specification_allows_is_refused() -> None:
    late = Cosigner("witness.example/w1", bytes(32), kind=ED25519_COSIGNATURE, now=lambda: 2**63)
    assert not late.verifier.verify(BODY, late.sign(BODY))


def test_an_ml_dsa_signature_is_of_one_name() -> None:
    mine, other = Cosigner("a.example", bytes(32)), Cosigner("b.example", bytes(32))
    assert mine.verifier.public == other.verifier.public
    assert not other.verifier.verify(BODY, mine.sign(BODY))


@pytest.mark.parametrize(("kind", "size"), [(ED25519_COSIGNATURE, 31), (ML_DSA_44, 32), (0x05, 32), (0x01, 32)])
def test_a_key_of_the_wrong_length_or_kind_is_refused(kind: int, size: int) -> None:
    with pytest.raises(TlogError, match="not a cosignature key"):
        CosignatureVerifier("a", kind, bytes(size))
    with pytest.raises(TlogError, match="not a kind of cosignature"):
        Cosigner("a", bytes(32), kind=0x01)


def test_keys_are_read_one_a_line() -> None:
    assert [key.vkey for key in parse_vkeys(f"\n{LOG.vkey}\n{SECOND.vkey}\n")] == [LOG.vkey, SECOND.vkey]
    with pytest.raises(TlogError, match="no public key"):
        parse_vkeys("\n")


def test_a_log_signs_with_two_keys_and_each_reader_knows_what_it_knows() -> None:
    note = sign_note(BODY, [LOG, SECOND])
    for keys in ([LOG.verifier], [SECOND.verifier], [LOG.verifier, SECOND.verifier]):
        assert open_checkpoint(note, keys) == CHECKPOINT
    assert time_of(parse_note(note)[1][1].signature) == no_time()  # the second of a checkpoint is nobody's business


def test_a_second_line_that_fails_rejects_the_note_for_whoever_knows_the_key() -> None:
    wrong = sign_note(Checkpoint(LOG.name, 8, CHECKPOINT.root).body(), [SECOND]).splitlines(keepends=True)[-1]
    note = sign_note(BODY, LOG) + wrong
    assert open_checkpoint(note, [LOG.verifier]) == CHECKPOINT
    with pytest.raises(TlogError, match="does not hold"):
        open_checkpoint(note, [LOG.verifier, SECOND.verifier])


def test_whoever_gives_two_keys_asks_for_both_signatures() -> None:
    """Otherwise whoever breaks the one key would simply leave the other line out."""
    trust = Trust.in_keys(LOG.vkey, SECOND.vkey)
    assert trust.open(sign_note(BODY, [LOG, SECOND])) == (CHECKPOINT, ())
    with pytest.raises(TlogError, match="has not signed it"):
        trust.open(sign_note(BODY, LOG))
    with pytest.raises(TlogError, match="not those of one log"):
        Trust.in_keys(LOG.vkey, NoteSigner("other.example", bytes(32)).vkey)
