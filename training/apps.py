"""Registers the training app with Django, and gives projects their starter models."""

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
    from training.services import starters  # noqa: PLC0415  models are not ready before

    if created and not raw:
        starters.adopt(project=instance)
