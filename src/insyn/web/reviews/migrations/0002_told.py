from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reviews", "0001_reviews")]

    operations: ClassVar = [
        migrations.AddField(model_name="counted", name="told_answers", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="counted", name="told_right", field=models.PositiveIntegerField(default=0)),
    ]
