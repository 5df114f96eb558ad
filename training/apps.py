"""Registers the training app with Django, and gives projects their starter models."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class TrainingConfig(AppConfig):
    """Snapshots, jobs, trained models and predictions."""

    name = "training"
    label = "training"
    verbose_name = "Training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """New projects have the starter models; older ones get them when the installation is prepared."""
        post_save.connect(
            _adopt_for_new, sender="annotation.Project", dispatch_uid="starters for a new project"
        )


def _adopt_for_new(instance: Any, created: bool, raw: bool = False, **_words: Any) -> None:
    # The service knows models, which are not ready when apps are loaded.
    if created and not raw:
        import_module("training.services.starters").adopt(project=instance)
