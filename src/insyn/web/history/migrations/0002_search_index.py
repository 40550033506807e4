"""The database's own index over the words by which entries are found. Triggers keep it, so that it changes in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db import migrations

_CONTENT = "content='history_searchable', content_rowid='system_id'"
_INTO = {table: f"INSERT INTO {table}(rowid, public, work) VALUES (new.system_id, new.public, new.work);" for table in ("history_parts", "history_words")}
_OUT_OF = {
    table: f"INSERT INTO {table}({table}, rowid, public, work) VALUES ('delete', old.system_id, old.public, old.work);"
    for table in ("history_parts", "history_words")
}
_ADD, _TAKE = " ".join(_INTO.values()), " ".join(_OUT_OF.values())
#: history_parts finds any three letters and more wherever they stand in a word; history_words finds words by their first letters.
_SQLITE = (
    f"CREATE VIRTUAL TABLE history_parts USING fts5(public, work, {_CONTENT}, tokenize='trigram')",
    f"CREATE VIRTUAL TABLE history_words USING fts5(public, work, {_CONTENT}, tokenize='unicode61 remove_diacritics 0', prefix='1 2')",
    f"CREATE TRIGGER history_searchable_added AFTER INSERT ON history_searchable BEGIN {_ADD} END",
    f"CREATE TRIGGER history_searchable_taken AFTER DELETE ON history_searchable BEGIN {_TAKE} END",
    f"CREATE TRIGGER history_searchable_changed AFTER UPDATE ON history_searchable BEGIN {_TAKE} {_ADD} END",
)
_SQLITE_BACK = (
    "DROP TRIGGER history_searchable_changed",
    "DROP TRIGGER history_searchable_taken",
    "DROP TRIGGER history_searchable_added",
    "DROP TABLE history_words",
    "DROP TABLE history_parts",
)
#: Written, but not tried on a running PostgreSQL.
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX history_searchable_public ON history_searchable USING gin (public gin_trgm_ops)",
    "CREATE INDEX history_searchable_work ON history_searchable USING gin (work gin_trgm_ops)",
)
_POSTGRESQL_BACK = ("DROP INDEX history_searchable_work", "DROP INDEX history_searchable_public")


def make(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, {"sqlite": _SQLITE, "postgresql": _POSTGRESQL})


def unmake(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, {"sqlite": _SQLITE_BACK, "postgresql": _POSTGRESQL_BACK})


def _run(schema_editor: Any, statements: dict[str, tuple[str, ...]]) -> None:
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    beyond_models = True
    dependencies = [("history", "0001_history")]
    operations = [migrations.RunPython(make, unmake)]
