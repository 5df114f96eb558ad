"""From a run folder to batches of crops: reading, normalising, sampling, varying."""
