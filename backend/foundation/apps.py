"""The ground of the house; it has no tables."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "backend.foundation"
    label = "foundation"
