"""A recipe that behaves as the environment variable `CYTOLOOP_TEST_RECIPE` says, started as the real ones are."""
