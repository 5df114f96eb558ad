"""STAPLE of SimpleITK on stacks of masks: `python -m benchmarks.peers.drive_staple IN.npz OUT.npz`."""

import sys
import time

import numpy as np
import SimpleITK


def main() -> None:
    """Reads bool arrays (raters, y, x) by name, writes chances (y, x) by the same names and the time."""
    source, target = sys.argv[1:]
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    with np.load(source) as stacks:
        began = time.process_time()
        found = {name: chance_of(stacks[name]) for name in stacks.files}
    np.savez(target, allow_pickle=False, cpu_s=np.asarray(time.process_time() - began), **found)


def chance_of(stack: np.ndarray) -> np.ndarray:
    """The chance of each pixel to be in."""
    raters = [SimpleITK.GetImageFromArray(one.astype(np.uint8)) for one in stack]
    return np.asarray(SimpleITK.GetArrayFromImage(SimpleITK.STAPLE(raters, 1.0)), np.float32)


if __name__ == "__main__":
    main()
