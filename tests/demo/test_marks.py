"""What the demonstration may remove and where it may start: only in its own folder, only on its own register."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from demo.installation import check_port, check_socket_path
from demo.marks import MARK, mark, not_a_demo, remove
from insyn.core.errors import InvalidInput
from insyn.core.home import Home

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def register(home: Home, *, demo: int | None, users: int = 0) -> None:
    """The two tables by which a register is told, as Django makes them."""
    home.root.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(home.register) as connection:
        connection.execute("CREATE TABLE register_municipality(id INTEGER, name TEXT, demo INTEGER)")
        connection.execute("CREATE TABLE accounts_user(id INTEGER)")
        if demo is not None:
            connection.execute("INSERT INTO register_municipality VALUES (1, 'X', ?)", (demo,))
        connection.executemany("INSERT INTO accounts_user VALUES (?)", [(number,) for number in range(users)])
    connection.close()


def start_settings(home: Home) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "INSYN_HOME": str(home.root), "PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run([sys.executable, "-c", "import demo.settings"], env=environment, capture_output=True, text=True, check=False)


def test_the_settings_start_on_an_empty_register_and_on_a_demonstration(home: Home, tmp_path: Path) -> None:
    assert start_settings(home).returncode == 0
    register(home, demo=1, users=3)
    assert start_settings(home).returncode == 0


def test_the_settings_refuse_the_register_of_a_real_municipality(home: Home) -> None:
    register(home, demo=0, users=3)
    refused = start_settings(home)
    assert refused.returncode != 0
    assert "not marked as a demonstration" in refused.stderr


def test_a_register_with_users_and_no_municipality_is_not_taken_over(home: Home) -> None:
    register(home, demo=None, users=1)
    assert "no municipality" in not_a_demo(home)


def test_a_register_that_was_made_and_never_opened_is_taken_into_use(home: Home) -> None:
    register(home, demo=None)
    assert not_a_demo(home) == ""


def test_a_database_of_something_else_is_refused(home: Home) -> None:
    home.root.mkdir(parents=True)
    with sqlite3.connect(home.register) as connection:
        connection.execute("CREATE TABLE photographs(id INTEGER)")
    connection.close()
    assert "something else" in not_a_demo(home)


def test_a_file_that_is_no_database_is_refused(home: Home) -> None:
    home.root.mkdir(parents=True)
    home.register.write_bytes(b"not a database, and long enough to be looked at" * 30)
    assert "cannot be read" in not_a_demo(home)


def test_a_demonstration_is_removed_whole(home: Home) -> None:
    mark(home)
    register(home, demo=1)
    assert remove(home)
    assert not home.root.exists()
    assert not remove(home)


def test_a_folder_without_the_mark_is_never_removed(home: Home) -> None:
    register(home, demo=1)
    with pytest.raises(InvalidInput, match="not marked"):
        remove(home)
    assert home.register.exists()


def test_a_marked_folder_with_a_real_register_is_never_removed(home: Home) -> None:
    mark(home)
    register(home, demo=0, users=1)
    with pytest.raises(InvalidInput, match="not marked as a demonstration"):
        remove(home)
    assert home.register.exists()


def test_a_link_to_a_demonstration_is_not_followed(home: Home, tmp_path: Path) -> None:
    mark(home)
    link = tmp_path / "link"
    link.symlink_to(home.root)
    with pytest.raises(InvalidInput):
        remove(Home(link))
    assert (home.root / MARK).exists()


def test_a_folder_with_other_things_in_it_is_not_marked(home: Home) -> None:
    home.root.mkdir()
    (home.root / "letters.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not empty"):
        mark(home)


def test_marking_twice_changes_nothing(home: Home) -> None:
    mark(home)
    (home.root / "letters.txt").write_text("mine")
    mark(home)
    assert (home.root / "letters.txt").read_text() == "mine"


def test_a_folder_whose_name_is_too_long_for_a_socket_is_refused_with_a_mend(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="shorter"):
        check_socket_path(Home(tmp_path / ("x" * 100)))


def test_a_port_that_somebody_listens_on_is_refused_with_a_mend() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InvalidInput, match="make run PORT="):
            check_port("--port", taken.getsockname()[1])
        free = taken.getsockname()[1]
    check_port("--port", free)
