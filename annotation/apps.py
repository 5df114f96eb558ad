from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    """What people look at and label: projects, images, labels, tasks, reviews."""

    name = "annotation"
    default_auto_field = "django.db.models.BigAutoField"
