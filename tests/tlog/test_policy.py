"""Trust policies: what they accept, and the line that is named when they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.cosignature import ED25519_COSIGNATURE, Cosigner
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.policy import Policy, read_policy

LOG = NoteSigner("log.example/kommun", bytes(range(32)))
SECOND = Cosigner(LOG.name, bytes(range(32)))
W = [Cosigner(f"w{number}.example", bytes([number]) * 32, kind=ED25519_COSIGNATURE if number % 2 else 6) for number in range(5)]
CHECKPOINT = Checkpoint(LOG.name, 7, bytes(32))
LINES = [f"log {LOG.vkey}", f"log {SECOND.vkey} https://log.example/kommun", *(f"witness w{n} {one.vkey}" for n, one in enumerate(W))]
TWO_LEVELS = "\n".join([*LINES, "group x 2 w0 w1 w2", "group y any w3 w4", "group both all x y", "quorum both", ""])


def note(*witnesses: int) -> str:
    return sign_note(CHECKPOINT.body(), [LOG, SECOND, *(W[number] for number in witnesses)])


@pytest.mark.parametrize(
    ("names", "enough"),
    [("012", False), ("34", False), ("013", True), ("124", True), ("03", False), ("", False), ("01234", True)],
)
def test_two_of_one_house_and_one_of_the_other(names: str, enough: bool) -> None:
    policy = Policy.parse(TWO_LEVELS)
    signed = note(*map(int, names))
    if enough:
        opened = policy.open(signed)
        assert opened.checkpoint == CHECKPOINT
        assert opened.witnesses == tuple(f"w{number}" for number in names)
    else:
        with pytest.raises(TlogError, match="too few witnesses"):
            policy.open(signed)


def test_a_policy_without_witnesses_asks_only_for_the_log() -> None:
    policy = Policy.parse(f"# ours\n\tlog  {LOG.vkey}  \n\nquorum none\n")
    assert policy.open(note(1, 2)).checkpoint == CHECKPOINT
    with pytest.raises(TlogError, match="no log that the policy knows"):
        policy.open(sign_note(CHECKPOINT.body(), W))


def test_either_key_of_the_log_is_enough_and_one_that_fails_is_too_much() -> None:
    policy = Policy.parse("\n".join([*LINES[:2], "quorum none"]))
    assert policy.open(sign_note(CHECKPOINT.body(), [SECOND])).checkpoint == CHECKPOINT
    wrong = sign_note(Checkpoint(LOG.name, 8, bytes(32)).body(), [SECOND]).splitlines(keepends=True)[-1]
    with pytest.raises(TlogError, match="does not hold"):
        policy.open(sign_note(CHECKPOINT.body(), LOG) + wrong)


def test_a_log_key_of_another_origin_does_not_count() -> None:
    """Two logs in one policy: the one must not vouch for the other."""
    other = NoteSigner("other.example", bytes(32))
    policy = Policy.parse(f"log {LOG.vkey}\nlog {other.vkey}\nquorum none")
    with pytest.raises(TlogError, match="no log that the policy knows"):
        policy.open(sign_note(CHECKPOINT.body(), other))


def test_a_name_may_be_any_octets(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_bytes(f"log {LOG.vkey}\nwitness ".encode() + b"v\xe4\xff " + f"{W[1].vkey}\n# \xe5\nquorum ".encode() + b"v\xe4\xff\n")
    assert read_policy(path).open(note(1)).checkpoint == CHECKPOINT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: the policy ends without a quorum line"),
        ("quorum none\nquorum none", "line 2: is a second quorum line"),
        ("quorum w0", "line 1: no witness or group 'w0'"),
        ("\nlogs x", "line 2: begins with 'logs'"),
        (f"log {LOG.vkey} ftp://x", "line 1: not an http address"),
        (f"log {LOG.vkey} https://x y", "line 1: is not log"),
        ("log nonsense", "line 1: not a verifier key"),
        (f"log {W[1].vkey}", "line 1: a witness's kind of key"),
        (f"witness a {LOG.vkey}", "line 1: not a cosignature key"),
        ("witness", "line 1: is not witness"),
        (f"witness none {W[0].vkey}", "the name 'none' is taken"),
        (f"log {LOG.vkey}\nlog {LOG.vkey}", "line 2: is a second log"),
        (f"witness a {W[0].vkey}\nwitness b {W[0].vkey}", "line 2: is a second witness"),
        (f"witness a {W[0].vkey}\nwitness a {W[1].vkey}", "line 2: the name 'a' is taken"),
        ("group g any", "line 1: is not group"),
        ("group g any a", "line 1: no witness or group 'a'"),
        (f"witness a {W[0].vkey}\ngroup g 2 a", "line 2: 2 of 1 members"),
        (f"witness a {W[0].vkey}\ngroup g 0 a", "line 2: '0' is not all"),
        (f"witness a {W[0].vkey}\ngroup g some a", "line 2: 'some' is not all"),
        (f"witness a {W[0].vkey}\ngroup g any a\ngroup h any a", "line 3: 'a' is a member already"),
        ("quorum none\x0b", "line 1: holds a control character"),
    ],
)
def test_a_policy_that_cannot_be_read_names_the_line(text: str, says: str) -> None:
    with pytest.raises(TlogError) as found:
        Policy.parse(text)
    assert says in str(found.value)


def test_a_policy_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "trust.policy"
    path.write_text("quorum\n")
    with pytest.raises(TlogError, match=r"trust\.policy, line 1"):
        read_policy(path)
