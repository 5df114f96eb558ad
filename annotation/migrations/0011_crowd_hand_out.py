from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("annotation", "0010_alerts_set_aside")]

    operations = [
        migrations.RemoveIndex(model_name="crowditem", name="items_to_hand_out"),
        migrations.AddIndex(
            model_name="crowditem",
            index=models.Index(
                F("campaign"),
                models.OrderBy(F("priority"), descending=True),
                F("id"),
                condition=Q(("given__lt", F("wanted")), ("is_done", False), ("use", "WORK")),
                name="items_to_hand_out",
            ),
        ),
        migrations.AlterField(
            model_name="campaign", name="worth", field=models.FloatField(default=0.06)
        ),
    ]
