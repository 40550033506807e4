"""The register's tables: new ones straight from the models, older ones brought up to date by their migrations.

Django plays every migration there has ever been to reach the same tables, and redraws all models at each step: ten seconds where one is
enough, for whoever starts a municipality. A test compares what the two ways make.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

#: A migration with this attribute makes what no model tells of (an index of the database's own); its steps are also for new tables.
BEYOND_MODELS = "beyond_models"


def make_or_update() -> None:
    """Leave the register's tables as this version wants them. New ones come in one transaction: all or none."""
    if not connection.introspection.table_names():
        make_new()
    call_command("migrate", verbosity=0, interactive=False)  # on new tables only Django's own rows are left to make


def make_new() -> None:
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
        note_as_made(editor)


def note_as_made(editor: BaseDatabaseSchemaEditor) -> None:
    """Make what is beyond the models, and note every migration as played. The models' own tables are there already."""
    recorder, loader = MigrationRecorder(connection), MigrationLoader(connection)
    if not recorder.has_table():
        editor.create_model(recorder.Migration)
    for app, name in loader.graph.nodes:
        migration = loader.get_migration(app, name)
        if getattr(migration, BEYOND_MODELS, False):
            for operation in migration.operations:
                operation.code(apps, editor)
        recorder.record_applied(app, name)
