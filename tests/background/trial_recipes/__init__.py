"""Tiny recipes for jobs of several engines."""
