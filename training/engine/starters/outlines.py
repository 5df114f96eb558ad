"""Outlines as ImageJ stores them, one a file: a header of 64 bytes in big-endian order, then coordinates."""

import numpy as np
import numpy.typing as npt

Ends = npt.NDArray[np.float64]
HEADER_BYTES = 64
_LEFT_TOP, _COUNT = slice(8, 12), slice(16, 18)


def read_outline(content: bytes) -> tuple[Ends, Ends]:
    """(y, x) in px of the corners of a polygon, each (n,). Raises ValueError where it is no outline."""
    if content[:4] != b"Iout":
        raise ValueError("This is no outline of ImageJ: it does not begin with “Iout”.")
    top, left = np.frombuffer(content[_LEFT_TOP], ">i2")
    count = int(np.frombuffer(content[_COUNT], ">u2")[0])
    ends = np.frombuffer(content, ">i2", count=2 * count, offset=HEADER_BYTES).astype(np.float64)
    return ends[count:] + top, ends[:count] + left
