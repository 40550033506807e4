"""A new register's tables are made from the models. They are the same as those of a register that has been through every migration."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

NEW = "from insyn.web.tables import make_or_update; make_or_update()"
OLD = "from django.core.management import call_command; call_command('migrate', verbosity=0)"


#: Django names an index by its columns and a digest of them.
_HASH = re.compile(r'_[0-9a-f]{8}(?=[_"])')


def a_register(home: Path, make: str) -> Path:
    """The register's file in a home of its own, with tables made this way."""
    home.mkdir()
    script = f"import django; django.setup(); {make}"
    environment = {**os.environ, "INSYN_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = home.rglob("*.sqlite3")
    return file


def shape(file: Path) -> dict[str, object]:
    """Tables with their columns and keys whatever their order, indexes, triggers; and which migrations are noted as played."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        found: dict[str, object] = {}
        for kind, name, table, sql in rows:
            if kind == "table" and not name.startswith("sqlite_"):
                found[f"table {name}"] = (
                    sorted(row[1:4] + row[5:] for row in connection.execute(f'PRAGMA table_info("{name}")')),
                    sorted(row[2:7] for row in connection.execute(f'PRAGMA foreign_key_list("{name}")')),
                    sorted(re.findall(r'CONSTRAINT "(\w+)"', sql)),
                )
            elif kind == "index" and sql:
                found[f"index of {table}: {_HASH.sub('', sql)}"] = True
            elif kind == "trigger":
                found[f"trigger {name}"] = sql
        found["migrations"] = set(connection.execute("SELECT app, name FROM django_migrations"))
        found["permissions"] = set(connection.execute("SELECT codename FROM auth_permission"))
    return found


@pytest.mark.slow
def test_new_tables_are_those_that_the_migrations_make(tmp_path: Path) -> None:
    new, old = shape(a_register(tmp_path / "new", NEW)), shape(a_register(tmp_path / "old", OLD))
    assert sorted(set(new) ^ set(old)) == []
    assert {name: (new[name], old[name]) for name in new if new[name] != old[name]} == {}


def test_tables_that_are_there_are_left_as_they_are(tmp_path: Path) -> None:
    file = a_register(tmp_path / "home", f"{NEW}; make_or_update()")
    with sqlite3.connect(file) as connection:
        (systems,) = connection.execute("SELECT count(*) FROM register_system").fetchone()
    assert systems == 0
