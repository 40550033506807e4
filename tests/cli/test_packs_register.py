"""`insyn packs diff` over many systems, and `insyn packs adopt`: what it says before anything is done, and that it is the web site's act."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from insyn.core.home import Home

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "tests" / "web" / "packs"
PASSWORD = "korrekt häst batteri"
PERSONS = {"decision.about_persons": "yes"}
SET_UP = """
import os, sys
from pathlib import Path
from insyn.core.home import Home
from insyn.core.terms import Reach, Role, SystemKind
from insyn.web.setup import prepare_home, prepare_register
home = Home(Path(sys.argv[1]))
prepare_home(home, "adopt.example/log", 2000)
prepare_register(home)
from insyn.web.accounts.actions import add_person, appoint, open_register
from insyn.web.accounts.models import Mandate, Office, User
from insyn.web.accounts.permissions import actor_of, as_actor
from insyn.web.clock import today
from insyn.web.register.actions import answer_facts, register_system
from insyn.web.register.models import System

password = sys.argv[2]
act = open_register(name="Prov", username="nina", first_name="Nina", last_name="Admin", password=password, office="k", office_sv="K", office_en="K")
admin, office = as_actor(Mandate.objects.get(act=act)), Office.objects.get(slug="k")
for name, role in (("sten", Role.COUNCIL_SECRETARY), ("olle", Role.SYSTEM_OWNER)):
    add_person(actor=admin, username=name, first_name=name.title(), last_name="Prov", password=password)
    appoint(actor=admin, user=User.objects.get(username=name), role=role, office=office)
owner = actor_of(User.objects.get(username="olle"), Role.SYSTEM_OWNER, today())
words = {"name_sv": "N", "name_en": "N", "summary_sv": "S", "summary_en": "S", "kind": SystemKind.BUILT, "reach": Reach.EVERY_CALL}
for slug, answer in (("lan", "yes"), ("lampor", "no")):
    register_system(actor=owner, slug=slug, owner=User.objects.get(username="olle"), office=office, **words)
    answer_facts(actor=owner, system=System.objects.get(slug=slug), answers={"decision.about_persons": answer})
"""

Said = tuple[int, str, str]
Insyn = Callable[..., Said]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INSYN_", "DJANGO_"))}
    return {**kept, "INSYN_HTTPS": "0", "INSYN_PACKS": str(PACKS)}


def _run(*command: str, typed: str = "", env: dict[str, str] | None = None) -> Said:
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=60, check=False, env={**_environment(), **(env or {})}
    )
    return done.returncode, done.stdout, done.stderr


def insyn(*arguments: str, typed: str = "", env: dict[str, str] | None = None) -> Said:
    return _run(sys.executable, "-m", "insyn.cli.main", *arguments, typed=typed, env=env)


@pytest.fixture(scope="module")
def made() -> Iterator[Home]:
    """An installation with two systems, one of which decides about persons."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    code, _, err = _run(sys.executable, "-c", SET_UP, str(folder / "h"), PASSWORD)
    assert code == 0, err
    yield Home(folder / "h")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """A copy of its own for each test."""
    shutil.copytree(made.root, tmp_path / "h")
    return Home(tmp_path / "h")


def adopt(home: Home, *more: str, pack: str = "kommun-test", user: str = "sten", password: str = PASSWORD) -> Said:
    command = ["packs", "adopt", pack, "--home", str(home.root), "--as", user, "--case", "KF § 7", "--password-stdin", *more]
    return insyn(*command, typed=password + "\n")


def acts(home: Home) -> list[str]:
    import sqlite3

    with sqlite3.connect(home.register) as register:
        return [verb for (verb,) in register.execute("select verb from register_act order by at")]


def test_without_yes_it_says_who_would_be_affected_and_changes_nothing(home: Home) -> None:
    before = acts(home)
    code, out, err = adopt(home)
    assert code == 0, err
    assert "1 of 2 systems affected" in out
    assert "lan (Olle Prov)" in out
    assert "kommun-test/ethics" in out
    assert "nothing was changed" in out
    assert acts(home) == before


def test_with_yes_it_is_the_same_act_as_on_the_web(home: Home) -> None:
    code, out, err = adopt(home, "--on", "2026-01-31", "--yes")
    assert code == 0, err
    assert "Sten Prov" in out
    assert acts(home)[-2:] == ["adopt_pack", "renew_permit"]
    code, _, err = adopt(home, "--yes")
    assert code == 1
    assert "2026-01-31" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pack": "kommun/nowhere"}, "No pack with this name"),
        ({"pack": "test-law"}, "Law binds by itself"),
        ({"password": "fel lösenord helt"}, "password is wrong"),
        ({"user": "nobody"}, "password is wrong"),
        ({"user": "olle"}, "Secretary of the council"),
    ],
    ids=["no such pack", "law", "wrong password", "nobody", "no right"],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(home: Home, change: dict[str, str], said: str) -> None:
    before = acts(home)
    code, out, err = adopt(home, "--yes", **change)
    assert (code, out) == (1, "")
    assert said in err
    assert "Traceback" not in err
    assert acts(home) == before


@pytest.mark.parametrize(("day", "said"), [("31/1 2026", "is not a day"), ("2999-01-01", "lies ahead")])
def test_a_day_that_is_none_or_lies_ahead_is_refused(home: Home, day: str, said: str) -> None:
    code, _, err = adopt(home, "--on", day, "--yes")
    assert code == 1
    assert said in err


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    code, _, err = adopt(Home(tmp_path / "nothing"))
    assert code == 1
    assert "no register here" in err
    assert not (tmp_path / "nothing").exists()


def test_wrong_passwords_at_the_terminal_are_counted_like_those_on_the_page(home: Home) -> None:
    for _ in range(5):
        assert adopt(home, password="fel lösenord helt")[0] == 1
    code, _, err = adopt(home)
    assert code == 1
    assert "too many attempts" in err


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The same packs, with one gate more from a later day."""
    folder = tmp_path / "newer"
    shutil.copytree(PACKS, folder)
    law = folder / "test-law"
    coming = (law / "rules" / "coming.yaml").read_text()
    (law / "rules" / "next.yaml").write_text(coming.replace("id: coming", "id: next").replace("tl-coming", "tl-next"))
    calendar = law / "calendar.yaml"
    calendar.write_text(calendar.read_text() + "  - id: tl-next\n    day: 2027-12-02\n    basis: tl-1\n")
    return folder


def many(tmp_path: Path, *lines: object) -> str:
    path = tmp_path / "systems.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return str(path)


def diff(newer: Path, *more: str) -> Said:
    return insyn("packs", "diff", str(PACKS), str(newer), "--on", "2026-11-20", *more)


def test_diff_says_of_a_file_of_systems_who_is_affected_and_from_when(newer: Path, tmp_path: Path) -> None:
    systems = many(
        tmp_path, {"system": "a", "owner": "Jonas", "facts": PERSONS}, "", {"system": "b", "facts": {"decision.about_persons": "no"}}
    )
    code, out, err = diff(newer, "--systems", systems)
    assert code == 0, err
    assert "1 of 2 systems affected\na (Jonas)\n  2027-12-02  gate new: Gate of coming (test-law/next)" in out


def test_diff_gives_the_same_as_json_and_as_a_table(newer: Path, tmp_path: Path) -> None:
    systems = many(tmp_path, {"system": "=a", "owner": "Jonas", "facts": PERSONS})
    told = json.loads(diff(newer, "--systems", systems, "--json")[1])
    assert (told["systems"], told["affected"][0]["owner"], told["affected"][0]["first_day"]) == (1, "Jonas", "2027-12-02")
    lines = diff(newer, "--systems", systems, "--csv")[1].splitlines()
    assert lines[1] == "'=a,Jonas,gate,new,test-law/next,Gate of coming,2027-12-02,,2027-12-02"


def test_diff_reads_the_systems_of_an_installation(newer: Path, home: Home) -> None:
    code, out, err = diff(newer, "--home", str(home.root))
    assert code == 0, err
    assert "1 of 2 systems affected\nlan (Olle Prov)" in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 2"),
        ({"owner": "x"}, "line 2"),
        ({"system": "b", "facts": {"decision.about_person": "yes"}}, "line 2 (decision.about_person)"),
        ({"system": "b", "facts": {"decision.about_persons": "perhaps"}}, "line 2 (decision.about_persons)"),
        ({"system": "b", "extra": 1}, "'extra' is no field"),
        ({"system": "a"}, "stands twice"),
        ({"system": "b", "facts": ["x"]}, "line 2"),
    ],
    ids=["not json", "no name", "unknown fact", "wrong answer", "extra field", "twice", "no mapping"],
)
def test_a_bad_line_is_named_by_its_number(newer: Path, tmp_path: Path, line: object, said: str) -> None:
    code, out, err = diff(newer, "--systems", many(tmp_path, {"system": "a"}, line))
    assert (code, out) == (1, "")
    assert said in err
    assert "Traceback" not in err


def test_a_table_wants_systems(newer: Path) -> None:
    code, _, err = diff(newer, "--csv")
    assert code == 1
    assert "--systems" in err
