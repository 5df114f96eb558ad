"""A map of cells can be made of their measurements alone: that job uses no trained model."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0006_scores_beyond_outlines")]

    operations = [
        migrations.RemoveConstraint(model_name="job", name="job_uses_a_trained_model"),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["PREDICT", "EVALUATE"]), _negated=True)
                | models.Q(("trained_model__isnull", False))
                | models.Q(("kind", "PREDICT"), ("recipe", "embed")),
                name="job_uses_a_trained_model",
            ),
        ),
    ]
