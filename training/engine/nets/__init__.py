"""The nets: modules without training."""
