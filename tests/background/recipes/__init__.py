"""Recipes that behave as the environment variable `CYTOLOOP_TEST_RECIPE` says, started as the real ones."""
