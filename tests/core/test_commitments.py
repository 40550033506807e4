"""A commitment, spelled out byte by byte."""

from __future__ import annotations

from hashlib import sha256

import pytest

from insyn.core.commitments import commitment, pad


@pytest.mark.parametrize(("length", "padded"), [(0, 256), (255, 256), (256, 512), (511, 512), (5000, 8192)])
def test_a_text_is_padded_so_that_its_length_tells_little(length: int, padded: int) -> None:
    assert pad(b"x" * length) == b"x" * length + b"\x80" + b"\x00" * (padded - length - 1)


def test_a_commitment_is_the_hash_of_label_group_rid_salt_and_padded_text() -> None:
    whole = b"insyn/c/v1" + b"\x03" + b"act" + b"\xab" * 16 + b"\x07" * 32 + b"hello\x80".ljust(256, b"\x00")
    assert commitment(group="act", rid="ab" * 16, salt=b"\x07" * 32, text=b"hello") == sha256(whole).hexdigest()
