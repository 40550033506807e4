"""The command that tests explanations, as an owner or a supplier gives it. On the real model: tests/demo/test_model.py."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from insyn.cli.main import main
from insyn.core.messages import Factor
from insyn.sdk.fidelity import Decision

MODEL = """
def score(rows):
    return [row["a"] - 2 * row["b"] for row in rows]
"""


@pytest.fixture
def decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Forty decisions of a small model, in the folder where its module lies."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "smallmodel.py").write_text(MODEL)
    rows = [
        Decision(
            payload={"a": a, "b": b, "c": 0},
            score=a - 2 * b,
            factors=(Factor("a", a, float(a)), Factor("b", b, -2.0 * b)),
        )
        for a in range(1, 9)
        for b in range(1, 6)
    ]
    file = tmp_path / "decisions.jsonl"
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    (tmp_path / "rest.jsonl").write_bytes(b'{"a": 0, "b": 0, "c": 0}\n')
    return file


def test_a_supplier_tests_a_model_of_their_own(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fidelity", str(decisions), "--predict", "smallmodel:score", "--background", "rest.jsonl", "--top", "1"]) == 0
    assert capsys.readouterr().out.startswith("Grade ")


def test_explanations_of_another_model_fail_and_the_report_is_written_all_the_same(
    decisions: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "othermodel.py").write_text(MODEL.replace("2 *", "3 *"))
    words = ["fidelity", str(decisions), "--predict", "othermodel:score", "--background", "rest.jsonl", "--report", "report.json"]
    assert main(words) == 1
    assert "these decisions are another model's" in capsys.readouterr().out
    report = msgspec.json.decode((tmp_path / "report.json").read_bytes())
    assert (report["grade"], report["findings"][0], report["record"]["other_findings"]) == ("E", "other_model", "yes")


@pytest.mark.parametrize(
    ("predict", "said"),
    [
        ("smallmodel", "module:function"),
        ("nosuchmodel:score", "no module nosuchmodel"),
        ("smallmodel:predict", "no function predict"),
        ("smallmodel:__doc__", "no function"),
    ],
)
def test_a_model_that_is_not_there_is_named(decisions: Path, predict: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fidelity", str(decisions), "--predict", predict]) == 1
    assert said in capsys.readouterr().err


def test_a_broken_line_and_a_missing_file_are_named(decisions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decisions.write_text('{"payload": {}, "score": NaN, "factors": []}\n')
    assert main(["fidelity", str(decisions), "--predict", "smallmodel:score"]) == 1
    assert "decisions.jsonl:1" in capsys.readouterr().err
    assert main(["fidelity", "nowhere.jsonl", "--predict", "smallmodel:score"]) == 1
    assert "nowhere.jsonl" in capsys.readouterr().err
