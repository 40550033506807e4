"""`insyn dispose` and `insyn bundle`: the same acts as on the pages, by a named user."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insyn.cli.main import main
from insyn.core.messages import Actor
from insyn.web.archive.actions import decide_disposal
from insyn.web.relay import relay_once

pytestmark = pytest.mark.django_db(transaction=True)
OLD = "2026-03"


@pytest.fixture(autouse=True)
def this_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register is open already, in this process."""
    for module in ("bundle", "dispose"):
        monkeypatch.setattr(f"insyn.cli.{module}.open_register", lambda home: None)


def test_dispose_says_what_there_is_and_carries_out_a_decision_by_a_named_user(
    old_records: list[str],
    loans: Any,
    sequencer: Any,
    member: Actor,
    secretary: Actor,
    user_of: Callable[[Actor], Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = ["--home", str(sequencer.home.root)]
    assert main(["dispose", *home, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert f"{OLD}         3 records  no decision" in said
    assert "Nothing was changed." in said
    decide_disposal(actor=member, system=loans, retention="standard", months=[OLD], case_number="KS 2026/77", reason="Plan 4.2")
    relay_once(sequencer.client())
    assert main(["dispose", *home]) == 0
    assert "decided: KS 2026/77" in capsys.readouterr().out
    assert main(["dispose", *home, "--decision", "KS 2026/77", "--as", "nobody"]) == 1
    assert "no such user" in capsys.readouterr().err
    assert main(["dispose", *home, "--decision", "KS 2026/77", "--as", user_of(secretary).username]) == 0
    assert "disposed of, entry" in capsys.readouterr().out
    assert main(["dispose", *home, "--decision", "other"]) == 1


def test_bundle_writes_a_file_for_an_auditor_only(
    propose: Callable[..., str],
    sequencer: Any,
    auditor: Actor,
    secretary: Actor,
    user_of: Callable[[Actor], Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rid, out = propose(), tmp_path / "case.zip"
    words = ["bundle", rid, "--home", str(sequencer.home.root), "--out", str(out), "--purpose", "revision"]
    assert main([*words, "--as", user_of(secretary).username]) == 1
    assert not out.exists()
    assert main([*words, "--as", user_of(auditor).username, "--language", "en"]) == 0
    assert "verify.py" in zipfile.ZipFile(out).namelist()
    assert "The decision" in zipfile.ZipFile(out).read("report.html").decode()
    assert main([*words, "--as", user_of(auditor).username]) == 1
    assert "exists already" in capsys.readouterr().err
