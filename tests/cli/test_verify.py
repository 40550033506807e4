"""Whoever verifies from a terminal: all of a log, only what is new, a pruned one, stops, disposals, receipts; and what is said when it fails."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from gateway_kit import ORIGIN, Bench, Town, a_town, decide

from insyn.cli.main import main
from insyn.cli.publisher import PublicSite
from insyn.core.disposals import DisposalRule
from insyn.core.entries import encode_entry
from insyn.core.home import Home
from insyn.evidence.logkeys import add_log_key
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.gateway.config import load_config
from insyn.tlog.cosignature import Cosigner
from insyn.tlog.notes import NoteSigner
from insyn.web.setup import prepare_home


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town() as made:
        made.home.log_vkey.write_text(made.signer.vkey + "\n")
        yield made


@pytest.fixture
def bench(town: Town) -> Bench:
    bench = town.engine()
    bench.permit()
    return bench


@pytest.fixture
def key(town: Town, tmp_path: Path) -> str:
    path = tmp_path / "kept.vkey"
    path.write_text(town.signer.vkey)
    return str(path)


def published(town: Town, bench: Bench, *, entries: int = 0) -> str:
    store = bench.engine.books.store
    with store.transaction() as transaction:
        for _ in range(entries):
            transaction.append(public={"kind": "refusal", "system": "lanestod", "day": "2026-11-20"})
    store.sign_checkpoint(town.signer)
    with EvidenceReader.read_only(town.home.evidence) as reader:
        publish(reader, town.home.public)
    return str(town.home.public)


def test_only_what_is_new_is_read_the_second_time(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "verified.json")
    arguments = ["--vkey", key, "--state", state, "--stops", "--disposals"]
    bench.tell(decide())
    bench.stop()
    assert main(["verify", published(town, bench, entries=300), *arguments]) == 0
    first = capsys.readouterr().out
    assert "It continues" not in first
    assert "stopped now: lanestod" in first
    size = bench.engine.books.store.size
    (town.home.public / "tile/entries/000").unlink()  # the second time it is not asked for
    log = published_without_repair(town, bench, entries=50)
    assert main(["verify", log, *arguments]) == 0
    second = capsys.readouterr().out
    assert f"It continues the {size} entries that were verified before; 50 are new." in second
    assert "Stops: 1, resumes: 0, broken: 0; stopped now: lanestod" in second  # it remembers the stop that it does not read again
    assert main(["verify", log, *arguments]) == 0
    assert "0 are new" in capsys.readouterr().out


def published_without_repair(town: Town, bench: Bench, *, entries: int) -> str:
    lost = town.home.public / "tile/entries/000"
    log = published(town, bench, entries=entries)
    lost.unlink(missing_ok=True)
    return log


def test_a_decision_after_a_remembered_stop_is_found(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "verified.json"
    bench.stop()
    assert main(["verify", published(town, bench), "--vkey", key, "--state", str(state), "--stops"]) == 0
    before = state.read_bytes()
    with bench.engine.books.store.transaction() as transaction:  # past the gateway, as an insider would
        transaction.append_bytes(encode_entry({"kind": "decision", "system": "lanestod", "version": "1.0", "day": "2026-11-20"}))
    assert main(["verify", published(town, bench), "--vkey", key, "--state", str(state), "--stops"]) == 1
    assert "STOP BROKEN" in capsys.readouterr().out
    assert state.read_bytes() == before


def test_a_log_that_forked_since_is_found(town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "verified.json"
    arguments = ["--vkey", key, "--state", str(state)]
    assert main(["verify", published(town, bench, entries=20), *arguments]) == 0
    kept = json.loads(state.read_bytes())
    assert kept["note"].startswith(f"{ORIGIN}\n")
    state.write_text(json.dumps({**kept, "note": kept["note"].replace(kept["note"].splitlines()[2], "A" * 43 + "=")}))
    assert main(["verify", published(town, bench, entries=20), *arguments]) == 1
    assert "does not continue the checkpoint" in capsys.readouterr().out


def test_a_state_without_the_rule_asked_for_is_not_enough(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "verified.json")
    log = published(town, bench)
    assert main(["verify", log, "--vkey", key, "--state", state]) == 0
    assert main(["verify", log, "--vkey", key, "--state", state, "--stops"]) == 0
    assert "so the whole log is read" in capsys.readouterr().err
    assert main(["verify", log, "--vkey", key, "--state", state, "--stops"]) == 0
    assert "It continues" in capsys.readouterr().out
    for text in ("{", '{"note": "x"}', '{"size": 3}'):
        Path(state).write_text(text)
        assert main(["verify", log, "--vkey", key, "--state", state]) == 1
        assert "not a state that verify has written" in capsys.readouterr().err


def test_disposals_are_counted_and_one_without_ground_is_named(
    town: Town, bench: Bench, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = {"kind": "shred", "system": "lanestod", "day": "2031-01-02", "basis": "KS 2030:4", "until": "2031-02-02"}
    with bench.engine.books.store.transaction() as transaction:
        transaction.append_bytes(encode_entry({**whole, "about": "0" * 32}))
        transaction.append_bytes(encode_entry({**whole, "retention": "standard", "month": "2026-11"}))
    assert main(["verify", published(town, bench), "--vkey", key, "--disposals"]) == 0
    assert "Disposals: 1 records, 1 months of a class, without basis or day: 0" in capsys.readouterr().out
    with bench.engine.books.store.transaction() as transaction:
        transaction.append_bytes(encode_entry({"kind": "shred", "system": "lanestod", "day": "soon", "about": "0" * 32}))
    assert main(["verify", published(town, bench), "--vkey", key, "--disposals"]) == 1
    said = capsys.readouterr().out
    assert "does not say on what basis, on what day, until when copies of the key may live" in said


def test_a_disposal_spelled_with_escapes_is_counted_too() -> None:
    rule = DisposalRule()
    rule.observe(0, b'{"kind":"\\u0073hred"}')
    rule.observe(1, b"no entry, with \\u0073hred in it")
    assert (rule.records, len(rule.violations)) == (1, 1)


def test_a_log_is_pruned_only_by_a_decision_and_verifies_with_its_policy(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = published(town, bench, entries=600)
    prune = ["prune", "--home", str(town.home.root), "--below", "300"]
    assert main(prune) == 0
    said = capsys.readouterr().out
    assert "Entries below 256 would no longer be published (now: 0); 2 files" in said
    assert "Nothing is changed" in said
    assert main([*prune, "--decision", "KS 2031:7"]) == 0
    retention = tmp_path / "retention.json"
    shutil.copy(town.home.public / "retention.json", retention)
    assert json.loads(retention.read_bytes()) == {
        "origin": ORIGIN,
        "minimum_index": 256,
        "decision": "KS 2031:7",
        "day": json.loads(retention.read_bytes())["day"],
    }
    assert main(["verify", log, "--vkey", key]) == 1
    assert "NOT VALID: tile/entries/000: is missing" in capsys.readouterr().out
    assert main(["verify", log, "--vkey", key, "--retention", str(retention), "--stops"]) == 0
    assert "Entries before 256 are pruned" in capsys.readouterr().out
    retention.write_text(retention.read_text().replace(ORIGIN, "other.example"))
    assert main(["verify", log, "--vkey", key, "--retention", str(retention)]) == 1
    assert "no retention policy of this log" in capsys.readouterr().err
    assert main(["prune", "--home", str(town.home.root), "--before", "2020-01-01"]) == 1
    assert "pruned up to 256 already" in capsys.readouterr().err


def test_what_verify_was_given_wrongly_is_named(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = published(town, bench)
    (tmp_path / "policy").write_text("quorum x\n")
    other = tmp_path / "other.vkey"
    other.write_text(f"{town.signer.vkey}\n{NoteSigner('other.example', bytes(32)).vkey}")
    for arguments, says in (
        (["--vkey", key], "no log given"),
        ([log, "--policy", str(tmp_path / "policy")], "policy, line 1"),
        ([log, "--policy", str(tmp_path / "nowhere")], "nowhere"),
        ([log, "--vkey", str(other)], "not those of one log"),
        ([log, "--vkey", "x+00000000+AAAA"], "--vkey"),
        (["--vkey", key, "--proof", str(tmp_path / "nowhere")], "nowhere"),
    ):
        assert main(["verify", *arguments]) == 1
        assert says in capsys.readouterr().err
    (tmp_path / "receipt").write_text("nonsense")
    assert main(["verify", "--vkey", key, "--proof", str(tmp_path / "receipt")]) == 1
    assert "NOT VALID: receipt" in capsys.readouterr().out


def test_a_receipt_proves_its_entry_without_a_network(
    town: Town, bench: Bench, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(town, bench)
    store = bench.engine.books.store
    receipt, entry = tmp_path / "1.tlog-proof", tmp_path / "entry.json"
    receipt.write_text(store.receipt_proof(1))
    entry.write_bytes(store.entry(1))
    verify = ["verify", "--vkey", key, "--proof", str(receipt)]
    assert main(verify) == 0
    assert '"kind": "permit"' in capsys.readouterr().out
    assert main([*verify, "--entry", str(entry)]) == 0
    entry.write_bytes(store.entry(0))
    assert main([*verify, "--entry", str(entry)]) == 1
    assert "NOT VALID" in capsys.readouterr().out
    lines = receipt.read_text().splitlines(keepends=True)
    receipt.write_text("".join(line for line in lines if not line.startswith("extra ")))
    assert main(verify) == 1
    assert "--entry" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------------- the second key


def test_an_installation_from_before_gets_its_second_key_once(town: Town, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    log = published(town, bench)
    bench.town.close_store()
    assert main(["keys", "log", "--home", str(town.home.root)]) == 0
    assert main(["keys", "log", "--home", str(town.home.root)]) == 0
    said = capsys.readouterr().out
    assert said.count("Made.") == 1
    assert "The log has its key already." in said
    assert stat.S_IMODE(town.home.log_ml_dsa_key.stat().st_mode) == 0o600
    assert main(["verify", log]) == 0  # the key is not shown before a checkpoint bears its line
    town.start()  # the sequencer signs anew although the log has not grown
    town.end()
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(date(2026, 11, 20))
    assert main(["verify", log]) == 0
    both = [town.signer.vkey, town.home.log_ml_dsa_vkey.read_text().strip()]
    assert (town.home.public / "policy").read_text() == "".join(f"log {vkey}\n" for vkey in both) + "quorum none\n"
    checkpoint = town.home.public / "checkpoint"
    lines = checkpoint.read_text().splitlines(keepends=True)
    assert [line.startswith(f"— {ORIGIN} ") for line in lines[-2:]] == [True, True]
    checkpoint.write_text("".join(lines[:-1]))  # whoever broke the one key would leave the other line out
    assert main(["verify", log]) == 1
    assert "has not signed it" in capsys.readouterr().out


def test_a_sequencer_that_has_its_key_elsewhere_is_left_alone(town: Town, tmp_path: Path) -> None:
    settings = json.loads(town.home.sequencer_config.read_text())
    elsewhere = tmp_path / "hsm.key"
    elsewhere.write_text("07" * 32)
    town.home.sequencer_config.write_text(json.dumps({**settings, "log_ml_dsa_key_file": str(elsewhere)}))
    town.home.log_ml_dsa_vkey.write_text(Cosigner(ORIGIN, b"\x07" * 32).vkey)
    assert add_log_key(town.home)  # only the witnesses' folder was lacking
    assert not add_log_key(town.home)
    assert load_config(town.home.sequencer_config).log_ml_dsa_key() == b"\x07" * 32
    assert not town.home.log_ml_dsa_key.exists()


def test_a_new_installation_has_both_keys_and_keeps_them(town: Town) -> None:
    home = Home(town.home.root / "new")
    for _ in range(2):
        prepare_home(home, ORIGIN, 2000)
        seed = load_config(home.sequencer_config).log_ml_dsa_key()
        assert seed is not None
        assert home.log_ml_dsa_vkey.read_text() == f"{Cosigner(ORIGIN, seed).vkey}\n"
    assert not add_log_key(home)


def test_keys_are_added_to_an_installation_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "log", "--home", str(tmp_path)]) == 1
    assert "no installation here" in capsys.readouterr().err
