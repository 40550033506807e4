"""What `pip install insyn` gives a supplier: the SDK and the verifier, without any server part, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_kit import KEY, SYSTEM, Town, a_town

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
SERVER_PARTS = ("django", "apsw", "granian", "uvloop", "jsonschema", "typst", "numpy", "pandas")
#: Each as somebody outside would write it.
ASKS = f"""
import os
from insyn.core.messages import Factor, Outcome
from insyn.sdk import Guard
guard = Guard(socket=os.environ["INSYN_SOCKET"], key={KEY!r}, system={SYSTEM!r}, version="1.0", purpose="assess_loan", matter_type="loan",
              categories=["economy"])
answer = guard.decide(Outcome(outcome="approve", payload={{"income": 1.0}}, case="LN-1", score=1.0, factors=(Factor("income", 1.0, 1.0),),
                              notice="letter"))
print(answer.stage, answer.receipt.index)
"""
ABSENT = f"""
import importlib.util
print([name for name in {SERVER_PARTS!r} if importlib.util.find_spec(name)])
"""


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ended = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=55, check=False, env={**plain, **environment})
    assert ended.returncode == 0, f"{words}\n{ended.stdout}\n{ended.stderr}"
    return ended


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a clean environment with the wheel in it. What it needs lies in uv's cache, where the lock put it."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    made = folder / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    run(
        UV,
        "export",
        "--quiet",
        "--frozen",
        "--no-dev",
        "--no-default-groups",
        "--no-emit-project",
        "--directory",
        ROOT,
        "-o",
        folder / "locked",
    )
    run(UV, "pip", "install", "--quiet", "--python", made, "-r", folder / "locked")
    run(UV, "pip", "install", "--quiet", "--no-deps", "--python", made, wheel)
    return made


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with a_town() as made:
        made.start()
        made.permit_in_force()
        yield made


def test_it_brings_two_dependencies_and_no_server_part(python: Path) -> None:
    listed = json.loads(run(UV, "pip", "list", "--format", "json", "--python", python).stdout)
    assert (
        {"insyn", "cryptography", "msgspec"}
        <= {package["name"] for package in listed}
        <= {
            "insyn",
            "cryptography",
            "msgspec",
            "cffi",
            "pycparser",
        }
    )
    assert run(python, "-c", ABSENT).stdout.strip() == "[]"


def test_it_asks_and_its_answer_stands_in_the_log(python: Path, town: Town) -> None:
    stage, index = run(python, "-c", ASKS, INSYN_SOCKET=str(town.home.decide_socket)).stdout.split()
    assert stage == "proposal"
    assert int(index) < town.guard().ping().size


def test_its_command_checks_a_connection_and_verifies_a_log(python: Path, town: Town) -> None:
    insyn = python.with_name("insyn")
    asked = ["--system", SYSTEM, "--version", "1.0", "--purpose", "assess_loan", "--matter-type", "loan", "--category", "economy"]
    said = run(insyn, "conformance", "--socket", town.home.decide_socket, *asked, INSYN_KEY=KEY).stdout
    assert "Nothing is missing." in said
    time.sleep(0.5)  # a checkpoint comes each fifth of a second here
    publish(town)
    assert "entries" in run(insyn, "verify", town.home.public, "--vkey", town.signer.vkey, "--stops").stdout


def test_a_command_that_needs_the_server_says_so(python: Path) -> None:
    insyn = python.with_name("insyn")
    assert "verify" in run(insyn, "--help").stdout
    ended = subprocess.run([insyn, "check"], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 1
    assert "insyn[server]" in ended.stderr


def test_the_wheel_holds_the_licence_and_no_test_or_key(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "demo", "bench", "var")) or name.endswith((".pem", ".key", ".sqlite"))]


def publish(town: Town) -> None:
    from insyn.evidence.publisher import publish as write
    from insyn.evidence.reader import EvidenceReader

    with EvidenceReader.read_only(town.home.evidence) as reader:
        write(reader, town.home.public)
