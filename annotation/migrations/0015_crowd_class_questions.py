# Which classes a campaign's questions name.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0014_stitchings"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="class_below",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="campaign",
            name="class_level",
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
