"""The evidence of one case: fetched for a purpose, checked away from here by a script of one page, and no bit of it can be changed."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from insyn.core.entries import read_head
from insyn.core.messages import Actor, Done, Open, Opened, Reconsider, Review
from insyn.core.terms import DisclosureGroup, ReconsiderationGround, ReviewVerdict, Role
from insyn.evidence.reader import EvidenceReader

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/arbete/arkiv/bevispaket/"
#: What only the manifest vouches for; everything else is bound to the log, so a new manifest does not help who edits it.
FOR_READING = ("README.txt", "report.html", "report.pdf", "verify.py", "manifest.json")


def fetch(browser: Client, rid: str) -> Any:
    return browser.post(PAGE, {"rid": rid, "purpose": "Granskning av revisorerna"})


def unpack(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def verify(script: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The script in a bare Python: no site of ours, no environment of ours."""
    bare = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run([sys.executable, "-I", str(script), str(folder), *more], capture_output=True, text=True, env=bare, check=False)


@pytest.fixture
def bundle(propose: Callable[..., str], sequencer: Any, auditor: Actor, sign_in: Callable[..., Client], tmp_path: Path, loans: Any) -> Path:
    """The evidence of a reviewed proposal, unpacked."""
    from insyn.web.register.issuing import issued

    rid = propose(note="Kvastfening")
    permit = issued(loans)
    assert permit is not None
    officer = Actor(person=permit.reviewers[0].person, name="Mats Granskare", role=Role.CASE_OFFICER)
    with EvidenceReader.read_only(sequencer.home.evidence) as reader:
        leaf = reader.leaf(reader.index_of(rid) or 0).hex()

    def opens() -> Opened:
        groups = (DisclosureGroup.INPUT, DisclosureGroup.OUTPUT)
        opened = sequencer.client().ask_new(
            lambda number: Open(id=number, rid=rid, groups=groups, actor=officer, purpose="review", system="loans")
        )
        assert isinstance(opened, Opened), opened
        return opened

    seen = opens()
    reviewed = sequencer.client().ask_new(
        lambda number: Review(
            id=number, system="loans", rid=rid, proposal=leaf, verdict=ReviewVerdict.REJECTED, outcome="grant",
            reasons="Skulden är reglerad.", heard_party=True, actor=officer, opened=seen.opened,
        )
    )  # fmt: skip
    assert isinstance(reviewed, Done), reviewed
    seen = opens()
    again = sequencer.client().ask_new(
        lambda number: Reconsider(
            id=number, system="loans", rid=rid, replaces=reviewed.receipt.rid, opened=seen.opened, ground=ReconsiderationGround.MAY_CHANGE,
            outcome="deny", reasons="Kvittot var falskt.", heard_party=True, actor=officer, letter="## Omprövning\n\nLånet dras in.",
        )
    )  # fmt: skip
    assert isinstance(again, Done), again
    answer = fetch(sign_in(auditor), rid)
    assert answer.status_code == 200, answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    return unpack(answer.content, tmp_path / "bundle")


def test_the_bundle_holds_the_case_and_the_script_finds_it_valid(bundle: Path, sequencer: Any, tmp_path: Path) -> None:
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    kinds = sorted(json.loads(path.read_bytes())["kind"] for path in bundle.glob("entries/*.json"))
    assert set(kinds) == {"decision", "review", "reconsideration", "permit"}
    assert {"report.html", "report.pdf", "permit.json", "log.vkey", "verify.py"} <= names
    assert {name.split("/")[2] for name in names if name.startswith("opened/00-decision/")} >= {"input.json", "factors.json", "case.salt"}
    assert any(name.startswith("packs/") for name in names)
    said = verify(bundle / "verify.py", bundle)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "VALID" in said.stdout
    assert verify(bundle / "verify.py", bundle, "--vkey", str(sequencer.home.log_vkey)).returncode == 0
    report = (bundle / "report.html").read_text(encoding="utf-8")
    for words in (
        "Kvittot var falskt.",
        "Lånet dras in.",
        "Beslutat på nytt av en människa",
        "<dd>Myndigheten får ändra beslutet",
        "Mats Granskare",
        "Kvastfening",
        "On the form.",
        "<dd>Avvisade</dd>",
        "<dd>Beslutsstöd",
    ):
        assert words in report
    assert "<dd>rejected" not in report
    assert "<dd>support" not in report
    assert (bundle / "report.pdf").read_bytes().startswith(b"%PDF")
    with EvidenceReader.read_only(sequencer.home.evidence) as reader:
        last = read_head(reader.entry(reader.size - 1))
    assert last.kind == "opened"
    (bundle / "more.txt").write_text("x")
    assert verify(bundle / "verify.py", bundle).returncode == 1, "a file too many"
    (bundle / "more.txt").unlink()
    other = tmp_path / "other.vkey"
    other.write_text("other+00000000+AAAA")
    assert verify(bundle / "verify.py", bundle, "--vkey", str(other)).returncode == 1, "another key is trusted"
    (bundle / "permit.json").unlink()
    assert verify(bundle / "verify.py", bundle).returncode == 1, "a file too few"


@pytest.fixture
def found_valid(bundle: Path, tmp_path: Path) -> Callable[[], bool]:
    """What a trusted copy of the script finds, in this process: a Python of its own for each bit would take minutes."""
    script = tmp_path / "trusted.py"
    script.write_bytes((bundle / "verify.py").read_bytes())
    spec = importlib.util.spec_from_file_location("trusted", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def valid() -> bool:
        try:
            module.check(bundle)
        except Exception:
            return False
        return True

    return valid


def test_every_file_is_bound_whatever_bit_is_turned_is_found(bundle: Path, found_valid: Callable[[], bool]) -> None:
    for path in [path for path in sorted(bundle.rglob("*")) if path.is_file()]:
        good = path.read_bytes()
        for place in {0, len(good) // 2, len(good) - 1}:
            path.write_bytes(turned(good, place))
            assert not found_valid(), (path.name, place)
        path.write_bytes(good)
    assert found_valid()
    record = bundle / "entries" / "00-decision.json"
    good = record.read_bytes()
    record.write_bytes(turned(good, 9))
    said = verify(bundle / "verify.py", bundle)
    assert (said.returncode, "NOT VALID" in said.stderr) == (1, True)
    record.write_bytes(good)
    a_new_manifest_does_not_help(bundle, found_valid)


def a_new_manifest_does_not_help(bundle: Path, found_valid: Callable[[], bool]) -> None:
    """Whoever edits what counts is found although the manifest was made anew."""
    manifest = bundle / "manifest.json"
    before = manifest.read_bytes()
    for path in [path for path in sorted(bundle.rglob("*")) if path.is_file()]:
        name, good = path.relative_to(bundle).as_posix(), path.read_bytes()
        if name in FOR_READING:
            continue
        # past the receipt's own lines stand signatures of other keys, which are not looked at
        path.write_bytes(turned(good, good.index(b"\n\n") - 5 if path.suffix == ".tlog-proof" else len(good) // 2))
        listed = json.loads(before)
        listed["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest.write_bytes(json.dumps(listed, sort_keys=True, indent=1).encode())
        assert not found_valid(), name
        path.write_bytes(good)
        manifest.write_bytes(before)
    assert found_valid()


def turned(data: bytes, place: int) -> bytes:
    return data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]


def test_an_officer_fetches_only_what_they_review_and_others_nothing(
    propose: Callable[..., str], person: Callable[..., Actor], sign_in: Callable[..., Client], sequencer: Any
) -> None:
    rid = propose()
    answer = fetch(sign_in(person(Role.CASE_OFFICER, "annan")), rid)
    assert answer.status_code == 422
    assert "granskar" in answer.content.decode()
    assert sign_in(person(Role.TECHNICIAN)).get(PAGE).status_code == 403
    browser = sign_in(person(Role.AUDITOR))
    assert fetch(browser, "ab" * 16).status_code == 422
    assert browser.post(PAGE, {"rid": rid, "purpose": ""}).status_code == 422


def test_an_erased_case_still_has_its_evidence_without_what_was_sealed(
    propose: Callable[..., str], sequencer: Any, auditor: Actor, sign_in: Callable[..., Client], tmp_path: Path
) -> None:
    from insyn.core.messages import Erase

    rid = propose()
    done = sequencer.client().ask_new(lambda number: Erase(id=number, rid=rid, basis="GDPR Art. 17", actor=auditor))
    assert isinstance(done, Done)
    folder = unpack(fetch(sign_in(auditor), rid).content, tmp_path / "erased")
    said = verify(folder / "verify.py", folder)
    assert said.returncode == 0, said.stderr
    assert "not opened here" in said.stdout
    assert "shred" in said.stdout
