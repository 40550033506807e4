"""The commands, as somebody at a terminal gives them."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from gateway_kit import HOLDER, SYSTEM, Town, a_permit

from insyn.cli.keys import read_stop_key
from insyn.cli.main import main
from insyn.core.permit import StopHolder
from insyn.core.spool import read_orders, waiting_orders

ROOT = Path(__file__).resolve().parents[2]


def permit_for(key: Path) -> object:
    public = read_stop_key(key).signing_key().public.hex()
    return a_permit(stop_holders=(StopHolder(HOLDER.person, "2099-12-31", public),))


def test_a_stop_key_is_its_owners_alone_and_never_overwritten(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert main(["keys", "stop", "--person", "p-x", "--name", "X", "--out", str(key)]) == 1
    assert "never overwritten" in capsys.readouterr().err


def test_a_holder_stops_from_the_command_line_while_sign_in_is_down(town: Town, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town.start()
    town.permit_in_force(permit_for(key))  # type: ignore[arg-type]
    assert main(["stop", SYSTEM, "--home", str(town.home.root), "--key", str(key), "--reason", "wrong answers"]) == 0
    said = capsys.readouterr().out
    assert "Committed" in said
    assert "Drained" in said
    town.end()
    assert [head.kind for head in town.heads()].count("stop") == 1  # spooled and sent, one stop


def test_a_stop_is_kept_while_the_sequencer_is_down_and_holds_when_it_is_up(
    town: Town, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town.start()
    town.permit_in_force(permit_for(key))  # type: ignore[arg-type]
    town.end()
    assert main(["stop", SYSTEM, "--home", str(town.home.root), "--key", str(key)]) == 0
    assert "does not answer" in capsys.readouterr().err
    assert len(list(read_orders(town.home.spool))) == 1
    town.start()
    assert waiting_orders(town.home.spool) == []
    town.end()
    assert "stop" in [head.kind for head in town.heads()]


def test_somebody_without_a_mandate_is_told_so(town: Town, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town.start()
    town.permit_in_force()
    assert main(["stop", SYSTEM, "--home", str(town.home.root), "--key", str(key)]) == 1
    assert "Refused" in capsys.readouterr().err


def test_doctor_names_the_spool_file_that_closes_everything(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.home.register_key.write_text(town.register_key.to_bytes().hex())
    (town.home.spool / "broken.json").write_text("nonsense")
    assert main(["doctor", "--home", str(town.home.root)]) == 1
    said = capsys.readouterr().out
    assert "broken.json" in said
    assert "does not answer" in said


def test_doctor_names_a_witness_policy_that_cannot_be_read_and_a_log_without_its_second_key(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    town.home.witnesses.mkdir()
    (town.home.witnesses / "policy").write_text("quorum nobody\n")
    assert main(["doctor", "--home", str(town.home.root)]) == 1
    said = capsys.readouterr().out
    assert "insyn keys log" in said
    assert "line 1: no witness or group 'nobody'" in said


@pytest.mark.parametrize(
    "arguments", [["verify", "nowhere"], ["check", "--home", "nowhere"], ["stop", "x", "--home", "nowhere", "--key", "nowhere"]]
)
def test_a_place_that_is_not_there_is_named(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert capsys.readouterr().err.strip()


def test_the_shipped_packs_are_checked_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "check", str(ROOT / "packs"), str(ROOT / "demo" / "packs")]) == 0
    assert " 0 wrong" in capsys.readouterr().out
    assert main(["packs", "explain", "eu-ai-act/ai-literacy", str(ROOT / "packs")]) == 0
    said = capsys.readouterr().out
    assert "aia-4 [V]" in said
    assert "applicable: 2025-02-02" in said
    assert main(["packs", "explain", "eu-ai-act/prohibited-5-1-c", str(ROOT / "packs")]) == 0
    said = capsys.readouterr().out
    assert "p.scores_persons is yes  (" in said
    assert "sanction: EUR 35 million" in said
    assert "for public bodies: unknown" in said
    assert main(["packs", "explain", "kommun/karlstad/share-solutions-and-data", str(ROOT / "packs")]) == 0
    assert "yields to: eu-gdpr/purpose-decided" in capsys.readouterr().out
    assert main(["packs", "explain", "eu-ai-act/no-such", str(ROOT / "packs")]) == 1


def test_a_stop_is_sent_although_the_spool_cannot_be_written(
    town: Town, key: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    town.start()
    town.permit_in_force(permit_for(key))  # type: ignore[arg-type]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("insyn.cli.stop.write_order", full)
    assert main(["stop", SYSTEM, "--home", str(town.home.root), "--key", str(key)]) == 0
    assert "Committed" in capsys.readouterr().out
    town.end()
    assert main(["stop", SYSTEM, "--home", str(town.home.root), "--key", str(key)]) == 1
    assert "NOTHING IS ORDERED" in capsys.readouterr().err


def test_whoever_stops_a_system_does_not_wait_for_the_law_to_be_read() -> None:
    code = "import sys; from insyn.cli.main import parser; parser('stop'); print([name for name in sys.modules if name.startswith(('insyn.law', 'ruamel', 'django'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["verify", "witness"])
def test_whoever_checks_or_witnesses_a_log_needs_nothing_of_the_server(command: str) -> None:
    code = f"import sys; from insyn.cli.main import parser; parser({command!r}); print([name for name in sys.modules if name.startswith(('apsw', 'django', 'obstore', 'insyn.evidence', 'insyn.gateway'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"


def test_an_authority_that_is_only_proposed_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "authorities", str(ROOT / "packs"), "--on", "2026-11-20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("(PTS)" in line and "market_surveillance, proposed since 2025-10-06" in line for line in lines)
    assert not any("(PTS)" in line and "designated" in line for line in lines)
    assert main(["packs", "authorities", str(ROOT / "packs"), "--on", "2018-01-01"]) == 0
    assert capsys.readouterr().out == ""
