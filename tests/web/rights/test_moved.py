"""A register with requests from before this app had its own table: each row comes along, and none is lost or invented."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

OLD = """
import datetime, django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

executor = MigrationExecutor(connection)
executor.migrate([("residents", "0001_initial"), ("register", "0007_client_key_days")])
apps = MigrationExecutor(connection).loader.project_state([("residents", "0001_initial"), ("register", "0007_client_key_days")]).apps
Act, System = apps.get_model("register", "Act"), apps.get_model("register", "System")
Code, Request = apps.get_model("residents", "CaseCode"), apps.get_model("residents", "RightsRequest")

def filled(model, **given):
    "A row with something in every column that must have something."
    for field in model._meta.concrete_fields:
        if field.name in given or field.attname in given or field.has_default() or field.null or field.primary_key:
            continue
        if field.is_relation:
            given[field.name] = filled(field.related_model)
        elif field.get_internal_type() == "DateTimeField":
            given[field.name] = timezone.now()
        elif field.get_internal_type() == "DateField":
            given[field.name] = datetime.date(2026, 1, 1)
        elif "Integer" in field.get_internal_type():
            given[field.name] = 1
    return model.objects.create(**given)

def act(number):
    return filled(Act, pk=f"{number:032x}", verb="file_request")

system = filled(System, slug="loans")
code = filled(Code, system=system, rids=["a" * 32], issued_by=act(1))
rows = [(7, datetime.date(2025, 12, 31), None), (9, datetime.date(2026, 1, 31), datetime.date(2026, 2, 3)), (12, datetime.date(2024, 1, 31), None)]
for key, asked, answered in rows:
    filled(
        Request, id=key, rid="a" * 32, receipt=f"AAAA-BBBB-{key:04d}", asked_on=asked, message="Åäö.", answered_on=answered,
        system=system, code=code, act=act(key * 10), answer_act=act(key * 10 + 1) if answered else None,
    )
call_command("migrate", verbosity=0)
from insyn.web.rights.models import RightsRequest
for one in RightsRequest.objects.order_by("id"):
    print(one.pk, one.receipt, one.rid[:2], one.message, one.kind, one.channel, one.state, one.asked_on, one.due, one.law_due,
          one.answered_on, int(one.act_id, 16), int(one.answer_act_id or "0", 16), one.code_id == code.pk, one.system.slug, repr(one.token))
"""


@pytest.mark.timeout(180)  # every migration is played
@pytest.mark.slow
def test_old_requests_come_along_with_their_days_answers_and_acts(tmp_path: Path) -> None:
    environment = {**os.environ, "INSYN_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", OLD], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "7 AAAA-BBBB-0007 aa Åäö. human_review code open 2025-12-31 2026-01-31 2026-01-31 None 70 0 True loans ''",
        "9 AAAA-BBBB-0009 aa Åäö. human_review code answered 2026-01-31 2026-02-28 2026-02-28 2026-02-03 90 91 True loans ''",
        "12 AAAA-BBBB-0012 aa Åäö. human_review code open 2024-01-31 2024-02-29 2024-02-29 None 120 0 True loans ''",
    ]
    (file,) = tmp_path.rglob("*.sqlite3")
    with sqlite3.connect(file) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'residents_rightsrequest'").fetchall()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
