"""The engine's recipes with a checkpoint every second, so that a short training has several."""
