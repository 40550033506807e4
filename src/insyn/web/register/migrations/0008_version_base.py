from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0007_client_key_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="base",
            field=models.FloatField(blank=True, null=True),
        ),
    ]
