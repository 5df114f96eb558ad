"""Roof and ground of the house."""
