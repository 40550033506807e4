"""What the whole tree keeps to."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    """Files of the repository: tracked or about to be."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_machine_or_a_neighbouring_folder() -> None:
    pattern = re.compile(
        r"(?<![\w.])/(?:work|root|home|farm)/|\.\./shared|\b(?:LAW|DESIGN|STYLE|EVIDENCE|MEASURED|ECOSYSTEM|DEVELOPERS)\.md|(?:pythonhosted|pypi|npmjs)\.org"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.name not in ("uv.lock", Path(__file__).name)
        for match in [pattern.search(text_of(path))]
        if match
    ]
    assert found == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    pattern = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError|xfail)\b|pytest\.skip|mark\.skip")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix == ".py" and path.name != Path(__file__).name
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_module_is_longer_than_a_sitting() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}" for path in tracked() if path.suffix == ".py" if (count := text_of(path).count("\n")) > 600
    ]
    assert long == []


def test_every_design_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(folder.glob("0*.md")) if f"({path.name})" not in index] == []


def test_the_lock_file_pins_every_package_by_hash() -> None:
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    files = re.findall(r"\{ url = .*\}", lock)
    assert files
    assert [line for line in files if 'hash = "sha256:' not in line] == []


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "publiccode.yml", ".ci/run", "docs/terms.md", "docs/reference/cli.md"]
)
def test_the_house_has_what_a_newcomer_looks_for(name: str) -> None:
    assert (ROOT / name).stat().st_size > 100


def test_relative_links_in_documents_lead_somewhere() -> None:
    broken = []
    for path in tracked():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)", text_of(path)):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []
