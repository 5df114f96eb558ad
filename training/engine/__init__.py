"""The engine: PyTorch programmes that train and predict, each started as a process on a run folder.

`recipes/` holds one file for each programme, whose loop reads from top to bottom; everything else here is a
part without a loop. The engine knows `training.contract` and `annotation.core`, and nobody imports it.
"""

import os

# OpenMP reads these when torch is first loaded, so they are set before any module here can load it. Threads
# that spin while they wait make a small net 270 times slower as soon as another process wants the same
# cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")
