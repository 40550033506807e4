"""One-time codes: hard to guess, easy to type."""

from __future__ import annotations

from hypothesis import given, strategies as st

from insyn.web.residents.codes import ALPHABET, LENGTH, address_hash, code_hash, new_code, plain_code


def test_a_code_has_a_hundred_bits_in_groups_of_four() -> None:
    code = new_code()
    assert len(ALPHABET) == 32
    assert LENGTH * 5 >= 80
    assert [len(group) for group in code.split("-")] == [4] * 5
    assert set(code) <= set(ALPHABET) | {"-"}


def test_no_two_codes_are_equal() -> None:
    assert len({new_code() for _ in range(2000)}) == 2000


def test_a_code_is_read_as_it_was_meant() -> None:
    assert code_hash("abcd efgh-1032\u201300ZZ 9") == code_hash("ABCDEFGHL032-OOZZ9".replace("L", "I"))


@given(st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_dashes_case_and_blanks_never_matter(code: str) -> None:
    typed = " ".join(code[at : at + 3] for at in range(0, LENGTH, 3)).lower()
    assert code_hash(typed) == code_hash(code)
    assert plain_code(typed) == code


def test_a_household_counts_as_one_address() -> None:
    assert address_hash("2001:db8:1:2::1") == address_hash("2001:db8:1:2:ffff::9")
    assert address_hash("2001:db8:1:2::1") != address_hash("2001:db8:1:3::1")
    assert address_hash("192.0.2.7") != address_hash("192.0.2.8")
    assert address_hash("::ffff:192.0.2.7") != address_hash("::ffff:192.0.2.8")
    assert len(address_hash("no address")) == 32


@given(st.text())
def test_any_text_can_be_tried(typed: str) -> None:
    assert len(code_hash(typed)) == 64
