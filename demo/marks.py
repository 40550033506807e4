"""How a demonstration is told from an installation that somebody relies on."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.home import Home

MARK = "insyn-demo"
_MARK_TEXT = "This folder belongs to the demonstration of Insyn. `make run FRESH=1` removes it.\n"


def not_a_demo(home: Home) -> str:
    """Why the register of this home is not the demonstration's; empty when it is, or when there is no register yet."""
    if not home.register.exists():
        return ""
    try:
        return _judge(home.register)
    except sqlite3.Error as error:
        return f"The register in {home.root} cannot be read ({error})."


def _judge(register: Path) -> str:
    connection = sqlite3.connect(f"{register.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "register_municipality" not in tables:
            return "" if not tables else f"{register} is a database of something else."
        row = connection.execute("SELECT demo FROM register_municipality").fetchone()
        if row is None:
            return "" if _is_empty(connection) else f"The register in {register.parent} has users but no municipality."
        return "" if row[0] else f"The register in {register.parent} belongs to a municipality that is not marked as a demonstration."
    finally:
        connection.close()


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,))


def mark(home: Home) -> None:
    """Make the home and mark it. Raises :class:`InvalidInput` for a folder that holds something else already."""
    sign = home.root / MARK
    if sign.exists():
        return
    if home.root.exists() and any(home.root.iterdir()):
        raise InvalidInput(
            "the folder is not empty and not marked as a demonstration", place=str(home.root), mend="Give another folder with --home."
        )
    home.make()
    sign.write_text(_MARK_TEXT)


def remove(home: Home) -> bool:
    """Remove a demonstration's folder. Raises :class:`InvalidInput` for any other folder; false when there is none."""
    if not home.root.exists():
        return False
    if home.root.is_symlink() or not (home.root / MARK).is_file():
        raise InvalidInput(
            "the folder is not marked as a demonstration, so it is not removed",
            place=str(home.root),
            mend=f"Remove it yourself, or give another folder with --home. The mark is a file named {MARK}.",
        )
    if why := not_a_demo(home):
        raise InvalidInput(why, mend="Nothing was removed.")
    shutil.rmtree(home.root)
    return True
