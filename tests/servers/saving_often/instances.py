"""The real recipe; it only saves more often."""

import sys

from training.engine import learning
from training.engine.process import run_recipe
from training.engine.recipes import instances

learning.CHECKPOINT_S = 1.0

if __name__ == "__main__":
    sys.exit(run_recipe(instances.RECIPE, instances.ACTIONS, sys.argv[1:]))
