"""Starter models: trained by this project on openly licensed images, and shipped with it."""
