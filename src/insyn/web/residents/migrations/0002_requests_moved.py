"""Requests stand in an app of their own now; their rows are copied by its first migration."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("residents", "0001_initial"), ("rights", "0001_initial")]

    operations = [migrations.DeleteModel(name="RightsRequest")]
