"""The keeper: `python -m backend.foundation.keeper HOME` stops the embedded database when nobody uses it
any more.
"""

import sys
from pathlib import Path

from backend.foundation.database import wait_until_unused

if __name__ == "__main__":
    wait_until_unused(Path(sys.argv[1]))
