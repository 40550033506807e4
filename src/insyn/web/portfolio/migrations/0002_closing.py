"""Whether a system's permit is open and until when. What is there is written anew when the services are set up next."""

from django.db import migrations, models


def forget(apps, schema_editor):
    """Every row can be written again from the register; one without these two would say that nothing runs."""
    apps.get_model("portfolio", "Standing").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_work_list")]

    operations = [
        migrations.AddField(model_name="standing", name="granted", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="standing", name="closes_after", field=models.DateField(null=True)),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
