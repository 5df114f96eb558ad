"""One file for each programme of the engine: `python -m training.engine.recipes.<name> RUN`."""
