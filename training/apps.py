"""Registers the training app with Django."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Snapshots, jobs, trained models and predictions."""

    name = "training"
    label = "training"
    verbose_name = "Training"
    default_auto_field = "django.db.models.BigAutoField"
