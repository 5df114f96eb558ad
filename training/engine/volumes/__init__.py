"""Stacks learned and predicted as volumes: the same steps as in the plane, with z as a third axis."""
