"""Sealing: what a resident can check with one opened group, and what nobody can learn from the rest."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, strategies as st

from insyn.core.commitments import commitment, pad
from insyn.core.errors import InvalidInput
from insyn.evidence.mac import Mac
from insyn.evidence.seal import SealedText, salt_of, seal, unpad, unseal
from insyn.evidence.store import EvidenceStore

RID = "0123456789abcdef" * 2


@given(st.binary(max_size=3000))
def test_padding_comes_off_again_and_lengths_are_few(text: bytes) -> None:
    padded = pad(text)
    assert unpad(padded) == text
    assert len(padded) in {256, 512, 1024, 2048, 4096}
    assert len(padded) > len(text)


@pytest.mark.parametrize("padded", [b"", bytes(256), b"text\x80\x01", b"text"])
def test_broken_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(InvalidInput):
        unpad(padded)


@given(st.binary(max_size=64), st.binary(max_size=200))
def test_the_keyed_hash_is_hmac(key: bytes, message: bytes) -> None:
    assert Mac(key).digest(message) == hmac.digest(key, message, "sha256")


def test_a_keyed_hash_takes_no_key_over_a_block() -> None:
    with pytest.raises(ValueError, match="at most 64 bytes"):
        Mac(bytes(65))


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["input", "output", "case"]))
def test_the_salt_is_hkdf_expand(key: bytes, group: str) -> None:
    assert salt_of(key, group) == HKDFExpand(SHA256(), 32, b"salt" + group.encode()).derive(key)


@given(
    st.binary(min_size=32, max_size=32), st.dictionaries(st.text(max_size=10), st.binary(max_size=9000), max_size=3), st.binary(max_size=32)
)
def test_what_is_sealed_opens_under_its_key_for_its_record_only(key: bytes, groups: dict[str, bytes], fact: bytes) -> None:
    sealed = seal(key, RID, SealedText(groups, fact))
    assert unseal(key, RID, sealed) == SealedText(groups, fact)
    assert len(sealed) - 16 in {432, 576, 704, 912, 1248, 1920, 3920} or (len(sealed) - 16) % 4096 == 0
    for other in (
        (bytes(32 - len(key)) + key[::-1], RID, sealed),
        (key, "00" * 16, sealed),
        (key, RID, sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        if other != (key, RID, sealed):
            with pytest.raises(InvalidInput, match="does not open"):
                unseal(*other)


def test_what_an_older_program_sealed_opens_without_what_came_later() -> None:
    key, groups = bytes(range(32)), {"input": b"{}", "output": b'{"outcome":"approve"}'}
    plain = msgspec.msgpack.encode({"groups": groups, "fact": b"digest", "retention": "standard", "waits": True}) + b"\x80"
    sealed = AESGCM(key).encrypt(bytes(12), plain.ljust(432, b"\x00"), bytes.fromhex(RID))
    opened = unseal(key, RID, sealed)
    assert opened == SealedText(groups, b"digest", "standard", True)
    assert opened.blind_share == 0
    assert seal(key, RID, opened) == sealed, "what is drawn from no share is sealed as it was before there was a draw"


def test_a_resident_checks_one_group_with_its_salt_alone(office: Any, store: EvidenceStore) -> None:
    """Written out from the specification, as another program would do it."""
    (made,) = office.decided(store)
    opened = store.open_groups(made.rid, ["input", "factors"])
    assert set(opened.groups) == set(opened.salts) == {"input"}
    text, salt = opened.groups["input"], opened.salts["input"]
    padded = text + b"\x80" + bytes(255 - len(text))
    expected = hashlib.sha256(b"insyn/c/v1" + b"\x05input" + bytes.fromhex(made.rid) + salt + padded).hexdigest()
    held = json.loads(opened.entry)["c"]
    assert held["input"] == expected == commitment(group="input", rid=made.rid, salt=salt, text=text)
    assert commitment(group="input", rid=made.rid, salt=salt, text=text + b" ") != expected
    assert commitment(group="output", rid=made.rid, salt=salt, text=store.open_groups(made.rid).groups["output"]) != held["output"]


def test_the_same_decision_twice_leaves_nothing_alike(office: Any, store: EvidenceStore) -> None:
    first, second = (store.open_groups(made.rid) for made in office.decided(store, 2))
    one, two = json.loads(first.entry)["c"], json.loads(second.entry)["c"]
    assert not set(one.values()) & set(two.values())
    assert not set(first.salts.values()) & set(second.salts.values())
