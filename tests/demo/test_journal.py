"""A second run continues where the first one was; secrets are for their owner only."""

from __future__ import annotations

from pathlib import Path

import msgspec

from demo.journal import Journal, SecretBook, client_keys, letters, sign_ins
from demo.journey.opening import Opened, new_password
from insyn.core.home import Home


def test_a_step_that_was_done_is_found_by_the_next_run(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert Journal(home).done("opening", Opened) is None
    Journal(home).keep("opening", Opened(offices=13, people=15, systems=8, acts=58))
    assert Journal(home).done("opening", Opened) == Opened(offices=13, people=15, systems=8, acts=58)
    assert Journal(home).done("approving", Opened) is None


def test_keeping_a_step_keeps_the_earlier_ones(tmp_path: Path) -> None:
    journal = Journal(Home(tmp_path))
    journal.keep("opening", Opened(1, 2, 3, 4))
    journal.keep("stopping", Opened(5, 6, 7, 8))
    assert Journal(Home(tmp_path)).done("opening", Opened) == Opened(1, 2, 3, 4)


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    for make in (sign_ins, client_keys, letters):
        make(home).keep("name", "secret")
        assert make(home).get("name") == "secret"
    kept = sorted(home.secrets.iterdir())
    assert len(kept) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_a_secret_book_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert SecretBook(tmp_path / "none.json").get("anything") is None


def test_the_journal_is_replaced_in_one_step(tmp_path: Path) -> None:
    journal = Journal(Home(tmp_path))
    journal.keep("opening", Opened(1, 2, 3, 4))
    assert [path.name for path in tmp_path.iterdir()] == ["journey.json"]
    assert msgspec.json.decode((tmp_path / "journey.json").read_bytes())["opening"]["people"] == 2


def test_no_two_people_get_the_same_password() -> None:
    made = {new_password() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(password) == 14 for password in made)
