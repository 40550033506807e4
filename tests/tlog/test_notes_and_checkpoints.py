"""Signed notes and checkpoints: round trips, a vector of another code base, and everything that must be refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.cosignature import Cosigner
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import NoteSigner, NoteVerifier, generate_log_key, open_note, parse_note, sign_note

VECTOR: dict[str, str] = json.loads((Path(__file__).parent.parent / "vectors/tlog/note.json").read_text(encoding="utf-8"))
SIGNER = NoteSigner("log.example/kommun", bytes(range(32)))
NAMES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x17E, exclude_characters="+\x7f", exclude_categories=["C", "Z"]), min_size=1
)
BODIES = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60).map(lambda text: text + "\n")


def test_a_note_of_the_go_package_opens_and_is_signed_alike() -> None:
    signer = NoteSigner(VECTOR["name"], bytes.fromhex(VECTOR["seed"]))
    assert signer.vkey == VECTOR["vkey"]
    assert sign_note(VECTOR["body"], signer) == VECTOR["note"]
    assert open_note(VECTOR["note"], [NoteVerifier.parse(VECTOR["vkey"])]) == VECTOR["body"]


@given(NAMES, st.binary(min_size=32, max_size=32))
def test_a_verifier_key_is_read_back(name: str, seed: bytes) -> None:
    signer = NoteSigner(name, seed)
    assert NoteVerifier.parse(signer.vkey) == signer.verifier
    assert NoteSigner(name, signer.seed).vkey == signer.vkey


@given(BODIES)
def test_a_note_gives_back_its_body(body: str) -> None:
    assert open_note(sign_note(body, SIGNER), [SIGNER.verifier]) == body


@given(st.data())
def test_no_changed_note_opens(data: st.DataObject) -> None:
    note = sign_note(Checkpoint(SIGNER.name, 7, bytes(32)).body(), SIGNER).encode()
    at = data.draw(st.integers(0, len(note) - 1))
    changed = bytearray(note)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises((TlogError, UnicodeDecodeError)):
        open_checkpoint(bytes(changed).decode("utf-8"), [SIGNER.verifier])


@given(st.text(max_size=200))
def test_text_that_is_no_note_is_refused_as_such(text: str) -> None:
    with pytest.raises(TlogError):
        open_note(text, [SIGNER.verifier])


def test_signatures_of_unknown_keys_are_ignored_and_sixteen_are_not_too_many() -> None:
    others = [generate_log_key(f"witness{number}.example") for number in range(16)]
    note = sign_note("text\n", [*others, SIGNER])
    assert open_note(note, [SIGNER.verifier]) == "text\n"
    assert len(parse_note(note)[1]) == 17


def test_a_known_key_whose_signature_fails_spoils_the_note() -> None:
    other = generate_log_key("witness.example")
    good = sign_note("text\n", [SIGNER, other])
    wrong = sign_note("other\n", other).splitlines(keepends=True)[-1]
    lines = good.splitlines(keepends=True)
    with pytest.raises(TlogError, match="does not hold"):
        open_note("".join([*lines[:-1], wrong]), [SIGNER.verifier, other.verifier])


def test_a_key_of_the_same_name_is_another_key() -> None:
    with pytest.raises(TlogError, match="no signature by a known key"):
        open_note(sign_note("text\n", generate_log_key(SIGNER.name)), [SIGNER.verifier])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\nb"])
def test_a_key_name_has_no_space_and_no_plus(name: str) -> None:
    with pytest.raises(TlogError, match="not a key name"):
        generate_log_key(name)


@pytest.mark.parametrize("body", ["no newline", "", "tab\tinside\n", "bell\x07\n", "carriage\r\n"])
def test_a_body_that_no_reader_would_take_is_not_signed(body: str) -> None:
    with pytest.raises(TlogError):
        sign_note(body, SIGNER)


def test_a_note_without_signature_is_not_made() -> None:
    with pytest.raises(TlogError, match="at least one"):
        sign_note("text\n", [])


@pytest.mark.parametrize("spoil", [lambda key: key.replace("+", "+0", 1), lambda key: key[:-4] + "AAA=", lambda key: key.partition("+")[0]])
def test_a_broken_verifier_key_is_refused(spoil: object) -> None:
    with pytest.raises(TlogError):
        NoteVerifier.parse(spoil(SIGNER.vkey))  # type: ignore[operator]


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(TlogError, match="Ed25519"):
        NoteVerifier.parse(Cosigner("a", bytes(32)).vkey)


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    """The last base64 digit before the padding carries two unused bits."""
    note = sign_note("text\n", SIGNER)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = digits.index(note[-3])
    assert last % 16 == 0 or last % 4 == 0
    with pytest.raises(TlogError, match="canonical"):
        open_note(note[:-3] + digits[last + 1] + note[-2:], [SIGNER.verifier])


@given(NAMES, st.integers(0, 10**19 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_back(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint
    assert Checkpoint.parse(checkpoint.body() + "extension\n") == checkpoint


@given(st.text(st.sampled_from("a0159=\n +-") | st.characters(exclude_categories=["Cs"]), max_size=80))
def test_a_checkpoint_has_one_spelling(body: str) -> None:
    try:
        checkpoint = Checkpoint.parse(body)
    except TlogError:
        return
    assert body.startswith(checkpoint.body())


@pytest.mark.parametrize("size", ["-1", "+1", "01", "", " 1", "1e3", "٣", "10000000000000000000"])
def test_a_tree_size_is_a_plain_number(size: str) -> None:
    root = base64.b64encode(bytes(32)).decode()
    with pytest.raises(TlogError):
        Checkpoint.parse(f"origin\n{size}\n{root}\n")


@pytest.mark.parametrize("root", ["", "AAAA", base64.b64encode(bytes(33)).decode(), "?" * 44])
def test_a_root_is_32_bytes(root: str) -> None:
    with pytest.raises(TlogError):
        Checkpoint.parse(f"origin\n1\n{root}\n")
