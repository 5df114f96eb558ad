from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0014_trained_linkers"),
    ]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="reading",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
